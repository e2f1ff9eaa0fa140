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

enum failure convert_same(struct call *call, const struct value *arguments, struct value *out) {
    (void)call;
    *out = arguments[0];
    return FAILURE_NONE;
}

enum failure type_of_value(struct call *call, const struct value *arguments, struct value *out) {
    (void)call;
    *out = value_type(slice_of(type_full_name((enum type)arguments[0].kind)));
    return FAILURE_NONE;
}

enum failure convert_bool(struct call *call, const struct value *arguments, struct value *out) {
    static const char *const yes[] = {"true", "True", "TRUE", "t", "1"};
    static const char *const no[] = {"false", "False", "FALSE", "f", "0"};
    (void)call;
    for (uint32_t i = 0; i < LEN(yes); i++) {
        bool is_yes = slice_is(value_text(arguments[0]), yes[i]);
        if (!is_yes && !slice_is(value_text(arguments[0]), no[i])) continue;
        *out = value_bool(is_yes);
        return FAILURE_NONE;
    }
    return FAILURE_CONVERSION;
}

enum failure convert_int(struct call *call, const struct value *arguments, struct value *out) {
    struct value from = arguments[0];
    int64_t integer = from.as.integer;
    enum failure failure = FAILURE_NONE;
    (void)call;
    switch ((enum type)from.kind) {
    case TYPE_UINT:
        if (from.as.natural > INT64_MAX) failure = FAILURE_OVERFLOW;
        break;
    case TYPE_DOUBLE: failure = int_of_double(from.as.real, &integer); break;
    case TYPE_STRING: failure = int_of_string(value_text(from), &integer); break;
    default: break;
    }
    if (failure == FAILURE_NONE) *out = value_int(integer);
    return failure;
}

enum failure convert_uint(struct call *call, const struct value *arguments, struct value *out) {
    struct value from = arguments[0];
    uint64_t natural = from.as.natural;
    (void)call;
    switch ((enum type)from.kind) {
    case TYPE_INT:
        if (from.as.integer < 0) return FAILURE_OVERFLOW;
        break;
    case TYPE_DOUBLE:
        if (!(from.as.real >= 0 && from.as.real < 18446744073709551616.0)) return FAILURE_OVERFLOW;
        natural = (uint64_t)from.as.real;
        break;
    case TYPE_STRING:
        if (!number_parse_uint(value_text(from), 10, &natural)) return FAILURE_CONVERSION;
        break;
    default: break;
    }
    *out = value_uint(natural);
    return FAILURE_NONE;
}

// The names that a double which is no number has in Go, whose reading of numbers CEL took over.
static bool special_double(slice text, double *real) {
    bool negative = text.length > 0 && text.at[0] == '-';
    bool sign = negative || (text.length > 0 && text.at[0] == '+');
    slice name = slice_cut(text, sign ? 1 : 0, text.length);
    bool infinite =
        slice_equal_folded(name, slice_of("inf")) || slice_equal_folded(name, slice_of("infinity"));
    bool nothing = !sign && slice_equal_folded(name, slice_of("nan"));
    if (infinite) *real = negative ? -__builtin_inf() : __builtin_inf();
    if (nothing) *real = __builtin_nan("");
    return infinite || nothing;
}

enum failure convert_double(struct call *call, const struct value *arguments, struct value *out) {
    (void)call;
    struct value from = arguments[0];
    double real = 0;
    switch ((enum type)from.kind) {
    case TYPE_INT: real = (double)from.as.integer; break;
    case TYPE_UINT: real = (double)from.as.natural; break;
    case TYPE_DOUBLE: real = from.as.real; break;
    case TYPE_STRING:
        if (special_double(value_text(from), &real)) break;
        if (!number_parse_double(value_text(from), &real)) return FAILURE_CONVERSION;
        break;
    default: break;
    }
    *out = value_double(real);
    return FAILURE_NONE;
}

enum { SCALAR_TEXT = 32 };

// At the end of `out`.
static slice print_decimal(uint64_t magnitude, bool negative, char out[SCALAR_TEXT]) {
    uint32_t start = SCALAR_TEXT;
    do {
        out[--start] = (char)('0' + magnitude % 10);
        magnitude /= 10;
    } while (magnitude != 0);
    if (negative) out[--start] = '-';
    return slice_from(out + start, SCALAR_TEXT - start);
}

static slice print_number(struct value from, char out[SCALAR_TEXT]) {
    if (from.kind == TYPE_DOUBLE) {
        return slice_from(out, number_print_double(from.as.real, out));
    }
    bool negative = from.kind == TYPE_INT && from.as.integer < 0;
    return print_decimal(negative ? 0 - from.as.natural : from.as.natural, negative, out);
}

enum failure convert_string(struct call *call, const struct value *arguments, struct value *out) {
    struct value from = arguments[0];
    if (from.kind == TYPE_BYTES) {
        if (!call_charge(call, from.length)) return FAILURE_STEPS;
        if (utf8_find_invalid(value_text(from)) >= 0) return FAILURE_CONVERSION;
        *out = value_string(value_text(from));
        return FAILURE_NONE;
    }
    if (from.kind == TYPE_BOOL) {
        *out = value_string(slice_of(from.as.boolean ? "true" : "false"));
        return FAILURE_NONE;
    }
    char *digits = arena_take_raw(call->arena, SCALAR_TEXT);
    if (digits == NULL) return FAILURE_NO_MEMORY;
    *out = value_string(print_number(from, digits));
    return FAILURE_NONE;
}

enum failure convert_bytes(struct call *call, const struct value *arguments, struct value *out) {
    (void)call;
    *out = value_bytes(value_text(arguments[0]));
    return FAILURE_NONE;
}

enum failure convert_json(struct call *call, const struct value *arguments, struct value *out) {
    struct text text;
    text_init(&text, call->arena);
    bool written = json_write(&text, arguments[0]);
    if (text.failed) return FAILURE_NO_MEMORY;
    if (!written) return FAILURE_NOT_JSON;
    if (text.length > LIMIT_STRING) return FAILURE_TOO_LONG;
    *out = value_string(text_slice(&text));
    return FAILURE_NONE;
}
