// Decoding of number, duration, string and bytes literals.
#include "grammar/literal.h"

#include "engine/base/number.h"
#include "engine/base/utf8.h"

static uint32_t digit_value(char c) {
    return c <= '9' ? (uint32_t)(c - '0') : (uint32_t)(ascii_lower(c) - 'a') + 10;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

enum literal_result literal_natural(slice token, uint64_t *value) {
    bool hexadecimal = token.length > 2 && token.at[1] == 'x';
    slice digits = slice_cut(token, hexadecimal ? 2 : 0, token.length);
    bool read = number_parse_uint(digits, hexadecimal ? 16 : 10, value);
    return read ? LITERAL_OK : LITERAL_RANGE;
}

enum literal_result literal_double(slice token, double *value) {
    return number_parse_double(token, value) ? LITERAL_OK : LITERAL_RANGE;
}

struct unit {
    const char *name;
    uint64_t nanoseconds;
};

static const struct unit units[] = {
    {"d", UINT64_C(86400000000000)},
    {"h", UINT64_C(3600000000000)},
    {"m", UINT64_C(60000000000)},
    {"s", UINT64_C(1000000000)},
    {"ms", UINT64_C(1000000)},
    {"us", UINT64_C(1000)},
    {"ns", UINT64_C(1)},
};

static uint64_t unit_nanoseconds(slice name) {
    for (uint32_t i = 0; i < LEN(units); i++) {
        if (slice_is(name, units[i].name)) return units[i].nanoseconds;
    }
    return 0;
}

// From the last digit to the first, so that cutting off at each loses nothing: floors nest.
static uint64_t fraction_of(slice digits, uint64_t unit) {
    uint64_t sum = 0;
    for (uint32_t i = digits.length; i > 0; i--) {
        sum = (digit_value(digits.at[i - 1]) * unit + sum) / 10;
    }
    return sum;
}

static uint32_t digits_end(slice token, uint32_t at) {
    while (at < token.length && is_digit(token.at[at]))
        at++;
    return at;
}

static uint32_t unit_end(slice token, uint32_t at) {
    while (at < token.length && !is_digit(token.at[at]))
        at++;
    return at;
}

// Adds the part that begins at `*at`, and moves `*at` behind it.
static bool add_part(slice token, uint32_t *at, uint64_t *sum) {
    uint32_t whole_end = digits_end(token, *at);
    bool point = whole_end < token.length && token.at[whole_end] == '.';
    uint32_t fraction = point ? whole_end + 1 : whole_end;
    uint32_t name = digits_end(token, fraction);
    uint32_t end = unit_end(token, name);
    uint64_t unit = unit_nanoseconds(slice_cut(token, name, end));
    uint64_t whole, product;
    if (literal_natural(slice_cut(token, *at, whole_end), &whole) != LITERAL_OK) return false;
    if (__builtin_mul_overflow(whole, unit, &product)) return false;
    uint64_t rest = fraction_of(slice_cut(token, fraction, name), unit);
    *at = end;
    return !__builtin_add_overflow(*sum, product, sum) && !__builtin_add_overflow(*sum, rest, sum);
}

enum literal_result literal_duration(slice token, int64_t *nanoseconds) {
    uint64_t sum = 0;
    for (uint32_t at = 0; at < token.length;) {
        if (!add_part(token, &at, &sum)) return LITERAL_RANGE;
    }
    if (sum > INT64_MAX) return LITERAL_RANGE;
    *nanoseconds = (int64_t)sum;
    return LITERAL_OK;
}

struct decoder {
    slice body; // between the quotes
    uint32_t at;
    bool raw;
    bool bytes;
    char *out; // never longer than the body
    uint32_t length;
};

static bool is_hexadecimal(char c) {
    char lower = ascii_lower(c);
    return is_digit(c) || (lower >= 'a' && lower <= 'f');
}

static bool is_octal(char c) {
    return c >= '0' && c <= '7';
}

static void put_point(struct decoder *decoder, uint32_t point) {
    if (decoder->bytes && point < 0x100) {
        decoder->out[decoder->length++] = (char)point;
    } else {
        decoder->length += utf8_encode(point, decoder->out + decoder->length);
    }
}

// `digits` of them at `start`; the value, or -1 where one is missing.
static int64_t read_digits(const struct decoder *decoder, uint32_t start, uint32_t digits,
                           uint32_t base) {
    uint64_t value = 0;
    if (digits > decoder->body.length - start) return -1;
    for (uint32_t i = start; i < start + digits; i++) {
        char c = decoder->body.at[i];
        if (base == 8 ? !is_octal(c) : !is_hexadecimal(c)) return -1;
        value = value * base + digit_value(c);
    }
    return (int64_t)value;
}

static bool take_numeric(struct decoder *decoder, uint32_t start, uint32_t digits, uint32_t base,
                         int64_t most) {
    int64_t value = read_digits(decoder, start, digits, base);
    if (value < 0 || value > most || (value >= 0xd800 && value <= 0xdfff)) return false;
    put_point(decoder, (uint32_t)value);
    decoder->at = start + digits;
    return true;
}

static bool take_simple(struct decoder *decoder, char letter) {
    static const char letters[] = "abfnrtv\\?\"'`";
    static const char values[] = "\a\b\f\n\r\t\v\\?\"'`";
    const char *found = memchr(letters, letter, sizeof letters - 1);
    if (found == NULL) return false;
    decoder->out[decoder->length++] = values[found - letters];
    decoder->at += 2;
    return true;
}

// At a backslash, which the lexer lets no string end with.
static bool take_escape(struct decoder *decoder) {
    uint32_t start = decoder->at + 1;
    char letter = decoder->body.at[start];
    if (letter == 'x' || letter == 'X') return take_numeric(decoder, start + 1, 2, 16, 0xff);
    if (is_octal(letter)) return take_numeric(decoder, start, 3, 8, 0xff);
    if (letter == 'u') return !decoder->bytes && take_numeric(decoder, start + 1, 4, 16, 0xffff);
    if (letter == 'U') return !decoder->bytes && take_numeric(decoder, start + 1, 8, 16, 0x10ffff);
    return take_simple(decoder, letter);
}

static void take_line_end(struct decoder *decoder) {
    bool pair = decoder->at + 1 < decoder->body.length && decoder->body.at[decoder->at + 1] == '\n';
    decoder->out[decoder->length++] = '\n';
    decoder->at += pair ? 2 : 1;
}

static bool decode(struct decoder *decoder) {
    while (decoder->at < decoder->body.length) {
        char c = decoder->body.at[decoder->at];
        if (c == '\\' && !decoder->raw) {
            if (!take_escape(decoder)) return false;
        } else if (c == '\r') {
            take_line_end(decoder);
        } else {
            decoder->out[decoder->length++] = c;
            decoder->at++;
        }
    }
    return true;
}

// The escape as far as it is one: `\u12` of `\u12"`, whole code points.
static slice escape_text(const struct decoder *decoder) {
    slice rest = slice_cut(decoder->body, decoder->at, decoder->body.length);
    char letter = rest.at[1];
    uint32_t end = 1;
    uint32_t wanted = 0;
    if (letter == 'x' || letter == 'X' || is_octal(letter)) wanted = 2;
    if (letter == 'u') wanted = 4;
    if (letter == 'U') wanted = 8;
    uint32_t point;
    end += utf8_decode(slice_cut(rest, 1, rest.length), &point);
    while (wanted > 0 && end < rest.length && is_hexadecimal(rest.at[end])) {
        end++;
        wanted--;
    }
    return slice_cut(rest, 0, end);
}

static bool needs_decoding(const struct decoder *decoder) {
    for (uint32_t i = 0; i < decoder->body.length; i++) {
        char c = decoder->body.at[i];
        if (c == '\r' || (c == '\\' && !decoder->raw)) return true;
    }
    return false;
}

static slice body_of(slice token, uint32_t prefix) {
    slice quoted = slice_cut(token, prefix, token.length);
    bool triple =
        quoted.length >= 6 && quoted.at[1] == quoted.at[0] && quoted.at[2] == quoted.at[0];
    uint32_t quotes = triple ? 3 : 1;
    return slice_cut(quoted, quotes, quoted.length - quotes);
}

enum literal_result literal_text(struct arena *arena, slice token, slice *value) {
    struct decoder decoder = {0};
    uint32_t prefix = 0;
    for (; token.at[prefix] != '"' && token.at[prefix] != '\''; prefix++) {
        if (ascii_lower(token.at[prefix]) == 'r') decoder.raw = true;
        if (ascii_lower(token.at[prefix]) == 'b') decoder.bytes = true;
    }
    *value = decoder.body = body_of(token, prefix);
    if (!needs_decoding(&decoder)) return LITERAL_OK;
    decoder.out = arena_take_raw(arena, decoder.body.length);
    if (decoder.out == NULL) return LITERAL_MEMORY;
    bool decoded = decode(&decoder);
    *value = decoded ? slice_from(decoder.out, decoder.length) : escape_text(&decoder);
    return decoded ? LITERAL_OK : LITERAL_ESCAPE;
}
