// Conversions between types (CEL standard definitions, "Type conversions") and json().
#include "engine/base/limits.h"
#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/base/utf8.h"
#include "engine/lib/functions.h"
#include "engine/lib/json.h"

static enum failure int_of_string(slice text, int64_t *out) {
    bool negative = text.length > 0 && text.at[0] == '-';
    slice digits = slice_cut(text, negative ? 1 : 0, text.length);
    uint64_t magnitude;
    if (!number_parse_uint(digits, 10, &magnitude)) return FAILURE_CONVERSION;
    uint64_t most = (uint64_t)INT64_MAX + (negative ? 1 : 0);
    if (magnitude > most) return FAILURE_CONVERSION;
    *out = (int64_t)(negative ? 0 - magnitude : magnitude);
    return FAILURE_NONE;
}

// Towards zero; the bounds themselves are refused, as cel-spec has it.
static enum failure int_of_double(double real, int64_t *out) {
    if (!(real > -9223372036854775808.0 && real < 9223372036854775808.0)) return FAILURE_OVERFLOW;
    *out = (int64_t)real;
    return FAILURE_NONE;
}

enum failure convert_int(struct arena *arena, const struct value *arguments, struct value *out) {
    (void)arena;
    struct value from = arguments[0];
    int64_t integer = from.as.integer;
    enum failure failure = FAILURE_NONE;
    switch ((enum type)from.kind) {
    case TYPE_INT: break;
    case TYPE_UINT:
        if (from.as.natural > INT64_MAX) failure = FAILURE_OVERFLOW;
        break;
    case TYPE_DOUBLE: failure = int_of_double(from.as.real, &integer); break;
    case TYPE_STRING: failure = int_of_string(value_text(from), &integer); break;
    default: failure = FAILURE_NO_OVERLOAD;
    }
    if (failure == FAILURE_NONE) *out = value_int(integer);
    return failure;
}

enum failure convert_double(struct arena *arena, const struct value *arguments, struct value *out) {
    (void)arena;
    struct value from = arguments[0];
    double real = 0;
    switch ((enum type)from.kind) {
    case TYPE_INT: real = (double)from.as.integer; break;
    case TYPE_UINT: real = (double)from.as.natural; break;
    case TYPE_DOUBLE: real = from.as.real; break;
    case TYPE_STRING:
        if (!number_parse_double(value_text(from), &real)) return FAILURE_CONVERSION;
        break;
    default: return FAILURE_NO_OVERLOAD;
    }
    *out = value_double(real);
    return FAILURE_NONE;
}

static void add_scalar(struct text *text, struct value from) {
    char digits[32];
    switch ((enum type)from.kind) {
    case TYPE_BOOL: text_add_string(text, from.as.boolean ? "true" : "false"); break;
    case TYPE_INT: text_add_int(text, from.as.integer); break;
    case TYPE_UINT: text_add_uint(text, from.as.natural); break;
    case TYPE_DOUBLE:
        text_add(text, slice_from(digits, number_print_double(from.as.real, digits)));
        break;
    case TYPE_DURATION: json_write_duration(text, from.as.integer); break;
    default: break;
    }
}

enum failure convert_string(struct arena *arena, const struct value *arguments, struct value *out) {
    struct value from = arguments[0];
    bool scalar = from.kind == TYPE_DURATION || from.kind == TYPE_BOOL || from.kind == TYPE_INT ||
                  from.kind == TYPE_UINT || from.kind == TYPE_DOUBLE;
    if (from.kind == TYPE_STRING) {
        *out = from;
        return FAILURE_NONE;
    }
    if (from.kind == TYPE_BYTES) {
        if (utf8_find_invalid(value_text(from)) >= 0) return FAILURE_CONVERSION;
        *out = value_string(value_text(from));
        return FAILURE_NONE;
    }
    if (!scalar) return FAILURE_NO_OVERLOAD;
    struct text text;
    text_init(&text, arena);
    add_scalar(&text, from);
    if (text.failed) return FAILURE_NO_MEMORY;
    *out = value_string(text_slice(&text));
    return FAILURE_NONE;
}

enum failure convert_json(struct arena *arena, const struct value *arguments, struct value *out) {
    struct text text;
    text_init(&text, arena);
    bool written = json_write(&text, arguments[0]);
    if (text.failed) return FAILURE_NO_MEMORY;
    if (!written) return FAILURE_NOT_JSON;
    if (text.length > LIMIT_STRING) return FAILURE_TOO_LONG;
    *out = value_string(text_slice(&text));
    return FAILURE_NONE;
}
