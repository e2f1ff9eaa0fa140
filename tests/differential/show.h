// Values and cases as people read them, and as hashes.
#ifndef WEIR_DIFFERENTIAL_SHOW_H
#define WEIR_DIFFERENTIAL_SHOW_H

#include "tests/differential/compare.h"

// On the standard output.
void show_value(struct value value);
void show_case(const struct compare *compare, slice text, const struct generated_input *inputs,
               uint32_t count);

// FNV-1a over everything that a case gave.
uint64_t show_hash(uint64_t hash, struct value value);
uint64_t show_hash_text(uint64_t hash, slice text);

#endif
