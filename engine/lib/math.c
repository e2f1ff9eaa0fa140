// Numbers from numbers. The builtins are single instructions of wasm.
#include "engine/lib/math.h"

#include "engine/lib/compare.h"

static bool is_number(struct value value) {
    return value.kind == TYPE_INT || value.kind == TYPE_UINT || value.kind == TYPE_DOUBLE;
}

// The extreme on the side of `sign`: 1 for the greatest, -1 for the least.
static enum failure extreme_of(struct call *call, const struct value *arguments, int sign,
                               struct value *out) {
    bool list = call->count == 1 && arguments[0].kind == TYPE_LIST;
    const struct value *items = list ? arguments[0].as.items : arguments;
    uint32_t count = list ? arguments[0].length : call->count;
    if (count == 0) return FAILURE_ARGUMENT;
    if (!call_charge(call, (uint64_t)count * sizeof *items)) return FAILURE_STEPS;
    struct value extreme = items[0];
    for (uint32_t i = 0; i < count; i++) {
        if (!is_number(items[i])) return FAILURE_NO_OVERLOAD;
        if (i == 0) continue;
        int order = 0;
        bool ordered = value_order(items[i], extreme, &order) && order >= -1 && order <= 1;
        if (!ordered) return FAILURE_ARGUMENT;
        if (order == sign) extreme = items[i];
    }
    *out = extreme;
    return FAILURE_NONE;
}

enum failure math_greatest(struct call *call, const struct value *arguments, struct value *out) {
    return extreme_of(call, arguments, 1, out);
}

enum failure math_least(struct call *call, const struct value *arguments, struct value *out) {
    return extreme_of(call, arguments, -1, out);
}

enum failure math_ceil(struct call *call, const struct value *arguments, struct value *out) {
    (void)call;
    *out = value_double(__builtin_ceil(arguments[0].as.real));
    return FAILURE_NONE;
}

enum failure math_floor(struct call *call, const struct value *arguments, struct value *out) {
    (void)call;
    *out = value_double(__builtin_floor(arguments[0].as.real));
    return FAILURE_NONE;
}

enum failure math_trunc(struct call *call, const struct value *arguments, struct value *out) {
    (void)call;
    *out = value_double(__builtin_trunc(arguments[0].as.real));
    return FAILURE_NONE;
}

// What is cut off is exact, so the half is seen exactly; adding it to begin with would round.
enum failure math_round(struct call *call, const struct value *arguments, struct value *out) {
    (void)call;
    double number = arguments[0].as.real, whole = __builtin_trunc(number);
    double cut = number - whole;
    if (cut >= 0.5) whole += 1;
    if (cut <= -0.5) whole -= 1;
    *out = value_double(whole);
    return FAILURE_NONE;
}

enum failure math_is_nan(struct call *call, const struct value *arguments, struct value *out) {
    (void)call;
    double number = arguments[0].as.real;
    *out = value_bool(number != number);
    return FAILURE_NONE;
}

enum failure math_is_inf(struct call *call, const struct value *arguments, struct value *out) {
    (void)call;
    double number = arguments[0].as.real;
    *out = value_bool(number == number && number - number != 0);
    return FAILURE_NONE;
}

enum failure math_is_finite(struct call *call, const struct value *arguments, struct value *out) {
    (void)call;
    double number = arguments[0].as.real;
    *out = value_bool(number - number == 0);
    return FAILURE_NONE;
}

enum failure math_abs(struct call *call, const struct value *arguments, struct value *out) {
    (void)call;
    struct value number = arguments[0];
    if (number.kind == TYPE_DOUBLE) {
        number.as.real = __builtin_fabs(number.as.real);
    } else if (number.kind == TYPE_INT && number.as.integer < 0) {
        if (number.as.integer == INT64_MIN) return FAILURE_OVERFLOW;
        number.as.integer = -number.as.integer;
    }
    *out = number;
    return FAILURE_NONE;
}

enum failure math_sign(struct call *call, const struct value *arguments, struct value *out) {
    (void)call;
    struct value number = arguments[0];
    if (number.kind == TYPE_DOUBLE) {
        double real = number.as.real;
        if (real == real) number.as.real = (double)((real > 0) - (real < 0));
    } else if (number.kind == TYPE_INT) {
        number.as.integer = (number.as.integer > 0) - (number.as.integer < 0);
    } else {
        number.as.natural = number.as.natural > 0;
    }
    *out = number;
    return FAILURE_NONE;
}

enum failure math_sqrt(struct call *call, const struct value *arguments, struct value *out) {
    (void)call;
    struct value number = arguments[0];
    double real = number.as.real;
    if (number.kind == TYPE_INT) real = (double)number.as.integer;
    if (number.kind == TYPE_UINT) real = (double)number.as.natural;
    *out = value_double(__builtin_sqrt(real));
    return FAILURE_NONE;
}

// The bits of an int are those of a uint of the same size, so one body serves both.
static enum failure put_bits(struct value like, uint64_t bits, struct value *out) {
    *out = like.kind == TYPE_INT ? value_int((int64_t)bits) : value_uint(bits);
    return FAILURE_NONE;
}

enum failure math_bit_and(struct call *call, const struct value *arguments, struct value *out) {
    (void)call;
    return put_bits(arguments[0], arguments[0].as.natural & arguments[1].as.natural, out);
}

enum failure math_bit_or(struct call *call, const struct value *arguments, struct value *out) {
    (void)call;
    return put_bits(arguments[0], arguments[0].as.natural | arguments[1].as.natural, out);
}

enum failure math_bit_xor(struct call *call, const struct value *arguments, struct value *out) {
    (void)call;
    return put_bits(arguments[0], arguments[0].as.natural ^ arguments[1].as.natural, out);
}

enum failure math_bit_not(struct call *call, const struct value *arguments, struct value *out) {
    (void)call;
    return put_bits(arguments[0], ~arguments[0].as.natural, out);
}

enum failure math_shift_left(struct call *call, const struct value *arguments, struct value *out) {
    (void)call;
    int64_t offset = arguments[1].as.integer;
    if (offset < 0) return FAILURE_ARGUMENT;
    return put_bits(arguments[0], offset > 63 ? 0 : arguments[0].as.natural << offset, out);
}

enum failure math_shift_right(struct call *call, const struct value *arguments, struct value *out) {
    (void)call;
    int64_t offset = arguments[1].as.integer;
    if (offset < 0) return FAILURE_ARGUMENT;
    return put_bits(arguments[0], offset > 63 ? 0 : arguments[0].as.natural >> offset, out);
}
