// One pass over the pattern, with a stack of open parentheses and no recursion. What each
// construct means is RE2's choice where Perl, PCRE and others differ.
#include "engine/match/regex_parse.h"

#include "engine/base/limits.h"
#include "engine/base/utf8.h"
#include "engine/match/regex_build.h"
#include "engine/match/unicode.h"

enum { FOLD = 1, MULTI_LINE = 2, DOT_ALL = 4, LAZY = 8 };

// A run of bytes in parser.literals.
struct run {
    uint32_t start;
    uint32_t length;
};

// Something that can be repeated, joined, chosen.
struct item {
    struct regex_piece piece;
    bool nullable;
    bool exact;      // matches `tail` and nothing else
    uint32_t copies; // the highest product of the counts inside
    struct run best; // the longest run of bytes that every match holds
    struct run tail; // the run that every match ends with
};

struct frame {
    struct item done;   // all alternatives before the last `|`
    struct item before; // of this alternative, all but the last item
    struct item last;
    bool has_done, has_before, has_last;
    uint8_t flags;  // to come back to behind the `)`
    uint16_t group; // 0: captures nothing
    uint32_t at;    // the `(`
};

struct parser {
    struct arena *keep;
    struct arena *scratch;
    slice pattern;
    uint32_t at;
    uint8_t flags;
    bool repeated; // the last thing read was a repetition
    struct regex_build build;
    struct regex_set set; // of the class that is being read
    char *literals;
    uint32_t literals_length;
    struct frame *frames;
    uint32_t depth; // frames in use
    uint32_t frame_capacity;
    uint16_t groups;
    slice names[LIMIT_REGEX_GROUPS + 1];
    int64_t *effort;
    uint32_t charged; // instructions
    struct regex_error *error;
};

static bool fail(struct parser *parser, enum regex_problem problem, uint32_t at) {
    if (parser->error->problem == REGEX_NO_PROBLEM)
        *parser->error = (struct regex_error){problem, at};
    return false;
}

// What walking over all of the Unicode tables costs.
enum { EFFORT_CATEGORIES = 4000, EFFORT_FOLDS = 1500 };

// False once a program could not be built; the backward one may be missing.
static bool built(struct parser *parser) {
    const struct regex_way *ways = parser->build.ways;
    uint32_t made = ways[0].count + ways[1].count;
    if (made > parser->charged) *parser->effort -= made - parser->charged;
    parser->charged = made;
    *parser->effort -= parser->set.count + 8;
    if (*parser->effort < 0) return fail(parser, REGEX_TOO_COSTLY, parser->at);
    if (parser->set.failed || ways[0].out_of_memory || ways[1].out_of_memory)
        return fail(parser, REGEX_NO_MEMORY, parser->at);
    return !ways[0].failed || fail(parser, REGEX_TOO_LARGE, parser->at);
}

static uint32_t left(const struct parser *parser) {
    return parser->pattern.length - parser->at;
}

// The byte `ahead` of here, or 0 behind the end; a NUL in the pattern is no syntax either.
static char peek(const struct parser *parser, uint32_t ahead) {
    return ahead < left(parser) ? parser->pattern.at[parser->at + ahead] : 0;
}

static bool take(struct parser *parser, char c) {
    if (left(parser) == 0 || peek(parser, 0) != c) return false;
    parser->at++;
    return true;
}

static bool read_point(struct parser *parser, uint32_t *point) {
    slice rest = slice_cut(parser->pattern, parser->at, parser->pattern.length);
    uint32_t length = utf8_decode(rest, point);
    if (length == 0) return fail(parser, REGEX_BAD_UTF8, parser->at);
    parser->at += length;
    return true;
}

static struct frame *top(struct parser *parser) {
    return &parser->frames[parser->depth - 1];
}

static struct run longer(struct run a, struct run b) {
    return b.length > a.length ? b : a;
}

static uint32_t higher(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}

// The item `a` becomes ab.
static void then(struct parser *parser, struct item *a, const struct item *b) {
    regex_build_then(&parser->build, &a->piece, &b->piece);
    bool joined = b->exact && a->tail.start + a->tail.length == b->tail.start;
    a->nullable = a->nullable && b->nullable;
    a->copies = higher(a->copies, b->copies);
    a->exact = a->exact && joined;
    if (joined)
        a->tail.length += b->tail.length;
    else
        a->tail = b->tail;
    a->best = longer(longer(a->best, b->best), a->tail);
}

static void push(struct parser *parser, const struct item *item) {
    struct frame *frame = top(parser);
    if (frame->has_before && frame->has_last)
        then(parser, &frame->before, &frame->last);
    else if (frame->has_last)
        frame->before = frame->last;
    frame->has_before = frame->has_last;
    frame->has_last = true;
    frame->last = *item;
}

// Something that has no width: no bits for nothing at all.
static void push_assert(struct parser *parser, uint32_t bits) {
    struct item item = {.nullable = true, .exact = true};
    if (bits == 0)
        regex_build_empty(&parser->build, &item.piece);
    else
        regex_build_assert(&parser->build, bits, &item.piece);
    item.tail.start = parser->literals_length;
    push(parser, &item);
}

static void push_set(struct parser *parser) {
    struct item item = {0};
    regex_build_set(&parser->build, &parser->set, &item.piece);
    push(parser, &item);
}

static void push_folded_set(struct parser *parser, bool negated) {
    if (parser->flags & FOLD) {
        *parser->effort -= EFFORT_FOLDS;
        regex_set_fold(&parser->set, 0);
    }
    regex_set_normalize(&parser->set, 0);
    if (negated) regex_set_negate(&parser->set, 0);
    push_set(parser);
}

static void push_any_byte(struct parser *parser) {
    struct item item = {0};
    regex_build_any_byte(&parser->build, &item.piece);
    push(parser, &item);
}

static void push_bytes(struct parser *parser, uint32_t point) {
    struct item item = {.exact = true};
    slice bytes = {parser->literals + parser->literals_length, 0};
    // \x{D800} matches what would encode it, malformed as that is.
    bytes.length = utf8_encode(point, parser->literals + parser->literals_length);
    item.best = item.tail = (struct run){parser->literals_length, bytes.length};
    parser->literals_length += bytes.length;
    regex_build_bytes(&parser->build, bytes, &item.piece);
    push(parser, &item);
}

static void push_literal(struct parser *parser, uint32_t point) {
    uint32_t next = parser->flags & FOLD ? unicode_next_case(point) : point;
    if (next == point) {
        push_bytes(parser, point);
        return;
    }
    parser->set.count = 0;
    regex_set_add(&parser->set, point, point);
    for (; next != point; next = unicode_next_case(next))
        regex_set_add(&parser->set, next, next);
    regex_set_normalize(&parser->set, 0);
    push_set(parser);
}

static void push_dot(struct parser *parser) {
    parser->set.count = 0;
    if (!(parser->flags & DOT_ALL)) regex_set_add(&parser->set, '\n', '\n');
    regex_set_negate(&parser->set, 0);
    push_set(parser);
}

// Named classes.

// Ranges as pairs of characters; \s and [:space:] differ by the vertical tab.
static const struct ascii_class {
    const char *name;
    const char *ranges;
} ascii_classes[] = {
    {"d", "09"},           {"s", "\t\n\f\r  "},
    {"w", "09AZaz__"},     {"alnum", "09AZaz"},
    {"alpha", "AZaz"},     {"ascii", "\x01\x7f"},
    {"blank", "\t\t  "},   {"cntrl", "\x01\x1f\x7f\x7f"},
    {"digit", "09"},       {"graph", "!~"},
    {"lower", "az"},       {"print", " ~"},
    {"punct", "!/:@[`{~"}, {"space", "\t\r  "},
    {"upper", "AZ"},       {"word", "09AZaz__"},
    {"xdigit", "09AFaf"},
};

static bool add_ascii(struct regex_set *set, slice name) {
    for (uint32_t i = 0; i < LEN(ascii_classes); i++) {
        if (!slice_is(name, ascii_classes[i].name)) continue;
        for (const char *at = ascii_classes[i].ranges; *at != 0; at += 2)
            regex_set_add(set, at[0] == 1 ? 0 : (uint8_t)at[0], (uint8_t)at[1]);
        return true;
    }
    return false;
}

static bool add_unicode(struct regex_set *set, slice name) {
    uint32_t categories = unicode_categories(name);
    int script = UNICODE_ANY_SCRIPT;
    if (slice_is(name, "Any")) {
        regex_set_add(set, 0, UNICODE_END - 1);
        return true;
    }
    if (categories == 0) {
        script = unicode_script(name);
        if (script < 0) return false;
        categories = unicode_assigned();
    }
    struct unicode_walk walk;
    uint32_t low;
    uint32_t high;
    unicode_walk_init(&walk);
    while (unicode_walk_next(&walk, categories, script, &low, &high))
        regex_set_add(set, low, high);
    return true;
}

// Adds a named class; the other cases of it come later, but a negation lacks those of the class.
static bool add_named(struct parser *parser, slice name, bool unicode, bool negated) {
    struct regex_set *set = &parser->set;
    uint32_t from = set->count;
    *parser->effort -= unicode ? EFFORT_CATEGORIES : 0;
    if (*parser->effort < 0) return fail(parser, REGEX_TOO_COSTLY, parser->at);
    bool known = unicode ? add_unicode(set, name) : add_ascii(set, name);
    if (!known || set->failed) return known;
    regex_set_normalize(set, from);
    if (negated && (parser->flags & FOLD)) regex_set_fold(set, from);
    if (negated) regex_set_negate(set, from);
    return true;
}

// \pL, \p{Lu}, \p{^Lu}, \PL …, standing at the backslash.
static bool parse_unicode(struct parser *parser) {
    uint32_t begin = parser->at;
    bool negated = peek(parser, 1) == 'P';
    parser->at += 2;
    uint32_t start = parser->at;
    uint32_t point;
    if (!read_point(parser, &point)) return false;
    uint32_t end = parser->at;
    if (point == '{') {
        start = end;
        while (end < parser->pattern.length && parser->pattern.at[end] != '}')
            end++;
        if (end == parser->pattern.length) return fail(parser, REGEX_BAD_CLASS, begin);
        parser->at = end + 1;
    }
    slice name = slice_cut(parser->pattern, start, end);
    if (name.length > 0 && name.at[0] == '^') {
        negated = !negated;
        name = slice_cut(name, 1, name.length);
    }
    return add_named(parser, name, true, negated) || fail(parser, REGEX_BAD_CLASS, begin);
}

// \d \D \s \S \w \W; false, and nothing read, when it is none of them.
static bool parse_perl(struct parser *parser) {
    char letter = peek(parser, 1);
    char lower = ascii_lower(letter);
    if (peek(parser, 0) != '\\' || (lower != 'd' && lower != 's' && lower != 'w')) return false;
    add_named(parser, (slice){&lower, 1}, false, letter != lower);
    parser->at += 2;
    return true;
}

static bool is_unicode_class(const struct parser *parser) {
    return peek(parser, 0) == '\\' && (peek(parser, 1) == 'p' || peek(parser, 1) == 'P');
}

static int hex_digit(uint32_t c) {
    if (c - '0' < 10) return (int)(c - '0');
    uint32_t lower = c | 0x20;
    return lower - 'a' < 6 ? (int)(lower - 'a' + 10) : -1;
}

static int hex_here(struct parser *parser) {
    return hex_digit((uint8_t)peek(parser, 0));
}

static bool parse_hex(struct parser *parser, uint32_t *point) {
    bool braced = take(parser, '{');
    uint32_t digits = 0;
    *point = 0;
    for (; hex_here(parser) >= 0 && (braced || digits < 2); digits++) {
        *point = *point * 16 + (uint32_t)hex_here(parser);
        parser->at++;
        if (*point >= UNICODE_END) return false;
    }
    return braced ? digits > 0 && take(parser, '}') : digits == 2;
}

// One to three octal digits; a single one that is not 0 would refer to a group.
static bool parse_octal(struct parser *parser, uint32_t *point) {
    uint32_t digits = 0;
    *point = 0;
    for (; digits < 3 && (uint8_t)(peek(parser, 0) - '0') < 8; digits++) {
        *point = *point * 8 + (uint32_t)(peek(parser, 0) - '0');
        parser->at++;
    }
    return digits > 1 || (digits == 1 && *point == 0);
}

// An escape that stands for one code point, standing at the backslash.
static bool parse_escape(struct parser *parser, uint32_t *point) {
    static const char letters[] = "n\nr\rt\ta\af\fv\v";
    uint32_t begin = parser->at++;
    uint32_t c;
    if (left(parser) == 0) return fail(parser, REGEX_TRAILING_BACKSLASH, begin);
    if (peek(parser, 0) - '0' >= 0 && peek(parser, 0) - '0' < 8)
        return parse_octal(parser, point) || fail(parser, REGEX_BAD_ESCAPE, begin);
    if (!read_point(parser, &c)) return false;
    if (c == 'x') return parse_hex(parser, point) || fail(parser, REGEX_BAD_ESCAPE, begin);
    for (uint32_t i = 0; i + 1 < sizeof(letters); i += 2) {
        if (c != (uint8_t)letters[i]) continue;
        *point = (uint8_t)letters[i + 1];
        return true;
    }
    *point = c;
    bool plain = c < 0x80 && (c == '_' || !regex_is_word(c));
    return plain || fail(parser, REGEX_BAD_ESCAPE, begin);
}

static bool parse_class_point(struct parser *parser, uint32_t open, uint32_t *point) {
    if (left(parser) == 0) return fail(parser, REGEX_MISSING_BRACKET, open);
    return peek(parser, 0) == '\\' ? parse_escape(parser, point) : read_point(parser, point);
}

static bool parse_class_range(struct parser *parser, uint32_t open) {
    uint32_t begin = parser->at;
    uint32_t low;
    if (!parse_class_point(parser, open, &low)) return false;
    uint32_t high = low;
    if (left(parser) >= 2 && peek(parser, 0) == '-' && peek(parser, 1) != ']') {
        parser->at++;
        if (!parse_class_point(parser, open, &high)) return false;
        if (high < low) return fail(parser, REGEX_BAD_RANGE, begin);
    }
    regex_set_add(&parser->set, low, high);
    return true;
}

// [:alpha:] and the like; `found` is false when there is no `:]`, and nothing is read then.
static bool parse_posix(struct parser *parser, bool *found) {
    uint32_t begin = parser->at;
    *found = false;
    if (left(parser) <= 2 || peek(parser, 0) != '[' || peek(parser, 1) != ':') return true;
    slice rest = slice_cut(parser->pattern, begin + 2, parser->pattern.length);
    int64_t end = slice_find(rest, slice_of(":]"));
    if (end < 0) return true;
    *found = true;
    bool negated = end > 0 && rest.at[0] == '^';
    slice name = slice_cut(rest, negated, (uint32_t)end);
    parser->at = begin + 2 + (uint32_t)end + 2;
    bool known = name.length > 1 && add_named(parser, name, false, negated);
    return known || fail(parser, REGEX_BAD_CLASS, begin);
}

static bool parse_class_item(struct parser *parser, uint32_t open) {
    bool found;
    if (!parse_posix(parser, &found)) return false;
    if (found) return true;
    if (left(parser) > 2 && is_unicode_class(parser)) return parse_unicode(parser);
    return parse_perl(parser) || parse_class_range(parser, open);
}

static bool parse_class(struct parser *parser) {
    uint32_t open = parser->at++;
    uint32_t tidy = 1024; // ranges above which they are sorted on the way
    bool negated = take(parser, '^');
    parser->set.count = 0;
    for (bool first = true; left(parser) > 0 && (first || peek(parser, 0) != ']'); first = false) {
        if (!parse_class_item(parser, open)) return false;
        if (parser->set.count <= tidy) continue;
        regex_set_normalize(&parser->set, 0);
        tidy = 2 * parser->set.count + 1024;
    }
    if (!take(parser, ']')) return fail(parser, REGEX_MISSING_BRACKET, open);
    push_folded_set(parser, negated);
    return true;
}

// Repetitions.

static bool repeat(struct parser *parser, uint32_t begin, uint32_t least, uint32_t most) {
    struct frame *frame = top(parser);
    bool greedy = !take(parser, '?') != !!(parser->flags & LAZY);
    bool endless = most == UINT32_MAX;
    if (parser->repeated) return fail(parser, REGEX_REPEATED_TWICE, begin);
    if (least > LIMIT_REGEX_REPEAT || (!endless && (most > LIMIT_REGEX_REPEAT || most < least)))
        return fail(parser, REGEX_REPEAT_COUNT, begin);
    if (!frame->has_last) return fail(parser, REGEX_NOTHING_TO_REPEAT, begin);
    struct item *item = &frame->last;
    uint32_t times = endless ? least : most;
    item->copies = higher(item->copies, 1) * higher(times, 1);
    if (times >= 2 && item->copies > LIMIT_REGEX_REPEAT)
        return fail(parser, REGEX_REPEAT_COUNT, begin);
    if (least == 1 && most == 1) return true;
    struct regex_times counts = {least, most, greedy, item->nullable};
    regex_build_times(&parser->build, &item->piece, &counts);
    item->nullable = item->nullable || least == 0;
    item->exact = false;
    if (least == 0) item->best = item->tail = (struct run){0};
    return true;
}

static bool read_count(struct parser *parser, uint32_t *count) {
    uint32_t begin = parser->at;
    *count = 0;
    while ((uint8_t)(peek(parser, 0) - '0') < 10) {
        if (*count >= 100000000) return false;
        *count = *count * 10 + (uint32_t)(peek(parser, 0) - '0');
        parser->at++;
    }
    uint32_t digits = parser->at - begin;
    return digits == 1 || (digits > 1 && parser->pattern.at[begin] != '0');
}

// {n}, {n,} or {n,m}; false, and nothing read, when it is none: the brace is a character then.
static bool read_counts(struct parser *parser, uint32_t *least, uint32_t *most) {
    uint32_t begin = parser->at++;
    bool good = read_count(parser, least);
    *most = *least;
    if (good && take(parser, ',')) {
        *most = UINT32_MAX;
        if (peek(parser, 0) != '}') good = read_count(parser, most);
    }
    if (good && take(parser, '}')) return true;
    parser->at = begin;
    return false;
}

// Groups.

static bool open_group(struct parser *parser, uint32_t at, uint8_t flags_behind, bool captures) {
    if (parser->depth > LIMIT_REGEX_NESTING) return fail(parser, REGEX_TOO_DEEP, at);
    if (captures && parser->groups == LIMIT_REGEX_GROUPS)
        return fail(parser, REGEX_TOO_MANY_GROUPS, at);
    if (parser->depth == parser->frame_capacity) {
        uint32_t capacity = parser->frame_capacity == 0 ? 4 : 2 * parser->frame_capacity;
        struct frame *more = arena_array(parser->scratch, capacity, sizeof(*more));
        if (more == NULL) return fail(parser, REGEX_NO_MEMORY, at);
        if (parser->depth > 0) memcpy(more, parser->frames, parser->depth * sizeof(*more));
        parser->frames = more;
        parser->frame_capacity = capacity;
    }
    uint16_t group = captures ? ++parser->groups : 0;
    parser->frames[parser->depth++] =
        (struct frame){.flags = flags_behind, .group = group, .at = at};
    return true;
}

// What the top frame holds becomes one item: in `done`.
static void close_frame(struct parser *parser) {
    struct frame *frame = top(parser);
    if (!frame->has_last) push_assert(parser, 0);
    struct item *item = &frame->last;
    if (frame->has_before) {
        item = &frame->before;
        then(parser, item, &frame->last);
    }
    if (frame->has_done) {
        regex_build_either(&parser->build, &frame->done.piece, &item->piece);
        item->piece = frame->done.piece;
        item->nullable = item->nullable || frame->done.nullable;
        item->copies = higher(item->copies, frame->done.copies);
        item->exact = false;
        item->best = item->tail = (struct run){0};
    }
    frame->done = *item;
    frame->has_done = true;
    frame->has_before = frame->has_last = false;
}

static bool close_group(struct parser *parser) {
    if (parser->depth == 1) return fail(parser, REGEX_UNEXPECTED_PAREN, parser->at);
    close_frame(parser);
    struct frame *frame = top(parser);
    struct item item = frame->done;
    if (frame->group > 0) regex_build_group(&parser->build, &item.piece, frame->group);
    parser->flags = frame->flags;
    parser->depth--;
    parser->at++;
    push(parser, &item);
    return true;
}

// Letters, digits, marks and underscores, as RE2 has it.
static bool is_name(struct parser *parser, slice name) {
    static const char *const categories[] = {"L", "Nl", "Mn", "Mc", "Nd", "Pc"};
    struct regex_set *set = &parser->set;
    set->count = 0;
    *parser->effort -= EFFORT_CATEGORIES;
    for (uint32_t i = 0; i < LEN(categories); i++)
        add_unicode(set, slice_of(categories[i]));
    for (uint32_t at = 0; at < name.length;) {
        uint32_t point;
        uint32_t length = utf8_decode(slice_cut(name, at, name.length), &point);
        uint32_t i = 0;
        while (i < set->count && (point < regex_range_low(set->ranges[i]) ||
                                  point > regex_range_high(set->ranges[i])))
            i++;
        if (length == 0 || i == set->count) return false;
        at += length;
    }
    return name.length > 0;
}

// (?P<name> or (?<name>, standing behind the `<`.
static bool open_named(struct parser *parser, uint32_t begin) {
    uint32_t start = parser->at;
    while (left(parser) > 0 && peek(parser, 0) != '>')
        parser->at++;
    slice name = slice_cut(parser->pattern, start, parser->at);
    if (!take(parser, '>') || !is_name(parser, name)) return fail(parser, REGEX_BAD_NAME, begin);
    for (uint32_t i = 1; i <= parser->groups; i++)
        if (slice_equal(parser->names[i], name)) return fail(parser, REGEX_NAME_TWICE, begin);
    if (!open_group(parser, begin, parser->flags, true)) return false;
    parser->names[parser->groups] = name;
    return true;
}

static uint8_t flag_of(char c) {
    if (c == 'i') return FOLD;
    if (c == 'm') return MULTI_LINE;
    if (c == 's') return DOT_ALL;
    return c == 'U' ? LAZY : 0;
}

// What stands behind `(?`: flags for the rest of the group around, or a group with flags.
static bool parse_flags(struct parser *parser, uint32_t begin) {
    uint8_t flags = parser->flags;
    bool negated = false;
    bool dangling = false; // a `-` with no flag behind it
    for (; left(parser) > 0; parser->at++) {
        char c = peek(parser, 0);
        uint8_t flag = flag_of(c);
        if (flag != 0) {
            flags = (uint8_t)(negated ? flags & ~flag : flags | flag);
            dangling = false;
        } else if (c == '-' && !negated) {
            negated = dangling = true;
        } else if ((c == ':' || c == ')') && !dangling) {
            parser->at++;
            if (c == ':' && !open_group(parser, begin, parser->flags, false)) return false;
            parser->flags = flags;
            return true;
        } else {
            break;
        }
    }
    return fail(parser, REGEX_BAD_GROUP, begin);
}

static bool parse_paren(struct parser *parser) {
    uint32_t begin = parser->at++;
    if (!take(parser, '?')) return open_group(parser, begin, parser->flags, true);
    bool named = (peek(parser, 0) == 'P' && peek(parser, 1) == '<') || peek(parser, 0) == '<';
    if (!named) return parse_flags(parser, begin);
    parser->at += peek(parser, 0) == 'P' ? 2 : 1;
    return open_named(parser, begin);
}

// The rest.

static bool parse_quoted(struct parser *parser) {
    parser->at += 2;
    while (left(parser) > 0) {
        uint32_t point;
        if (peek(parser, 0) == '\\' && peek(parser, 1) == 'E') {
            parser->at += 2;
            return true;
        }
        if (!read_point(parser, &point)) return false;
        push_literal(parser, point);
        if (!built(parser)) return false;
    }
    return true;
}

// Escapes that match no bytes, or any byte; 0 read when it is none.
static bool parse_special(struct parser *parser) {
    char c = peek(parser, 1);
    if (c == 'C')
        push_any_byte(parser);
    else if (c == 'A')
        push_assert(parser, REGEX_BEGIN_TEXT);
    else if (c == 'z')
        push_assert(parser, REGEX_END_TEXT);
    else if (c == 'b')
        push_assert(parser, REGEX_WORD_EDGE);
    else if (c == 'B')
        push_assert(parser, REGEX_NO_WORD_EDGE);
    else
        return false;
    parser->at += 2;
    return true;
}

static bool parse_backslash(struct parser *parser) {
    uint32_t point;
    if (peek(parser, 1) == 'Q') return parse_quoted(parser);
    if (parse_special(parser)) return true;
    parser->set.count = 0;
    if (is_unicode_class(parser)) {
        if (!parse_unicode(parser)) return false;
        push_folded_set(parser, false);
        return true;
    }
    if (parse_perl(parser)) {
        push_folded_set(parser, false);
        return true;
    }
    if (!parse_escape(parser, &point)) return false;
    push_literal(parser, point);
    return true;
}

static bool parse_simple(struct parser *parser, char c) {
    bool lines = (parser->flags & MULTI_LINE) != 0;
    uint32_t point;
    if (c == '^' || c == '$' || c == '.' || c == '|') parser->at++;
    switch (c) {
    case '^': push_assert(parser, lines ? REGEX_BEGIN_LINE : REGEX_BEGIN_TEXT); return true;
    case '$': push_assert(parser, lines ? REGEX_END_LINE : REGEX_END_TEXT); return true;
    case '.': push_dot(parser); return true;
    case '|': close_frame(parser); return true;
    case '(': return parse_paren(parser);
    case ')': return close_group(parser);
    case '[': return parse_class(parser);
    case '\\': return parse_backslash(parser);
    default:
        if (!read_point(parser, &point)) return false;
        push_literal(parser, point);
        return true;
    }
}

static bool parse_one(struct parser *parser) {
    uint32_t begin = parser->at;
    char c = peek(parser, 0);
    uint32_t least = c == '+';
    uint32_t most = c == '?' ? 1 : UINT32_MAX;
    bool repeats = c == '*' || c == '+' || c == '?';
    if (repeats) parser->at++;
    if (c == '{') repeats = read_counts(parser, &least, &most);
    bool good = repeats ? repeat(parser, begin, least, most) : parse_simple(parser, c);
    parser->repeated = repeats;
    return good && built(parser);
}

static bool keep_names(struct parser *parser, struct regex *out) {
    slice *names = arena_array(parser->keep, parser->groups + 1u, sizeof(*names));
    if (names == NULL) return false;
    for (uint32_t i = 1; i <= parser->groups; i++) {
        if (parser->names[i].length == 0) continue;
        names[i] = arena_copy(parser->keep, parser->names[i]);
        if (names[i].at == NULL) return false;
    }
    out->names = names;
    out->groups = parser->groups;
    return true;
}

static bool finish(struct parser *parser, struct regex *out) {
    if (parser->depth > 1) return fail(parser, REGEX_MISSING_PAREN, top(parser)->at);
    close_frame(parser);
    if (!built(parser)) return false;
    const struct item *all = &top(parser)->done;
    regex_build_finish(&parser->build, &all->piece, parser->keep, out->programs);
    if (!built(parser)) return false;
    struct run run = all->best;
    if (run.length > REGEX_LITERAL_MOST) run.length = REGEX_LITERAL_MOST;
    out->required.length = (uint8_t)run.length;
    memcpy(out->required.bytes, parser->literals + run.start, run.length);
    return keep_names(parser, out) || fail(parser, REGEX_NO_MEMORY, parser->at);
}

bool regex_parse(struct arena *keep, struct arena *scratch, slice pattern, int64_t *effort,
                 struct regex *out, struct regex_error *error) {
    *error = (struct regex_error){REGEX_NO_PROBLEM, 0};
    struct parser *parser = arena_take(scratch, sizeof(*parser));
    if (parser == NULL) {
        *error = (struct regex_error){REGEX_NO_MEMORY, 0};
        return false;
    }
    *parser = (struct parser){
        .keep = keep, .scratch = scratch, .pattern = pattern, .effort = effort, .error = error};
    if (pattern.length > LIMIT_REGEX_PATTERN)
        return fail(parser, REGEX_TOO_LONG, LIMIT_REGEX_PATTERN);
    parser->set.arena = scratch;
    regex_build_init(&parser->build, scratch);
    // Escapes are longer than what they stand for; the last code point may be written in full.
    parser->literals = arena_take(scratch, pattern.length + 4);
    if (parser->literals == NULL || !built(parser)) return fail(parser, REGEX_NO_MEMORY, 0);
    if (!open_group(parser, 0, 0, false)) return false;
    while (left(parser) > 0)
        if (!parse_one(parser)) return false;
    return finish(parser, out);
}
