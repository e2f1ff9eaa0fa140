// What a call takes at most, by what is known of its arguments.
#ifndef WEIR_RUN_COST_CALL_H
#define WEIR_RUN_COST_CALL_H

#include "engine/run/cost_facts.h"
#include "engine/run/cost_terms.h"

// Adds what a call takes beyond its own step, the walk standing at it.
void weigh_call(struct cost *cost, const struct facts_walk *walk, struct instruction i);

#endif
