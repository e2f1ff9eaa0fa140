// The steps of one test, in their order.
#include "tools/test_case.h"

#include "tools/test_expect.h"
#include "tools/test_send.h"

// Compiles anew: expressions are compiled once, and a configuration is a constant of the rules.
static bool load(struct test_state *state, slice configuration) {
    struct text report;
    struct testing *testing;
    struct engine_input input = *state->input;
    if (configuration.length > 0) input.configuration = configuration;
    text_init(&report, &state->arena);
    enum engine_outcome outcome =
        testing_open(&input, state->file->name, state->file->text, &heap, &report, &testing);
    if (outcome == ENGINE_REFUSED) {
        text_add(state->details, text_slice(&report));
        state->failed = state->stopped = true;
        return false;
    }
    struct test_file *file = arena_take(&state->arena, sizeof *file);
    if (outcome != ENGINE_OK || file == NULL) {
        if (outcome == ENGINE_OK) testing_close(testing);
        test_state_no_memory(state);
        return false;
    }
    *file = (struct test_file){testing, state->newest};
    state->newest = file;
    state->testing = testing;
    if (!fake_proxy_load(&state->proxy, testing_program(testing))) test_state_no_memory(state);
    return !state->stopped;
}

static bool bind(struct test_state *state, slice name, struct value value) {
    struct test_name *row = arena_take(&state->arena, sizeof *row);
    if (row == NULL) return false;
    struct test_name **last = &state->names;
    while (*last != NULL)
        last = &(*last)->next;
    *row = (struct test_name){name, value, NULL};
    *last = row;
    return testing_bind(state->testing, name, value);
}

static void run_let(struct test_state *state, const struct testing_step *step) {
    struct value value;
    if (!test_state_value(state, step->value, &value)) return;
    if (value.kind == TYPE_ERROR) {
        test_state_stop(state, step->value, failure_words((enum failure)value.as.integer));
    } else if (value.kind == TYPE_HEADERS) {
        test_state_stop(state, step->value, "headers cannot be kept; keep one of them");
    } else if (!bind(state, step->name, value)) {
        test_state_no_memory(state);
    }
}

static void run_wait(struct test_state *state, const struct testing_step *step) {
    struct value value;
    if (!test_state_value(state, step->value, &value)) return;
    if (value.kind != TYPE_DURATION || value.as.integer < 0) {
        test_state_stop(state, step->value, "`wait` takes a duration that is not negative");
        return;
    }
    uint64_t more = (uint64_t)value.as.integer;
    uint64_t left = UINT64_MAX - state->proxy.host.now;
    state->proxy.host.now += more < left ? more : left;
}

// The names of the test stay known under the new configuration.
static void run_config(struct test_state *state, const struct testing_step *step) {
    if (!load(state, step->configuration)) return;
    const struct test_name *row = state->names;
    for (; row != NULL; row = row->next) {
        if (!testing_bind(state->testing, row->name, row->value)) test_state_no_memory(state);
    }
}

static void run_step(struct test_state *state, const struct testing_step *step) {
    test_state_show(state);
    switch (step->kind) {
    case TESTING_SEND: test_send(state, &step->send); break;
    case TESTING_CONFIG: run_config(state, step); break;
    case TESTING_LET: run_let(state, step); break;
    case TESTING_EXPECT: test_expect(state, step); break;
    case TESTING_WAIT: run_wait(state, step); break;
    }
}

static void run_steps(struct test_state *state, struct text *head) {
    struct span span;
    struct testing_step step;
    slice title = testing_title(state->testing, state->number, &span);
    testing_place(state->testing, span, head);
    text_add_string(head, ": ");
    text_add_escaped(head, title, 400);
    for (uint32_t i = 0; !state->stopped; i++) {
        if (!testing_step(state->testing, state->number, i, &step)) return;
        run_step(state, &step);
    }
}

static void end(struct test_state *state) {
    fake_proxy_end(&state->proxy);
    for (struct test_file *file = state->newest; file != NULL; file = file->older)
        testing_close(file->testing);
    arena_free(&state->arena);
}

enum test_verdict test_case_run(const struct engine_input *input, const struct file *file,
                                uint32_t number, struct text *head, struct text *details) {
    struct test_state state = {.input = input, .file = file, .number = number, .details = details};
    arena_init(&state.arena, &heap, HEAP_BLOCK, SIZE_MAX);
    fake_proxy_init(&state.proxy, &state.arena);
    if (load(&state, (slice){NULL, 0})) run_steps(&state, head);
    end(&state);
    if (state.no_memory) return TEST_BROKEN;
    return state.failed ? TEST_FAILED : TEST_PASSED;
}
