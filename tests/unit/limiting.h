// A limiter of one key in plain words: what engine/limit/level.h promises, step by step and in wide
// integers. Tests hold levels, slots and leases against it.
#ifndef WEIR_TESTS_LIMITING_H
#define WEIR_TESTS_LIMITING_H

#include "engine/limit/level.h"

typedef __int128 number;

enum { PLAIN_AGES = 6 };

struct plain {
    number units;            // bucket: left, in 1/period tokens; negative in debt
    number period;           // bucket: of the units
    number taken, last;      // windows: in this one and in the one before
    number held[PLAIN_AGES]; // concurrent: by how many parts of the lease ago it was taken
    number start;            // bucket: refilled up to there; windows, parts: where this one began
    number ban;
};

struct plain plain_fresh(const struct limit_terms *terms, uint64_t now);
void plain_advance(struct plain *plain, const struct limit_terms *terms, uint64_t now);
void plain_take(struct plain *plain, const struct limit_terms *terms, uint64_t cost);
void plain_refund(struct plain *plain, const struct limit_terms *terms, uint64_t cost,
                  uint64_t stamp);

// Of an advanced one: whole tokens, whether the cost may pass, and whether nothing is missing.
number plain_left(const struct plain *plain, const struct limit_terms *terms, uint64_t now);
bool plain_passes(const struct plain *plain, const struct limit_terms *terms, uint64_t now,
                  uint64_t cost);
bool plain_is_full(const struct plain *plain, const struct limit_terms *terms, uint64_t now);

// Whether the verdict is what the advanced one says about `cost`; `after` took it if it may pass.
void plain_expect(const struct limit_verdict *verdict, const struct plain *plain,
                  const struct limit_terms *terms, uint64_t now, uint64_t cost);

uint64_t random_next(uint64_t *seed);

#endif
