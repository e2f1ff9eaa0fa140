// Growing texts: doubling, and the few formats that messages need.
#include "engine/base/text.h"

#include "engine/base/utf8.h"

void text_init(struct text *text, struct arena *arena) {
    *text = (struct text){.arena = arena};
}

static bool text_reserve(struct text *text, uint32_t more) {
    if (text->failed) return false;
    if (more <= text->capacity - text->length) return true;
    uint64_t wanted = (uint64_t)text->length + more;
    uint64_t grown = (uint64_t)text->capacity * 2;
    uint64_t capacity = grown > wanted ? grown : wanted;
    if (capacity < 64) capacity = 64;
    char *at = capacity > UINT32_MAX ? NULL : arena_take_raw(text->arena, (size_t)capacity);
    if (at == NULL) {
        text->failed = true;
        return false;
    }
    if (text->length > 0) memcpy(at, text->at, text->length);
    text->at = at;
    text->capacity = (uint32_t)capacity;
    return true;
}

void text_add(struct text *text, slice more) {
    if (more.length == 0 || !text_reserve(text, more.length)) return;
    memcpy(text->at + text->length, more.at, more.length);
    text->length += more.length;
}

void text_add_string(struct text *text, const char *more) {
    text_add(text, slice_of(more));
}

void text_add_char(struct text *text, char c) {
    text_add(text, (slice){&c, 1});
}

void text_add_uint(struct text *text, uint64_t number) {
    char digits[20];
    uint32_t start = sizeof digits;
    do {
        digits[--start] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    text_add(text, (slice){digits + start, (uint32_t)sizeof digits - start});
}

void text_add_int(struct text *text, int64_t number) {
    if (number < 0) text_add_char(text, '-');
    text_add_uint(text, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
}

void text_add_form(struct text *text, const char *form, const slice *arguments) {
    for (const char *at = form; *at != '\0'; at++) {
        bool place = at[0] == '{' && at[1] >= '0' && at[1] <= '9' && at[2] == '}';
        if (!place) {
            text_add_char(text, *at);
            continue;
        }
        text_add(text, arguments[at[1] - '0']);
        at += 2;
    }
}

static uint32_t escape_byte(char out[4], uint8_t byte) {
    static const char hex[] = "0123456789abcdef";
    out[0] = '\\';
    const char *named = byte == '\n' ? "n" : byte == '\r' ? "r" : byte == '\t' ? "t" : NULL;
    if (byte == '\\') named = "\\";
    if (named != NULL) {
        out[1] = named[0];
        return 2;
    }
    out[1] = 'x';
    out[2] = hex[byte >> 4];
    out[3] = hex[byte & 15];
    return 4;
}

static bool is_plain(uint32_t point, uint32_t bytes) {
    if (bytes == 0 || point < 0x20 || point == 0x7f) return false;
    return !(point >= 0x80 && point < 0xa0); // C1 controls move terminals too
}

static void add_one_line(struct text *text, slice raw, uint32_t most, bool backslashes) {
    uint32_t written = 0;
    for (uint32_t at = 0; at < raw.length;) {
        uint32_t point = 0;
        uint32_t bytes = utf8_decode(slice_cut(raw, at, raw.length), &point);
        char escaped[4];
        slice piece = slice_cut(raw, at, at + (bytes == 0 ? 1 : bytes));
        if (!is_plain(point, bytes) || (backslashes && point == '\\')) {
            piece = slice_cut(raw, at, at + 1);
            piece = (slice){escaped, escape_byte(escaped, (uint8_t)piece.at[0])};
            bytes = 1;
        }
        if (piece.length > most - written) {
            text_add_string(text, "…");
            return;
        }
        text_add(text, piece);
        written += piece.length;
        at += bytes;
    }
}

void text_add_escaped(struct text *text, slice raw, uint32_t most) {
    add_one_line(text, raw, most, true);
}

void text_add_visible(struct text *text, slice raw, uint32_t most) {
    add_one_line(text, raw, most, false);
}

slice text_slice(const struct text *text) {
    return (slice){text->at, text->length};
}
