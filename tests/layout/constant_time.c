// Counts the edges that comparing with a secret runs through: test_constant_time.py builds it with
// the compiler's own counting in engine/lib/compare.c and here.
#include <stdio.h>

#include "engine/lib/compare.h"

void __sanitizer_cov_trace_pc_guard_init(uint32_t *start, uint32_t *end);
void __sanitizer_cov_trace_pc_guard(uint32_t *guard);

static volatile uint64_t edges; // the compiler adds the counting when it has optimized

void __sanitizer_cov_trace_pc_guard_init(uint32_t *start, uint32_t *end) {
    for (; start < end; start++)
        *start = 1;
}

__attribute__((no_sanitize("coverage"))) void __sanitizer_cov_trace_pc_guard(uint32_t *guard) {
    edges = edges + *guard;
}

enum { LENGTH = 64 };

// What the counting must see: a comparison that ends where the texts differ.
__attribute__((noinline)) static bool early(const char *x, const char *y) {
    for (uint32_t i = 0; i < LENGTH; i++) {
        if (x[i] != y[i]) return false;
    }
    return true;
}

static struct value text(enum type type, const char *at) {
    struct value value = value_string(slice_from(at, LENGTH));
    value.kind = (uint8_t)type;
    return value;
}

// A line for each text: where it differs from the secret, whether it is equal, edges of comparing
// it as a text, as an optional, and by a comparison that ends early.
int main(void) {
    char secret[LENGTH];
    memset(secret, 's', LENGTH);
    for (uint32_t differs = 0; differs <= LENGTH; differs++) {
        char sent[LENGTH];
        memcpy(sent, secret, LENGTH);
        if (differs < LENGTH) sent[differs] = 'x';
        struct value given = text(TYPE_STRING, sent);
        struct value optional = {.kind = TYPE_OPTIONAL, .length = 1, .as.items = &given};
        edges = 0;
        bool equal = value_equal(given, text(TYPE_SECRET, secret));
        uint64_t plain = edges;
        edges = 0;
        equal &= value_equal(text(TYPE_SECRET, secret), optional);
        uint64_t held = edges;
        edges = 0;
        volatile bool seen = early(secret, sent);
        (void)seen;
        printf("%u %d %llu %llu %llu\n", differs, equal, (unsigned long long)plain,
               (unsigned long long)held, (unsigned long long)edges);
    }
    return 0;
}
