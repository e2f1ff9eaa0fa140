// Decoding by the length and the lowest code point of each lead byte.
#include "engine/base/utf8.h"

static uint32_t sequence_length(uint8_t lead) {
    if (lead < 0x80) return 1;
    if (lead >= 0xc2 && lead <= 0xdf) return 2;
    if (lead >= 0xe0 && lead <= 0xef) return 3;
    return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

uint32_t utf8_decode(slice text, uint32_t *point) {
    static const uint32_t lowest[5] = {0, 0, 0x80, 0x800, 0x10000};
    if (text.length == 0) return 0;
    uint8_t lead = (uint8_t)text.at[0];
    uint32_t length = sequence_length(lead);
    if (length == 0 || length > text.length) return 0;
    uint32_t value = length == 1 ? lead : lead & (0x7fu >> length);
    for (uint32_t i = 1; i < length; i++) {
        uint8_t next = (uint8_t)text.at[i];
        if ((next & 0xc0) != 0x80) return 0;
        value = value << 6 | (next & 0x3f);
    }
    if (value < lowest[length] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return 0;
    *point = value;
    return length;
}

uint32_t utf8_encode(uint32_t point, char out[4]) {
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    if (point < 0x800) {
        out[0] = (char)(0xc0 | point >> 6);
        out[1] = (char)(0x80 | (point & 0x3f));
        return 2;
    }
    if (point < 0x10000) {
        out[0] = (char)(0xe0 | point >> 12);
        out[1] = (char)(0x80 | (point >> 6 & 0x3f));
        out[2] = (char)(0x80 | (point & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | point >> 18);
    out[1] = (char)(0x80 | (point >> 12 & 0x3f));
    out[2] = (char)(0x80 | (point >> 6 & 0x3f));
    out[3] = (char)(0x80 | (point & 0x3f));
    return 4;
}

uint32_t utf8_ascii(slice text) {
    uint32_t at = 0;
    for (; text.length - at >= 8; at += 8) {
        uint64_t high = eight_load(text.at + at) & eight_of(0x80);
        if (high != 0) return at + eight_first(high);
    }
    while (at < text.length && (uint8_t)text.at[at] < 0x80)
        at++;
    return at;
}

int64_t utf8_find_invalid(slice text) {
    for (uint32_t at = utf8_ascii(text); at < text.length;) {
        uint32_t point;
        slice rest = slice_cut(text, at, text.length);
        uint32_t length = (uint8_t)rest.at[0] < 0x80 ? utf8_ascii(rest) : utf8_decode(rest, &point);
        if (length == 0) return at;
        at += length;
    }
    return -1;
}

uint32_t utf8_count(slice text) {
    uint32_t at = utf8_ascii(text), count = at;
    while (at < text.length) {
        uint32_t point;
        slice rest = slice_cut(text, at, text.length);
        bool ascii = (uint8_t)rest.at[0] < 0x80;
        uint32_t length = ascii ? utf8_ascii(rest) : utf8_decode(rest, &point);
        count += ascii ? length : 1;
        at += length == 0 ? 1 : length;
    }
    return count;
}
