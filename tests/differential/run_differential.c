// Generates cases, runs each both ways, and prints where they disagree:
//
//     run_differential SEED FIRST COUNT [results|texts]
//
// Of the cases FIRST, FIRST + 1, …; for each thousand `hash NUMBER HEX` over all that they gave,
// with `results` also the hash of each case, with `texts` each text before it is run. In the end
// what was covered: `covered opcode|macro|function NAME TIMES`, `counted WHAT TIMES`, and
// `differential: N of M`.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/differential/show.h"
#include "tests/differential/shrink.h"

enum { BATCH = 1000, SHOWN = 20 };

static const uint64_t hash_start = UINT64_C(0xcbf29ce484222325);

static void *take_block(void *self, size_t bytes) {
    (void)self;
    return malloc(bytes);
}

static void give_block(void *self, void *block) {
    (void)self;
    free(block);
}

struct session {
    struct compare compare;
    struct compare_counts counts;
    struct generate generate;
    const struct kind_function *functions;
    uint64_t seed;
    bool results; // a line for each case
    bool texts;
    uint64_t large;
    uint64_t wrong;
};

static void report(struct session *session, uint64_t number, enum compare_verdict verdict) {
    struct generate *generate = &session->generate;
    if (session->wrong++ >= SHOWN) return;
    printf("FAIL case %" PRIu64 " of seed %" PRIu64 ": %s\n", number, session->seed,
           compare_verdict_names[verdict]);
    generate->length = shrink_text(&session->compare, generate->text, generate->length,
                                   generate->inputs, generate->input_count);
    show_case(&session->compare, slice_from(generate->text, generate->length), generate->inputs,
              generate->input_count);
    fflush(stdout);
}

// What all ways gave; *whole is false where one was skipped.
static uint64_t hash_case(const struct session *session, uint64_t hash, bool *whole) {
    const struct compare *compare = &session->compare;
    hash = show_hash_text(hash, slice_from(session->generate.text, session->generate.length));
    for (uint32_t way = 0; way < COMPARE_WAYS; way++) {
        const struct compare_result *result = &compare->results[way];
        if (result->verdict == COMPARE_SKIPPED) *whole = false;
        if (result->asked) hash = show_hash(hash, result->value);
        hash = show_hash_text(hash, result->message);
    }
    return show_hash(hash, compare->value);
}

static uint64_t run_case(struct session *session, uint64_t number, uint64_t hash) {
    struct generate *generate = &session->generate;
    bool whole = true;
    arena_reset(&session->compare.given);
    if (!generate_case(generate, &session->compare.given, session->functions, session->seed,
                       number)) {
        session->large++;
        return hash;
    }
    if (session->texts) {
        printf("case %" PRIu64 " %s\n", number, generate->text);
        fflush(stdout);
    }
    enum compare_verdict verdict =
        compare_case(&session->compare, slice_from(generate->text, generate->length),
                     generate->inputs, generate->input_count);
    hash = hash_case(session, hash, &whole);
    if (session->results) {
        uint64_t own = hash_case(session, hash_start, &whole);
        printf("result %" PRIu64 " %016" PRIx64 " %s\n", number, own, whole ? "whole" : "skipped");
    }
    if (!session->compare.parsed) {
        printf("FAIL case %" PRIu64 ": does not parse: %s\n", number, generate->text);
        session->wrong++;
    }
    if (verdict > COMPARE_SKIPPED) report(session, number, verdict);
    return hash;
}

static void run(struct session *session, uint64_t first, uint64_t count) {
    uint64_t hash = hash_start;
    for (uint64_t number = first; number < first + count; number++) {
        hash = run_case(session, number, hash);
        bool last = (number + 1) % BATCH == 0 || number + 1 == first + count;
        if (!last) continue;
        printf("hash %" PRIu64 " %016" PRIx64 "\n", number / BATCH * BATCH, hash);
        fflush(stdout);
        hash = hash_start;
    }
}

static void print_covered(const struct session *session) {
    const struct compare_counts *counts = &session->counts;
    static const char *const opcodes[OP_TOTAL] = {
#define OP(name, a, b, c, meaning) [OP_##name] = #name,
#include "engine/tbl/opcodes.h"
#undef OP
#define TEST(name, x, y, cost, condition, meaning)                                                 \
    [OP_IF_##name] = "IF_" #name, [OP_UNLESS_##name] = "UNLESS_" #name,
#include "engine/tbl/tests.h"
#undef TEST
    };
    static const char *const macros[EVALUATE_MACROS] = {
#define MACRO(name, text, form, least, most, signature, example, meaning) text,
#include "engine/tbl/macros.h"
#undef MACRO
    };
    for (uint32_t i = 0; i < OP_TOTAL; i++)
        printf("covered opcode %s %" PRIu64 "\n", opcodes[i], counts->opcodes[i]);
    for (uint32_t i = 0; i < EVALUATE_MACROS; i++)
        printf("covered macro %s %" PRIu64 "\n", macros[i], counts->macros[i]);
    for (uint32_t i = 0; i < FUNCTION_TOTAL; i++) {
        if (!session->functions[i].usable || session->functions[i].hidden) continue;
        printf("covered function %" PRIu64 " %s\n", counts->functions[i],
               function_rows[i].signature);
    }
}

static void print_end(const struct session *session) {
    const struct compare_counts *counts = &session->counts;
    print_covered(session);
    printf("counted too large %" PRIu64 "\n", session->large);
    printf("counted values %" PRIu64 "\n", counts->values);
    printf("counted refused %" PRIu64 "\n", counts->refused);
    printf("counted skipped %" PRIu64 "\n", counts->skipped);
    printf("differential: %" PRIu64 " of %" PRIu64 "\n", counts->cases - session->wrong,
           counts->cases);
}

int main(int count, char **words) {
    const struct allocator heap = {take_block, give_block, NULL};
    struct arena tables;
    struct session *session = calloc(1, sizeof *session);
    if (count < 4 || session == NULL) return 2;
    arena_init(&tables, &heap, 64 << 10, 1 << 20);
    session->functions = kind_functions(&tables);
    session->seed = strtoull(words[1], NULL, 10);
    session->results = count > 4 && strcmp(words[4], "results") == 0;
    session->texts = count > 4 && strcmp(words[4], "texts") == 0;
    session->compare.counts = &session->counts;
    if (session->functions == NULL || !compare_init(&session->compare, &heap)) return 2;
    run(session, strtoull(words[2], NULL, 10), strtoull(words[3], NULL, 10));
    print_end(session);
    bool good = session->wrong == 0;
    compare_free(&session->compare);
    arena_free(&tables);
    free(session);
    return good ? 0 : 1;
}
