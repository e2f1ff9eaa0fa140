// One scan tells whether a path is clean already; only others are written anew, by segments.
#include "engine/lib/path.h"

static bool ends_path(char c) {
    return c == '?' || c == '#';
}

static bool is_slash(char c) {
    return c == '/' || c == '\\';
}

static bool is_alpha(char c) {
    char lower = ascii_lower(c);
    return lower >= 'a' && lower <= 'z';
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_unreserved(char c) {
    return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

static bool is_hex(char c) {
    char lower = ascii_lower(c);
    return is_digit(c) || (lower >= 'a' && lower <= 'f');
}

static uint32_t hex_value(char c) {
    return (uint32_t)(is_digit(c) ? c - '0' : ascii_lower(c) - 'a' + 10);
}

static char hex_upper(char c) {
    return is_digit(c) ? c : (char)(c & ~0x20);
}

static bool is_escape(slice path, uint32_t at) {
    return path.length - at >= 3 && path.at[at] == '%' && is_hex(path.at[at + 1]) &&
           is_hex(path.at[at + 2]);
}

static char escaped_byte(slice path, uint32_t at) {
    return (char)(hex_value(path.at[at + 1]) << 4 | hex_value(path.at[at + 2]));
}

// The host of `scheme://host/path` is not part of it. A target that begins with a slash has none.
static slice without_authority(slice path) {
    uint32_t at = 0;
    if (path.length == 0 || !is_alpha(path.at[0])) return path;
    while (at < path.length && (is_alpha(path.at[at]) || is_digit(path.at[at]) ||
                                path.at[at] == '+' || path.at[at] == '-' || path.at[at] == '.')) {
        at++;
    }
    if (!slice_starts(slice_cut(path, at, path.length), slice_from("://", 3))) return path;
    at += 3;
    while (at < path.length && !is_slash(path.at[at]) && !ends_path(path.at[at]))
        at++;
    return slice_cut(path, at, path.length);
}

// Whether the segment that starts at `at` is `.` or `..` as written.
static bool is_dot_segment(slice path, uint32_t at) {
    uint32_t dots = 0;
    while (dots < 3 && at + dots < path.length && path.at[at + dots] == '.')
        dots++;
    if (dots == 0 || dots == 3) return false;
    uint32_t end = at + dots;
    return end == path.length || path.at[end] == '/' || ends_path(path.at[end]);
}

// Whether the byte at `at` stays as it is, given that those before it do. A malformed escape is
// left to the writer, which sees what follows it.
static bool is_clean(slice path, uint32_t at) {
    switch (path.at[at]) {
    case '/':
        if (path.length - at > 1 && path.at[at + 1] == '/') return false;
        return !is_dot_segment(path, at + 1);
    case '%':
        return is_escape(path, at) && !is_unreserved(escaped_byte(path, at)) &&
               path.at[at + 1] < 'a' && path.at[at + 2] < 'a';
    case '\\':
    case ';': return false;
    default: return true;
    }
}

// Its length without the query where it is clean already.
static bool scan_clean(slice path, uint32_t *length) {
    uint32_t at = 0;
    if (path.length == 0 || path.at[0] != '/') return false;
    for (; at < path.length && !ends_path(path.at[at]); at++) {
        if (!is_clean(path, at)) return false;
    }
    *length = at;
    return true;
}

// A path in the making: begins with `/`, and each finished segment ends in one.
struct writer {
    char *at;
    uint32_t length;
};

// A decoded digit behind a malformed `%` or `%4` would make an escape that was not there, to be
// decoded by whoever cleans the path next.
static bool would_join(const struct writer *writer, char c) {
    char last = writer->at[writer->length - 1];
    if (!is_hex(c)) return false;
    return last == '%' || (is_hex(last) && writer->at[writer->length - 2] == '%');
}

// Writes the byte or escape at `at`; the offset behind it.
static uint32_t write_byte(struct writer *writer, slice path, uint32_t at) {
    if (!is_escape(path, at)) {
        writer->at[writer->length++] = path.at[at];
        return at + 1;
    }
    char byte = escaped_byte(path, at);
    if (is_unreserved(byte) && !would_join(writer, byte)) {
        writer->at[writer->length++] = byte;
        return at + 3;
    }
    writer->at[writer->length++] = '%';
    writer->at[writer->length++] = hex_upper(path.at[at + 1]);
    writer->at[writer->length++] = hex_upper(path.at[at + 2]);
    return at + 3;
}

// Writes the segment at `at` less its parameters; the offset of what ends it.
static uint32_t write_segment(struct writer *writer, slice path, uint32_t at) {
    bool parameters = false;
    while (at < path.length && !is_slash(path.at[at]) && !ends_path(path.at[at])) {
        parameters = parameters || path.at[at] == ';';
        at = parameters ? at + 1 : write_byte(writer, path, at);
    }
    return at;
}

// Every byte is dropped at most once, so all of these together are linear.
static void drop_parent(struct writer *writer) {
    if (writer->length == 1) return;
    writer->length--;
    while (writer->at[writer->length - 1] != '/')
        writer->length--;
}

static void write_path(struct writer *writer, slice path) {
    writer->at[writer->length++] = '/';
    for (uint32_t at = 0; at < path.length && !ends_path(path.at[at]);) {
        uint32_t start = writer->length;
        at = write_segment(writer, path, at);
        bool slash = at < path.length && is_slash(path.at[at]);
        at += slash ? 1 : 0;
        slice segment = slice_from(writer->at + start, writer->length - start);
        if (slice_is(segment, ".") || slice_is(segment, "..")) {
            writer->length = start;
            if (segment.length == 2) drop_parent(writer);
        } else if (slash && segment.length > 0) {
            writer->at[writer->length++] = '/';
        }
    }
}

bool path_clean(struct arena *arena, slice path, slice *out) {
    uint32_t length;
    *out = path;
    if (slice_is(path, "*")) return true;
    path = without_authority(path);
    if (scan_clean(path, &length)) {
        *out = slice_cut(path, 0, length);
        return true;
    }
    // Nothing grows but by the slash in front.
    struct writer writer = {.at = arena_take_raw(arena, (size_t)path.length + 1)};
    if (writer.at == NULL) return false;
    write_path(&writer, path);
    *out = slice_from(writer.at, writer.length);
    return true;
}

// A longer form of UTF-8 than the code point needs, of any length that decoders once took.
static bool is_overlong(uint32_t lead, uint32_t byte) {
    if ((byte & 0xc0) != 0x80) return false;
    bool short_forms = lead == 0xc0 || lead == 0xc1 || (lead == 0xe0 && byte < 0xa0);
    bool long_forms = (lead == 0xf0 && byte < 0x90) || (lead == 0xf8 && byte < 0x88) ||
                      (lead == 0xfc && byte < 0x84);
    return short_forms || long_forms;
}

static bool is_control(uint32_t byte) {
    return byte < 0x20 || byte == 0x7f;
}

// Of text areas: what browsers send escaped.
static bool is_line(uint32_t byte) {
    return byte == '\t' || byte == '\n' || byte == '\r';
}

// Whether an escaped `%` is followed by two digits, each as it is or escaped: who decodes twice has
// an escape then.
static bool is_doubled(slice target, uint32_t at) {
    for (uint32_t digits = 0; digits < 2; digits++) {
        if (at >= target.length) return false;
        bool escape = is_escape(target, at);
        if (!is_hex(escape ? escaped_byte(target, at) : target.at[at])) return false;
        at += escape ? 3 : 1;
    }
    return true;
}

static bool is_suspicious_escape(slice target, uint32_t at, uint32_t byte) {
    bool doubled = byte == '%' && is_doubled(target, at + 3);
    return doubled || is_control(byte) || byte == '/' || byte == '\\' || byte == '.';
}

bool path_suspicious(slice target) {
    uint32_t lead = 0;
    bool query = false;
    for (uint32_t at = 0; at < target.length; at++) {
        bool escape = is_escape(target, at);
        uint32_t byte = (uint8_t)(escape ? escaped_byte(target, at) : target.at[at]);
        bool control = is_control(byte) && !(query && escape && is_line(byte));
        if (control || is_overlong(lead, byte)) return true;
        if (!query && escape && is_suspicious_escape(target, at, byte)) return true;
        if (!query && !escape && byte == '%') return true;
        if (!escape && byte == '?') query = true;
        if (escape) at += 2;
        lead = byte;
    }
    return false;
}
