// What one instruction takes at most, by what is known of its operands.
#ifndef WEIR_RUN_COST_WEIGH_H
#define WEIR_RUN_COST_WEIGH_H

#include "engine/run/cost_facts.h"
#include "engine/run/cost_terms.h"

// Of the instruction that the walk stands at, the first step included.
struct cost weigh_instruction(const struct facts_walk *walk, struct instruction i);

#endif
