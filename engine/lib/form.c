// Most names and values stay as they are: only others are written anew.
#include "engine/lib/form.h"

#include "engine/base/utf8.h"

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_hex(char c) {
    char lower = ascii_lower(c);
    return is_digit(c) || (lower >= 'a' && lower <= 'f');
}

static uint32_t hex_value(char c) {
    return (uint32_t)(is_digit(c) ? c - '0' : ascii_lower(c) - 'a' + 10);
}

static bool is_plain(slice text) {
    for (uint32_t i = 0; i < text.length; i++) {
        if (text.at[i] == '+' || text.at[i] == '%') return false;
    }
    return true;
}

static slice unescape(char *at, slice text) {
    uint32_t used = 0;
    for (uint32_t i = 0; i < text.length; i++) {
        char c = text.at[i] == '+' ? ' ' : text.at[i];
        bool escape =
            c == '%' && text.length - i > 2 && is_hex(text.at[i + 1]) && is_hex(text.at[i + 2]);
        if (escape) {
            c = (char)(hex_value(text.at[i + 1]) << 4 | hex_value(text.at[i + 2]));
            i += 2;
        }
        at[used++] = c;
    }
    return slice_from(at, used);
}

// So many bytes begin a code point that is not completed: at least one ("maximal subpart", the
// Unicode Standard, section 3.9).
static uint32_t broken_length(slice text) {
    uint8_t lead = (uint8_t)text.at[0];
    uint8_t low = 0x80, high = 0xbf;
    uint32_t most = 1, length = 1;
    if (lead >= 0xc2 && lead <= 0xf4) most = 2u + (lead >= 0xe0) + (lead >= 0xf0);
    if (lead == 0xe0) low = 0xa0;
    if (lead == 0xed) high = 0x9f;
    if (lead == 0xf0) low = 0x90;
    if (lead == 0xf4) high = 0x8f;
    while (length < most && length < text.length) {
        uint8_t byte = (uint8_t)text.at[length];
        if (byte < low || byte > high) break;
        low = 0x80;
        high = 0xbf;
        length++;
    }
    return length;
}

// `at` has room for three bytes for each of the text.
static slice replace_broken(char *at, slice text) {
    char *end = at;
    uint32_t point;
    while (text.length > 0) {
        uint32_t length = utf8_decode(text, &point);
        bool good = length > 0;
        if (!good) length = broken_length(text);
        slice piece = good ? slice_cut(text, 0, length) : slice_from("\xef\xbf\xbd", 3);
        end = slice_put(end, piece);
        text = slice_cut(text, length, text.length);
    }
    return slice_from(at, (uint32_t)(end - at));
}

bool form_decode(struct arena *arena, slice text, slice *out) {
    *out = text;
    if (!is_plain(text)) {
        char *at = arena_take_raw(arena, text.length);
        if (at == NULL) return false;
        *out = unescape(at, text);
    }
    if (utf8_find_invalid(*out) < 0) return true;
    char *at = arena_take_raw(arena, (size_t)out->length * 3);
    if (at == NULL) return false;
    *out = replace_broken(at, *out);
    return true;
}
