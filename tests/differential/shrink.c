// Puts parts of an expression in the place of larger ones, greedily.
#include "tests/differential/shrink.h"

enum { PLACES = 256, TRIES = 4000 };

// A node's text, and the node that holds it.
struct cut {
    uint32_t start;
    uint32_t end;
    uint32_t parent;
};

struct places {
    uint32_t count;
    struct cut list[PLACES];
};

static void collect(struct places *places, const struct expr *expr, uint32_t parent) {
    if (places->count == PLACES) return;
    uint32_t own = places->count++;
    places->list[own] = (struct cut){expr->span.start, expr->span.end, parent};
    for (const struct expr *child = expr->first; child != NULL; child = child->next)
        collect(places, child, own);
}

struct attempt {
    struct compare *compare;
    const struct generated_input *inputs;
    uint32_t count;
    enum compare_verdict verdict;
    uint32_t tries;
    uint32_t length;
    char *text;
    char other[GENERATE_TEXT];
};

// The text with `with` in the place of [start, end), if it is shorter and shows the same.
static bool replace(struct attempt *attempt, uint32_t start, uint32_t end, slice with) {
    uint32_t length = attempt->length - (end - start) + with.length;
    if (length >= attempt->length || length >= GENERATE_TEXT) return false;
    memcpy(attempt->other, attempt->text, start);
    memcpy(attempt->other + start, with.at, with.length);
    memcpy(attempt->other + start + with.length, attempt->text + end, attempt->length - end);
    attempt->tries++;
    if (compare_case(attempt->compare, slice_from(attempt->other, length), attempt->inputs,
                     attempt->count) != attempt->verdict) {
        return false;
    }
    memcpy(attempt->text, attempt->other, length);
    attempt->length = length;
    return true;
}

static bool improve(struct attempt *attempt, const struct places *places) {
    static const char *const plain[] = {"1", "true", "\"a\"", "[]", "{}", "null", "v0", "1.5"};
    for (uint32_t i = 0; i < places->count && attempt->tries < TRIES; i++) {
        struct cut whole = places->list[i];
        for (uint32_t j = places->count; j-- > i + 1;) {
            struct cut part = places->list[j];
            if (part.start < whole.start || part.end > whole.end) continue;
            slice with = slice_from(attempt->text + part.start, part.end - part.start);
            if (replace(attempt, whole.start, whole.end, with)) return true;
        }
        for (uint32_t j = 0; j < LEN(plain); j++) {
            if (replace(attempt, whole.start, whole.end, slice_of(plain[j]))) return true;
        }
        // The node and what stands before the next one: an item of a list, a link of a chain.
        uint32_t before = whole.start;
        while (before > 0 && strchr(" ,&|+?", attempt->text[before - 1]) != NULL)
            before--;
        if (replace(attempt, before, whole.end, slice_of(""))) return true;
    }
    return false;
}

uint32_t shrink_text(struct compare *compare, char *text, uint32_t length,
                     const struct generated_input *inputs, uint32_t count) {
    static struct attempt attempt;
    static struct places places;
    struct compare_counts *counts = compare->counts;
    compare->counts = NULL;
    attempt = (struct attempt){
        .compare = compare, .inputs = inputs, .count = count, .text = text, .length = length};
    do {
        attempt.verdict = compare_case(compare, slice_from(text, attempt.length), inputs, count);
        places.count = 0;
        if (compare->parsed) collect(&places, compare->tree, 0);
    } while (improve(&attempt, &places));
    compare_case(compare, slice_from(text, attempt.length), inputs, count);
    compare->counts = counts;
    return attempt.length;
}
