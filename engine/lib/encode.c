// Bytes as text and back: hexadecimal, base64 in both alphabets, percent-encoding.
#include "engine/lib/encode.h"
#include "engine/base/limits.h"
#include "engine/base/utf8.h"

static const char hex_lower[] = "0123456789abcdef";
static const char hex_upper[] = "0123456789ABCDEF";

// Room for a result of `length` bytes, made out of the argument.
static enum failure take(struct call *call, slice argument, uint64_t length, char **out) {
    if (!call_charge(call, argument.length)) return FAILURE_STEPS;
    if (length > LIMIT_STRING) return FAILURE_TOO_LONG;
    *out = arena_take_raw(call->arena, (size_t)length + 1);
    return *out == NULL ? FAILURE_NO_MEMORY : FAILURE_NONE;
}

// Of a hexadecimal digit; 16 and above: none.
static uint32_t hex_value(char c) {
    char lower = ascii_lower(c);
    if (c >= '0' && c <= '9') return (uint32_t)(c - '0');
    return lower >= 'a' && lower <= 'f' ? (uint32_t)(lower - 'a') + 10 : 16;
}

// The byte that two digits spell, or above 255.
static uint32_t hex_byte(const char *at) {
    uint32_t high = hex_value(at[0]), low = hex_value(at[1]);
    return high > 15 || low > 15 ? 256 : high << 4 | low;
}

enum failure encode_hex(struct call *call, const struct value *arguments, struct value *out) {
    char *text;
    slice bytes = value_text(arguments[0]);
    enum failure failure = take(call, bytes, (uint64_t)bytes.length * 2, &text);
    if (failure != FAILURE_NONE) return failure;
    for (uint32_t i = 0; i < bytes.length; i++) {
        uint8_t byte = (uint8_t)bytes.at[i];
        text[2 * i] = hex_lower[byte >> 4];
        text[2 * i + 1] = hex_lower[byte & 15];
    }
    *out = value_string(slice_from(text, bytes.length * 2));
    return FAILURE_NONE;
}

enum failure encode_unhex(struct call *call, const struct value *arguments, struct value *out) {
    char *bytes;
    slice text = value_text(arguments[0]);
    enum failure failure = take(call, text, text.length / 2, &bytes);
    if (failure != FAILURE_NONE) return failure;
    if (text.length % 2 != 0) return FAILURE_CONVERSION;
    for (uint32_t i = 0; i < text.length / 2; i++) {
        uint32_t byte = hex_byte(text.at + (size_t)i * 2);
        if (byte > 255) return FAILURE_CONVERSION;
        bytes[i] = (char)byte;
    }
    *out = value_bytes(slice_from(bytes, text.length / 2));
    return FAILURE_NONE;
}

static char letter_of(uint32_t six, bool url) {
    if (six < 52) return (char)(six < 26 ? 'A' + six : 'a' + six - 26);
    if (six < 62) return (char)('0' + six - 52);
    if (six == 62) return url ? '-' : '+';
    return url ? '_' : '/';
}

// Of a letter; 64: none.
static uint32_t letter_value(char c, bool url) {
    if (c >= 'A' && c <= 'Z') return (uint32_t)(c - 'A');
    if (c >= 'a' && c <= 'z') return (uint32_t)(c - 'a') + 26;
    if (c >= '0' && c <= '9') return (uint32_t)(c - '0') + 52;
    if (c == letter_of(62, url)) return 62;
    return c == letter_of(63, url) ? 63 : 64;
}

uint32_t encode_base64_into(char *text, slice bytes, bool url) {
    uint32_t used = 0, bits = 0, held = 0;
    for (uint32_t i = 0; i < bytes.length; i++) {
        bits = bits << 8 | (uint8_t)bytes.at[i];
        for (held += 8; held >= 6; held -= 6)
            text[used++] = letter_of(bits >> (held - 6) & 63, url);
    }
    if (held > 0) text[used++] = letter_of(bits << (6 - held) & 63, url);
    while (used % 4 != 0 && !url)
        text[used++] = '=';
    return used;
}

static enum failure write_base64(struct call *call, slice bytes, bool url, struct value *out) {
    char *text;
    enum failure failure = take(call, bytes, ((uint64_t)bytes.length + 2) / 3 * 4, &text);
    if (failure != FAILURE_NONE) return failure;
    *out = value_string(slice_from(text, encode_base64_into(text, bytes, url)));
    return FAILURE_NONE;
}

// As cel-go's encoders extension reads it: padding is complete or missing, line ends are skipped,
// bits that are left over do not matter. The same for the other alphabet.
enum failure encode_read_base64(struct call *call, slice text, bool url, struct value *out) {
    char *bytes;
    uint32_t used = 0, bits = 0, held = 0, letters = 0, padding = 0;
    enum failure failure = take(call, text, text.length / 4 * 3ull + 2, &bytes);
    if (failure != FAILURE_NONE) return failure;
    for (uint32_t i = 0; i < text.length; i++) {
        char c = text.at[i];
        uint32_t value = letter_value(c, url);
        if (c == '\r' || c == '\n') continue;
        if (c == '=') padding++;
        if (c == '=') continue;
        if (value > 63 || padding > 0) return FAILURE_CONVERSION;
        bits = bits << 6 | value;
        letters++;
        held = (held + 6) % 8;
        if (held < 6) bytes[used++] = (char)(bits >> held);
    }
    bool padded = padding == 0 || (letters + padding) % 4 == 0;
    if (letters % 4 == 1 || !padded || padding > 2) return FAILURE_CONVERSION;
    *out = value_bytes(slice_from(bytes, used));
    return FAILURE_NONE;
}

enum failure encode_base64(struct call *call, const struct value *arguments, struct value *out) {
    return write_base64(call, value_text(arguments[0]), false, out);
}

enum failure encode_base64_decode(struct call *call, const struct value *arguments,
                                  struct value *out) {
    return encode_read_base64(call, value_text(arguments[0]), false, out);
}

enum failure encode_base64url(struct call *call, const struct value *arguments, struct value *out) {
    return write_base64(call, value_text(arguments[0]), true, out);
}

enum failure encode_base64url_decode(struct call *call, const struct value *arguments,
                                     struct value *out) {
    return encode_read_base64(call, value_text(arguments[0]), true, out);
}

// RFC 3986 section 2.3.
static bool is_unreserved(char c) {
    return letter_value(c, true) < 64 || c == '.' || c == '~';
}

enum failure encode_url(struct call *call, const struct value *arguments, struct value *out) {
    char *encoded;
    uint32_t used = 0;
    uint64_t length = 0;
    slice text = value_text(arguments[0]);
    for (uint32_t i = 0; i < text.length; i++)
        length += is_unreserved(text.at[i]) ? 1 : 3;
    enum failure failure = take(call, text, length, &encoded);
    if (failure != FAILURE_NONE) return failure;
    for (uint32_t i = 0; i < text.length; i++) {
        uint8_t byte = (uint8_t)text.at[i];
        bool plain = is_unreserved(text.at[i]);
        encoded[used++] = plain ? text.at[i] : '%';
        if (plain) continue;
        encoded[used++] = hex_upper[byte >> 4];
        encoded[used++] = hex_upper[byte & 15];
    }
    *out = value_string(slice_from(encoded, used));
    return FAILURE_NONE;
}

// A `+` stays: only forms make blanks of it.
enum failure encode_url_decode(struct call *call, const struct value *arguments,
                               struct value *out) {
    char *decoded;
    uint32_t used = 0;
    slice text = value_text(arguments[0]);
    enum failure failure = take(call, text, text.length, &decoded);
    if (failure != FAILURE_NONE) return failure;
    for (uint32_t i = 0; i < text.length; i++) {
        uint32_t byte = (uint8_t)text.at[i];
        if (byte == '%') {
            byte = text.length - i > 2 ? hex_byte(text.at + i + 1) : 256;
            i += 2;
        }
        if (byte > 255) return FAILURE_CONVERSION;
        decoded[used++] = (char)byte;
    }
    slice result = slice_from(decoded, used);
    if (utf8_find_invalid(result) >= 0) return FAILURE_CONVERSION;
    *out = value_string(result);
    return FAILURE_NONE;
}
