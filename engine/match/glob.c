// Globs run as an automaton whose states are offsets into the pattern: every character of the text
// moves all states that are reached, so nothing is tried twice. Literal ends are compared first.
#include "engine/match/glob.h"

#include "engine/base/utf8.h"

enum kind { KIND_CHARACTER, KIND_ANY, KIND_CLASS, KIND_STAR, KIND_STARS };

// One part of a pattern.
struct item {
    enum kind kind;
    uint32_t end;   // offset behind it
    uint32_t point; // CHARACTER
};

// Bytes of broken UTF-8 become numbers above all code points. The offset behind.
static uint32_t read_point(slice text, uint32_t at, uint32_t *point) {
    uint8_t byte = (uint8_t)text.at[at];
    *point = byte;
    if (byte < 0x80) return at + 1;
    uint32_t length = utf8_decode(slice_cut(text, at, text.length), point);
    if (length == 0) *point = 0x110000u + byte;
    return at + (length == 0 ? 1 : length);
}

// A character that may be escaped; the offset behind, or 0 where the pattern ends too early.
static uint32_t read_literal(slice pattern, uint32_t at, uint32_t *point) {
    if (at < pattern.length && pattern.at[at] == '\\') at++;
    return at < pattern.length ? read_point(pattern, at, point) : 0;
}

static bool is_at(slice pattern, uint32_t at, char c) {
    return at < pattern.length && pattern.at[at] == c;
}

// Reads the class at `at`, behind its bracket, and whether it has `point`. The offset behind, or 0
// when malformed.
static uint32_t read_class(slice pattern, uint32_t at, uint32_t point, bool *holds) {
    bool negated = is_at(pattern, at, '!') || is_at(pattern, at, '^'), found = false;
    if (negated) at++;
    if (is_at(pattern, at, ']')) return 0;
    while (!is_at(pattern, at, ']')) {
        uint32_t low, high;
        at = read_literal(pattern, at, &low);
        if (at == 0) return 0;
        high = low;
        if (is_at(pattern, at, '-') && !is_at(pattern, at + 1, ']')) {
            at = read_literal(pattern, at + 1, &high);
        }
        if (at == 0 || high < low) return 0;
        found = found || (point >= low && point <= high);
    }
    *holds = found != negated && point != '/';
    return at + 1;
}

// False where the pattern is malformed.
static bool read_item(slice pattern, uint32_t at, struct item *item) {
    bool ignored;
    item->end = at + 1;
    switch (pattern.at[at]) {
    case '?': item->kind = KIND_ANY; return true;
    case '[':
        item->kind = KIND_CLASS;
        item->end = read_class(pattern, at + 1, 0, &ignored);
        return item->end != 0;
    case '*':
        while (is_at(pattern, item->end, '*'))
            item->end++;
        item->kind = item->end - at == 1 ? KIND_STAR : KIND_STARS;
        return true;
    default:
        item->kind = KIND_CHARACTER;
        item->end = read_literal(pattern, at, &item->point);
        return item->end != 0;
    }
}

bool glob_valid(slice pattern) {
    struct item item = {.end = 0};
    while (item.end < pattern.length) {
        if (!read_item(pattern, item.end, &item)) return false;
    }
    return true;
}

static bool is_special(char c) {
    return c == '*' || c == '?' || c == '[' || c == '\\';
}

// Offsets into the pattern, ascending and each once: what may come next.
struct states {
    uint32_t *at;
    uint32_t count;
};

static void add_once(struct states *states, uint32_t at) {
    if (states->count == 0 || states->at[states->count - 1] < at) states->at[states->count++] = at;
}

// A run of stars may be empty, so what follows it is reached as well.
static void add_state(struct states *states, slice pattern, uint32_t at) {
    struct item item;
    add_once(states, at);
    if (!is_at(pattern, at, '*') || !read_item(pattern, at, &item)) return;
    add_once(states, item.end);
}

static bool accepts(slice pattern, uint32_t at, const struct item *item, uint32_t point) {
    bool holds = false;
    switch (item->kind) {
    case KIND_CHARACTER: return item->point == point;
    case KIND_CLASS: read_class(pattern, at + 1, point, &holds); return holds;
    case KIND_ANY:
    case KIND_STAR: return point != '/';
    case KIND_STARS: break;
    }
    return true;
}

struct run {
    slice pattern;
    struct states now, next;
    uint64_t work; // bytes of the pattern looked at
    bool matched;  // whatever follows
};

static void move_states(struct run *run, uint32_t point) {
    run->next.count = 0;
    for (uint32_t i = 0; i < run->now.count; i++) {
        struct item item;
        uint32_t at = run->now.at[i];
        if (at == run->pattern.length || !read_item(run->pattern, at, &item)) continue;
        run->work += item.end - at;
        bool last = item.kind == KIND_STARS && item.end == run->pattern.length;
        run->matched = run->matched || last;
        if (!accepts(run->pattern, at, &item, point)) continue;
        add_state(&run->next, run->pattern, item.kind < KIND_STAR ? item.end : at);
    }
    struct states moved = run->next;
    run->next = run->now;
    run->now = moved;
}

static bool at_end(const struct run *run) {
    const struct states *now = &run->now;
    return now->count > 0 && now->at[now->count - 1] == run->pattern.length;
}

static enum failure run_states(struct run *run, int64_t *steps, slice text, bool *out) {
    add_state(&run->now, run->pattern, 0);
    for (uint32_t at = 0; at < text.length && run->now.count > 0 && !run->matched;) {
        uint32_t point;
        at = read_point(text, at, &point);
        move_states(run, point);
        *steps -= (int64_t)(run->work / 64);
        run->work %= 64;
        if (*steps < 0) return FAILURE_STEPS;
    }
    *out = run->matched || at_end(run);
    return FAILURE_NONE;
}

// Cuts off what is literal behind the last star, which the text must end with. False when it does
// not.
static bool cut_tail(slice *pattern, slice *text) {
    uint32_t start = pattern->length;
    while (start > 0 && !is_special(pattern->at[start - 1]) && pattern->at[start - 1] != ']')
        start--;
    if (start == 0 || pattern->at[start - 1] != '*') return true;
    slice tail = slice_cut(*pattern, start, pattern->length);
    if (!slice_ends(*text, tail)) return false;
    pattern->length = start;
    text->length -= tail.length;
    return true;
}

enum failure glob_match(struct arena *arena, int64_t *steps, slice pattern, slice text, bool *out) {
    enum { SHORT = 60 };
    uint32_t at = 0, places[2][SHORT + 2], capacity = SHORT + 2, *taken = places[0];
    while (at < pattern.length && !is_special(pattern.at[at]) && is_at(text, at, pattern.at[at]))
        at++;
    *steps -= at / 64;
    *out = false;
    if (*steps < 0) return FAILURE_STEPS;
    if (at < pattern.length && !is_special(pattern.at[at])) return FAILURE_NONE;
    text = slice_cut(text, at, text.length);
    struct run run = {.pattern = slice_cut(pattern, at, pattern.length)};
    if (!cut_tail(&run.pattern, &text)) return FAILURE_NONE;
    if (run.pattern.length > SHORT) {
        capacity = run.pattern.length + 2;
        taken = arena_array(arena, capacity, 2 * sizeof *taken);
        if (taken == NULL) return FAILURE_NO_MEMORY;
    }
    run.now.at = taken;
    run.next.at = taken + capacity;
    return run_states(&run, steps, text, out);
}
