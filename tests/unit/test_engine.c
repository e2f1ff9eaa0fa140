// The engine under what hosts can do to it: waiting, contention, too few steps, no memory.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "engine/bundled.h"
#include "engine/testing.h"
#include "tests/unit/running.h"

static const char rich_rules[] =
    "include \"demo.weir\"\n"
    "let path = request.clean_path\n"
    "let long = path + \"?\" + request.headers[\"x-a\"] + request.headers[\"x-b\"]\n"
    "let both = long + path\n"
    "let number = int(request.headers[\"x-n\"])\n"
    "limiter mine { int(config.n) + 1 per 1s  burst 5  scope worker  headers none }\n"
    "group area when path.startsWith(\"/a\") || number > 3 {\n"
    "  rule inner when request.headers[\"x-b\"] != \"\" && both.size() > 3 {\n"
    "    set request.headers[\"x-c\"] = both\n"
    "    add request.headers[\"x-c\"] = [\"1\", path]\n"
    "    remove request.headers[\"x-a\"]\n"
    "    limit mine else respond 200 json {\"path\": path, \"n\": [1, 2.5, null, true]}\n"
    "  }\n"
    "  group deep when request.method in config.methods {\n"
    "    rule wrong when request.headers[request.headers[\"x-b\"]] == \"z\" {\n"
    "      deny 401 body long headers {\"x-why\": [long, \"b\"]} details path\n"
    "    }\n"
    "  }\n"
    "}\n"
    "rule logs when \"x-a\" in request.headers && config.m.k[0] == 1.0 { log warn \"seen \" + long "
    "}\n"
    "rule checks { require request.headers[\"x-n\"] == \"7\" || number == 9 else deny 400 }\n"
    "rule late on response when response.code >= 500 && response.headers[\"x-up\"] != \"\" {\n"
    "  default response.headers[\"x-d\"] = json({\"code\": response.code, \"rule\": "
    "decision.rule})\n"
    "}\n";
static const char rich_data[] =
    "{\"methods\": [\"GET\", \"PUT\"], \"m\": {\"k\": [1, \"b\"]}, \"n\": 2}";

// What makes values of every kind while it runs.
static const char making_rules[] =
    "let names = request.headers.filter(n, n.startsWith(\"x\")).map(n, n + \"=\")\n"
    "let methods = config.methods.map(m, m + request.headers[\"x-a\"])\n"
    "let user = config.m[?request.headers[\"x-b\"]].or(config.m[?\"k\"])\n"
    "rule lists when config.methods.all(m, names.exists(n, n != m)) {\n"
    "  set request.headers[\"x-c\"] = names.map(n, n + request.path)\n"
    "  set request.headers[\"x-d\"] = cel.bind(j, names.join(\",\"), j + \"-\" + j)\n"
    "}\n"
    "rule maps when methods.exists_one(m, m.startsWith(\"PUT\")) {\n"
    "  set request.headers[\"x-e\"] = json(methods.transformMapEntry(i, m, {m: i}))\n"
    "  set request.headers[\"x-f\"] = json({?\"u\": user, \"m\": size(request.headers.to_map())})\n"
    "}\n"
    "rule optionals when user.optMap(u, size(u) == 2).orValue(false) {\n"
    "  set request.headers[\"x-g\"] = request.headers[?\"x-none\"].orValue(request.method)\n"
    "  set request.headers[\"x-h\"] = string(size([?user, ?config.?m.?none]))\n"
    "}\n"
    "rule late on response when response.headers.exists(n, n.endsWith(\"up\")) {\n"
    "  set response.headers[\"x-d\"] = response.headers.values(\"x-up\").map(v, v + v)\n"
    "}\n";

#define LINE(name, value) {{name, sizeof(name) - 1}, {value, sizeof(value) - 1}}

static const struct header_line rich_request[] = {
    LINE(":method", "GET"),     LINE(":path", "/b/../a/%61;x=1/y?q=1"),
    LINE(":authority", "h:80"), LINE(":scheme", "http"),
    LINE("x-a", "one"),         LINE("x-a", "two"),
    LINE("x-b", "three"),       LINE("x-n", "7"),
    LINE("cookie", "a=1"),      LINE("cookie", "b=2"),
};
static const struct header_line rich_response[] = {
    LINE(":status", "503"),
    LINE("x-up", "1"),
    LINE("x-up", "2"),
    LINE("server", "x"),
};

static enum run_state rich_phase(struct running *running, enum phase phase) {
    bool request = phase == PHASE_REQUEST;
    return running_phase(running, phase, request ? rich_request : rich_response,
                         request ? LEN(rich_request) : LEN(rich_response));
}

static void assert_text(slice found, const char *wanted) {
    if (slice_is(found, wanted)) return;
    fail_msg("found:\n%.*s\nwanted:\n%s", (int)found.length, found.at, wanted);
}

static void assert_same(slice found, slice wanted) {
    if (slice_equal(found, wanted)) return;
    fail_msg("found:\n%.*s\nwanted:\n%.*s", (int)found.length, found.at, (int)wanted.length,
             wanted.at);
}

// Both phases of the rich rules, as text.
static slice run_rich(struct running *running) {
    struct text all;
    text_init(&all, &running->host_arena);
    assert_true(running_begin(running, 4096));
    for (uint32_t phase = 0; phase < PHASE_TOTAL; phase++) {
        assert_int_equal(rich_phase(running, (enum phase)phase), RUN_DONE);
        text_add(&all, running_effects(running));
        text_add_string(&all, "--\n");
    }
    return text_slice(&all);
}

static void what_rules_do_is_data(void **unused) {
    (void)unused;
    struct running running;
    running_init(&running);
    running_must_compile(&running, rich_rules, rich_data);
    slice effects = run_rich(&running);
    assert_text(
        effects,
        "count throttle.matched\n"
        "count limiter.demo.allowed\n"
        "count area.inner.matched\n"
        "set request x-c: /a/a/y?one,twothree/a/a/y\n"
        "add request x-c: 1\n"
        "add request x-c: /a/a/y\n"
        "remove request x-a\n"
        "count limiter.mine.allowed\n"
        "count checks.matched\n"
        "--\n"
        "--\n"
        "count stamp.matched\n"
        "add response who-am-i: wasm-extension\n"
        "add response injected-by: istio-api!\n"
        "add response hally: wang\n"
        "add response wang: 1234567\n"
        "add response configdata: {\"methods\":[\"GET\",\"PUT\"],\"m\":{\"k\":[1,\"b\"]},\"n\":2}\n"
        "count late.matched\n"
        "add response x-d: {\"code\":503,\"rule\":\"\"}\n"
        "--\n"
        "--\n"
        "--\n");
    running_end(&running);
}

static void what_rules_make_is_data(void **unused) {
    (void)unused;
    struct running running;
    running_init(&running);
    running_must_compile(&running, making_rules, rich_data);
    assert_text(run_rich(&running), "count lists.matched\n"
                                    "set request x-c: x-a=/b/../a/%61;x=1/y?q=1\n"
                                    "add request x-c: x-b=/b/../a/%61;x=1/y?q=1\n"
                                    "add request x-c: x-n=/b/../a/%61;x=1/y?q=1\n"
                                    "set request x-d: x-a=,x-b=,x-n=-x-a=,x-b=,x-n=\n"
                                    "count maps.matched\n"
                                    "set request x-e: {\"GETone,two\":0,\"PUTone,two\":1}\n"
                                    "set request x-f: {\"u\":[1,\"b\"],\"m\":7}\n"
                                    "count optionals.matched\n"
                                    "set request x-g: GET\n"
                                    "set request x-h: 1\n"
                                    "--\n"
                                    "--\n"
                                    "count late.matched\n"
                                    "set response x-d: 11\n"
                                    "add response x-d: 22\n"
                                    "--\n"
                                    "--\n"
                                    "--\n");
    running_end(&running);
}

static const char one_limit[] =
    "limiter l { 1000 per 1s  burst 50  headers none }\n"
    "rule r { limit l else deny 429 set request.headers[\"x\"] = \"1\" }";

static const char refused_after_races[] =
    "count limiter.l.errors\ncount r.errors\n"
    "log warn weir n r: error: the shared counter is contended or unavailable\n"
    "count limiter.l.limited\ncount r.denied\nreply 429 weir.deny:r body denied\n";

static void lost_races_are_retried_within_bounds(void **unused) {
    (void)unused;
    struct running running;
    running_init(&running);
    running_must_compile(&running, one_limit, "");
    for (uint32_t conflicts = 0; conflicts <= LIMIT_SWAPS + 1; conflicts++) {
        assert_true(running_begin(&running, 4096));
        running.host.now += 1000000000; // full again
        running.host.conflicts = conflicts;
        running.host.swaps = 0;
        assert_int_equal(rich_phase(&running, PHASE_REQUEST), RUN_DONE);
        running.host.conflicts = 0;
        bool admitted = conflicts < LIMIT_SWAPS;
        assert_int_equal(running.host.swaps, admitted ? conflicts + 1 : LIMIT_SWAPS);
        struct text wanted;
        text_init(&wanted, &running.host_arena);
        text_add_string(&wanted, "count r.matched\n");
        for (uint32_t lost = 0; lost < conflicts && lost < LIMIT_SWAPS; lost++)
            text_add_string(&wanted, "count limiter.l.cas_retry\n");
        text_add_string(&wanted, admitted ? "count limiter.l.allowed\nset request x: 1\n"
                                          : refused_after_races);
        assert_same(running_effects(&running), text_slice(&wanted));
    }
    running_end(&running);
}

static void no_counters_refuse(void **unused) {
    (void)unused;
    struct running running;
    running_init(&running);
    running_must_compile(&running, one_limit, "");
    running.host.unavailable = true;
    assert_true(running_begin(&running, 4096));
    rich_phase(&running, PHASE_REQUEST);
    assert_int_equal(running_reply(&running)->status, 429);
    assert_int_equal(running.host.gets, 1);
    running_end(&running);
}

// For every budget: the refusal that was due, or 503. Never a request that passes.
static void too_few_steps_open_no_door(void **unused) {
    (void)unused;
    struct running running;
    uint32_t starved = 0;
    running_init(&running);
    running_must_compile(&running, rich_rules, rich_data);
    for (uint32_t steps = 0; steps < 400; steps++) {
        running.program->steps = steps;
        assert_true(running_begin(&running, 4096));
        run_load(&running.run, MESSAGE_REQUEST, rich_request, LEN(rich_request) - 3); // no x-n
        run_phase(&running.run, PHASE_REQUEST);
        const struct reply *reply = running_reply(&running);
        assert_non_null(reply);
        if (reply->status != 503) continue;
        starved++;
        assert_text(reply->details, "weir.steps");
        assert_text(running.run.decision_rule, "weir.steps");
        fake_host_init(&running.host, &running.host_arena);
    }
    assert_in_range(starved, 30, 300);
    running_end(&running);
}

static void too_few_steps_skip_what_only_edits(void **unused) {
    (void)unused;
    struct running running;
    running_init(&running);
    running_must_compile(&running,
                         "rule a { set request.headers[\"x\"] = request.method }\n"
                         "rule b { set request.headers[\"y\"] = request.method }",
                         "");
    for (uint32_t steps = 0; steps < 20; steps++) {
        running.program->steps = steps;
        assert_true(running_begin(&running, 4096));
        rich_phase(&running, PHASE_REQUEST);
        assert_null(running_reply(&running));
    }
    running.program->steps = 4; // rule a's three (its edit reads the method), the first of rule b
    assert_true(running_begin(&running, 4096));
    rich_phase(&running, PHASE_REQUEST);
    assert_text(running_effects(&running), "count a.matched\nset request x: GET\ncount b.errors\n"
                                           "log warn weir n b: error: out of steps\n");
    running_end(&running);
}

// Rules that take far more than a request is given, whatever it is that they have too much of.
static const struct {
    const char *rules;
    const char *details;
} greedy[] = {
    // Five loops, one in the other, of a thousand rounds each.
    {"rule r when config.list.all(a, config.list.all(b, config.list.all(c, config.list.all(d,\n"
     "  config.list.all(e, a + b + c + d + e >= 0))))) { deny 403 }",
     "weir.steps"},
    {"let l = lists.range(size(request.headers[\"x-a\"]) * 125)\n"
     "rule r when l.all(a, l.all(b, l.all(c, l.all(d, l.all(e, a + b + c + d + e >= 0))))) {\n"
     "  deny 403\n"
     "}",
     "weir.steps"},
    {"rule r when config.list.exists(i, a, config.list.exists(j, b, config.list.exists(k, c,\n"
     "  i + j + k < 0 || a == c + 2000))) { deny 403 }",
     "weir.steps"},
    // Lists made anew in every round, and texts.
    {"rule r when config.list.exists_one(a, config.list.filter(b, b == a).size() > 1) { deny 403 }",
     "weir.steps"},
    {"rule r when config.list.all(a, config.list.map(b, [b]) != config.list.map(b, [b, a])) {\n"
     "  deny 403\n"
     "}",
     "weir.memory"},
    {"rule r when config.list.map(a, config.list.map(b, a + b)).size() > 0 { deny 403 }",
     "weir.memory"},
    {"rule r when config.list.transformMap(i, a, config.list.transformList(j, b, [a, b])) == {} {\n"
     "  deny 403\n"
     "}",
     "weir.memory"},
    {"rule r when config.list.map(a, config.text + request.headers[\"x-a\"]).size() > 0 { deny 403 "
     "}",
     "weir.memory"},
    {"rule r when config.list.map(a, optional.of(config.list.filter(b, b != a))).size() > 0 {\n"
     "  deny 403\n"
     "}",
     "weir.memory"},
};

static char greedy_data[16384];

// A list of the numbers below 1000, and a text of a thousand bytes.
static void write_greedy_data(void) {
    int at = snprintf(greedy_data, sizeof greedy_data, "{\"text\": \"%01000d\", \"list\": [0", 0);
    for (int i = 1; i < 1000; i++)
        at += snprintf(greedy_data + at, sizeof greedy_data - (size_t)at, ", %d", i);
    at += snprintf(greedy_data + at, sizeof greedy_data - (size_t)at, "]}");
    assert_true(at < (int)sizeof greedy_data);
}

static void budgets_stop_what_is_greedy(void **unused) {
    (void)unused;
    write_greedy_data();
    for (size_t i = 0; i < LEN(greedy); i++) {
        struct running running;
        running_init(&running);
        running_must_compile(&running, greedy[i].rules, greedy_data);
        assert_true(running_begin(&running, 4096));
        assert_int_equal(rich_phase(&running, PHASE_REQUEST), RUN_DONE);
        const struct reply *reply = running_reply(&running);
        if (reply == NULL) fail_msg("not stopped:\n%s", greedy[i].rules);
        assert_text(reply->details, greedy[i].details);
        assert_int_equal(reply->status, 503);
        assert_true(running.stream.held <= LIMIT_MEMORY_DEFAULT);
        running_end(&running);
    }
}

// What no stream can change is run when it is compiled; reading the message undoes that.
static void phases_of_constants_are_ready(void **unused) {
    (void)unused;
    static const char stamp[] = "rule a on response { add response.headers[\"x\"] = \"1\" }\n";
    static const char *const others[] = {
        "rule b on response when \"x\" in response.headers { set response.headers[\"y\"] = \"2\" }",
        "rule b on response when response.code == 404 { set response.headers[\"y\"] = \"2\" }",
        "rule b on response { default response.headers[\"y\"] = \"2\" }",
        "rule b on response { log warn \"seen\" }",
    };
    struct running running;
    running_init(&running);
    running_must_compile(&running, stamp, "");
    assert_non_null(running.program->constant_effects[PHASE_RESPONSE]);
    assert_null(running.program->constant_effects[PHASE_REQUEST]);
    assert_true(running_begin(&running, 4096));
    rich_phase(&running, PHASE_RESPONSE);
    assert_text(running_effects(&running), "count a.matched\nadd response x: 1\n");
    running_end(&running);
    for (size_t i = 0; i < LEN(others); i++) {
        char rules[400];
        assert_true(snprintf(rules, sizeof rules, "%s%s", stamp, others[i]) < (int)sizeof rules);
        running_init(&running);
        running_must_compile(&running, rules, "");
        assert_null(running.program->constant_effects[PHASE_RESPONSE]);
        running_end(&running);
    }
}

// The same for memory: with every limit, and with every single allocation failing.
static void too_little_memory_opens_no_door(void **unused) {
    (void)unused;
    struct running running;
    uint32_t starved = 0;
    running_init(&running);
    running_must_compile(&running, rich_rules, rich_data);
    for (uint32_t memory = 0; memory < 20000; memory += 40) {
        running.program->memory = memory;
        bool begun = running_begin(&running, 64);
        if (!begun) continue; // the host's to refuse
        run_load(&running.run, MESSAGE_REQUEST, rich_request, LEN(rich_request) - 3);
        run_phase(&running.run, PHASE_REQUEST);
        const struct reply *reply = running_reply(&running);
        assert_non_null(reply);
        assert_in_range(reply->status, 400, 503);
        if (reply->status != 503) continue;
        starved++;
        assert_text(reply->details, "weir.memory");
        rich_phase(&running, PHASE_RESPONSE);
        fake_host_init(&running.host, &running.host_arena);
    }
    assert_true(starved > 20);
    running_end(&running);
}

static void assert_survives_running(const char *rules) {
    struct running running;
    running_init(&running);
    running_must_compile(&running, rules, rich_data);
    for (uint32_t left = 0; left < 400; left++) {
        running.serving.left = left;
        bool begun = running_begin(&running, 32);
        for (uint32_t phase = 0; begun && phase < PHASE_TOTAL; phase++) {
            rich_phase(&running, (enum phase)phase);
            running_effects(&running);
        }
        bool whole = running.serving.left > 0;
        running.serving.left = UINT32_MAX;
        fake_host_init(&running.host, &running.host_arena);
        if (!whole) continue;
        assert_true(left > 8);
        running_end(&running);
        return;
    }
    fail_msg("never enough");
}

static void every_allocation_may_fail_while_running(void **unused) {
    (void)unused;
    assert_survives_running(rich_rules);
    assert_survives_running(making_rules);
}

// Once its arena has the first block.
static void assert_warm(const char *rules, const char *data) {
    struct running running;
    running_init(&running);
    running_must_compile(&running, rules, data);
    arena_free(&running.stream);
    arena_init(&running.stream, &running.serving.allocator, 16384, running.program->memory);
    for (uint32_t i = 0; i < 1000; i++) {
        assert_true(run_begin(&running.run, running.program, &running.host.face, &running.stream));
        rich_phase(&running, PHASE_REQUEST);
        rich_phase(&running, PHASE_RESPONSE);
        running_reset(&running);
        assert_int_equal(running.serving.taken, 1);
    }
    running_end(&running);
}

static void nothing_is_allocated_once_warm(void **unused) {
    (void)unused;
    assert_warm(rich_rules, rich_data);
    assert_warm(making_rules, rich_data);
}

// Every allocation of a compilation fails once: that is never called a mistake of the rules.
static void assert_survives_compiling(const char *rules) {
    for (uint32_t left = 0; left < 2000; left++) {
        struct running running;
        running_init(&running);
        running.keeping.left = left / 2;
        running.compiling.left = left % 2 == 0 ? UINT32_MAX : left / 2;
        arena_init(&running.keep, &running.keeping.allocator, 128, SIZE_MAX);
        running.report.arena = &running.keep;
        if (left % 2 == 1) running.keeping.left = UINT32_MAX;
        enum engine_outcome outcome = running_compile(&running, rules, rich_data);
        if (outcome != ENGINE_OK) assert_int_equal(outcome, ENGINE_NO_MEMORY);
        running_end(&running);
        if (outcome == ENGINE_OK && left > 60) return;
    }
    fail_msg("never enough");
}

static void every_allocation_may_fail_while_compiling(void **unused) {
    (void)unused;
    assert_survives_compiling(rich_rules);
    assert_survives_compiling(making_rules);
}

static void every_allocation_may_fail_in_test_files(void **unused) {
    (void)unused;
    static const char file[] = "include \"demo.weir\"\nconfig {\"a\": 1}\n"
                               "test \"t\" { let n = 1 send GET \"/\" expect n == 1\n"
                               "config {\"a\": \"x\"} expect config.a == \"x\" }";
    for (uint32_t left = 0; left < 100; left++) {
        struct running running;
        struct engine_input input = {.name = slice_of("n"), .find = bundled_find};
        running_init(&running);
        running.compiling.left = left;
        enum engine_outcome outcome = testing_check(&input, slice_of("t_test.weir"), slice_of(file),
                                                    &running.compiling.allocator, &running.report);
        if (outcome != ENGINE_OK) assert_int_equal(outcome, ENGINE_NO_MEMORY);
        running_end(&running);
        if (outcome == ENGINE_OK) return;
    }
    fail_msg("never enough");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_rules_do_is_data),
        cmocka_unit_test(what_rules_make_is_data),
        cmocka_unit_test(lost_races_are_retried_within_bounds),
        cmocka_unit_test(no_counters_refuse),
        cmocka_unit_test(too_few_steps_open_no_door),
        cmocka_unit_test(too_few_steps_skip_what_only_edits),
        cmocka_unit_test(budgets_stop_what_is_greedy),
        cmocka_unit_test(phases_of_constants_are_ready),
        cmocka_unit_test(too_little_memory_opens_no_door),
        cmocka_unit_test(every_allocation_may_fail_while_running),
        cmocka_unit_test(nothing_is_allocated_once_warm),
        cmocka_unit_test(every_allocation_may_fail_while_compiling),
        cmocka_unit_test(every_allocation_may_fail_in_test_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
