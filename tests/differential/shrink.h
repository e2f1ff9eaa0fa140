// A smaller expression that shows the same.
#ifndef WEIR_DIFFERENTIAL_SHRINK_H
#define WEIR_DIFFERENTIAL_SHRINK_H

#include "tests/differential/compare.h"

// Shortens `text` while the verdict over the same inputs stays; its new length. `text` has room
// for GENERATE_TEXT bytes.
uint32_t shrink_text(struct compare *compare, char *text, uint32_t length,
                     const struct generated_input *inputs, uint32_t count);

#endif
