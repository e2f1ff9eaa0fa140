// Searching, cutting and putting together strings. Cuts share the bytes of what they are cut from.
#include "engine/lib/text.h"

#include "engine/base/limits.h"
#include "engine/base/text.h"
#include "engine/base/utf8.h"
#include "engine/lib/collections.h"

// Of the first code point; `rest` is not empty.
static uint32_t point_bytes(slice rest) {
    uint32_t point;
    if ((uint8_t)rest.at[0] < 0x80) return 1;
    uint32_t bytes = utf8_decode(rest, &point);
    return bytes == 0 ? 1 : bytes;
}

static slice rest_from(slice text, uint32_t start) {
    return slice_cut(text, start, text.length);
}

// Where the code point of that number starts, the end of the text included. False, with the end in
// *at, when there are fewer.
static bool find_point(slice text, int64_t number, uint32_t *at) {
    uint32_t most = number < text.length ? (uint32_t)number : text.length;
    *at = number <= 0 ? 0 : utf8_ascii(slice_cut(text, 0, most));
    for (number -= *at; number > 0 && *at < text.length; number--)
        *at += point_bytes(rest_from(text, *at));
    return number == 0;
}

static enum failure make_text(struct call *call, uint64_t length, char **at) {
    if (length > LIMIT_STRING) return FAILURE_TOO_LONG;
    if (!call_charge(call, length)) return FAILURE_STEPS;
    *at = arena_take_raw(call->arena, (size_t)length);
    return *at == NULL ? FAILURE_NO_MEMORY : FAILURE_NONE;
}

// A text in the making whose length is not known: what has no room is only counted.
struct draft {
    char *at;
    size_t room;
    uint64_t length;
};

static struct draft draft_open(const struct arena *arena) {
    struct draft draft = {.length = 0};
    draft.at = arena_room(arena, &draft.room);
    return draft;
}

static void draft_add(struct draft *draft, slice more) {
    bool fits = draft->length + more.length <= draft->room;
    if (fits && more.length > 0) slice_put(draft->at + draft->length, more);
    draft->length += more.length;
}

// Makes it the result. *again: there was no room; all is to be added once more.
static enum failure draft_keep(struct draft *draft, struct call *call, struct value *out,
                               bool *again) {
    uint64_t length = draft->length;
    enum failure failure = make_text(call, length, &draft->at);
    *again = failure == FAILURE_NONE && length > draft->room;
    if (failure != FAILURE_NONE) return failure;
    *out = value_string(slice_from(draft->at, (uint32_t)length));
    *draft = (struct draft){.at = draft->at, .room = (size_t)length};
    return FAILURE_NONE;
}

enum failure string_char_at(struct call *call, const struct value *arguments, struct value *out) {
    slice text = value_text(arguments[0]);
    uint32_t at;
    if (!call_charge(call, text.length)) return FAILURE_STEPS;
    if (!find_point(text, arguments[1].as.integer, &at)) return FAILURE_INDEX_RANGE;
    uint32_t bytes = at == text.length ? 0 : point_bytes(rest_from(text, at));
    *out = value_string(slice_cut(text, at, at + bytes));
    return FAILURE_NONE;
}

enum failure string_substring(struct call *call, const struct value *arguments, struct value *out) {
    slice text = value_text(arguments[0]);
    int64_t first = arguments[1].as.integer;
    uint32_t start, length;
    if (!call_charge(call, text.length)) return FAILURE_STEPS;
    if (!find_point(text, first, &start)) return FAILURE_INDEX_RANGE;
    slice rest = rest_from(text, start);
    length = rest.length;
    if (call->count > 2) {
        int64_t end = arguments[2].as.integer;
        if (end < first || !find_point(rest, end - first, &length)) return FAILURE_INDEX_RANGE;
    }
    *out = value_string(slice_cut(rest, 0, length));
    return FAILURE_NONE;
}

// The arguments of the two searches.
struct search {
    slice text;
    slice sought;
    int64_t offset; // code points
    uint32_t start; // the same in bytes
    bool within;    // the offset is in the text or at its end
};

static enum failure search_read(struct search *search, struct call *call,
                                const struct value *arguments) {
    *search = (struct search){.text = value_text(arguments[0]),
                              .sought = value_text(arguments[1]),
                              .offset = call->count > 2 ? arguments[2].as.integer : 0};
    uint64_t bytes = (uint64_t)search->text.length + search->sought.length;
    if (!call_charge(call, bytes)) return FAILURE_STEPS;
    if (search->offset < 0) return FAILURE_INDEX_RANGE;
    search->within = find_point(search->text, search->offset, &search->start);
    return search->within || search->sought.length == 0 ? FAILURE_NONE : FAILURE_INDEX_RANGE;
}

// The number of the code point at a byte, -1 of -1.
static struct value found_at(const struct search *search, int64_t at) {
    if (at < 0) return value_int(-1);
    return value_int(utf8_count(slice_cut(search->text, 0, (uint32_t)at)));
}

enum failure string_index_of(struct call *call, const struct value *arguments, struct value *out) {
    struct search search;
    enum failure failure = search_read(&search, call, arguments);
    if (failure != FAILURE_NONE) return failure;
    int64_t at = slice_find(rest_from(search.text, search.start), search.sought);
    *out = found_at(&search, at < 0 ? -1 : at + search.start);
    return FAILURE_NONE;
}

static void put_turned(char *at, slice text) {
    for (uint32_t i = text.length; i-- > 0;)
        *at++ = text.at[i];
}

static int64_t find_last_byte(slice text, char byte) {
    int64_t at = (int64_t)text.length - 1;
    while (at >= 0 && text.at[at] != byte)
        at--;
    return at;
}

// Searched for in the text turned round: linear whatever the texts are, as slice_find is.
static enum failure find_last(struct call *call, slice text, slice sought, int64_t *at) {
    *at = -1;
    if (sought.length > text.length) return FAILURE_NONE;
    if (sought.length == 1) {
        *at = find_last_byte(text, sought.at[0]);
        return FAILURE_NONE;
    }
    char *turned = arena_take_raw(call->arena, (size_t)text.length + sought.length);
    if (turned == NULL) return FAILURE_NO_MEMORY;
    put_turned(turned, text);
    put_turned(turned + text.length, sought);
    slice back = slice_from(turned, text.length);
    int64_t hit = slice_find(back, slice_from(turned + text.length, sought.length));
    if (hit >= 0) *at = (int64_t)(text.length - sought.length) - hit;
    return FAILURE_NONE;
}

enum failure string_last_index_of(struct call *call, const struct value *arguments,
                                  struct value *out) {
    struct search search;
    enum failure failure = search_read(&search, call, arguments);
    if (failure != FAILURE_NONE) return failure;
    slice text = search.text, sought = search.sought;
    bool anywhere = call->count < 3;
    if (anywhere) search.start = text.length;
    int64_t at = search.start;
    if (sought.length > 0) {
        bool at_end = !anywhere && search.start == text.length;
        bool cut = sought.length < text.length - search.start;
        if (cut) text = slice_cut(text, 0, search.start + sought.length);
        at = -1;
        if (!at_end) failure = find_last(call, text, sought, &at);
    }
    if (failure == FAILURE_NONE) *out = found_at(&search, at);
    return failure;
}

// The first eight bytes, or all and zeros.
static uint64_t load_some(slice text) {
    if (text.length >= 8) return eight_load(text.at);
    uint64_t word = 0;
    for (uint32_t i = 0; i < text.length; i++)
        word |= (uint64_t)(uint8_t)text.at[i] << 8 * i;
    return word;
}

// 0x20 in the bytes of the word that are among the 26 from `first` on, which are ASCII.
static uint64_t case_bits(uint64_t word, uint8_t first) {
    uint64_t low = word & eight_of(0x7f);
    uint64_t from = low + eight_of((uint8_t)(0x80 - first));
    uint64_t behind = low + eight_of((uint8_t)(0x80 - 26 - first));
    return (from & ~behind & ~word & eight_of(0x80)) >> 2;
}

// Turns the 26 ASCII letters from `first` on into those of the other case.
static enum failure change_letters(struct call *call, struct value of, uint8_t first,
                                   struct value *out) {
    slice text = value_text(of);
    if (!call_charge(call, text.length)) return FAILURE_STEPS;
    uint64_t found = 0;
    for (uint32_t i = 0; i < text.length && found == 0; i += 8)
        found = case_bits(load_some(rest_from(text, i)), first);
    if (found == 0) {
        *out = of;
        return FAILURE_NONE;
    }
    char *at;
    enum failure failure = make_text(call, text.length, &at);
    if (failure != FAILURE_NONE) return failure;
    for (uint32_t i = 0; i < text.length; i += 8) {
        uint64_t word = load_some(rest_from(text, i));
        eight_store(at + i, word ^ case_bits(word, first)); // pieces have room for whole words
    }
    *out = value_string(slice_from(at, text.length));
    return FAILURE_NONE;
}

enum failure string_lower_ascii(struct call *call, const struct value *arguments,
                                struct value *out) {
    return change_letters(call, arguments[0], 'A', out);
}

enum failure string_upper_ascii(struct call *call, const struct value *arguments,
                                struct value *out) {
    return change_letters(call, arguments[0], 'a', out);
}

// Where `sought` is next, from `start` on; `start` is 0 or behind a match. -1: nowhere. An empty
// one is at the start of the text and behind each code point.
static int64_t next_match(slice text, slice sought, uint32_t start, bool first) {
    slice rest = rest_from(text, start);
    if (sought.length == 0) {
        if (first) return 0;
        return rest.length == 0 ? -1 : (int64_t)start + point_bytes(rest);
    }
    int64_t at = slice_find(rest, sought);
    return at < 0 ? -1 : at + start;
}

// False when there is nothing to replace; then the draft is as it was.
static bool draft_replaced(struct draft *draft, slice text, slice old, slice new, int64_t most) {
    uint32_t start = 0;
    int64_t count = 0, match;
    for (; count != most && (match = next_match(text, old, start, count == 0)) >= 0; count++) {
        draft_add(draft, slice_cut(text, start, (uint32_t)match));
        draft_add(draft, new);
        start = (uint32_t)match + old.length;
    }
    if (count > 0) draft_add(draft, rest_from(text, start));
    return count > 0;
}

enum failure string_replace(struct call *call, const struct value *arguments, struct value *out) {
    slice text = value_text(arguments[0]), old = value_text(arguments[1]);
    slice new = value_text(arguments[2]);
    if (!call_charge(call, (uint64_t)text.length + old.length)) return FAILURE_STEPS;
    int64_t most = call->count > 3 ? arguments[3].as.integer : -1;
    struct draft draft = draft_open(call->arena);
    if (!draft_replaced(&draft, text, old, new, most)) {
        *out = arguments[0];
        return FAILURE_NONE;
    }
    bool again;
    enum failure failure = draft_keep(&draft, call, out, &again);
    if (again) draft_replaced(&draft, text, old, new, most);
    return failure;
}

// Writes as many pieces as there is room for, and returns how many there are.
static uint32_t put_pieces(struct value *at, size_t room, slice text, slice separator,
                           int64_t most) {
    uint32_t count = 0, start = 0;
    bool more = most != 0 && (text.length > 0 || separator.length > 0);
    while (more) {
        int64_t end = count + 1 == most ? -1 : next_match(text, separator, start, false);
        more = end >= 0 && (separator.length > 0 || end < text.length);
        slice piece = slice_cut(text, start, more ? (uint32_t)end : text.length);
        if (count < room) at[count] = value_string(piece);
        start = (uint32_t)end + separator.length;
        count++;
    }
    return count;
}

enum failure string_split(struct call *call, const struct value *arguments, struct value *out) {
    slice text = value_text(arguments[0]), separator = value_text(arguments[1]);
    if (!call_charge(call, (uint64_t)text.length + separator.length)) return FAILURE_STEPS;
    int64_t most = call->count > 2 ? arguments[2].as.integer : -1;
    size_t room;
    struct value *pieces = arena_room(call->arena, &room);
    room /= sizeof *pieces;
    uint32_t count = put_pieces(pieces, room, text, separator, most);
    enum failure failure = items_make(call, count, &pieces);
    if (failure != FAILURE_NONE) return failure;
    if (count > room) put_pieces(pieces, count, text, separator, most);
    *out = (struct value){.kind = TYPE_LIST, .depth = 1, .length = count, .as.items = pieces};
    return FAILURE_NONE;
}

// Unicode's White_Space property.
static bool is_space(uint32_t point) {
    if (point < 0x80) return point == ' ' || (point >= '\t' && point <= '\r');
    if (point >= 0x2000 && point <= 0x200a) return true;
    switch (point) {
    case 0x85:
    case 0xa0:
    case 0x1680:
    case 0x2028:
    case 0x2029:
    case 0x202f:
    case 0x205f:
    case 0x3000: return true;
    default: return false;
    }
}

// Bytes of the white space that the text starts with, 0 when it does not.
static uint32_t space_bytes(slice text) {
    if (text.length == 0) return 0;
    uint32_t point = (uint8_t)text.at[0];
    uint32_t bytes = point < 0x80 ? 1 : utf8_decode(text, &point);
    return bytes > 0 && is_space(point) ? bytes : 0;
}

// The same at the end: white space has at most three bytes.
static uint32_t last_space_bytes(slice text) {
    for (uint32_t bytes = 1; bytes <= 3 && bytes <= text.length; bytes++) {
        slice end = rest_from(text, text.length - bytes);
        if (space_bytes(end) == bytes) return bytes;
        if ((uint8_t)end.at[0] < 0x80) return 0;
    }
    return 0;
}

enum failure string_trim(struct call *call, const struct value *arguments, struct value *out) {
    slice text = value_text(arguments[0]);
    if (!call_charge(call, text.length)) return FAILURE_STEPS;
    for (uint32_t bytes; (bytes = space_bytes(text)) > 0;)
        text = rest_from(text, bytes);
    for (uint32_t bytes; (bytes = last_space_bytes(text)) > 0;)
        text = slice_cut(text, 0, text.length - bytes);
    *out = value_string(text);
    return FAILURE_NONE;
}

enum failure string_reverse(struct call *call, const struct value *arguments, struct value *out) {
    slice text = value_text(arguments[0]);
    char *at;
    enum failure failure = make_text(call, text.length, &at);
    if (failure != FAILURE_NONE) return failure;
    for (uint32_t start = 0; start < text.length;) {
        uint32_t bytes = point_bytes(rest_from(text, start));
        slice_put(at + (text.length - start - bytes), slice_cut(text, start, start + bytes));
        start += bytes;
    }
    *out = value_string(slice_from(at, text.length));
    return FAILURE_NONE;
}

static bool draft_joined(struct draft *draft, struct value list, slice separator) {
    for (uint32_t i = 0; i < list.length; i++) {
        if (list.as.items[i].kind != TYPE_STRING) return false;
        if (i > 0) draft_add(draft, separator);
        draft_add(draft, value_text(list.as.items[i]));
    }
    return true;
}

enum failure string_join(struct call *call, const struct value *arguments, struct value *out) {
    struct value list = arguments[0];
    slice separator = call->count > 1 ? value_text(arguments[1]) : slice_from(NULL, 0);
    if (!call_charge(call, (uint64_t)list.length * sizeof list)) return FAILURE_STEPS;
    struct draft draft = draft_open(call->arena);
    if (!draft_joined(&draft, list, separator)) return FAILURE_NO_OVERLOAD;
    bool again;
    enum failure failure = draft_keep(&draft, call, out, &again);
    if (again) draft_joined(&draft, list, separator);
    return failure;
}

// The letter that stands for the byte behind a backslash, or 0.
static char escape_letter(char c) {
    static const char control[] = "abtnvfr"; // from 7 on
    if (c == '"' || c == '\\') return c;
    return c >= 7 && c <= 13 ? control[c - 7] : 0;
}

static bool is_quoted_plainly(char c) {
    return (uint8_t)c < 0x80 && escape_letter(c) == 0;
}

// One code point, or byte of broken UTF-8, that is not plain; its length.
static uint32_t quote_special(struct text *out, slice rest) {
    uint32_t point;
    uint32_t bytes = utf8_decode(rest, &point);
    char escape[2] = {'\\', escape_letter(rest.at[0])};
    if (bytes == 0) {
        text_add_string(out, "\xef\xbf\xbd");
        return 1;
    }
    text_add(out, bytes == 1 ? slice_from(escape, 2) : slice_cut(rest, 0, bytes));
    return bytes;
}

enum failure string_quote(struct call *call, const struct value *arguments, struct value *out) {
    slice raw = value_text(arguments[0]);
    if (raw.length > LIMIT_STRING) return FAILURE_TOO_LONG;
    if (!call_charge(call, (uint64_t)raw.length * 2)) return FAILURE_STEPS;
    struct text text;
    text_init(&text, call->arena);
    text_add_char(&text, '"');
    for (uint32_t at = 0; at < raw.length;) {
        uint32_t start = at;
        while (at < raw.length && is_quoted_plainly(raw.at[at]))
            at++;
        text_add(&text, slice_cut(raw, start, at));
        if (at < raw.length) at += quote_special(&text, rest_from(raw, at));
    }
    text_add_char(&text, '"');
    if (text.failed) return FAILURE_NO_MEMORY;
    if (text.length > LIMIT_STRING) return FAILURE_TOO_LONG;
    *out = value_string(text_slice(&text));
    return FAILURE_NONE;
}
