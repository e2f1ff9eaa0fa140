// Writes lists and maps with a stack of their own; no recursion.
#include "engine/lib/json.h"

#include "engine/base/limits.h"
#include "engine/base/number.h"
#include "engine/base/utf8.h"
#include "engine/lib/encode.h"
#include "engine/lib/time.h"

static const char hex_digits[] = "0123456789abcdef";

static void add_control(struct text *out, uint8_t byte) {
    static const char named[] = "\b\f\n\r\t", names[] = "bfnrt";
    const char *name = memchr(named, byte, sizeof named - 1);
    char escape[6] = {'\\', 'u', '0', '0', hex_digits[byte >> 4], hex_digits[byte & 15]};
    if (name != NULL) escape[1] = names[name - named];
    text_add(out, slice_from(escape, name != NULL ? 2 : 6));
}

// One code point, or byte of broken UTF-8, that is not plain; its length in the input.
static uint32_t add_special(struct text *out, slice rest) {
    uint32_t point;
    uint8_t byte = (uint8_t)rest.at[0];
    uint32_t length = utf8_decode(rest, &point);
    if (length == 0) {
        text_add_string(out, "\xef\xbf\xbd");
        return 1;
    }
    if (byte < 0x20) {
        add_control(out, byte);
    } else {
        if (byte < 0x80) text_add_char(out, '\\');
        text_add(out, slice_cut(rest, 0, length));
    }
    return length;
}

static bool is_plain(char c) {
    return (uint8_t)c >= 0x20 && (uint8_t)c < 0x80 && c != '"' && c != '\\';
}

static void add_string(struct text *out, slice raw) {
    text_add_char(out, '"');
    for (uint32_t at = 0; at < raw.length;) {
        uint32_t start = at;
        while (at < raw.length && is_plain(raw.at[at]))
            at++;
        text_add(out, slice_cut(raw, start, at));
        if (at < raw.length) at += add_special(out, slice_cut(raw, at, raw.length));
    }
    text_add_char(out, '"');
}

// RFC 4648 section 4, with padding.
static void add_base64(struct text *out, slice bytes) {
    char four[4];
    text_add_char(out, '"');
    for (uint32_t at = 0, end; at < bytes.length; at = end) {
        end = bytes.length - at < 3 ? bytes.length : at + 3;
        text_add(out, slice_from(four, encode_base64_into(four, slice_cut(bytes, at, end), false)));
    }
    text_add_char(out, '"');
}

static bool add_double(struct text *out, double number) {
    char digits[32];
    if (number - number != 0) return false; // infinite or not a number
    text_add(out, slice_from(digits, number_print_double(number, digits)));
    return true;
}

static void add_quoted(struct text *out, const char *at, uint32_t length) {
    text_add_char(out, '"');
    text_add(out, slice_from(at, length));
    text_add_char(out, '"');
}

static bool add_scalar(struct text *out, struct value value) {
    char printed[TIME_TEXT];
    switch (value.kind) {
    case TYPE_NULL: text_add_string(out, "null"); return true;
    case TYPE_BOOL: text_add_string(out, value.as.boolean ? "true" : "false"); return true;
    case TYPE_INT: text_add_int(out, value.as.integer); return true;
    case TYPE_UINT: text_add_uint(out, value.as.natural); return true;
    case TYPE_DOUBLE: return add_double(out, value.as.real);
    case TYPE_STRING: add_string(out, value_text(value)); return true;
    case TYPE_BYTES: add_base64(out, value_text(value)); return true;
    case TYPE_DURATION:
        add_quoted(out, printed, time_print_duration(value.as.integer, printed));
        return true;
    case TYPE_TIMESTAMP: add_quoted(out, printed, time_print(value, printed)); return true;
    default: return false;
    }
}

static bool add_key(struct text *out, struct value key) {
    if (key.kind == TYPE_STRING) return add_scalar(out, key);
    if (key.kind != TYPE_BOOL && key.kind != TYPE_INT && key.kind != TYPE_UINT) return false;
    text_add_char(out, '"');
    add_scalar(out, key);
    text_add_char(out, '"');
    return true;
}

// A list or map that is being written.
struct branch {
    struct value whole;
    uint32_t next; // item or entry
};

struct writer {
    struct text *out;
    struct branch levels[LIMIT_NESTING];
    uint32_t depth;
};

static bool add_value(struct writer *writer, struct value value) {
    if (value.kind != TYPE_LIST && value.kind != TYPE_MAP) return add_scalar(writer->out, value);
    if (writer->depth == LIMIT_NESTING) return false;
    writer->levels[writer->depth++] = (struct branch){value, 0};
    text_add_char(writer->out, value.kind == TYPE_MAP ? '{' : '[');
    return true;
}

// The next item of the innermost level, or its end.
static bool add_next(struct writer *writer) {
    struct branch *level = &writer->levels[writer->depth - 1];
    bool map = level->whole.kind == TYPE_MAP;
    if (level->next == level->whole.length) {
        text_add_char(writer->out, map ? '}' : ']');
        writer->depth--;
        return true;
    }
    if (level->next > 0) text_add_char(writer->out, ',');
    uint32_t at = level->next++;
    if (!map) return add_value(writer, level->whole.as.items[at]);
    const struct value *entry = level->whole.as.items + (size_t)at * 2;
    if (!add_key(writer->out, entry[0])) return false;
    text_add_char(writer->out, ':');
    return add_value(writer, entry[1]);
}

bool json_write(struct text *out, struct value value) {
    struct writer writer = {.out = out};
    bool written = add_value(&writer, value);
    while (written && writer.depth > 0 && !out->failed)
        written = add_next(&writer);
    return written;
}
