// What clients are told where a service counts: nothing but what it said.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/running.h"

static const struct header_line get[] = {{{":method", 7}, {"GET", 3}}, {{":path", 5}, {"/", 1}}};
static const struct header_line good[] = {{{":status", 7}, {"200", 3}}};

#define SECONDS(n) (UINT64_C(n) * 1000000000)

static const struct answer_case {
    const char *name;
    const char *headers; // the option
    struct limit_answer answer;
    const char *told; // effects of phase response
} answer_cases[] = {
    {"a limit",
     "draft",
     {.good = true, .told = true, .remaining = 3, .reset = SECONDS(41)},
     "set response ratelimit-policy: \"l\";q=5;w=60\nset response ratelimit: \"l\";r=3;t=41\n"},
    {"no limit for this key", "draft", {.good = true}, ""},
    {"no limit for this key", "x", {.good = true}, ""},
    {"a limit without a time",
     "draft",
     {.good = true, .told = true, .remaining = 3},
     "set response ratelimit-policy: \"l\";q=5;w=60\nset response ratelimit: \"l\";r=3\n"},
    {"a limit without a time",
     "x",
     {.good = true, .told = true, .remaining = 3},
     "set response x-ratelimit-limit: 5\nset response x-ratelimit-remaining: 3\n"},
    {"over",
     "draft",
     {.good = true, .over = true, .told = true, .reset = SECONDS(41)},
     "set response ratelimit-policy: \"l\";q=5;w=60\nset response ratelimit: \"l\";r=0;t=41\n"
     "set response retry-after: 41\n"},
    {"over, now",
     "x",
     {.good = true, .over = true, .reset = 1},
     "set response x-ratelimit-limit: 5\nset response x-ratelimit-remaining: 0\n"
     "set response x-ratelimit-reset: 1\nset response retry-after: 1\n"},
    {"over without a time",
     "draft",
     {.good = true, .over = true},
     "set response ratelimit-policy: \"l\";q=5;w=60\nset response ratelimit: \"l\";r=0\n"},
    {"over, nothing told", "none", {.good = true, .over = true, .reset = SECONDS(41)}, ""},
    {"no answer, denied", "draft", {.good = false}, ""},
};

static void ask(struct running *running, const struct answer_case *one) {
    struct text rules;
    running_init(running);
    text_init(&rules, &running->host_arena);
    text_add_string(&rules, "service s { kind rls  cluster \"c\"  domain \"d\" }\n"
                            "limiter l { 5 per 1m  scope cluster(s)  on_error deny  headers ");
    text_add_string(&rules, one->headers);
    text_add_string(&rules, " }\nrule r { limit l }\n");
    text_add(&rules, (slice){"\0", 1});
    running_must_compile(running, rules.at, "");
    assert_true(running_begin(running, 4096));
    assert_int_equal(running_phase(running, PHASE_REQUEST, get, LEN(get)), RUN_PENDING);
    assert_int_equal(run_resume(&running->run, &one->answer), RUN_DONE);
    running_phase(running, PHASE_RESPONSE, good, LEN(good));
}

static void clients_are_told_what_the_service_said(void **unused) {
    (void)unused;
    for (uint32_t i = 0; i < LEN(answer_cases); i++) {
        const struct answer_case *one = &answer_cases[i];
        struct running running;
        ask(&running, one);
        slice told = running_effects(&running);
        if (!slice_is(told, one->told)) {
            fail_msg("%s, %s: %.*s", one->name, one->headers, (int)told.length, told.at);
        }
        running_end(&running);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clients_are_told_what_the_service_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
