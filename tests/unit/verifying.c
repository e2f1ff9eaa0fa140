// Tables for small programs, and their way through the verifier.
#include "tests/unit/verifying.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct value ints[] = {{.kind = TYPE_INT, .as.integer = 1},
                                    {.kind = TYPE_INT, .as.integer = 2}};
static const struct value mixed[] = {{.kind = TYPE_INT, .as.integer = 1},
                                     {.kind = TYPE_STRING, .length = 1, .as.text = "x"}};

static const struct value constants[CONSTANTS] = {
    [ONE] = {.kind = TYPE_INT, .as.integer = 1},
    [TEXT] = {.kind = TYPE_STRING, .length = 1, .as.text = "x"},
    [TRUE] = {.kind = TYPE_BOOL, .as.boolean = true},
    [REAL] = {.kind = TYPE_DOUBLE, .as.real = 1.5},
    [ITEMS] = {.kind = TYPE_LIST, .depth = 1, .length = 2, .as.items = ints},
    [MIXED] = {.kind = TYPE_LIST, .depth = 1, .length = 2, .as.items = mixed},
    [EMPTY] = {.kind = TYPE_LIST, .depth = 1},
    [ENTRIES] = {.kind = TYPE_MAP, .depth = 1, .length = 1, .as.items = mixed},
    [SOME] = {.kind = TYPE_OPTIONAL, .depth = 1, .length = 1, .as.items = ints},
    [NOTHING] = {.kind = TYPE_OPTIONAL, .depth = 1},
};
static const struct candidate starts = {FUNCTION_STARTS_WITH, {TYPE_STRING, TYPE_STRING}};
static const struct candidate any_size[] = {{FUNCTION_SIZE_STRING, {TYPE_STRING}},
                                            {FUNCTION_SIZE_LIST, {TYPE_LIST}}};
static const struct candidate any_abs[] = {{FUNCTION_MATH_ABS_INT, {TYPE_INT}},
                                           {FUNCTION_MATH_ABS_DOUBLE, {TYPE_DOUBLE}}};
static const struct candidate in_zone = {FUNCTION_GET_HOURS_IN_ZONE, {TYPE_TIMESTAMP, TYPE_ZONE}};
static const struct call_site sites[SITES] = {
    [STARTS] = {string_starts_with, &starts, 1, 2, TYPE_BOOL},
    [ANY_SIZE] = {size_of, any_size, 2, 1, TYPE_INT},
    [ANY_ABS] = {math_abs, any_abs, 2, 1, TYPE_DYN},
    [IN_ZONE] = {time_get_hours, &in_zone, 1, 2, TYPE_INT},
};
static const struct slot_row slots[1] = {{{"x", 1}, MESSAGE_REQUEST, false, false}};
static const struct rule_row rules[1] = {
    {.name = {"r", 1}, .phase = PHASE_REQUEST, .restricts = true, .applies_on_error = true}};
static const struct limiter_row limiters[1] = {
    {.name = {"l", 1},
     .key = {"k", 1},
     .terms = {LIMIT_ALGORITHM_TOKEN_BUCKET, 1, 1000000000, 1},
     .shape = {.ways = 1, .slots = 1},
     .let = NO_LET}};
static const uint16_t no_handlers[LIMIT_LET_DEPTH * 4];

struct program verifying_program(const struct instruction *code, uint32_t count) {
    static const uint16_t slot_table[4] = {1, 1, 1, 0}; // an end to every search
    struct program program = {.code = code,
                              .handler_of = no_handlers,
                              .code_count = count,
                              .constants = constants,
                              .constant_count = CONSTANTS,
                              .sites = sites,
                              .site_count = SITES,
                              .slots = slots,
                              .slot_count = 1,
                              .slot_table = slot_table,
                              .slot_table_mask = 3,
                              .rules = rules,
                              .rule_count = 1,
                              .limiters = limiters,
                              .limiter_count = 1,
                              .group_count = 1,
                              .registers = REGISTERS,
                              .steps = 1000,
                              .memory = 65536};
    for (uint32_t i = 0; i <= PHASE_TOTAL; i++)
        program.entry[i] = NO_ENTRY;
    program.body_gate[MESSAGE_REQUEST] = program.body_gate[MESSAGE_RESPONSE] = NO_ENTRY;
    return program;
}

enum verify_outcome verifying_outcome(struct program *program, const char **why) {
    struct failing failing;
    struct arena scratch;
    uint32_t at;
    failing_init(&failing, UINT32_MAX);
    arena_init(&scratch, &failing.allocator, 64, SIZE_MAX);
    *why = NULL;
    enum verify_outcome outcome = verify_program(program, &scratch, &at, why);
    arena_free(&scratch);
    assert_int_equal(failing.held, 0);
    return outcome;
}

void verifying_assert(const char *name, struct program *program, const char *wanted) {
    const char *found;
    bool accepted = verifying_outcome(program, &found) == VERIFY_OK;
    bool same = wanted == NULL || found == NULL ? wanted == NULL && accepted
                                                : !accepted && slice_is(slice_of(found), wanted);
    bool any = wanted != NULL && *wanted == '\0';
    if (any ? !accepted : same) return;
    const char *reason = found == NULL ? "refused without a reason" : found;
    fail_msg("%s: %s, wanted %s", name, accepted ? "accepted" : reason,
             wanted == NULL ? "acceptance" : wanted);
}

static uint32_t count_code(const struct instruction *code) {
    uint32_t count = CODE_MOST;
    while (count > 0) {
        struct instruction i = code[count - 1];
        if ((i.op | i.a | i.b | i.c) != 0) break;
        count--;
    }
    return count;
}

struct value verifying_run(struct program *program, uint32_t phase) {
    static const struct header_line lines[] = {{{"x", 1}, {"seen", 4}}};
    struct running running;
    struct value result = value_null();
    running_init(&running);
    running.program = program;
    assert_true(running_begin(&running, 32));
    assert_true(run_load(&running.run, MESSAGE_REQUEST, lines, 1));
    if (phase == PHASE_TOTAL) {
        result = run_expression(&running.run);
        bool held = value_held(result) > 0 || value_is_text(result);
        if (held) result.as.items = NULL; // goes with the stream
    } else {
        assert_int_equal(running_phase(&running, (enum phase)phase, lines, 1), RUN_DONE);
    }
    running_end(&running);
    return result;
}

void verifying_rows(const struct row *rows, uint32_t count, uint32_t phase) {
    for (uint32_t i = 0; i < count; i++) {
        struct program program = verifying_program(rows[i].code, count_code(rows[i].code));
        program.entry[phase] = 0;
        verifying_assert(rows[i].name, &program, rows[i].why);
        if (rows[i].why != NULL) continue;
        struct value result = verifying_run(&program, phase);
        bool starved = result.kind == TYPE_ERROR && result.as.integer == FAILURE_STEPS;
        if (starved) fail_msg("%s: out of steps", rows[i].name);
    }
}
