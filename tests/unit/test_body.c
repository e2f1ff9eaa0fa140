// Bodies in the engine: what is waited for, what is refused, and too few steps or too little memory
// on the way, which must not let a body through that a rule restricts.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/running.h"

static const struct header_line post[] = {
    {{":method", 7}, {"POST", 4}}, {{":path", 5}, {"/a", 2}}, {{"x-n", 3}, {"1", 1}}};

// Phase request over those lines, then the gate.
static void open_gate(struct running *running) {
    running_phase(running, PHASE_REQUEST, post, LEN(post));
    assert_null(running_reply(running));
    run_body_gate(&running->run, MESSAGE_REQUEST);
}

static const struct gate_case {
    const char *rules;
    bool needs;
} gate_cases[] = {
    {"rule r on request_body { deny }", true},
    {"rule r on request_body when true { deny }", true},
    {"rule r on request_body when request.method == \"GET\" { deny }", false},
    {"rule r on request_body when request.json.a == 1 { deny }", true},
    {"rule r on request_body when request.json.a == 1 && request.method == \"GET\" { deny }",
     false},
    {"rule r on request_body when request.json.a == 1 || request.method == \"GET\" { deny }", true},
    {"rule r on request_body when !(request.json.a == 1 || request.method == \"POST\") { deny }",
     false},
    {"rule r on request_body when !(request.json.a == 1 && request.method == \"POST\") { deny }",
     true},
    {"rule r on request_body when !(request.json.a == 1 && request.method == \"GET\") { deny }",
     true},
    {"rule r on request_body when (request.method == \"GET\" && request.json.a == 1) || "
     "(request.path == \"/b\" && request.json.b == 1) { deny }",
     false},
    {"rule r on request_body when (request.method == \"GET\" && request.json.a == 1) || "
     "(request.path == \"/a\" && request.json.b == 1) { deny }",
     true},
    {"rule r on request_body when int(request.headers[\"x-n\"]) == 2 { deny }", false},
    {"rule r on request_body when int(request.headers[\"x-m\"]) == 2 { deny }", true},
    {"rule r on request_body on_error skip when int(request.headers[\"x-m\"]) == 2 { deny }", true},
    {"rule r on request_body when int(request.headers[\"x-m\"]) == 2 && request.path == \"/b\" "
     "{ deny }",
     false},
    {"rule r on request_body when random() < 0.0 { deny }", true},
    {"rule r on request_body when [request.json].exists(j, request.method == \"GET\") { deny }",
     true},
    {"rule r on request_body when request.path.matches(string(request.body)) { deny }", true},
    {"let b = request.body  rule r on request_body when b == b\"1\" { deny }", true},
    {"let m = request.method  rule r on request_body when m == \"GET\" { deny }", false},
    {"let r = random()  rule r on request_body when r < 0.0 { deny }", false},
    {"group g when request.path == \"/b\" { rule r on request_body { deny } }", false},
    {"group g when request.path == \"/a\" { rule r on request_body { deny } }", true},
    {"group g when request.json.a == 1 && request.path == \"/b\" { rule r on request_body { deny } "
     "}",
     false},
    {"group g when int(request.headers[\"x-m\"]) == 1 { rule r on request_body { deny } }", true},
    {"group g when request.path == \"/a\" { group h when request.method == \"GET\" { "
     "rule r on request_body { deny } } }",
     false},
    {"group g when random() < 0.0 { rule a { set request.headers[\"x\"] = \"1\" } "
     "rule r on request_body { deny } }",
     false}, // known from phase request
    {"group g when request.json.a == 1 { rule a on request_body when request.method == \"GET\" "
     "{ deny } rule b on response { set response.headers[\"x\"] = \"1\" } }",
     true}, // for its later rule
    {"group g when request.json.a == 1 { rule a on request_body when request.method == \"GET\" "
     "{ deny } }",
     false},
    {"rule a { deny }", false},
};

static void the_gate_rules_out(void **unused) {
    (void)unused;
    for (uint32_t i = 0; i < LEN(gate_cases); i++) {
        struct running running;
        running_init(&running);
        running_must_compile(&running, gate_cases[i].rules, "");
        assert_true(running_begin(&running, 4096));
        running_phase(&running, PHASE_REQUEST, post, LEN(post));
        run_body_gate(&running.run, MESSAGE_REQUEST);
        if (running.run.bodies[MESSAGE_REQUEST].needed != gate_cases[i].needs)
            fail_msg("%s", gate_cases[i].rules);
        assert_int_equal(running.run.effect_count, 0);
        running_end(&running);
    }
}

static void assert_text(slice found, const char *wanted) {
    if (!slice_is(found, wanted)) fail_msg("%.*s", (int)found.length, found.at);
}

static const char rules[] = "rule notes on request_body { log error \"x\" }\n"
                            "rule other on request_body when request.method == \"GET\" { deny }\n"
                            "rule first on request_body when request.json.a == 1.0 { deny }\n"
                            "rule second on request_body { deny 400 }\n";

static void a_lost_body_is_an_error_of_those_who_waited(void **unused) {
    (void)unused;
    struct running running;
    running_init(&running);
    running_must_compile(&running, rules, "");
    assert_true(running_begin(&running, 4096));
    open_gate(&running);
    run_lose_body(&running.run, MESSAGE_REQUEST);
    const char *why = "the body is longer than weir.body_limit, or never complete";
    char wanted[1000];
    snprintf(wanted, sizeof wanted,
             "count notes.errors\nlog warn weir n notes: error: %s\n"
             "count first.errors\nlog warn weir n first: error: %s\n"
             "count second.errors\nlog warn weir n second: error: %s\n"
             "count first.denied\n"
             "reply 413 weir.body_limit:first body request body too large\n",
             why, why, why);
    assert_text(running_effects(&running), wanted);
    assert_true(slice_is(running.run.decision_rule, "first"));
    running_end(&running);
}

static void what_cannot_be_had_is_told_by_headers(void **unused) {
    static const struct {
        const char *name;
        const char *value;
        bool out_of_reach;
    } cases[] = {
        {"content-length", "65536", false},
        {"content-length", "65537", true},
        {"content-length", "18446744073709551616", false}, // no number: the host refuses it
        {"content-type", "application/grpc", true},
        {"content-type", "application/grpc-web+proto", true},
        {"content-type", "APPLICATION/GRPC", true},
        {"content-type", "application/json", false},
        {"content-type", "text/event-stream;charset=utf-8", true},
        {"upgrade", "websocket", true},
        {":method", "CONNECT", true},
        {":method", "GET", false},
    };
    (void)unused;
    for (uint32_t i = 0; i < LEN(cases); i++) {
        struct running running;
        struct header_line line = {slice_of(cases[i].name), slice_of(cases[i].value)};
        running_init(&running);
        running_must_compile(&running, rules, "");
        assert_true(running_begin(&running, 4096));
        running_phase(&running, PHASE_REQUEST, &line, 1);
        if (run_body_is_out_of_reach(&running.run, MESSAGE_REQUEST) != cases[i].out_of_reach) {
            fail_msg("%s: %s", cases[i].name, cases[i].value);
        }
        running_end(&running);
    }
}

static void a_body_rule_may_wait_for_a_limiter(void **unused) {
    (void)unused;
    struct running running;
    running_init(&running);
    running_must_compile(&running,
                         "service s { kind rls  cluster \"c\"  domain \"d\" }\n"
                         "limiter l { 1 per 1s  scope cluster(s)  headers none }\n"
                         "rule r on request_body when request.json.a == 1.0 { limit l }\n",
                         "");
    assert_true(running_begin(&running, 4096));
    open_gate(&running);
    run_load_body(&running.run, MESSAGE_REQUEST, slice_of("{\"a\": 1}"), false);
    assert_int_equal(run_phase(&running.run, PHASE_REQUEST_BODY), RUN_PENDING);
    struct limit_answer over = {.good = true, .over = true};
    assert_int_equal(run_resume(&running.run, &over), RUN_DONE);
    assert_text(running_effects(&running), "count r.matched\ncount limiter.l.limited\n"
                                           "count r.denied\n"
                                           "reply 429 weir.limit:r body too many requests\n");
    running_end(&running);
}

// The gate, then the body or its loss. The status of the reply, 0 for none.
static uint32_t serve(struct running *running, bool lost) {
    struct run *run = &running->run;
    const struct reply *reply;
    run_body_gate(run, MESSAGE_REQUEST);
    reply = running_reply(running);
    if (reply == NULL && run->bodies[MESSAGE_REQUEST].needed && lost)
        run_lose_body(run, MESSAGE_REQUEST);
    if (reply == NULL && run->bodies[MESSAGE_REQUEST].needed && !lost) {
        run_load_body(run, MESSAGE_REQUEST, slice_of("{\"a\": [1, 2, 3], \"b\": \"\\n\"}"), false);
        run_phase(run, PHASE_REQUEST_BODY);
    }
    if (reply == NULL) reply = running_reply(running);
    return reply == NULL ? 0 : reply->status;
}

static const char restricting[] =
    "let path = request.clean_path\n"
    "rule r on request_body when path == \"/a\" && int(request.headers[\"x-n\"]) == 1 && "
    "json(request.json) != \"{}\" { deny 400 headers {\"x-p\": path + path} }\n";

static void too_few_steps_open_no_door(void **unused) {
    (void)unused;
    for (uint32_t lost = 0; lost <= 1; lost++) {
        uint32_t last = 0;
        for (uint32_t steps = 1; steps < 60; steps++) {
            struct running running;
            running_init(&running);
            running_must_compile(&running, restricting, "");
            running.program->steps = steps;
            assert_true(running_begin(&running, 4096));
            running_phase(&running, PHASE_REQUEST, post, LEN(post));
            last = serve(&running, lost);
            assert_true(last == 503 || last == (lost ? 413 : 400));
            running_end(&running);
        }
        assert_int_equal(last, lost ? 413 : 400);
    }
}

static void too_little_memory_opens_no_door(void **unused) {
    (void)unused;
    for (uint32_t lost = 0; lost <= 1; lost++) {
        uint32_t last = 0;
        for (uint32_t left = 0; left < 40; left++) {
            struct running running;
            running_init(&running);
            running_must_compile(&running, restricting, "");
            running.serving.left = left;
            bool begun = running_begin(&running, 16);
            if (begun) {
                running_phase(&running, PHASE_REQUEST, post, LEN(post));
                last = serve(&running, lost);
                assert_true(last == 503 || last == (lost ? 413 : 400));
            }
            running_end(&running);
        }
        assert_int_equal(last, lost ? 413 : 400);
    }
}

static void a_body_without_memory_is_refused(void **unused) {
    (void)unused;
    struct running running;
    running_init(&running);
    running_must_compile(&running, restricting, "");
    assert_true(running_begin(&running, 4096));
    open_gate(&running);
    running.run.out_of_memory = true;
    run_phase(&running.run, PHASE_REQUEST_BODY);
    assert_int_equal(running_reply(&running)->status, 503);
    running_end(&running);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gate_rules_out),
        cmocka_unit_test(a_lost_body_is_an_error_of_those_who_waited),
        cmocka_unit_test(what_cannot_be_had_is_told_by_headers),
        cmocka_unit_test(a_body_rule_may_wait_for_a_limiter),
        cmocka_unit_test(too_few_steps_open_no_door),
        cmocka_unit_test(too_little_memory_opens_no_door),
        cmocka_unit_test(a_body_without_memory_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
