// The values that a counter is counted by: the first few have metrics of their own, the others
// share one, so that no request can make the proxy keep ever more metrics.
#ifndef WEIR_RUN_LABELS_H
#define WEIR_RUN_LABELS_H

#include "engine/base/limits.h"
#include "engine/base/slice.h"

// All zeros: nothing was counted yet.
struct labels {
    uint32_t count;
    char texts[LIMIT_LABELS][LIMIT_LABEL + 1];
};

// The number of the value, which is as in EFFECT_LABEL_COUNT; LIMIT_LABELS for all behind the
// first.
uint32_t labels_find(struct labels *labels, slice label);

// Its word in the metric's name.
const char *labels_text(const struct labels *labels, uint32_t number);

#endif
