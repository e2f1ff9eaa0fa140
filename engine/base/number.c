// Doubles to and from decimal text by exact integer arithmetic.
#include "engine/base/number.h"

// 2560 bits. The largest numbers below are a literal of DIGITS_READ + 1 digits and the power of
// five under it, both shifted to at most one bit more than the longer has: under 2^2556.
enum { BIG_LIMBS = 80 };

struct big {
    uint32_t count; // limbs in use; the highest of them is not 0
    uint32_t limbs[BIG_LIMBS];
};

// big * factor + more
static void big_scale(struct big *big, uint32_t factor, uint32_t more) {
    uint64_t carry = more;
    for (uint32_t i = 0; i < big->count; i++) {
        carry += (uint64_t)big->limbs[i] * factor;
        big->limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry != 0) big->limbs[big->count++] = (uint32_t)carry;
}

// big * base^power
static void big_scale_power(struct big *big, uint32_t base, uint32_t power) {
    uint32_t factor = 1;
    for (; power > 0; power--) {
        if (factor > UINT32_MAX / base) {
            big_scale(big, factor, 0);
            factor = 1;
        }
        factor *= base;
    }
    big_scale(big, factor, 0);
}

// big * 2^shift, where big is not 0
static void big_shift(struct big *big, uint32_t shift) {
    uint32_t whole = shift / 32;
    memmove(big->limbs + whole, big->limbs, big->count * sizeof *big->limbs);
    memset(big->limbs, 0, whole * sizeof *big->limbs);
    big->count += whole;
    big_scale(big, UINT32_C(1) << shift % 32, 0);
}

// number * 2^shift, where number is not 0
static void big_make(struct big *big, uint64_t number, uint32_t shift) {
    big->count = 0;
    for (; number != 0; number >>= 32)
        big->limbs[big->count++] = (uint32_t)number;
    big_shift(big, shift);
}

static int big_compare(const struct big *a, const struct big *b) {
    if (a->count != b->count) return a->count < b->count ? -1 : 1;
    for (uint32_t i = a->count; i-- > 0;) {
        if (a->limbs[i] != b->limbs[i]) return a->limbs[i] < b->limbs[i] ? -1 : 1;
    }
    return 0;
}

static void big_add(const struct big *a, const struct big *b, struct big *sum) {
    sum->count = a->count > b->count ? a->count : b->count;
    uint64_t carry = 0;
    for (uint32_t i = 0; i < sum->count; i++) {
        carry += i < a->count ? a->limbs[i] : 0;
        carry += i < b->count ? b->limbs[i] : 0;
        sum->limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry != 0) sum->limbs[sum->count++] = (uint32_t)carry;
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

static uint32_t bit_length(uint64_t number) {
    uint32_t length = 0;
    for (; number != 0; number >>= 1)
        length++;
    return length;
}

static uint32_t big_bit_length(const struct big *big) {
    return (big->count - 1) * 32 + bit_length(big->limbs[big->count - 1]);
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
    struct big sum;
    big_add(&of->rest, &of->above, &sum);
    return reaches(of, big_compare(&sum, &of->scale));
}

static bool reaches_below(const struct expansion *of) {
    return reaches(of, big_compare(&of->below, &of->rest));
}

static void expansion_scale_ten(struct expansion *of, uint32_t power) {
    big_scale_power(&of->rest, 10, power);
    big_scale_power(&of->above, 10, power);
    big_scale_power(&of->below, 10, power);
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
    big_make(&of->rest, mantissa, up + 1 + uneven);
    big_make(&of->scale, 1, down + 1 + uneven);
    big_make(&of->above, 1, up + uneven);
    big_make(&of->below, 1, up);
    of->ends = mantissa % 2 == 0;
    *point = ten_above(exponent + (int32_t)bit_length(mantissa) - 1);
    if (*point >= 0) {
        big_scale_power(&of->scale, 10, (uint32_t)*point);
    } else {
        expansion_scale_ten(of, (uint32_t)-*point);
    }
    if (reaches_above(of)) {
        big_scale(&of->scale, 10, 0);
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
    struct big twice;
    big_add(&of->rest, &of->rest, &twice);
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

// An exponent of `least` (1 or 2) digits or more.
static char *put_power(char *at, int32_t exponent, uint32_t least) {
    *at++ = 'e';
    *at++ = exponent < 0 ? '-' : '+';
    uint32_t size = (uint32_t)(exponent < 0 ? -exponent : exponent);
    if (size >= 100) *at++ = (char)('0' + size / 100);
    if (size >= 10 || least == 2) *at++ = (char)('0' + size / 10 % 10);
    *at++ = (char)('0' + size % 10);
    return at;
}

// The digits [start, end) of 0.DIGITS, where every digit that is not written is 0.
static char *put_digits(char *at, slice digits, int32_t start, int32_t end) {
    for (int32_t i = start; i < end; i++)
        *at++ = i >= 0 && i < (int32_t)digits.length ? digits.at[i] : '0';
    return at;
}

// 0.DIGITS * 10^point with so many digits behind the point.
static char *put_positional(char *at, slice digits, int32_t point, uint32_t precision) {
    at = put_digits(at, digits, point > 0 ? 0 : -1, point > 0 ? point : 0);
    if (precision == 0) return at;
    *at++ = '.';
    return put_digits(at, digits, point, point + (int32_t)precision);
}

static char *put_plain(char *at, const struct decimal *decimal) {
    int32_t behind = (int32_t)decimal->count - decimal->point;
    slice digits = slice_from(decimal->digits, decimal->count);
    return put_positional(at, digits, decimal->point, behind > 0 ? (uint32_t)behind : 0);
}

// The four forms of ECMAScript's Number::toString (ECMA-262 section 6.1.6.1.20).
static char *put_decimal(char *at, const struct decimal *decimal) {
    if (decimal->point <= 21 && decimal->point > -6) return put_plain(at, decimal);
    at = put_positional(at, slice_from(decimal->digits, decimal->count), 1, decimal->count - 1);
    return put_power(at, decimal->point - 1, 1);
}

static uint32_t print_shortest(double number, char *out,
                               char *(*spell)(char *at, const struct decimal *decimal)) {
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
        at = spell(at, &decimal);
    }
    return (uint32_t)(at - out);
}

uint32_t number_print_double(double number, char out[32]) {
    return print_shortest(number, out, put_decimal);
}

uint32_t number_print_plain(double number, char out[NUMBER_TEXT]) {
    return print_shortest(number, out, put_plain);
}

// big /= divisor; returns the rest.
static uint32_t big_divide(struct big *big, uint32_t divisor) {
    uint64_t rest = 0;
    for (uint32_t i = big->count; i-- > 0;) {
        rest = rest << 32 | big->limbs[i];
        big->limbs[i] = (uint32_t)(rest / divisor);
        rest %= divisor;
    }
    while (big->count > 0 && big->limbs[big->count - 1] == 0)
        big->count--;
    return (uint32_t)rest;
}

// A double has at most 767 significant digits; they come in groups of nine.
enum { DIGITS_EXACT = 783 };

struct exact {
    char digits[DIGITS_EXACT];
    uint32_t start; // of the first digit that is not 0; DIGITS_EXACT: the number is 0
    uint32_t end;
    int32_t point; // the value is 0.DIGITS * 10^point
};

// All digits of the double: mantissa * 2^-n is mantissa * 5^n / 10^n.
static void exact_decimal(double number, struct exact *out) {
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    uint64_t mantissa = bits & ((UINT64_C(1) << 52) - 1);
    int32_t biased = (int32_t)(bits >> 52 & 0x7ff);
    int32_t exponent = biased == 0 ? -1074 : biased - 1075;
    if (biased != 0) mantissa |= UINT64_C(1) << 52;
    out->start = out->end = DIGITS_EXACT;
    out->point = 1;
    if (mantissa == 0) return;
    struct big big;
    big_make(&big, mantissa, exponent > 0 ? (uint32_t)exponent : 0);
    if (exponent < 0) big_scale_power(&big, 5, (uint32_t)-exponent);
    while (big.count > 0) {
        uint32_t group = big_divide(&big, 1000000000);
        for (uint32_t i = 0; i < 9; i++, group /= 10)
            out->digits[--out->start] = (char)('0' + group % 10);
    }
    while (out->digits[out->start] == '0')
        out->start++;
    out->point = (int32_t)(out->end - out->start) + (exponent < 0 ? exponent : 0);
}

static bool rounds_up(const struct exact *exact, uint32_t cut) {
    char next = exact->digits[cut];
    if (next != '5') return next > '5';
    for (uint32_t i = cut + 1; i < exact->end; i++) {
        if (exact->digits[i] != '0') return true;
    }
    return cut > exact->start && (exact->digits[cut - 1] - '0') % 2 == 1;
}

// Keeps the first `wanted` digits, rounded half to even; fewer when they end in zeros.
static void exact_round(struct exact *exact, int32_t wanted) {
    uint32_t count = exact->end - exact->start;
    if (wanted >= (int32_t)count) return;
    uint32_t cut = exact->start + (uint32_t)(wanted < 0 ? 0 : wanted);
    bool up = wanted >= 0 && rounds_up(exact, cut);
    exact->end = cut;
    if (!up) return;
    while (exact->end > exact->start && exact->digits[exact->end - 1] == '9')
        exact->end--;
    if (exact->end > exact->start) {
        exact->digits[exact->end - 1]++;
        return;
    }
    exact->digits[exact->start] = '1';
    exact->end++;
    exact->point++;
}

static slice exact_digits(const struct exact *exact) {
    return slice_from(exact->digits + exact->start, exact->end - exact->start);
}

static char *put_sign(char *at, double number) {
    if (__builtin_signbit(number)) *at++ = '-';
    return at;
}

uint32_t number_print_fixed(double number, uint32_t precision, char out[NUMBER_TEXT]) {
    if (number - number != 0) return number_print_double(number, out);
    struct exact exact;
    exact_decimal(number, &exact);
    exact_round(&exact, exact.point + (int32_t)precision);
    char *at = put_sign(out, number);
    return (uint32_t)(put_positional(at, exact_digits(&exact), exact.point, precision) - out);
}

uint32_t number_print_exponent(double number, uint32_t precision, char out[NUMBER_TEXT]) {
    if (number - number != 0) return number_print_double(number, out);
    struct exact exact;
    exact_decimal(number, &exact);
    exact_round(&exact, 1 + (int32_t)precision);
    char *at = put_sign(out, number);
    at = put_positional(at, exact_digits(&exact), 1, precision);
    return (uint32_t)(put_power(at, exact.point - 1, 2) - out);
}

// The point half way between two doubles has at most 767 significant digits, so what follows the
// 768th matters only by being zero or not: one digit stands for all of it.
enum { DIGITS_READ = 768 };

#define INFINITE_BITS (UINT64_C(0x7ff) << 52)

// The magnitude is digits * 10^exponent, once the group is part of the digits.
struct literal {
    struct big digits;
    uint32_t count; // significant digits taken
    uint32_t group; // the last up to nine of them
    uint32_t scale; // ten to their number
    bool negative;
    bool rest; // a digit left out was not zero
    int64_t exponent;
};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static void take_group(struct literal *literal) {
    big_scale(&literal->digits, literal->scale, literal->group);
    literal->group = 0;
    literal->scale = 1;
}

static void keep_digit(struct literal *literal, char digit) {
    if (literal->scale == 1000000000) take_group(literal);
    literal->group = literal->group * 10 + (uint32_t)(digit - '0');
    literal->scale *= 10;
}

static void take_digit(struct literal *literal, char digit, bool fraction) {
    bool leading = literal->count == 0 && digit == '0';
    bool kept = leading || literal->count < DIGITS_READ;
    if (kept && fraction) literal->exponent--;
    if (!kept && !fraction) literal->exponent++;
    if (leading) return;
    if (!kept) {
        literal->rest = literal->rest || digit != '0';
        return;
    }
    keep_digit(literal, digit);
    literal->count++;
}

// Takes [e [+-] digits] from `at` on and returns where it ends: `at` when there is none. Beyond
// every length of a text the exponent's size no longer matters.
static uint32_t take_exponent(struct literal *literal, slice text, uint32_t at) {
    if (at == text.length || (text.at[at] | 0x20) != 'e') return at;
    uint32_t first = at + 1;
    bool negative = first < text.length && text.at[first] == '-';
    if (negative || (first < text.length && text.at[first] == '+')) first++;
    uint32_t end = first;
    int64_t exponent = 0;
    for (; end < text.length && is_digit(text.at[end]); end++) {
        if (exponent < INT64_C(100000000000)) exponent = exponent * 10 + (text.at[end] - '0');
    }
    literal->exponent += negative ? -exponent : exponent;
    return end == first ? at : end;
}

// Takes the longest literal that `text` starts with and returns its length, 0 when there is none.
static uint32_t take_literal(struct literal *literal, slice text) {
    literal->digits.count = literal->count = literal->group = 0;
    literal->scale = 1;
    literal->rest = false;
    literal->exponent = 0;
    literal->negative = text.length > 0 && text.at[0] == '-';
    uint32_t at = literal->negative || (text.length > 0 && text.at[0] == '+') ? 1 : 0;
    bool any = false, fraction = false;
    for (; at < text.length; at++) {
        bool point = text.at[at] == '.' && !fraction;
        if (!point && !is_digit(text.at[at])) break;
        if (!point) take_digit(literal, text.at[at], fraction);
        any = any || !point;
        fraction = fraction || point;
    }
    if (!any) return 0;
    if (literal->rest) {
        keep_digit(literal, '1');
        literal->exponent--;
    }
    take_group(literal);
    return take_exponent(literal, text, at);
}

static double double_from(uint64_t bits) {
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

// Integers below 2^53 and powers of ten up to the 22nd are doubles, and one operation rounds once.
static double short_double(const struct literal *literal) {
    uint64_t digits = 0;
    for (uint32_t i = literal->digits.count; i-- > 0;)
        digits = digits << 32 | literal->digits.limbs[i];
    double power = 1;
    for (int64_t i = literal->exponent; i != 0; i += i < 0 ? 1 : -1)
        power *= 10;
    return literal->exponent < 0 ? (double)digits / power : (double)digits * power;
}

// Makes 1 <= rest / scale < 2 and returns the exponent of two that this took out.
static int32_t align(struct big *rest, struct big *scale) {
    int32_t exponent = (int32_t)big_bit_length(rest) - (int32_t)big_bit_length(scale);
    if (exponent >= 0) {
        big_shift(scale, (uint32_t)exponent);
    } else {
        big_shift(rest, (uint32_t)-exponent);
    }
    if (big_compare(rest, scale) >= 0) return exponent;
    big_scale(rest, 2, 0);
    return exponent - 1;
}

// The next bit of rest / scale, which is below 2 before and after.
static uint32_t next_bit(struct big *rest, const struct big *scale) {
    bool one = big_compare(rest, scale) >= 0;
    if (one) big_subtract(rest, scale);
    big_scale(rest, 2, 0);
    return one;
}

// digits * 10^exponent by long division to as many bits as the double has there. `digits`, which is
// not 0, is used up. A mantissa that rounds up to 2^53 carries into the exponent as it should.
static uint64_t divided_bits(struct big *digits, int32_t exponent) {
    struct big scale;
    big_make(&scale, 1, 0);
    big_scale_power(exponent < 0 ? &scale : digits, 5,
                    (uint32_t)(exponent < 0 ? -exponent : exponent));
    exponent += align(digits, &scale);
    if (exponent > 1023) return INFINITE_BITS;
    bool normal = exponent >= -1022;
    int32_t wanted = normal ? 53 : exponent + 1075;
    if (wanted < 0) return 0;
    uint64_t mantissa = 0;
    for (; wanted > 0; wanted--)
        mantissa = mantissa << 1 | next_bit(digits, &scale);
    int order = big_compare(digits, &scale);
    if (order > 0 || (order == 0 && mantissa % 2 == 1)) mantissa++;
    return normal ? ((uint64_t)(exponent + 1022) << 52) + mantissa : mantissa;
}

// Rounded to nearest even: infinite when that is above every double.
static double literal_magnitude(struct literal *literal) {
    int64_t point = literal->exponent + literal->count + literal->rest; // it is below 10^point
    if (literal->count == 0 || point <= -324) return 0;
    if (point > 309) return double_from(INFINITE_BITS);
    bool is_short = literal->count <= 15 && literal->exponent >= -22 && literal->exponent <= 22;
    if (is_short) return short_double(literal);
    return double_from(divided_bits(&literal->digits, (int32_t)literal->exponent));
}

static double literal_double(struct literal *literal) {
    double magnitude = literal_magnitude(literal);
    return literal->negative ? -magnitude : magnitude;
}

bool number_parse_double(slice digits, double *out) {
    struct literal literal;
    uint32_t length = take_literal(&literal, digits);
    if (length == 0 || length < digits.length) return false;
    double number = literal_double(&literal);
    if (number - number != 0) return false;
    *out = number;
    return true;
}

double number_strtod(const char *text, char **end) {
    struct literal literal;
    uint32_t length = take_literal(&literal, slice_of(text));
    *end = (char *)text + length;
    return length == 0 ? 0 : literal_double(&literal);
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
