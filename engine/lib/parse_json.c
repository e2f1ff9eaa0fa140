// parse_json(string): values out of JSON text (RFC 8259), as strict as the reader of pluginConfig:
// no key twice, no U+0000, no lone surrogate, no broken UTF-8, numbers within a double, at most
// LIMIT_NESTING levels. One pass, no recursion.
#include "engine/base/limits.h"
#include "engine/base/number.h"
#include "engine/base/utf8.h"
#include "engine/lib/call.h"
#include "engine/lib/keys.h"

// An object or list that is open.
struct level {
    uint32_t start; // of its items
    bool object;
};

// One array has room for every value but the outermost. Items of open levels grow from its start;
// the items of a level that is closed move to its end, so that no room is taken twice.
struct reader {
    struct arena *arena;
    slice text;
    uint32_t at; // next byte
    struct value *items;
    uint32_t low;  // items of open levels
    uint32_t high; // where those of closed levels start
    struct level levels[LIMIT_NESTING];
    uint32_t depth;
};

// The byte at `at`, or 0 behind the end: no byte that JSON knows.
static char peek(const struct reader *reader) {
    return reader->at < reader->text.length ? reader->text.at[reader->at] : '\0';
}

static bool accept(struct reader *reader, char c) {
    if (peek(reader) != c) return false;
    reader->at++;
    return true;
}

static void skip_space(struct reader *reader) {
    for (;; reader->at++) {
        char c = peek(reader);
        if (c != ' ' && c != '\t' && c != '\n' && c != '\r') return;
    }
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool skip_digits(struct reader *reader) {
    if (!is_digit(peek(reader))) return false;
    while (is_digit(peek(reader)))
        reader->at++;
    return true;
}

static enum failure read_number(struct reader *reader, struct value *out) {
    uint32_t start = reader->at;
    double number;
    accept(reader, '-');
    bool zero = accept(reader, '0');
    if (zero ? is_digit(peek(reader)) : !skip_digits(reader)) return FAILURE_JSON_TEXT;
    if (accept(reader, '.') && !skip_digits(reader)) return FAILURE_JSON_TEXT;
    if (accept(reader, 'e') || accept(reader, 'E')) {
        if (!accept(reader, '+')) accept(reader, '-');
        if (!skip_digits(reader)) return FAILURE_JSON_TEXT;
    }
    slice literal = slice_cut(reader->text, start, reader->at);
    if (!number_parse_double(literal, &number)) return FAILURE_JSON_TEXT;
    *out = value_double(number);
    return FAILURE_NONE;
}

// Four hexadecimal digits at `at`, or a number above all.
static uint32_t read_unit(slice text, uint32_t at) {
    uint64_t unit;
    if (text.length - at < 4) return UINT32_MAX;
    bool read = number_parse_uint(slice_cut(text, at, at + 4), 16, &unit);
    return read ? (uint32_t)unit : UINT32_MAX;
}

// Decodes what stands behind `\u` at `at`; the bytes of it, 0 when malformed.
static uint32_t read_unicode(slice text, uint32_t at, uint32_t *point) {
    uint32_t high = read_unit(text, at);
    *point = high;
    if (high == 0 || high > 0xffff) return 0;
    if (high < 0xd800 || high > 0xdfff) return 4;
    slice rest = slice_cut(text, at + 4, text.length);
    if (high > 0xdbff || !slice_starts(rest, slice_of("\\u"))) return 0;
    uint32_t low = read_unit(rest, 2);
    if (low < 0xdc00 || low > 0xdfff) return 0;
    *point = 0x10000 + ((high & 0x3ff) << 10 | (low & 0x3ff));
    return 10;
}

// Decodes the escape at the backslash `at`; its bytes, 0 when malformed.
static uint32_t read_escape(slice text, uint32_t at, uint32_t *point) {
    static const char names[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    char name = text.length - at > 1 ? text.at[at + 1] : '\0';
    const char *found = memchr(names, name, sizeof names - 1);
    if (found != NULL) {
        *point = (uint8_t)meant[found - names];
        return 2;
    }
    uint32_t length = name == 'u' ? read_unicode(text, at + 2, point) : 0;
    return length == 0 ? 0 : length + 2;
}

// Decodes the inside of a string, whose escapes are all shorter than what they write.
static enum failure decode_string(struct reader *reader, slice raw, struct value *out) {
    uint32_t used = 0, point;
    char *text = arena_take_raw(reader->arena, raw.length);
    if (text == NULL) return FAILURE_NO_MEMORY;
    for (uint32_t at = 0; at < raw.length;) {
        if (raw.at[at] != '\\') {
            text[used++] = raw.at[at++];
            continue;
        }
        uint32_t length = read_escape(raw, at, &point);
        if (length == 0) return FAILURE_JSON_TEXT;
        used += utf8_encode(point, text + used);
        at += length;
    }
    *out = value_string(slice_from(text, used));
    return FAILURE_NONE;
}

// A string without escapes stays where it is in the text.
static enum failure read_string(struct reader *reader, struct value *out) {
    uint32_t start = reader->at + 1, at = start;
    slice text = reader->text;
    bool escaped = false;
    while (at < text.length && text.at[at] != '"') {
        if ((uint8_t)text.at[at] < 0x20) return FAILURE_JSON_TEXT;
        if (text.at[at++] != '\\') continue;
        escaped = true;
        at++;
    }
    if (at >= text.length) return FAILURE_JSON_TEXT;
    reader->at = at + 1;
    slice raw = slice_cut(text, start, at);
    if (escaped) return decode_string(reader, raw, out);
    *out = value_string(raw);
    return FAILURE_NONE;
}

static enum failure read_word(struct reader *reader, const char *word, struct value value,
                              struct value *out) {
    slice rest = slice_cut(reader->text, reader->at, reader->text.length);
    if (!slice_starts(rest, slice_of(word))) return FAILURE_JSON_TEXT;
    reader->at += (uint32_t)strlen(word);
    *out = value;
    return FAILURE_NONE;
}

static enum failure read_scalar(struct reader *reader, struct value *out) {
    switch (peek(reader)) {
    case '"': return read_string(reader, out);
    case 'n': return read_word(reader, "null", value_null(), out);
    case 't': return read_word(reader, "true", value_bool(true), out);
    case 'f': return read_word(reader, "false", value_bool(false), out);
    default: return read_number(reader, out);
    }
}

// Whether a key is given twice. Many keys are sorted, so that no text takes quadratic time.
static enum failure check_keys(struct reader *reader, struct value map) {
    enum { FEW = 8 };
    const struct value *items = map.as.items;
    for (uint32_t i = 0; i < map.length && map.length <= FEW; i++) {
        for (uint32_t j = 0; j < i; j++) {
            if (slice_equal(value_text(items[2 * i]), value_text(items[2 * j])))
                return FAILURE_JSON_TEXT;
        }
    }
    if (map.length <= FEW) return FAILURE_NONE;
    const uint32_t *order = keys_sorted(reader->arena, map);
    if (order == NULL) return FAILURE_NO_MEMORY;
    for (uint32_t i = 1; i < map.length; i++) {
        slice last = value_text(items[2 * order[i - 1]]);
        if (slice_equal(last, value_text(items[2 * order[i]]))) return FAILURE_JSON_TEXT;
    }
    return FAILURE_NONE;
}

// Moves the items of the innermost level to their place and makes the value that has them.
static enum failure close_level(struct reader *reader, struct value *out) {
    struct level level = reader->levels[--reader->depth];
    uint32_t count = reader->low - level.start;
    uint8_t deepest = 0;
    reader->low = level.start;
    reader->high -= count;
    struct value *items = reader->items + reader->high;
    memmove(items, reader->items + level.start, count * sizeof *items);
    for (uint32_t i = 0; i < count; i++)
        deepest = items[i].depth > deepest ? items[i].depth : deepest;
    *out = (struct value){.kind = level.object ? TYPE_MAP : TYPE_LIST,
                          .depth = (uint8_t)(deepest + 1),
                          .length = level.object ? count / 2 : count,
                          .as.items = items};
    return level.object ? check_keys(reader, *out) : FAILURE_NONE;
}

// The room was counted before, so it suffices for every text that is JSON.
static bool push(struct reader *reader, struct value value) {
    if (reader->low == reader->high) return false;
    reader->items[reader->low++] = value;
    return true;
}

static enum failure read_key(struct reader *reader) {
    struct value key;
    skip_space(reader);
    if (peek(reader) != '"') return FAILURE_JSON_TEXT;
    enum failure failure = read_string(reader, &key);
    if (failure != FAILURE_NONE) return failure;
    skip_space(reader);
    return accept(reader, ':') && push(reader, key) ? FAILURE_NONE : FAILURE_JSON_TEXT;
}

static bool in_object(const struct reader *reader) {
    return reader->depth > 0 && reader->levels[reader->depth - 1].object;
}

// Reads up to the next value that is complete: brackets, keys, then a scalar or an empty level.
static enum failure read_value(struct reader *reader, struct value *out) {
    for (;;) {
        skip_space(reader);
        char c = peek(reader);
        if (c != '{' && c != '[') return read_scalar(reader, out);
        if (reader->depth == LIMIT_NESTING) return FAILURE_TOO_DEEP;
        reader->levels[reader->depth++] = (struct level){reader->low, c == '{'};
        reader->at++;
        skip_space(reader);
        if (accept(reader, c == '{' ? '}' : ']')) return close_level(reader, out);
        enum failure failure = c == '{' ? read_key(reader) : FAILURE_NONE;
        if (failure != FAILURE_NONE) return failure;
    }
}

// Puts a complete value into its level, which may complete that, and so on. *done with the
// outermost.
static enum failure place(struct reader *reader, struct value *value, bool *done) {
    while (reader->depth > 0) {
        if (!push(reader, *value)) return FAILURE_JSON_TEXT;
        skip_space(reader);
        if (accept(reader, ',')) return in_object(reader) ? read_key(reader) : FAILURE_NONE;
        if (!accept(reader, in_object(reader) ? '}' : ']')) return FAILURE_JSON_TEXT;
        enum failure failure = close_level(reader, value);
        if (failure != FAILURE_NONE) return failure;
    }
    *done = true;
    return FAILURE_NONE;
}

static enum failure read_document(struct reader *reader, struct value *out) {
    bool done = false;
    struct value value;
    while (!done) {
        enum failure failure = read_value(reader, &value);
        if (failure == FAILURE_NONE) failure = place(reader, &value, &done);
        if (failure != FAILURE_NONE) return failure;
    }
    skip_space(reader);
    if (reader->at < reader->text.length) return FAILURE_JSON_TEXT;
    *out = value;
    return FAILURE_NONE;
}

// No text has more values and keys than this behind the first: each stands behind one of these.
static uint32_t most_items(slice text) {
    uint32_t count = 0;
    bool string = false;
    for (uint32_t at = 0; at < text.length; at++) {
        char c = text.at[at];
        if (c == '"') string = !string;
        if (string && c == '\\') at++;
        if (!string && (c == ',' || c == ':' || c == '[' || c == '{')) count++;
    }
    return count;
}

enum failure parse_json(struct call *call, const struct value *arguments, struct value *out) {
    slice text = value_text(arguments[0]);
    if (!call_charge(call, text.length)) return FAILURE_STEPS;
    if (utf8_find_invalid(text) >= 0) return FAILURE_JSON_TEXT;
    uint32_t room = most_items(text);
    struct reader reader = {.arena = call->arena, .text = text, .high = room};
    reader.items = arena_array(call->arena, room, sizeof *reader.items);
    return reader.items == NULL ? FAILURE_NO_MEMORY : read_document(&reader, out);
}
