// What the parts of a running test share: evaluation, and saying what went wrong.
#ifndef WEIR_TOOLS_TEST_STATE_H
#define WEIR_TOOLS_TEST_STATE_H

#include "tools/fake_proxy.h"
#include "tools/test_case.h"

// A name of the test, for the configurations that follow.
struct test_name {
    slice name;
    struct value value;
    struct test_name *next;
};

// A compilation that values may still point into.
struct test_file {
    struct testing *testing;
    struct test_file *older;
};

struct test_state {
    const struct engine_input *input;
    const struct file *file;
    uint32_t number;
    struct arena arena;
    struct test_file *newest;
    struct testing *testing; // of newest
    struct test_name *names;
    struct fake_proxy proxy;
    struct testing_view view;
    struct text *details;
    bool failed;    // something expected was not so
    bool stopped;   // the steps behind cannot be run
    bool no_memory; // the test says nothing
};

// What expressions see now: the newest exchange, the counters, the logs.
void test_state_show(struct test_state *state);

// The value of a part of an expression; false where it has none by itself: a macro's variable.
bool test_state_part(struct test_state *state, struct expr *part, struct value *out);

// The value of an expression, false when it has none: the test is then stopped.
bool test_state_value(struct test_state *state, struct expr *expr, struct value *out);

// Begins a finding: `  FILE:LINE:COL: WORDS`, then the source where `expr` is given; the test has
// failed.
void test_state_fail(struct test_state *state, struct span span, const char *words,
                     const struct expr *expr);

// The same, and the test is stopped.
void test_state_stop(struct test_state *state, const struct expr *expr, const char *words);

void test_state_no_memory(struct test_state *state);

#endif
