// Ranges are sorted when they are needed: classes are mostly written in order.
#include "engine/match/regex_set.h"

#include "engine/match/unicode.h"

void regex_set_add(struct regex_set *set, uint32_t low, uint32_t high) {
    if (set->count == set->capacity) {
        uint32_t capacity = 2 * set->capacity + 64;
        uint64_t *more = set->failed ? NULL : arena_array(set->arena, capacity, sizeof(*more));
        set->failed = more == NULL;
        if (more == NULL) return;
        if (set->count > 0) memcpy(more, set->ranges, set->count * sizeof(*more));
        set->ranges = more;
        set->capacity = capacity;
    }
    set->ranges[set->count++] = (uint64_t)low << 32 | high;
}

// Shell's, with steps of one third.
void regex_set_sort(uint64_t *numbers, uint32_t count) {
    uint32_t step = 1;
    while (step < count / 3)
        step = 3 * step + 1;
    for (; step > 0; step /= 3) {
        for (uint32_t i = step; i < count; i++) {
            uint64_t number = numbers[i];
            uint32_t j = i;
            for (; j >= step && numbers[j - step] > number; j -= step)
                numbers[j] = numbers[j - step];
            numbers[j] = number;
        }
    }
}

void regex_set_normalize(struct regex_set *set, uint32_t from) {
    uint32_t count = set->count;
    if (count <= from) return;
    regex_set_sort(set->ranges + from, count - from);
    set->count = from;
    uint32_t low = regex_range_low(set->ranges[from]);
    uint32_t high = regex_range_high(set->ranges[from]);
    for (uint32_t i = from + 1; i < count; i++) {
        uint64_t range = set->ranges[i];
        if (regex_range_low(range) > high + 1) {
            regex_set_add(set, low, high);
            low = regex_range_low(range);
        }
        if (regex_range_high(range) > high) high = regex_range_high(range);
    }
    regex_set_add(set, low, high);
}

void regex_set_negate(struct regex_set *set, uint32_t from) {
    regex_set_normalize(set, from);
    uint32_t count = set->count;
    uint32_t next = 0; // the first code point that is not known to be in the set
    set->count = from;
    for (uint32_t i = from; i < count; i++) {
        uint64_t range = set->ranges[i];
        if (regex_range_low(range) > next) regex_set_add(set, next, regex_range_low(range) - 1);
        next = regex_range_high(range) + 1;
    }
    if (next < UNICODE_END) regex_set_add(set, next, UNICODE_END - 1);
}

static void add_next_cases(struct regex_set *set, const struct unicode_folds *folds,
                           uint64_t range) {
    uint32_t low = regex_range_low(range) > folds->low ? regex_range_low(range) : folds->low;
    uint32_t high = regex_range_high(range) < folds->high ? regex_range_high(range) : folds->high;
    if (folds->delta == 0) {
        low -= (low - folds->low) & 1;
        high += ~(high - folds->low) & 1;
    }
    regex_set_add(set, low + (uint32_t)folds->delta, high + (uint32_t)folds->delta);
}

void regex_set_fold(struct regex_set *set, uint32_t from) {
    enum { CASES_MOST = 4 }; // of one letter
    for (int round = 1; round < CASES_MOST; round++) {
        regex_set_normalize(set, from);
        uint32_t count = set->count;
        uint32_t i = from;
        struct unicode_folds folds;
        unicode_folds_init(&folds);
        while (unicode_folds_next(&folds)) {
            while (i < count && regex_range_high(set->ranges[i]) < folds.low)
                i++;
            for (uint32_t j = i; j < count && regex_range_low(set->ranges[j]) <= folds.high; j++)
                add_next_cases(set, &folds, set->ranges[j]);
        }
    }
    regex_set_normalize(set, from);
}
