// Decimal text of doubles by exact integer arithmetic; reading by the C library's strtod, which
// sees a literal of bounded length.
#include "engine/base/number.h"

#include <float.h>
#include <stdlib.h>

// 1280 bits. The largest number below is the scaled 5e-324: under 2^54 * 10^324 < 2^1131.
enum { BIG_LIMBS = 40 };

struct big {
    uint32_t count; // limbs in use; the highest of them is not 0
    uint32_t limbs[BIG_LIMBS];
};

static void big_scale(struct big *big, uint32_t factor) {
    uint64_t carry = 0;
    for (uint32_t i = 0; i < big->count; i++) {
        carry += (uint64_t)big->limbs[i] * factor;
        big->limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry != 0) big->limbs[big->count++] = (uint32_t)carry;
}

static void big_scale_ten(struct big *big, uint32_t power) {
    for (; power >= 9; power -= 9)
        big_scale(big, 1000000000);
    for (; power > 0; power--)
        big_scale(big, 10);
}

// number * 2^shift
static struct big big_make(uint64_t number, uint32_t shift) {
    struct big big = {.count = shift / 32};
    for (; number != 0; number >>= 32)
        big.limbs[big.count++] = (uint32_t)number;
    big_scale(&big, UINT32_C(1) << shift % 32);
    return big;
}

static int big_compare(const struct big *a, const struct big *b) {
    if (a->count != b->count) return a->count < b->count ? -1 : 1;
    for (uint32_t i = a->count; i-- > 0;) {
        if (a->limbs[i] != b->limbs[i]) return a->limbs[i] < b->limbs[i] ? -1 : 1;
    }
    return 0;
}

static struct big big_add(const struct big *a, const struct big *b) {
    struct big sum = {.count = a->count > b->count ? a->count : b->count};
    uint64_t carry = 0;
    for (uint32_t i = 0; i < sum.count; i++) {
        carry += i < a->count ? a->limbs[i] : 0;
        carry += i < b->count ? b->limbs[i] : 0;
        sum.limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry != 0) sum.limbs[sum.count++] = (uint32_t)carry;
    return sum;
}

// a -= b, where a >= b
static void big_subtract(struct big *a, const struct big *b) {
    uint64_t borrow = 0;
    for (uint32_t i = 0; i < a->count; i++) {
        uint64_t taken = (i < b->count ? b->limbs[i] : 0) + borrow;
        borrow = a->limbs[i] < taken;
        a->limbs[i] = (uint32_t)(a->limbs[i] - taken);
    }
    while (a->count > 0 && a->limbs[a->count - 1] == 0)
        a->count--;
}

enum { DIGITS_SHORTEST = 17 }; // no double needs more

struct decimal {
    char digits[DIGITS_SHORTEST];
    uint32_t count;
    int32_t point; // the value is 0.DIGITS * 10^point
};

// The double is rest / scale; the texts that read back as it lie from `below` under it to `above`
// over it, both over `scale`, with the ends themselves when the mantissa is even.
struct expansion {
    struct big rest;
    struct big scale;
    struct big above;
    struct big below;
    bool ends;
};

static bool reaches(const struct expansion *of, int order) {
    return order > 0 || (order == 0 && of->ends);
}

static bool reaches_above(const struct expansion *of) {
    struct big sum = big_add(&of->rest, &of->above);
    return reaches(of, big_compare(&sum, &of->scale));
}

static bool reaches_below(const struct expansion *of) {
    return reaches(of, big_compare(&of->below, &of->rest));
}

static void expansion_scale_ten(struct expansion *of, uint32_t power) {
    big_scale_ten(&of->rest, power);
    big_scale_ten(&of->above, power);
    big_scale_ten(&of->below, power);
}

static uint32_t bit_length(uint64_t number) {
    uint32_t length = 0;
    for (; number != 0; number >>= 1)
        length++;
    return length;
}

// The exponent of ten just above 2^exponent: floor(exponent * log10(2)) + 1. The fraction is close
// enough for every exponent of a double.
static int32_t ten_above(int32_t exponent) {
    int32_t product = exponent * 30103;
    int32_t floored = product >= 0 ? product / 100000 : -((-product + 99999) / 100000);
    return floored + 1;
}

// `bits` are those of a positive finite double. Under a power of two the gap is half as wide.
static void expansion_start(struct expansion *of, uint64_t bits, int32_t *point) {
    uint64_t mantissa = bits & ((UINT64_C(1) << 52) - 1);
    uint32_t biased = (uint32_t)(bits >> 52);
    uint32_t uneven = mantissa == 0 && biased > 1 ? 1 : 0;
    int32_t exponent = biased == 0 ? -1074 : (int32_t)biased - 1075;
    if (biased != 0) mantissa |= UINT64_C(1) << 52;
    uint32_t up = exponent > 0 ? (uint32_t)exponent : 0;
    uint32_t down = exponent < 0 ? (uint32_t)-exponent : 0;
    of->rest = big_make(mantissa, up + 1 + uneven);
    of->scale = big_make(1, down + 1 + uneven);
    of->above = big_make(1, up + uneven);
    of->below = big_make(1, up);
    of->ends = mantissa % 2 == 0;
    *point = ten_above(exponent + (int32_t)bit_length(mantissa) - 1);
    if (*point >= 0) {
        big_scale_ten(&of->scale, (uint32_t)*point);
    } else {
        expansion_scale_ten(of, (uint32_t)-*point);
    }
    if (reaches_above(of)) {
        big_scale(&of->scale, 10);
        (*point)++;
    }
}

static char next_digit(struct expansion *of) {
    char digit = '0';
    expansion_scale_ten(of, 1);
    for (; big_compare(&of->rest, &of->scale) >= 0; digit++)
        big_subtract(&of->rest, &of->scale);
    return digit;
}

// Both the last digit and the one above it would do: the nearer, and of equals the even one.
static bool nearer_above(const struct expansion *of, char digit) {
    struct big twice = big_add(&of->rest, &of->rest);
    int order = big_compare(&twice, &of->scale);
    return order > 0 || (order == 0 && (digit - '0') % 2 == 1);
}

// Steele and White's free-format algorithm as Burger and Dybvig give it (Printing Floating-Point
// Numbers Quickly and Accurately, 1996): digits until what is left out no longer matters.
static void shortest_decimal(uint64_t bits, struct decimal *out) {
    struct expansion of;
    expansion_start(&of, bits, &out->point);
    bool below = false, above = false;
    for (out->count = 0; !below && !above && out->count < DIGITS_SHORTEST; out->count++) {
        out->digits[out->count] = next_digit(&of);
        below = reaches_below(&of);
        above = reaches_above(&of);
    }
    char *last = &out->digits[out->count - 1];
    if (above && (!below || nearer_above(&of, *last))) (*last)++;
}

static char *put(char *at, const char *bytes, uint32_t count) {
    memcpy(at, bytes, count);
    return at + count;
}

static char *put_zeros(char *at, uint32_t count) {
    memset(at, '0', count);
    return at + count;
}

static char *put_exponent(char *at, const struct decimal *decimal) {
    int32_t exponent = decimal->point - 1;
    *at++ = decimal->digits[0];
    if (decimal->count > 1) {
        *at++ = '.';
        at = put(at, decimal->digits + 1, decimal->count - 1);
    }
    *at++ = 'e';
    *at++ = exponent < 0 ? '-' : '+';
    uint32_t size = (uint32_t)(exponent < 0 ? -exponent : exponent);
    if (size >= 100) *at++ = (char)('0' + size / 100);
    if (size >= 10) *at++ = (char)('0' + size / 10 % 10);
    *at++ = (char)('0' + size % 10);
    return at;
}

// The four forms of ECMAScript's Number::toString (ECMA-262 section 6.1.6.1.20).
static char *put_decimal(char *at, const struct decimal *decimal) {
    if (decimal->point > 21 || decimal->point <= -6) return put_exponent(at, decimal);
    if (decimal->point <= 0) {
        at = put(at, "0.", 2);
        at = put_zeros(at, (uint32_t)-decimal->point);
        return put(at, decimal->digits, decimal->count);
    }
    uint32_t whole = (uint32_t)decimal->point;
    if (decimal->count <= whole) {
        at = put(at, decimal->digits, decimal->count);
        return put_zeros(at, whole - decimal->count);
    }
    at = put(at, decimal->digits, whole);
    *at++ = '.';
    return put(at, decimal->digits + whole, decimal->count - whole);
}

uint32_t number_print_double(double number, char out[32]) {
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    if (number != number) return (uint32_t)(put(out, "nan", 3) - out);
    char *at = out;
    if (bits >> 63 != 0) *at++ = '-';
    bits &= UINT64_MAX >> 1;
    if (bits == 0) {
        *at++ = '0';
    } else if (bits >> 52 == 0x7ff) {
        at = put(at, "inf", 3);
    } else {
        struct decimal decimal;
        shortest_decimal(bits, &decimal);
        at = put_decimal(at, &decimal);
    }
    return (uint32_t)(at - out);
}

// The point half way between two doubles has at most 767 significant digits, so what follows the
// 800th matters only by being zero or not: one digit stands for all of it.
enum { DIGITS_READ = 800, EXPONENT_MOST = 100000 };

struct literal {
    char text[DIGITS_READ + 16]; // sign, digits, rest digit, `e`, exponent, NUL
    uint32_t length;
    uint32_t digits; // significant ones kept
    bool any;        // a digit was seen, be it zero
    bool rest;       // a digit left out was not zero
    int64_t exponent;
};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static void take_digit(struct literal *literal, char digit, bool fraction) {
    literal->any = true;
    bool leading = literal->digits == 0 && digit == '0';
    if (leading || literal->digits < DIGITS_READ) {
        if (fraction) literal->exponent--;
        if (leading) return;
        literal->text[literal->length++] = digit;
        literal->digits++;
        return;
    }
    if (!fraction) literal->exponent++;
    if (digit != '0') literal->rest = true;
}

// Beyond every length of a text the exponent's size no longer matters.
static bool take_exponent(struct literal *literal, slice digits) {
    bool negative = digits.length > 0 && digits.at[0] == '-';
    uint32_t at = negative || (digits.length > 0 && digits.at[0] == '+') ? 1 : 0;
    if (at == digits.length) return false;
    int64_t exponent = 0;
    for (; at < digits.length; at++) {
        if (!is_digit(digits.at[at])) return false;
        if (exponent < INT64_C(100000000000)) exponent = exponent * 10 + (digits.at[at] - '0');
    }
    literal->exponent += negative ? -exponent : exponent;
    return true;
}

static bool take_literal(struct literal *literal, slice text) {
    uint32_t at = 0;
    if (text.length > 0 && (text.at[0] == '-' || text.at[0] == '+')) {
        literal->text[literal->length++] = text.at[at++];
    }
    for (; at < text.length && is_digit(text.at[at]); at++) {
        take_digit(literal, text.at[at], false);
    }
    if (at < text.length && text.at[at] == '.') {
        for (at++; at < text.length && is_digit(text.at[at]); at++) {
            take_digit(literal, text.at[at], true);
        }
    }
    if (!literal->any || at == text.length) return literal->any;
    if ((text.at[at] | 0x20) != 'e') return false;
    return take_exponent(literal, slice_cut(text, at + 1, text.length));
}

static void finish_literal(struct literal *literal) {
    if (literal->digits == 0) literal->text[literal->length++] = '0';
    if (literal->rest) {
        literal->text[literal->length++] = '1';
        literal->exponent--;
    }
    int64_t exponent = literal->exponent;
    if (exponent > EXPONENT_MOST) exponent = EXPONENT_MOST;
    if (exponent < -EXPONENT_MOST) exponent = -EXPONENT_MOST;
    literal->text[literal->length++] = 'e';
    literal->text[literal->length++] = exponent < 0 ? '-' : '+';
    uint32_t size = (uint32_t)(exponent < 0 ? -exponent : exponent);
    for (uint32_t unit = EXPONENT_MOST; unit > 0; unit /= 10) {
        literal->text[literal->length++] = (char)('0' + size / unit % 10);
    }
    literal->text[literal->length] = '\0';
}

// The literal has no decimal point any more, so strtod's dependence on the locale has no effect.
bool number_parse_double(slice digits, double *out) {
    struct literal literal;
    literal.length = literal.digits = 0;
    literal.any = literal.rest = false;
    literal.exponent = 0;
    if (!take_literal(&literal, digits)) return false;
    finish_literal(&literal);
    double number = strtod(literal.text, NULL);
    if (number > DBL_MAX || number < -DBL_MAX) return false;
    *out = number;
    return true;
}

static uint32_t digit_value(char c) {
    if (is_digit(c)) return (uint32_t)(c - '0');
    char lower = ascii_lower(c);
    return lower >= 'a' && lower <= 'f' ? (uint32_t)(lower - 'a') + 10 : UINT32_MAX;
}

bool number_parse_uint(slice digits, uint32_t base, uint64_t *out) {
    uint64_t number = 0;
    for (uint32_t i = 0; i < digits.length; i++) {
        uint32_t digit = digit_value(digits.at[i]);
        if (digit >= base) return false;
        if (number > (UINT64_MAX - digit) / base) return false;
        number = number * base + digit;
    }
    *out = number;
    return digits.length > 0;
}
