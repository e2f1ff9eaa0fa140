// Arithmetic on sums of terms, and how they are written.
#include "engine/run/cost_terms.h"

static uint64_t sum_of(uint64_t x, uint64_t y) {
    uint64_t sum;
    return __builtin_add_overflow(x, y, &sum) ? UINT64_MAX : sum;
}

static uint64_t product_of(uint64_t x, uint64_t y) {
    uint64_t product;
    return __builtin_mul_overflow(x, y, &product) ? UINT64_MAX : product;
}

void cost_add_term(struct cost *cost, enum cost_factor factor, uint32_t power, uint64_t parts) {
    if (power >= COST_POWERS) {
        cost->beyond = cost->beyond || parts > 0;
        return;
    }
    uint64_t *term = &cost->terms[factor][power];
    *term = sum_of(*term, parts);
}

void cost_add(struct cost *cost, const struct cost *more) {
    for (uint32_t factor = 0; factor < COST_FACTORS; factor++) {
        for (uint32_t power = 0; power < COST_POWERS; power++)
            cost_add_term(cost, (enum cost_factor)factor, power, more->terms[factor][power]);
    }
    cost->beyond = cost->beyond || more->beyond;
}

void cost_most(struct cost *cost, const struct cost *other) {
    for (uint32_t factor = 0; factor < COST_FACTORS; factor++) {
        for (uint32_t power = 0; power < COST_POWERS; power++) {
            uint64_t parts = other->terms[factor][power];
            if (cost->terms[factor][power] < parts) cost->terms[factor][power] = parts;
        }
    }
    cost->beyond = cost->beyond || other->beyond;
}

void cost_times(struct cost *cost, uint64_t count) {
    for (uint32_t factor = 0; factor < COST_FACTORS; factor++) {
        for (uint32_t power = 0; power < COST_POWERS; power++)
            cost->terms[factor][power] = product_of(cost->terms[factor][power], count);
    }
    cost->beyond = cost->beyond && count > 0;
}

void cost_times_items(struct cost *cost) {
    for (uint32_t factor = 0; factor < COST_FACTORS; factor++) {
        uint64_t *powers = cost->terms[factor];
        if (powers[COST_POWERS - 1] > 0) cost->beyond = true;
        for (uint32_t power = COST_POWERS - 1; power > 0; power--)
            powers[power] = powers[power - 1];
        powers[0] = 0;
    }
}

static uint64_t factor_at(enum cost_factor factor, const struct cost_sizes *sizes) {
    switch (factor) {
    case COST_S: return sizes->texts;
    case COST_SS: return product_of(sizes->texts, sizes->texts);
    case COST_H: return sizes->lines;
    case COST_HH: return product_of(sizes->lines, sizes->lines);
    default: return 1;
    }
}

uint64_t cost_at(const struct cost *cost, const struct cost_sizes *sizes) {
    uint64_t sum = 0;
    if (cost->beyond) return UINT64_MAX;
    for (uint32_t factor = 0; factor < COST_FACTORS; factor++) {
        uint64_t size = factor_at((enum cost_factor)factor, sizes);
        for (uint32_t power = 0; power < COST_POWERS; power++) {
            sum = sum_of(sum, product_of(cost->terms[factor][power], size));
            size = product_of(size, sizes->items);
        }
    }
    if (sum == UINT64_MAX) return UINT64_MAX;
    return sum / COST_STEP + (sum % COST_STEP > 0);
}

// In steps, with at most two digits behind the point.
static void write_parts(struct text *out, uint64_t parts) {
    uint64_t hundredths = (parts % COST_STEP * 100 + COST_STEP - 1) / COST_STEP;
    text_add_uint(out, parts / COST_STEP);
    if (hundredths == 0) return;
    text_add_char(out, '.');
    text_add_char(out, (char)('0' + hundredths / 10));
    if (hundredths % 10 > 0) text_add_char(out, (char)('0' + hundredths % 10));
}

static void write_power(struct text *out, const char *name, uint32_t power, bool *first) {
    static const char *const raised[COST_POWERS + 1] = {"", "", "²", "³", "⁴", "⁵", "⁶", "⁷"};
    if (power == 0) return;
    if (!*first) text_add_string(out, "·");
    *first = false;
    text_add_string(out, name);
    text_add_string(out, raised[power]);
}

static void write_term(struct text *out, uint64_t parts, enum cost_factor factor, uint32_t power) {
    bool plain = factor == COST_ONE && power == 0;
    bool first = parts == COST_STEP && !plain;
    if (!first) write_parts(out, parts);
    write_power(out, "L", power, &first);
    if (factor == COST_S || factor == COST_SS) write_power(out, "S", factor, &first);
    if (factor == COST_H || factor == COST_HH) write_power(out, "H", factor - COST_SS, &first);
}

void cost_write(struct text *out, const struct cost *cost) {
    uint32_t written = 0;
    for (uint32_t power = 0; power < COST_POWERS; power++) {
        for (uint32_t factor = 0; factor < COST_FACTORS; factor++) {
            uint64_t parts = cost->terms[factor][power];
            if (parts == 0) continue;
            if (written++ > 0) text_add_string(out, " + ");
            write_term(out, parts, (enum cost_factor)factor, power);
        }
    }
    if (cost->beyond) {
        text_add_string(out, written > 0 ? " + more than " : "more than ");
        bool first = true;
        write_power(out, "L", COST_POWERS - 1, &first);
        return;
    }
    if (written == 0) text_add_char(out, '0');
}
