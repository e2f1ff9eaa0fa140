// A short list, looked through: few counters are full, and texts differ early.
#include "engine/run/labels.h"

uint32_t labels_find(struct labels *labels, slice label) {
    for (uint32_t i = 0; i < labels->count; i++) {
        if (slice_is(label, labels->texts[i])) return i;
    }
    if (labels->count == LIMIT_LABELS || label.length > LIMIT_LABEL) return LIMIT_LABELS;
    memcpy(labels->texts[labels->count], label.at, label.length);
    labels->texts[labels->count][label.length] = '\0';
    return labels->count++;
}

const char *labels_text(const struct labels *labels, uint32_t number) {
    return number < labels->count ? labels->texts[number] : "other";
}
