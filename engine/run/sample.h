// Which requests a rule's `sample` is about.
#ifndef WEIR_RUN_SAMPLE_H
#define WEIR_RUN_SAMPLE_H

#include "engine/run/run.h"

enum sample_operand { SAMPLE_SHARE, SAMPLE_KEY, SAMPLE_SALT, SAMPLE_OPERANDS };

// Of values by enum sample_operand: true for that share of all draws. Those of a key are
// hash(KEY, SALT) / 2^63, the same each time; a key that is null, none or empty draws by chance.
// FAILURE_NO_OVERLOAD for a share that is no number, FAILURE_NO_RANDOM.
enum failure sample_draw(struct run *run, const struct value *operands, struct value *out);

#endif
