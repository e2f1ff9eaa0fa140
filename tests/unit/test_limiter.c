// Limiters over the phases of one stream, between which time passes.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/running.h"

static const struct header_line get[] = {{{":method", 7}, {"GET", 3}}, {{":path", 5}, {"/", 1}}};
static const struct header_line good[] = {{{":status", 7}, {"200", 3}}};
static const uint64_t second = 1000000000;

static void begin(struct running *running, const char *rules) {
    running_init(running);
    running_must_compile(running, rules, "");
}

// Whether a stream of its own passes; the one before is over.
static bool passes(struct running *running) {
    assert_true(running_begin(running, 4096));
    running_phase(running, PHASE_REQUEST, get, LEN(get));
    return running_reply(running) == NULL;
}

// A second stream beside the one that is open.
static bool another_passes(struct running *running) {
    struct arena arena;
    struct run run;
    arena_init(&arena, &running->serving.allocator, 4096, running->program->memory);
    assert_true(run_begin(&run, running->program, &running->host.face, &arena));
    assert_int_equal(run_phase(&run, PHASE_REQUEST), RUN_DONE);
    bool passed = run.decision_rule.length == 0;
    arena_free(&arena);
    return passed;
}

static void a_refund_is_of_the_window_that_was_taken_from(void **unused) {
    (void)unused;
    struct running running;
    begin(&running, "limiter l { 2 per 10s  algorithm fixed_window  headers none }\n"
                    "rule ask { limit l }\n"
                    "rule more on response { charge l  refund l }\n");
    assert_true(passes(&running));
    running.host.now += 11 * second;
    assert_true(another_passes(&running)); // opens the next window
    running_phase(&running, PHASE_RESPONSE, good, LEN(good));
    // Only the charge came back, not what the window before had seen.
    assert_true(another_passes(&running));
    assert_false(another_passes(&running));
    running_end(&running);
}

static void a_refund_behind_its_window_gives_nothing(void **unused) {
    (void)unused;
    struct running running;
    begin(&running, "limiter l { 2 per 10s  algorithm fixed_window  headers none }\n"
                    "rule ask { limit l }\n"
                    "rule back on response { refund l  charge l cost 2 }\n");
    assert_true(passes(&running));
    running.host.now += 11 * second;
    running_phase(&running, PHASE_RESPONSE, good, LEN(good));
    assert_false(passes(&running));
    running_end(&running);
}

static void a_bucket_gets_back_what_was_taken_at_any_time(void **unused) {
    (void)unused;
    struct running running;
    begin(&running, "limiter l { 2 per 1h  headers none }\n"
                    "rule ask { limit l cost 2 }\n"
                    "rule back on response { refund l }\n");
    assert_true(passes(&running));
    running.host.now += 60 * second;
    running_phase(&running, PHASE_RESPONSE, good, LEN(good));
    assert_true(passes(&running));
    assert_false(passes(&running));
    running_end(&running);
}

static void a_clock_that_goes_back_brings_nothing(void **unused) {
    (void)unused;
    struct running running;
    begin(&running, "limiter l { 1 per 10s  headers none }\nrule ask { limit l }\n");
    uint64_t start = running.host.now;
    assert_true(passes(&running));
    running.host.now = start - 100 * second;
    assert_false(passes(&running));
    running.host.now = start + 10 * second - 1;
    assert_false(passes(&running));
    running.host.now = start + 10 * second;
    assert_true(passes(&running));
    running_end(&running);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refund_is_of_the_window_that_was_taken_from),
        cmocka_unit_test(a_refund_behind_its_window_gives_nothing),
        cmocka_unit_test(a_bucket_gets_back_what_was_taken_at_any_time),
        cmocka_unit_test(a_clock_that_goes_back_brings_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
