// Bodies of responses, and caps: what is waited for, and too few steps or too little memory on the
// way, which must let no request through that a cap is for.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/running.h"

static const struct header_line get[] = {
    {{":method", 7}, {"GET", 3}}, {{":path", 5}, {"/a", 2}}, {{"x-n", 3}, {"1", 1}}};
static const struct header_line found[] = {{{":status", 7}, {"200", 3}}, {{"x-a", 3}, {"1", 1}}};

static const struct gate_case {
    const char *rules;
    bool needs;
    bool changes;
} gate_cases[] = {
    {"rule r on response_body { log info \"x\" }", true, false},
    {"rule r on response_body { set response.body = \"x\" }", true, true},
    {"rule r on response_body shadow { set response.body = \"x\" }", true, false},
    {"rule r on response_body when response.code == 404 { set response.body = \"x\" }", false,
     false},
    {"rule r on response_body when response.code == 200 { set response.body = \"x\" }", true, true},
    {"rule r on response_body when response.headers[\"x-a\"] == \"2\" { log info \"x\" }", false,
     false},
    {"rule r on response_body when request.path == \"/b\" && response.json.a == 1 { log info \"x\" "
     "}",
     false, false},
    {"rule r on response_body when request.path == \"/a\" && response.json.a == 1 { log info \"x\" "
     "}",
     true, false},
    {"rule r on response_body when response.trailers[\"x\"] == \"1\" { log info \"x\" }", true,
     false},
    {"rule r on response_body when request.trailers[\"x\"] == \"1\" { log info \"x\" }", true,
     false},
    {"rule r on response_body when int(request.headers[\"x-n\"]) == 2 { log info \"x\" }", false,
     false},
    {"rule r on response_body when random() < 0.0 { log info \"x\" }", true, false},
    {"rule r on response { set response.headers[\"x\"] = \"1\" }", false, false},
    {"rule r on request_body { log info \"x\" }", false, false},
    {"group g when request.path == \"/b\" { rule r on response_body { log info \"x\" } }", false,
     false},
    {"group g when request.json.a == 1 && request.path == \"/b\" { rule q on request_body { log "
     "info "
     "\"x\" } rule r on response_body { log info \"x\" } }",
     false, false},
    {"group g when response.json.a == 1 && request.path == \"/a\" { rule r on response_body { log "
     "info "
     "\"x\" } }",
     true, false},
    {"rule a on response_body { log info \"x\" } rule b on response_body when request.path == "
     "\"/b\" "
     "{ set response.body = \"x\" }",
     true, false},
};

static void the_gate_of_responses_rules_out(void **unused) {
    (void)unused;
    for (uint32_t i = 0; i < LEN(gate_cases); i++) {
        struct running running;
        struct run *run = &running.run;
        running_init(&running);
        running_must_compile(&running, gate_cases[i].rules, "");
        assert_true(running_begin(&running, 4096));
        running_phase(&running, PHASE_REQUEST, get, LEN(get));
        run_body_gate(run, MESSAGE_REQUEST);
        running_phase(&running, PHASE_RESPONSE, found, LEN(found));
        run_body_gate(run, MESSAGE_RESPONSE);
        const struct body *body = &run->bodies[MESSAGE_RESPONSE];
        bool same =
            body->needed == gate_cases[i].needs && body->may_change == gate_cases[i].changes;
        if (!same) fail_msg("%s", gate_cases[i].rules);
        assert_int_equal(run->effect_count, 0);
        running_end(&running);
    }
}

static void a_lost_body_of_a_response_refuses_nothing(void **unused) {
    (void)unused;
    struct running running;
    running_init(&running);
    running_must_compile(&running,
                         "limiter l { 1 per 1s  headers none }\n"
                         "rule r on response_body when response.json.a == 1.0 { ban l for 1s }\n",
                         "");
    assert_true(running_begin(&running, 4096));
    running_phase(&running, PHASE_REQUEST, get, LEN(get));
    running_phase(&running, PHASE_RESPONSE, found, LEN(found));
    run_body_gate(&running.run, MESSAGE_RESPONSE);
    assert_true(running.run.bodies[MESSAGE_RESPONSE].needed);
    run_lose_body(&running.run, MESSAGE_RESPONSE);
    assert_true(slice_is(running_effects(&running),
                         "count r.errors\nlog warn weir n r: error: the body is longer than "
                         "weir.body_limit, or never complete\n"));
    running_end(&running);
}

static void out_of_steps_behind_the_headers_refuses_nothing(void **unused) {
    (void)unused;
    for (uint32_t steps = 1; steps < 40; steps++) {
        struct running running;
        running_init(&running);
        running_must_compile(
            &running,
            "limiter l { 1 per 1s  headers none }\n"
            "rule r on response_body when json(response.json) != \"{}\" { ban l for 1s }\n",
            "");
        running.program->steps = steps;
        assert_true(running_begin(&running, 4096));
        running_phase(&running, PHASE_RESPONSE, found, LEN(found));
        run_body_gate(&running.run, MESSAGE_RESPONSE);
        assert_null(running_reply(&running));
        run_load_body(&running.run, MESSAGE_RESPONSE, slice_of("{\"a\": [1, 2, 3]}"), false);
        run_phase(&running.run, PHASE_RESPONSE_BODY);
        assert_null(running_reply(&running));
        running_end(&running);
    }
}

static const char cap[] =
    "rule r when int(request.headers[\"x-n\"]) == 1 {\n"
    "  cap request.body at int(request.headers[\"x-n\"]) + 9 else deny 413 body "
    "request.clean_path + request.clean_path\n}\n";

// The status of the reply to so many bytes, 0 for none.
static uint32_t capped(struct running *running, uint64_t bytes) {
    struct run *run = &running->run;
    const struct cap *over;
    running_phase(running, PHASE_REQUEST, get, LEN(get));
    const struct reply *reply = running_reply(running);
    while (reply == NULL && (over = run_take_cap(run, bytes)) != NULL) {
        run_cap(run, over);
        reply = running_reply(running);
    }
    return reply == NULL ? 0 : reply->status;
}

static void a_cap_counts_what_it_is_told(void **unused) {
    (void)unused;
    for (uint32_t bytes = 0; bytes <= 20; bytes++) {
        struct running running;
        running_init(&running);
        running_must_compile(&running, cap, "");
        assert_true(running_begin(&running, 4096));
        assert_int_equal(capped(&running, bytes), bytes > 10 ? 413 : 0);
        assert_true((running.run.first_cap == NULL) == (bytes > 10));
        running_end(&running);
    }
}

static void too_few_steps_open_no_cap(void **unused) {
    (void)unused;
    uint32_t last = 0;
    for (uint32_t steps = 1; steps < 60; steps++) {
        struct running running;
        running_init(&running);
        running_must_compile(&running, cap, "");
        running.program->steps = steps;
        assert_true(running_begin(&running, 4096));
        last = capped(&running, 11);
        assert_true(last == 503 || last == 413);
        running_end(&running);
    }
    assert_int_equal(last, 413);
}

static void too_little_memory_opens_no_cap(void **unused) {
    (void)unused;
    uint32_t last = 0;
    for (uint32_t left = 0; left < 40; left++) {
        struct running running;
        running_init(&running);
        running_must_compile(&running, cap, "");
        running.serving.left = left;
        if (running_begin(&running, 16)) {
            last = capped(&running, 11);
            assert_true(last == 503 || last == 413);
        }
        running_end(&running);
    }
    assert_int_equal(last, 413);
}

// The headers about the old body must go with it, or it must stay.
static void too_little_memory_leaves_a_body_as_it_is(void **unused) {
    static const struct header_line told[] = {
        {{":status", 7}, {"200", 3}}, {{"content-length", 14}, {"3", 1}}, {{"etag", 4}, {"x", 1}}};
    (void)unused;
    bool changed = false;
    for (uint32_t left = 0; left < 60; left++) {
        struct running running;
        slice length;
        running_init(&running);
        running_must_compile(&running, "rule r on response_body { set response.body = \"new\" }",
                             "");
        running.serving.left = left;
        if (running_begin(&running, 16)) {
            running_phase(&running, PHASE_RESPONSE, told, LEN(told));
            run_body_gate(&running.run, MESSAGE_RESPONSE);
            run_await_body(&running.run, MESSAGE_RESPONSE);
            run_load_body(&running.run, MESSAGE_RESPONSE, slice_of("old"), false);
            run_phase(&running.run, PHASE_RESPONSE_BODY);
            bool sets = running.run.bodies[MESSAGE_RESPONSE].edited;
            bool tells =
                run_header(&running.run, MESSAGE_RESPONSE, slice_of("content-length"), &length);
            assert_false(sets && tells);
            changed = sets;
        }
        running_end(&running);
    }
    assert_true(changed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gate_of_responses_rules_out),
        cmocka_unit_test(a_lost_body_of_a_response_refuses_nothing),
        cmocka_unit_test(out_of_steps_behind_the_headers_refuses_nothing),
        cmocka_unit_test(a_cap_counts_what_it_is_told),
        cmocka_unit_test(too_few_steps_open_no_cap),
        cmocka_unit_test(too_little_memory_opens_no_cap),
        cmocka_unit_test(too_little_memory_leaves_a_body_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
