// Reads the clauses one by one and appends the value of each.
#include "engine/lib/format.h"

#include "engine/base/limits.h"
#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/base/utf8.h"
#include "engine/lib/collections.h"
#include "engine/lib/lists.h"
#include "engine/lib/time.h"

struct format {
    struct walk walk;
    struct text out;
    char digits[NUMBER_TEXT]; // scratch; not on the stack of what recurs
};

enum { PRECISION_DEFAULT = 6 };

static void add_digits(struct format *format, uint32_t length) {
    text_add(&format->out, slice_from(format->digits, length));
}

static const char *special_double(double number) {
    if (number != number) return "NaN";
    return number > 0 ? "Infinity" : "-Infinity";
}

// What exact printing costs grows with the size of the exponent.
static bool charge_double(struct format *format, double number) {
    double size = number < 0 ? -number : number;
    bool extreme = size != 0 && (size < 1e-30 || size > 1e30);
    return walk_over(&format->walk, extreme ? 64 * 512 : 64 * 8);
}

// letter: `d`, `f` or `e`.
static enum failure add_double(struct format *format, double number, char letter,
                               uint32_t precision) {
    if (number - number != 0) {
        text_add_string(&format->out, special_double(number));
        return FAILURE_NONE;
    }
    if (!charge_double(format, number)) return FAILURE_STEPS;
    char *digits = format->digits;
    uint32_t length;
    if (letter == 'f') {
        length = number_print_fixed(number, precision, digits);
    } else if (letter == 'e') {
        length = number_print_exponent(number, precision, digits);
    } else {
        length = number_print_plain(number, digits);
    }
    add_digits(format, length);
    return FAILURE_NONE;
}

// Each run of broken bytes becomes one U+FFFD.
static void add_bytes(struct format *format, slice bytes) {
    bool broken = false;
    for (uint32_t at = 0; at < bytes.length;) {
        uint32_t point;
        slice rest = slice_cut(bytes, at, bytes.length);
        uint32_t length = utf8_decode(rest, &point);
        if (length > 0) text_add(&format->out, slice_cut(rest, 0, length));
        if (length == 0 && !broken) text_add_string(&format->out, "\xef\xbf\xbd");
        broken = length == 0;
        at += broken ? 1 : length;
    }
}

static enum failure add_scalar(struct format *format, struct value value) {
    struct text *out = &format->out;
    switch ((enum type)value.kind) {
    case TYPE_NULL: text_add_string(out, "null"); break;
    case TYPE_BOOL: text_add_string(out, value.as.boolean ? "true" : "false"); break;
    case TYPE_INT: text_add_int(out, value.as.integer); break;
    case TYPE_UINT: text_add_uint(out, value.as.natural); break;
    case TYPE_DOUBLE: return add_double(format, value.as.real, 'd', 0);
    case TYPE_STRING:
    case TYPE_TYPE: text_add(out, value_text(value)); break;
    case TYPE_BYTES: add_bytes(format, value_text(value)); break;
    case TYPE_DURATION:
        add_digits(format, time_print_duration(value.as.integer, format->digits));
        break;
    case TYPE_TIMESTAMP: add_digits(format, time_print(value, format->digits)); break;
    default: return FAILURE_FORMAT;
    }
    return FAILURE_NONE;
}

static enum failure check_length(const struct format *format) {
    if (format->out.failed) return FAILURE_NO_MEMORY;
    return format->out.length > LIMIT_STRING ? FAILURE_TOO_LONG : FAILURE_NONE;
}

// Charges the bytes that were added since the text was so long.
static enum failure check_added(struct format *format, uint32_t before) {
    bool paid = walk_over(&format->walk, format->out.length - before);
    return paid ? check_length(format) : FAILURE_STEPS;
}

static enum failure add_value(struct format *format, struct value value);

static enum failure add_list(struct format *format, struct value list) {
    text_add_char(&format->out, '[');
    for (uint32_t i = 0; i < list.length; i++) {
        if (i > 0) text_add_string(&format->out, ", ");
        enum failure failure = add_value(format, list.as.items[i]);
        if (failure != FAILURE_NONE) return failure;
    }
    text_add_char(&format->out, ']');
    return FAILURE_NONE;
}

// A key as a string; those that are none are printed aside.
static enum failure print_key(struct format *format, struct value key, struct value *out) {
    if (key.kind == TYPE_STRING) {
        *out = key;
        return FAILURE_NONE;
    }
    struct text whole = format->out;
    text_init(&format->out, whole.arena);
    enum failure failure = add_scalar(format, key);
    struct text printed = format->out;
    format->out = whole;
    if (printed.failed) return FAILURE_NO_MEMORY;
    *out = value_string(text_slice(&printed));
    return failure;
}

static enum failure order_keys(struct format *format, struct value map, struct value **keys,
                               uint32_t **order) {
    enum failure failure = items_make(format->walk.call, map.length, keys);
    for (uint32_t i = 0; i < map.length && failure == FAILURE_NONE; i++)
        failure = print_key(format, map.as.items[(size_t)i * 2], *keys + i);
    if (failure != FAILURE_NONE) return failure;
    return list_order(format->walk.call, *keys, map.length, order);
}

static enum failure add_map(struct format *format, struct value map) {
    struct value *keys;
    uint32_t *order;
    enum failure failure = order_keys(format, map, &keys, &order);
    if (failure != FAILURE_NONE) return failure;
    text_add_char(&format->out, '{');
    for (uint32_t i = 0; i < map.length; i++) {
        if (i > 0) text_add_string(&format->out, ", ");
        text_add(&format->out, value_text(keys[order[i]]));
        text_add_string(&format->out, ": ");
        failure = add_value(format, map.as.items[(size_t)order[i] * 2 + 1]);
        if (failure != FAILURE_NONE) return failure;
    }
    text_add_char(&format->out, '}');
    return FAILURE_NONE;
}

// Recursion is bounded by the depth that values carry, and every value adds to the text: one that
// is too long by now ends it.
static enum failure add_value(struct format *format, struct value value) {
    if (value.kind == TYPE_LIST || value.kind == TYPE_MAP) {
        enum failure failure = check_length(format);
        if (failure != FAILURE_NONE) return failure;
        if (!walk_over(&format->walk, sizeof value)) return FAILURE_STEPS;
        bool list = value.kind == TYPE_LIST;
        return list ? add_list(format, value) : add_map(format, value);
    }
    uint32_t before = format->out.length;
    enum failure failure = add_scalar(format, value);
    return failure == FAILURE_NONE ? check_added(format, before) : failure;
}

static enum failure add_decimal(struct format *format, struct value value, char letter,
                                uint32_t precision) {
    bool whole = value.kind == TYPE_INT || value.kind == TYPE_UINT;
    if (whole && letter == 'd') return add_scalar(format, value);
    double number = value.as.real;
    if (value.kind == TYPE_INT) number = (double)value.as.integer;
    if (value.kind == TYPE_UINT) number = (double)value.as.natural;
    if (!whole && value.kind != TYPE_DOUBLE) return FAILURE_FORMAT;
    return add_double(format, number, letter, precision);
}

static const char *digits_of(char letter) {
    return letter == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
}

// In base 2^bits, behind a minus sign for ints below 0.
static enum failure add_power_base(struct format *format, struct value value, char letter,
                                   uint32_t bits) {
    bool negative = value.kind == TYPE_INT && value.as.integer < 0;
    uint64_t rest = negative ? 0 - value.as.natural : value.as.natural;
    if (value.kind == TYPE_BOOL && letter == 'b') {
        rest = value.as.boolean;
    } else if (value.kind != TYPE_INT && value.kind != TYPE_UINT) {
        return FAILURE_FORMAT;
    }
    char places[65];
    uint32_t start = sizeof places;
    do {
        places[--start] = digits_of(letter)[rest & ((1u << bits) - 1)];
        rest >>= bits;
    } while (rest != 0);
    if (negative) places[--start] = '-';
    text_add(&format->out, slice_from(places + start, (uint32_t)sizeof places - start));
    return FAILURE_NONE;
}

static enum failure add_hex(struct format *format, struct value value, char letter) {
    bool text = value.kind == TYPE_STRING || value.kind == TYPE_BYTES;
    if (!text) return add_power_base(format, value, letter, 4);
    if (value.length > LIMIT_STRING / 2) return FAILURE_TOO_LONG;
    const char *digits = digits_of(letter);
    for (uint32_t i = 0; i < value.length; i++) {
        uint8_t byte = (uint8_t)value.as.text[i];
        char two[2] = {digits[byte >> 4], digits[byte & 15]};
        text_add(&format->out, slice_from(two, 2));
    }
    return FAILURE_NONE;
}

static enum failure add_clause(struct format *format, struct value value, char letter,
                               uint32_t precision) {
    switch (letter) {
    case 's': return add_value(format, value);
    case 'd':
    case 'f':
    case 'e': return add_decimal(format, value, letter, precision);
    case 'b': return add_power_base(format, value, letter, 1);
    case 'o': return add_power_base(format, value, letter, 3);
    case 'x':
    case 'X': return add_hex(format, value, letter);
    default: return FAILURE_FORMAT;
    }
}

// Takes [. digits] from *at on. False for no digits or a number above NUMBER_PRECISION.
static bool read_precision(slice form, uint32_t *at, uint32_t *precision) {
    *precision = PRECISION_DEFAULT;
    if (*at == form.length || form.at[*at] != '.') return true;
    uint32_t first = ++*at;
    *precision = 0;
    for (; *at < form.length && form.at[*at] >= '0' && form.at[*at] <= '9'; ++*at) {
        *precision = *precision * 10 + (uint32_t)(form.at[*at] - '0');
        if (*precision > NUMBER_PRECISION) return false;
    }
    return *at > first;
}

// One clause, whose percent sign is before *at, with that value; NULL when there is no more.
static enum failure add_next(struct format *format, slice form, uint32_t *at,
                             const struct value *value) {
    uint32_t precision, before = format->out.length;
    bool clause = value != NULL && read_precision(form, at, &precision) && *at < form.length;
    if (!clause) return FAILURE_FORMAT;
    enum failure failure = add_clause(format, *value, form.at[(*at)++], precision);
    return failure == FAILURE_NONE ? check_added(format, before) : failure;
}

static enum failure add_all(struct format *format, slice form, struct value values) {
    uint32_t next = 0;
    enum failure failure = FAILURE_NONE;
    for (uint32_t at = 0; at < form.length && failure == FAILURE_NONE;) {
        uint32_t start = at;
        while (at < form.length && form.at[at] != '%')
            at++;
        text_add(&format->out, slice_cut(form, start, at));
        if (at++ == form.length) break;
        if (at < form.length && form.at[at] == '%') {
            text_add_char(&format->out, '%');
            at++;
            continue;
        }
        const struct value *value = next < values.length ? values.as.items + next : NULL;
        failure = add_next(format, form, &at, value);
        next++;
    }
    return failure;
}

enum failure string_format(struct call *call, const struct value *arguments, struct value *out) {
    slice form = value_text(arguments[0]);
    struct format format = {.walk = {.call = call}};
    text_init(&format.out, call->arena);
    if (!call_charge(call, form.length)) return FAILURE_STEPS;
    enum failure failure = add_all(&format, form, arguments[1]);
    if (failure == FAILURE_NONE) failure = check_length(&format);
    if (failure == FAILURE_NONE) *out = value_string(text_slice(&format.out));
    return failure;
}
