// What one instruction takes at most, by what is known of its operands.
#ifndef WEIR_RUN_COST_WEIGH_H
#define WEIR_RUN_COST_WEIGH_H

#include "engine/run/cost_facts.h"
#include "engine/run/cost_terms.h"

// Of the instruction that the walk stands at, the first step included.
struct cost weigh_instruction(const struct facts_walk *walk, struct instruction i);

// Parts of sums, also for cost_call.c.

enum { ONCE = COST_STEP };

// So many parts whatever the sizes are; and for each byte of a text.
void weigh_once(struct cost *cost, uint64_t parts);
void weigh_text(struct cost *cost, struct facts text, uint64_t parts);
void weigh_any_text(struct cost *cost, uint64_t parts);

// Makes a sum of one item that of all of a list or map, without and with those inside of items.
void weigh_each(struct cost *cost, struct facts list);
void weigh_each_inside(struct cost *cost, struct facts list);

// What value_steps takes for a result of one of these kinds.
void weigh_result(struct cost *cost, uint32_t kinds);

#endif
