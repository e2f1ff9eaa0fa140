// The bound on steps for programs of rules, and the arithmetic of sums.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine/run/cost_report.h"
#include "tests/unit/running.h"

static const char rules[] =
    "let path = request.path.lowerAscii()\n"
    "let words = path.split(\"/\")\n"
    "let never = words.map(w, w + \"x\").exists(w, int(w) == 1)\n"
    "group g when words.exists(w, w == \"admin\") || never {\n"
    "  rule first when path.startsWith(\"/a\") { set request.headers[\"x-a\"] = path + path }\n"
    "  group h when 1 / (words.size() - words.size()) == 1 {\n"
    "    rule second { require words.all(w, w != request.host) }\n"
    "  }\n"
    "}\n"
    "rule third when request.headers[\"x-a\"].matches(\"(a|b)*c\") {\n"
    "  default request.headers[\"x-b\"] = \"%s %d\".format([path, words.size()])\n"
    "  log info json(words)\n"
    "}\n"
    "rule fourth when never || path == \"/admin/a\" {\n"
    "  respond 200 json words headers {\"x-a\": words}\n"
    "}\n";

// The sizes of the stream that the next test runs; its longest text is `path + path + "x"`.
static const char path[] = "/Admin/b/cccccccccccccccccccccccccccccccccccccccccccccccccccccccccc/1";

static bool ran_out(const struct run *run) {
    return slice_is(run->decision_rule, "weir.steps");
}

static void run_request(struct running *running, uint64_t budget) {
    const struct header_line lines[] = {{slice_of(":path"), slice_of(path)},
                                        {slice_of(":authority"), slice_of("h")},
                                        {slice_of("x-a"), slice_of("abababc")}};
    running->program->steps = (uint32_t)budget;
    assert_true(running_begin(running, 4096));
    running_phase(running, PHASE_REQUEST, lines, LEN(lines));
}

static void test_phases_have_enough(void **state) {
    struct running running;
    struct cost_table costs;
    struct cost_sizes sizes = {3, 10, 3};
    (void)state;
    running_init(&running);
    running_must_compile(&running, rules, "{}");
    assert_true(cost_of_program(running.program, &running.keep, &costs));
    uint64_t most = cost_at(&costs.phases[PHASE_REQUEST], &sizes);
    uint64_t parts = 0;
    for (uint32_t i = 0; i < running.program->rule_count; i++)
        parts += cost_at(&costs.rules[i], &sizes);
    for (uint32_t i = 0; i < running.program->let_count; i++)
        parts += cost_at(&costs.lets[i], &sizes);
    assert_true(most <= parts && parts <= most + 20); // OP_END apart, and each is rounded up
    run_request(&running, most);
    assert_false(ran_out(&running.run));
    running_reset(&running);
    run_request(&running, 20);
    assert_true(ran_out(&running.run));
    running_end(&running);
}

static void test_memory_may_be_refused(void **state) {
    struct running running;
    bool good = false;
    (void)state;
    running_init(&running);
    running_must_compile(&running, rules, "{}");
    for (uint32_t left = 0; !good; left++) {
        struct failing failing;
        struct arena arena;
        struct text text;
        failing_init(&failing, left);
        arena_init(&arena, &failing.allocator, 64, SIZE_MAX);
        text_init(&text, &arena);
        good = cost_report(&text, slice_of("t"), running.program, &arena);
        arena_free(&arena);
        assert_int_equal(failing.held, 0);
    }
    running_end(&running);
}

static void test_sums_saturate(void **state) {
    struct cost cost = {0};
    struct cost_sizes one = {1, 1, 1}, large = {UINT64_MAX, UINT64_MAX, UINT64_MAX};
    (void)state;
    assert_int_equal(cost_at(&cost, &large), 0);
    cost_add_term(&cost, COST_SS, 2, 65);
    assert_int_equal(cost_at(&cost, &one), 2);
    assert_true(cost_at(&cost, &large) == UINT64_MAX);
    cost_times(&cost, UINT64_MAX);
    assert_true(cost_at(&cost, &one) == UINT64_MAX);
    cost_times(&cost, 0);
    assert_int_equal(cost_at(&cost, &large), 0);
    cost_add_term(&cost, COST_ONE, 0, 1);
    for (uint32_t i = 1; i < COST_POWERS; i++)
        cost_times_items(&cost);
    assert_int_equal(cost_at(&cost, &one), 1);
    cost_times_items(&cost);
    assert_true(cost.beyond && cost_at(&cost, &one) == UINT64_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_phases_have_enough),
                                       cmocka_unit_test(test_memory_may_be_refused),
                                       cmocka_unit_test(test_sums_saturate)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
