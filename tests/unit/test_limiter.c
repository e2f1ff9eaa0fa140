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

// The checker refuses such rules; changed bytecode may do it all the same, and must end.
static void a_limiter_that_joins_its_block_twice_is_asked_once(void **unused) {
    (void)unused;
    struct running running;
    begin(&running, "limiter a { 2 per 1h }\nlimiter b { 9 per 1h }\nrule r { limit a limit b }");
    struct instruction *code = (struct instruction *)(uintptr_t)running.program->code;
    for (uint32_t i = 0; i < running.program->code_count; i++) {
        if (code[i].op == OP_LIMIT_ADD) code[i].a = 0;
    }
    assert_true(passes(&running));
    assert_true(passes(&running));
    assert_false(passes(&running));
    running_end(&running);
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

// Streams that are open at once.
enum { STREAMS = 5 };

struct open_stream {
    struct arena arena;
    struct run run;
};

static bool open_stream(struct running *running, struct open_stream *stream) {
    arena_init(&stream->arena, &running->serving.allocator, 4096, running->program->memory);
    assert_true(run_begin(&stream->run, running->program, &running->host.face, &stream->arena));
    assert_int_equal(run_phase(&stream->run, PHASE_REQUEST), RUN_DONE);
    return stream->run.decision_rule.length == 0;
}

static void close_stream(struct open_stream *stream) {
    run_end(&stream->run);
    arena_free(&stream->arena);
}

static void places_are_held_until_streams_end(void **unused) {
    (void)unused;
    struct running running;
    struct open_stream streams[STREAMS];
    begin(&running, "limiter l { 3 concurrent  lease 1h  headers none }\nrule r { limit l }\n");
    for (uint32_t i = 0; i < STREAMS; i++)
        assert_int_equal(open_stream(&running, &streams[i]), i < 3);
    close_stream(&streams[4]); // one that was refused holds none
    assert_false(open_stream(&running, &streams[4]));
    close_stream(&streams[4]);
    running.host.now += 1800 * second;
    close_stream(&streams[1]);
    assert_true(open_stream(&running, &streams[4]));
    assert_false(open_stream(&running, &streams[1]));
    for (uint32_t i = 0; i < STREAMS; i++)
        close_stream(&streams[i]);
    for (uint32_t i = 0; i < 3; i++)
        assert_true(open_stream(&running, &streams[i]));
    for (uint32_t i = 0; i < 3; i++)
        close_stream(&streams[i]);
    running_end(&running);
}

static void places_that_nobody_gives_back_are_free_after_the_lease(void **unused) {
    (void)unused;
    struct running running;
    struct open_stream streams[STREAMS];
    begin(&running, "limiter l { 1 concurrent  lease 10s  headers none }\nrule r { limit l }\n");
    assert_true(open_stream(&running, &streams[0]));
    running.host.now += 10 * second - 1;
    assert_false(open_stream(&running, &streams[1]));
    running.host.now += 2 * second + 1;
    assert_true(open_stream(&running, &streams[2]));
    close_stream(&streams[0]); // too late: its place is another's
    assert_false(open_stream(&running, &streams[3]));
    close_stream(&streams[2]);
    assert_true(open_stream(&running, &streams[4]));
    for (uint32_t i = 1; i < STREAMS; i++) {
        if (i != 2) close_stream(&streams[i]);
    }
    running_end(&running);
}

// Goes on with other rules; what the host has stays.
static void update(struct running *running, const char *rules) {
    assert_int_equal(running_compile(running, rules, ""), ENGINE_OK);
    running->host.leases = NULL;
}

static void what_an_update_keeps(void **unused) {
    (void)unused;
    static const struct {
        const char *rules;
        bool kept;
    } cases[] = {
        {"limiter l { 2 per 1h  by request.path  headers none }", true},
        {"limiter l { 2 per 2h  by request.path  headers x  answer problem }", true},
        {"limiter l { 2 per 1h  burst 1  by request.path  on_full deny }", true},
        {"limiter l { 2 per 1h  by request.path  algorithm fixed_window }", false},
        {"limiter l { 2 per 1h  by request.method, request.path }", false},
        {"limiter l { 2 per 1h  by request.url_path }", false},
        {"limiter l { 2 per 1h  by (request.path) }", false},
        {"limiter l { 2 per 1h }", false},
        {"limiter l { 2 per 1h  by request.path  max_keys 65000 }", true},
        {"limiter l { 2 per 1h  by request.path  max_keys 1000 }", false},
        {"limiter m { 2 per 1h  by request.path }", false},
    };
    for (uint32_t i = 0; i < LEN(cases); i++) {
        struct running running;
        struct text rules;
        begin(&running, "limiter l { 2 per 1h  by request.path  headers none }\n"
                        "rule r { limit l cost 2 }\n");
        assert_true(passes(&running));
        assert_false(passes(&running));
        text_init(&rules, &running.host_arena);
        text_add_string(&rules, cases[i].rules);
        bool other = cases[i].rules[8] == 'm';
        text_add_string(&rules, other ? "\nrule r { limit m }" : "\nrule r { limit l }");
        text_add(&rules, (slice){"\0", 1});
        update(&running, rules.at);
        if (passes(&running) == cases[i].kept) fail_msg("%s", cases[i].rules);
        running_end(&running);
    }
}

static void on_error_decides_where_there_is_no_count(void **unused) {
    (void)unused;
    struct running running;
    begin(&running, "limiter l { 1 per 1h  on_error allow  headers none }\n"
                    "rule ask { limit l }\n"
                    "rule more { charge l  refund l  ban l for 1h }\n");
    running.host.unavailable = true;
    assert_true(passes(&running));
    slice effects = running_effects(&running);
    if (!slice_is(
            effects,
            "count ask.matched\ncount limiter.l.errors\ncount ask.errors\n"
            "log warn weir n ask: error: the shared counter is contended or unavailable\n"
            "count limiter.l.allowed\n"
            "count more.matched\n"
            "count limiter.l.errors\ncount more.errors\n"
            "log warn weir n more: error: the shared counter is contended or unavailable\n"
            "count limiter.l.errors\ncount more.errors\n"
            "log warn weir n more: error: the shared counter is contended or unavailable\n")) {
        fail_msg("%.*s", (int)effects.length, effects.at);
    }
    running.host.unavailable = false;
    assert_true(passes(&running));
    assert_false(passes(&running));
    running_end(&running);
}

enum { CROWD = 64 };

// A limiter named `l` and its number, and more around it.
static void add_numbered(struct text *text, const char *before, int number, const char *after) {
    text_add_string(text, before);
    text_add_int(text, number);
    text_add_string(text, after);
}

// So many that some of them find the same free row of leases: each must get one of its own.
static void limiters_of_a_block_do_not_take_each_others_leases(void **unused) {
    (void)unused;
    struct running running;
    struct text rules;
    running_init(&running);
    text_init(&rules, &running.host_arena);
    for (int i = 0; i < CROWD; i++)
        add_numbered(&rules, "limiter l", i, " { 6400 per 1h  headers none }\n");
    text_add_string(&rules, "rule r {");
    for (int i = 0; i < CROWD; i++)
        add_numbered(&rules, " limit l", i, "");
    text_add(&rules, (slice){" }\0", 3});
    running_must_compile(&running, rules.at, "");
    for (int i = 0; i < 40; i++) {
        uint32_t before = running.host.gets;
        assert_true(passes(&running));
        uint32_t gets = running.host.gets - before;
        assert_true(gets == 0 || gets == CROWD);
    }
    assert_true(running.host.gets < 10 * CROWD);
    running_end(&running);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_limiter_that_joins_its_block_twice_is_asked_once),
        cmocka_unit_test(a_refund_is_of_the_window_that_was_taken_from),
        cmocka_unit_test(a_refund_behind_its_window_gives_nothing),
        cmocka_unit_test(a_bucket_gets_back_what_was_taken_at_any_time),
        cmocka_unit_test(a_clock_that_goes_back_brings_nothing),
        cmocka_unit_test(places_are_held_until_streams_end),
        cmocka_unit_test(places_that_nobody_gives_back_are_free_after_the_lease),
        cmocka_unit_test(what_an_update_keeps),
        cmocka_unit_test(on_error_decides_where_there_is_no_count),
        cmocka_unit_test(limiters_of_a_block_do_not_take_each_others_leases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
