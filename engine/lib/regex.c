// Functions on regular expressions: `matches` of the CEL standard definitions, cel-go's regex
// extension, and groups().
#include "engine/match/regex.h"
#include "engine/base/limits.h"
#include "engine/base/text.h"
#include "engine/base/utf8.h"
#include "engine/lib/call.h"

enum { EFFORT_OF_STEP = 4 }; // a search counts finer than steps do

// What a body needs to search one text again and again.
struct search {
    struct call *call;
    const struct regex *regex;
    struct regex_pool *pool;
    struct regex_work work;
    slice text;
    uint32_t at;    // where to search next
    int64_t before; // where the last match ended, -1: there was none
    struct regex_span *groups;
    uint32_t count; // of groups, with the whole match
};

static int64_t effort_of(const struct call *call) {
    return call->steps > INT64_MAX / EFFORT_OF_STEP ? INT64_MAX : call->steps * EFFORT_OF_STEP;
}

// Takes the steps that were spent; what is left of a step is free.
static enum failure charge(struct call *call, int64_t effort) {
    call->steps -= (effort_of(call) - effort) / EFFORT_OF_STEP;
    return effort < 0 ? FAILURE_STEPS : FAILURE_NONE;
}

static enum failure compile(struct arena *arena, slice pattern, int64_t *effort,
                            struct regex **out) {
    struct regex_error error;
    if (regex_compile(arena, pattern, effort, out, &error)) return FAILURE_NONE;
    if (error.problem == REGEX_TOO_COSTLY) return FAILURE_STEPS;
    return error.problem == REGEX_NO_MEMORY ? FAILURE_NO_MEMORY : FAILURE_REGEX;
}

// A constant pattern becomes the regex itself.
enum failure regex_prepare(struct arena *keep, struct value constant, struct value *out) {
    struct regex *regex;
    int64_t effort = INT64_MAX;
    enum failure failure = compile(keep, value_text(constant), &effort, &regex);
    if (failure == FAILURE_NONE) *out = (struct value){.kind = TYPE_REGEX, .as.object = regex};
    return failure;
}

// A pattern that comes with the request has no automata: the pool keeps them for longer than the
// request's memory lasts.
static enum failure open_search(struct search *search, struct call *call,
                                const struct value *arguments) {
    struct value pattern = arguments[1];
    *search = (struct search){.call = call, .text = value_text(arguments[0]), .before = -1};
    search->work = (struct regex_work){.arena = call->arena};
    if (pattern.kind == TYPE_REGEX) {
        search->regex = pattern.as.object;
        search->pool = call->pool;
        return FAILURE_NONE;
    }
    struct regex *regex;
    int64_t effort = effort_of(call);
    enum failure failure = compile(call->arena, value_text(pattern), &effort, &regex);
    enum failure charged = charge(call, effort);
    search->regex = regex;
    return failure != FAILURE_NONE ? failure : charged;
}

// Room for the groups of a match, `most` at most.
static enum failure want_groups(struct search *search, uint32_t most) {
    uint32_t count = regex_group_count(search->regex) + 1;
    search->count = count < most ? count : most;
    search->groups = arena_array(search->call->arena, search->count, sizeof(*search->groups));
    return search->groups == NULL ? FAILURE_NO_MEMORY : FAILURE_NONE;
}

static enum failure found(struct search *search, enum regex_outcome outcome, bool *yes) {
    *yes = outcome == REGEX_YES;
    if (charge(search->call, search->work.effort) != FAILURE_NONE) return FAILURE_STEPS;
    if (outcome == REGEX_EXHAUSTED) return FAILURE_STEPS;
    return outcome == REGEX_REFUSED ? FAILURE_NO_MEMORY : FAILURE_NONE;
}

static enum failure find(struct search *search, bool *yes) {
    search->work.effort = effort_of(search->call);
    return found(search,
                 regex_search(search->regex, search->pool, &search->work, search->text, search->at,
                              search->groups, search->count),
                 yes);
}

// The next match in Go's order: matches do not overlap, and an empty one directly behind another
// does not count.
static enum failure find_next(struct search *search, bool *yes) {
    while (search->at <= search->text.length) {
        enum failure failure = find(search, yes);
        if (failure != FAILURE_NONE || !*yes) return failure;
        struct regex_span match = search->groups[0];
        bool counts = match.end != search->at || match.start != search->before;
        if (match.end == search->at) {
            uint32_t point;
            slice rest = slice_cut(search->text, search->at, search->text.length);
            uint32_t width = utf8_decode(rest, &point);
            search->at += width == 0 ? 1 : width;
        } else {
            search->at = match.end;
        }
        search->before = match.end;
        if (counts) return FAILURE_NONE;
    }
    *yes = false;
    return FAILURE_NONE;
}

static slice group(const struct search *search, uint32_t number) {
    struct regex_span span = search->groups[number];
    if (span.start == UINT32_MAX) return (slice){NULL, 0};
    return slice_cut(search->text, span.start, span.end);
}

enum failure regex_function_matches(struct call *call, const struct value *arguments,
                                    struct value *out) {
    struct search search;
    bool yes;
    enum failure failure = open_search(&search, call, arguments);
    if (failure != FAILURE_NONE) return failure;
    search.work.effort = effort_of(call);
    failure =
        found(&search, regex_matches(search.regex, search.pool, &search.work, search.text), &yes);
    if (failure == FAILURE_NONE) *out = value_bool(yes);
    return failure;
}

// The group of a pattern that has one, else the whole match. cel-go refuses patterns with more.
static enum failure open_extract(struct search *search, struct call *call,
                                 const struct value *arguments) {
    enum failure failure = open_search(search, call, arguments);
    if (failure != FAILURE_NONE) return failure;
    if (regex_group_count(search->regex) > 1) return FAILURE_REGEX_GROUPS;
    return want_groups(search, 2);
}

// Whether the match gives a value: an empty group gives none, an empty match does.
static bool extracted(const struct search *search, slice *text) {
    *text = group(search, search->count - 1);
    return search->count == 1 || text->length > 0;
}

static enum failure optional_of(struct call *call, struct value value, struct value *out) {
    struct value *held = arena_take(call->arena, sizeof(*held));
    if (held == NULL) return FAILURE_NO_MEMORY;
    *held = value;
    *out = value_optional(held);
    return FAILURE_NONE;
}

enum failure regex_function_extract(struct call *call, const struct value *arguments,
                                    struct value *out) {
    struct search search;
    bool yes;
    slice text;
    enum failure failure = open_extract(&search, call, arguments);
    if (failure == FAILURE_NONE) failure = find(&search, &yes);
    if (failure != FAILURE_NONE) return failure;
    if (yes && extracted(&search, &text)) return optional_of(call, value_string(text), out);
    *out = value_optional(NULL);
    return FAILURE_NONE;
}

// Items of a list that grows.
struct items {
    struct value *at;
    uint32_t count;
    uint32_t capacity;
};

static bool add_item(struct arena *arena, struct items *items, struct value value) {
    if (items->count == items->capacity) {
        uint32_t capacity = 2 * items->capacity + 8;
        struct value *more = arena_array(arena, capacity, sizeof(*more));
        if (more == NULL) return false;
        if (items->count > 0) memcpy(more, items->at, items->count * sizeof(*more));
        items->at = more;
        items->capacity = capacity;
    }
    items->at[items->count++] = value;
    return true;
}

enum failure regex_function_extract_all(struct call *call, const struct value *arguments,
                                        struct value *out) {
    struct search search;
    struct items items = {0};
    bool yes;
    slice text;
    enum failure failure = open_extract(&search, call, arguments);
    if (failure == FAILURE_NONE) failure = find_next(&search, &yes);
    for (; failure == FAILURE_NONE && yes; failure = find_next(&search, &yes)) {
        bool add = extracted(&search, &text);
        if (add && !add_item(call->arena, &items, value_string(text))) return FAILURE_NO_MEMORY;
    }
    if (failure != FAILURE_NONE) return failure;
    *out =
        (struct value){.kind = TYPE_LIST, .depth = 1, .length = items.count, .as.items = items.at};
    return FAILURE_NONE;
}

// Adds the replacement: \0 to \9 are the groups of the match, \\ is a backslash.
static enum failure add_replacement(const struct search *search, slice form, struct text *out) {
    for (uint32_t i = 0; i < form.length; i++) {
        char c = form.at[i];
        if (c != '\\') {
            text_add_char(out, c);
            continue;
        }
        if (++i == form.length) return FAILURE_REPLACEMENT;
        c = form.at[i];
        uint32_t number = (uint8_t)(c - '0');
        if (c == '\\')
            text_add_char(out, c);
        else if (number > 9 || number >= search->count)
            return FAILURE_REPLACEMENT;
        else
            text_add(out, group(search, number));
    }
    return FAILURE_NONE;
}

static enum failure replace(struct call *call, const struct value *arguments, int64_t count,
                            struct value *out) {
    struct search search;
    struct text result;
    slice form = value_text(arguments[2]);
    uint32_t kept = 0; // what is before it is in the result
    bool yes;
    enum failure failure = open_search(&search, call, arguments);
    if (failure == FAILURE_NONE) failure = want_groups(&search, UINT32_MAX);
    text_init(&result, call->arena);
    for (; failure == FAILURE_NONE && count != 0; count -= count > 0) {
        failure = find_next(&search, &yes);
        if (failure != FAILURE_NONE || !yes) break;
        text_add(&result, slice_cut(search.text, kept, search.groups[0].start));
        failure = add_replacement(&search, form, &result);
        kept = search.groups[0].end;
        if (result.length > LIMIT_STRING) return FAILURE_TOO_LONG;
        if (!call_charge(call, form.length)) return FAILURE_STEPS;
    }
    if (failure != FAILURE_NONE) return failure;
    text_add(&result, slice_cut(search.text, kept, search.text.length));
    if (result.failed) return FAILURE_NO_MEMORY;
    if (result.length > LIMIT_STRING) return FAILURE_TOO_LONG;
    if (!call_charge(call, result.length)) return FAILURE_STEPS;
    *out = value_string(text_slice(&result));
    return FAILURE_NONE;
}

enum failure regex_function_replace(struct call *call, const struct value *arguments,
                                    struct value *out) {
    return replace(call, arguments, -1, out);
}

// A negative count replaces all, 0 nothing, and then the pattern is not even looked at.
enum failure regex_function_replace_some(struct call *call, const struct value *arguments,
                                         struct value *out) {
    int64_t count = arguments[3].as.integer;
    if (count != 0) return replace(call, arguments, count, out);
    *out = arguments[0];
    return FAILURE_NONE;
}

static bool is_number(slice name) {
    uint32_t digits = 0;
    while (digits < name.length && (uint8_t)(name.at[digits] - '0') < 10)
        digits++;
    return digits == name.length;
}

// Two entries for a group that has a name. A name of digits would be taken for another group.
static enum failure add_group(const struct search *search, uint32_t number, struct items *items) {
    struct arena *arena = search->call->arena;
    if (search->groups[number].start == UINT32_MAX) return FAILURE_NONE;
    struct text digits;
    text_init(&digits, arena);
    text_add_uint(&digits, number);
    struct value text = value_string(group(search, number));
    slice name = regex_group_name(search->regex, number);
    bool good = !digits.failed && add_item(arena, items, value_string(text_slice(&digits))) &&
                add_item(arena, items, text);
    if (good && !is_number(name))
        good = add_item(arena, items, value_string(name)) && add_item(arena, items, text);
    return good ? FAILURE_NONE : FAILURE_NO_MEMORY;
}

enum failure regex_function_groups(struct call *call, const struct value *arguments,
                                   struct value *out) {
    struct search search;
    struct items items = {0};
    bool yes = false;
    enum failure failure = open_search(&search, call, arguments);
    if (failure == FAILURE_NONE) failure = want_groups(&search, UINT32_MAX);
    if (failure == FAILURE_NONE) failure = find(&search, &yes);
    for (uint32_t i = 0; failure == FAILURE_NONE && yes && i < search.count; i++)
        failure = add_group(&search, i, &items);
    if (failure != FAILURE_NONE) return failure;
    struct value map = {
        .kind = TYPE_MAP, .depth = 1, .length = items.count / 2, .as.items = items.at};
    if (yes) return optional_of(call, map, out);
    *out = value_optional(NULL);
    return FAILURE_NONE;
}
