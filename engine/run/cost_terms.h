// Sums of what evaluating may take, in terms of sizes that only a request knows: `38 + 4·S + L·S`.
// All arithmetic saturates: too many steps are too many, however many more there are.
#ifndef WEIR_RUN_COST_TERMS_H
#define WEIR_RUN_COST_TERMS_H

#include "engine/base/text.h"

// S is the length of the longest text in units of 64 bytes, H the number of header lines. Each is
// multiplied by powers of L, the items of the largest list or map.
enum cost_factor { COST_ONE, COST_S, COST_SS, COST_H, COST_HH, COST_FACTORS };

enum {
    COST_POWERS = 7, // of L: one more is beyond every budget
    COST_STEP = 64,  // terms count in parts of a step: what a byte takes, or an item
};

struct cost {
    uint64_t terms[COST_FACTORS][COST_POWERS];
    bool beyond; // there is a higher power of L
};

struct cost_sizes {
    uint64_t texts; // S
    uint64_t items; // L
    uint64_t lines; // H
};

void cost_add_term(struct cost *cost, enum cost_factor factor, uint32_t power, uint64_t parts);
void cost_add(struct cost *cost, const struct cost *more);

// The larger coefficient of each term.
void cost_most(struct cost *cost, const struct cost *other);

void cost_times(struct cost *cost, uint64_t count);
void cost_times_items(struct cost *cost); // by L

// Whole steps, rounded up; UINT64_MAX where they are beyond.
uint64_t cost_at(const struct cost *cost, const struct cost_sizes *sizes);

// Appends the sum, each coefficient in steps and rounded up to two digits behind the point.
void cost_write(struct text *out, const struct cost *cost);

#endif
