// The costs of a program as lines for people: what `weir check --verbose` prints.
#ifndef WEIR_RUN_COST_REPORT_H
#define WEIR_RUN_COST_REPORT_H

#include "engine/run/cost.h"

// The sizes that sums are worked out for: texts of 1 KiB, 100 items, 50 header lines.
extern const struct cost_sizes cost_example;

// Appends what the program holds, then a line for each let, rule and phase: its name, the most
// steps at the example's sizes, the sum; and where these are more than the program's budget, so.
// `name` is that of the file. False when the arena refuses.
bool cost_report(struct text *out, slice name, const struct program *program, struct arena *arena);

#endif
