// The spelling of CEL (language definition, "Values"); what has no literal is shown as a call.
#include "tools/literal.h"

#include "engine/base/number.h"
#include "engine/base/utf8.h"

enum { TEXT_MOST = 400, ITEMS_MOST = 40 };

static void write_hex(struct text *out, unsigned char byte) {
    static const char digits[] = "0123456789abcdef";
    text_add_string(out, "\\x");
    text_add_char(out, digits[byte >> 4]);
    text_add_char(out, digits[byte & 15]);
}

static void write_byte(struct text *out, char c) {
    switch (c) {
    case '\n': text_add_string(out, "\\n"); break;
    case '\r': text_add_string(out, "\\r"); break;
    case '\t': text_add_string(out, "\\t"); break;
    case '"': text_add_string(out, "\\\""); break;
    case '\\': text_add_string(out, "\\\\"); break;
    default:
        if (c >= 0x20 && c < 0x7f) {
            text_add_char(out, c);
        } else {
            write_hex(out, (unsigned char)c);
        }
    }
}

static void write_quoted(struct text *out, slice raw) {
    text_add_char(out, '"');
    uint32_t at = 0;
    while (at < raw.length && at < TEXT_MOST) {
        uint32_t point;
        uint32_t length = utf8_decode(slice_cut(raw, at, raw.length), &point);
        if (length > 1) {
            text_add(out, slice_cut(raw, at, at + length));
            at += length;
        } else {
            write_byte(out, raw.at[at++]);
        }
    }
    text_add_char(out, '"');
    if (at == raw.length) return;
    text_add_string(out, "… (");
    text_add_uint(out, raw.length);
    text_add_string(out, " bytes)");
}

static void write_double(struct text *out, double real) {
    char digits[32];
    slice text = slice_from(digits, number_print_double(real, digits));
    bool whole = text.length > 0;
    for (uint32_t i = 0; i < text.length; i++) {
        if (text.at[i] != '-' && (text.at[i] < '0' || text.at[i] > '9')) whole = false;
    }
    text_add(out, text);
    if (whole) text_add_string(out, ".0");
}

// In the largest unit that leaves a whole number.
static void write_duration(struct text *out, int64_t nanoseconds) {
    static const struct {
        int64_t length;
        const char *unit;
    } units[] = {{1000000000, "s"}, {1000000, "ms"}, {1000, "us"}, {1, "ns"}};
    uint32_t i = 0;
    while (nanoseconds % units[i].length != 0)
        i++;
    text_add_int(out, nanoseconds / units[i].length);
    text_add_string(out, units[i].unit);
}

static void write_headers(struct text *out, uint32_t which, const struct testing_view *view) {
    const struct testing_message *message = &view->messages[which & HEADERS_MESSAGE];
    bool original = (which & HEADERS_ORIGINAL) != 0;
    const struct header_line *lines = original ? message->received : message->lines;
    uint32_t count = original ? message->received_count : message->count;
    bool first = true;
    bool parts = (which & HEADERS_MESSAGE) > MESSAGE_FORWARDED; // whose lines only a run has
    text_add_string(out, parts ? "<headers>" : "{");
    for (uint32_t i = 0; i < count; i++) {
        if (slice_starts(lines[i].name, slice_of(":"))) continue;
        if (!first) text_add_string(out, ", ");
        first = false;
        write_quoted(out, lines[i].name);
        text_add_string(out, ": ");
        write_quoted(out, lines[i].value);
    }
    if (!parts) text_add_char(out, '}');
}

// Recursion is bounded by the depth that values carry.
static void write_items(struct text *out, struct value value, const struct testing_view *view) {
    bool map = value.kind == TYPE_MAP;
    text_add_char(out, map ? '{' : '[');
    for (uint32_t i = 0; i < value.length; i++) {
        if (i > 0) text_add_string(out, ", ");
        if (i == ITEMS_MOST) {
            text_add_string(out, "…");
            break;
        }
        literal_write(out, value.as.items[map ? 2 * i : i], view);
        if (!map) continue;
        text_add_string(out, ": ");
        literal_write(out, value.as.items[2 * i + 1], view);
    }
    text_add_char(out, map ? '}' : ']');
}

void literal_write(struct text *out, struct value value, const struct testing_view *view) {
    switch ((enum type)value.kind) {
    case TYPE_NULL: text_add_string(out, "null"); break;
    case TYPE_BOOL: text_add_string(out, value.as.boolean ? "true" : "false"); break;
    case TYPE_INT: text_add_int(out, value.as.integer); break;
    case TYPE_UINT:
        text_add_uint(out, value.as.natural);
        text_add_char(out, 'u');
        break;
    case TYPE_DOUBLE: write_double(out, value.as.real); break;
    case TYPE_BYTES:
        text_add_char(out, 'b');
        write_quoted(out, value_text(value));
        break;
    case TYPE_STRING: write_quoted(out, value_text(value)); break;
    case TYPE_DURATION: write_duration(out, value.as.integer); break;
    case TYPE_LIST:
    case TYPE_MAP: write_items(out, value, view); break;
    case TYPE_HEADERS: write_headers(out, value.length, view); break;
    case TYPE_ERROR:
        text_add_string(out, "an error: ");
        text_add_string(out, failure_words((enum failure)value.as.integer));
        break;
    case TYPE_TIMESTAMP:
        text_add_string(out, "timestamp(");
        testing_write_timestamp(out, value);
        text_add_char(out, ')');
        break;
    case TYPE_TYPE: text_add(out, value_text(value)); break;
    case TYPE_OPTIONAL:
        text_add_string(out, value.length == 0 ? "optional.none()" : "optional.of(");
        if (value.length == 0) break;
        literal_write(out, *value.as.items, view);
        text_add_char(out, ')');
        break;
    default:
        // Secrets above all: what they hold is not for eyes.
        text_add_char(out, '<');
        text_add_string(out, type_name((enum type)value.kind));
        text_add_char(out, '>');
        break;
    }
}
