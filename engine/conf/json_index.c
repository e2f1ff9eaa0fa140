// Keys as their escapes mean them, members by key, and the source text of values.
#include "engine/conf/json_index.h"

#include "engine/base/utf8.h"

static bool hex_value(slice text, uint32_t at, uint32_t *unit) {
    if (text.length < 4 || at > text.length - 4) return false;
    *unit = 0;
    for (uint32_t i = at; i < at + 4; i++) {
        char c = ascii_lower(text.at[i]);
        bool digit = c >= '0' && c <= '9';
        if (!digit && !(c >= 'a' && c <= 'f')) return false;
        *unit = *unit << 4 | (uint32_t)(digit ? c - '0' : c - 'a' + 10);
    }
    return true;
}

static uint32_t unicode_escape(slice text, uint32_t at, uint32_t *point) {
    uint32_t high, low;
    if (!hex_value(text, at + 2, &high)) return 0;
    *point = high;
    if (high < 0xd800 || high > 0xdfff) return 6;
    bool pair = high < 0xdc00 && text.length - at >= 12 && text.at[at + 6] == '\\' &&
                text.at[at + 7] == 'u' && hex_value(text, at + 8, &low) && low >= 0xdc00 &&
                low <= 0xdfff;
    if (!pair) return 0;
    *point = 0x10000 + ((high & 0x3ff) << 10 | (low & 0x3ff));
    return 12;
}

uint32_t json_escape(slice text, uint32_t at, uint32_t *point) {
    if (text.length - at < 2) return 0;
    switch (text.at[at + 1]) {
    case '"':
    case '\\':
    case '/': *point = (uint8_t)text.at[at + 1]; return 2;
    case 'b': *point = '\b'; return 2;
    case 'f': *point = '\f'; return 2;
    case 'n': *point = '\n'; return 2;
    case 'r': *point = '\r'; return 2;
    case 't': *point = '\t'; return 2;
    case 'u': return unicode_escape(text, at, point);
    default: return 0;
    }
}

// Gives the bytes of a string one by one, those of an escape as UTF-8.
struct reader {
    slice text;
    bool escaped; // backslashes of `text` begin escapes
    uint32_t at;
    char decoded[4];
    uint32_t used;
    uint32_t held;
};

// The next byte, or -1 at the end.
static int32_t reader_next(struct reader *reader) {
    if (reader->used < reader->held) return (uint8_t)reader->decoded[reader->used++];
    if (reader->at == reader->text.length) return -1;
    char c = reader->text.at[reader->at];
    uint32_t point = 0;
    uint32_t length = 0;
    if (reader->escaped && c == '\\') length = json_escape(reader->text, reader->at, &point);
    if (length == 0) {
        reader->at++;
        return (uint8_t)c;
    }
    reader->at += length;
    reader->held = utf8_encode(point, reader->decoded);
    reader->used = 1;
    return (uint8_t)reader->decoded[0];
}

// An equal beginning without backslash means the same bytes on both sides.
static uint32_t shared_plain(slice a, slice b) {
    uint32_t least = a.length < b.length ? a.length : b.length;
    uint32_t at = 0;
    while (at < least && a.at[at] == b.at[at] && a.at[at] != '\\')
        at++;
    return at;
}

static int compare_decoded(slice a, slice b, bool b_escaped) {
    uint32_t shared = shared_plain(a, b);
    struct reader left = {.text = a, .escaped = true, .at = shared};
    struct reader right = {.text = b, .escaped = b_escaped, .at = shared};
    for (;;) {
        int32_t x = reader_next(&left);
        int32_t y = reader_next(&right);
        if (x != y) return x < y ? -1 : 1;
        if (x < 0) return 0;
    }
}

// What stands between the quotes.
static slice raw_key(const struct json_index *index, uint32_t node) {
    const struct json_node *at = &index->nodes[node];
    return slice_cut(index->text, at->key_start + 1, at->key_end - 1);
}

static int compare_members(const struct json_index *index, uint32_t a, uint32_t b) {
    return compare_decoded(raw_key(index, a), raw_key(index, b), true);
}

bool json_same_key(const struct json_index *index, uint32_t a, uint32_t b) {
    return compare_members(index, a, b) == 0;
}

slice json_key(const struct json_index *index, uint32_t node, struct arena *arena) {
    struct reader reader = {.text = raw_key(index, node), .escaped = true};
    char *key = arena_take_raw(arena, (size_t)reader.text.length + 1); // decoding never lengthens
    if (key == NULL) return (slice){NULL, 0};
    uint32_t length = 0;
    for (int32_t c = reader_next(&reader); c >= 0; c = reader_next(&reader))
        key[length++] = (char)c;
    return (slice){key, length};
}

// Two sorted neighbours become one; keys that come sorted, as from a proxy, cost one comparison.
static void merge(const struct json_index *index, uint32_t *members, uint32_t left, uint32_t right,
                  uint32_t *scratch) {
    if (compare_members(index, members[left - 1], members[left]) <= 0) return;
    memcpy(scratch, members, left * sizeof *scratch);
    uint32_t from_left = 0, from_right = left, to = 0;
    while (from_left < left && from_right < left + right) {
        bool take_left = compare_members(index, scratch[from_left], members[from_right]) <= 0;
        members[to++] = take_left ? scratch[from_left++] : members[from_right++];
    }
    memcpy(members + to, scratch + from_left, (left - from_left) * sizeof *scratch);
}

void json_sort_members(const struct json_index *index, uint32_t *members, uint32_t count,
                       uint32_t *scratch) {
    for (uint32_t width = 1; width < count; width *= 2) {
        for (uint32_t start = 0; count - start > width; start += 2 * width) {
            uint32_t rest = count - start - width;
            merge(index, members + start, width, rest < width ? rest : width, scratch);
            if (rest <= width) break;
        }
    }
}

uint32_t json_child(const struct json_index *index, uint32_t object, slice key) {
    const struct json_node *node = &index->nodes[object];
    if (node->kind != JSON_OBJECT) return JSON_NONE;
    const uint32_t *members = index->sorted + node->sorted;
    uint32_t low = 0, high = node->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = compare_decoded(raw_key(index, members[middle]), key, false);
        if (order == 0) return members[middle];
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return JSON_NONE;
}

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static uint32_t string_end(slice text, uint32_t at) {
    for (at++; text.at[at] != '"'; at++) {
        if (text.at[at] == '\\') at++;
    }
    return at + 1;
}

void json_minify(struct text *out, const struct json_index *index, uint32_t node) {
    slice text = index->text;
    uint32_t end = index->nodes[node].end;
    uint32_t kept = index->nodes[node].start; // start of what is not yet written
    for (uint32_t at = kept; at < end;) {
        if (text.at[at] == '"') {
            at = string_end(text, at);
        } else if (is_space(text.at[at])) {
            text_add(out, slice_cut(text, kept, at));
            kept = ++at;
        } else {
            at++;
        }
    }
    text_add(out, slice_cut(text, kept, end));
}

static bool is_one_of(slice raw, const slice *keys, uint32_t key_count) {
    for (uint32_t i = 0; i < key_count; i++) {
        if (compare_decoded(raw, keys[i], false) == 0) return true;
    }
    return false;
}

void json_minify_without(struct text *out, const struct json_index *index, uint32_t object,
                         const slice *keys, uint32_t key_count) {
    const struct json_node *nodes = index->nodes;
    bool first = true;
    text_add_char(out, '{');
    for (uint32_t at = object + 1; at < nodes[object].next; at = nodes[at].next) {
        if (is_one_of(raw_key(index, at), keys, key_count)) continue;
        if (!first) text_add_char(out, ',');
        first = false;
        text_add(out, slice_cut(index->text, nodes[at].key_start, nodes[at].key_end));
        text_add_char(out, ':');
        json_minify(out, index, at);
    }
    text_add_char(out, '}');
}
