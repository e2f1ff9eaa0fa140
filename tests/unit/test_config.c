// pluginConfig: what it may hold, what it may not, and what the rules see of it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/base/limits.h"
#include "engine/conf/config.h"

// Blocks from malloc, until the count is used up.
struct failing {
    uint32_t left;
    uint32_t held;
};

static void *failing_take(void *self, size_t bytes) {
    struct failing *failing = self;
    if (failing->left == 0) return NULL;
    failing->left--;
    failing->held++;
    return malloc(bytes);
}

static void failing_give(void *self, void *block) {
    struct failing *failing = self;
    failing->held--;
    free(block);
}

struct bench {
    struct failing failing;
    struct allocator source;
    struct arena arena;
    struct diagnostics diagnostics;
    struct config config;
};

static void bench_open(struct bench *bench, uint32_t blocks, size_t block_bytes) {
    bench->failing = (struct failing){blocks, 0};
    bench->source = (struct allocator){failing_take, failing_give, &bench->failing};
    arena_init(&bench->arena, &bench->source, block_bytes, 256 << 20);
    diag_init(&bench->diagnostics, &bench->arena);
}

static void bench_close(struct bench *bench) {
    arena_free(&bench->arena);
    assert_int_equal(bench->failing.held, 0);
}

static bool bench_read(struct bench *bench, slice text) {
    bench_open(bench, UINT32_MAX, 4096);
    return config_read(&bench->arena, &bench->diagnostics, text, &bench->config);
}

static void assert_text(slice got, const char *wanted) {
    if (slice_is(got, wanted)) return;
    print_error("got    `%.*s`\nwanted `%s`\n", (int)got.length, got.at, wanted);
    fail();
}

static slice first_line(struct bench *bench) {
    if (bench->diagnostics.first == NULL) return slice_of("accepted");
    struct text out;
    text_init(&out, &bench->arena);
    diag_render(&bench->diagnostics, bench->diagnostics.first, &out);
    int64_t end = slice_find(text_slice(&out), slice_of("\n"));
    return slice_cut(text_slice(&out), 0, (uint32_t)end);
}

static slice first_help(struct bench *bench) {
    const struct diagnostic *first = bench->diagnostics.first;
    return first == NULL ? slice_of("") : first->help;
}

static void test_shape(void **state) {
    static const struct {
        const char *text, *wanted;
    } rows[] = {
        {"", "accepted"},
        {" \n", "accepted"},
        {"{}", "accepted"},
        {"{\"rules\": \"\"}", "accepted"},
        {"{\"rules\": []}", "accepted"},
        {"{\"rules\": \"rule a { deny }\", \"weir\": {}}", "accepted"},
        {"{\"rules\": [\"\", \"rule a { deny }\"], \"other\": [1]}", "accepted"},
        {"{rules: 1}",
         "config:1:2: error[E0701]: not JSON: a key in double quotes is missing here"},
        {"{\"a\": 1,\n \"a\": 2}", "config:2:2: error[E0702]: the key `a` is given twice"},
        {"[]", "config:1:1: error[E0707]: the configuration must be a JSON object"},
        {"\"rules\"", "config:1:1: error[E0707]: the configuration must be a JSON object"},
        {" null", "config:1:2: error[E0707]: the configuration must be a JSON object"},
        {"{\"rules\": null}",
         "config:1:11: error[E0708]: `rules` must be a string or a list of strings"},
        {"{\"rules\": {\"a\": \"b\"}}",
         "config:1:11: error[E0708]: `rules` must be a string or a list of strings"},
        {"{\"rules\": [\"\", 1]}", "config:1:16: error[E0708]: `rules[1]` must be a string"},
        {"{\"rules\": [[\"\"]]}", "config:1:12: error[E0708]: `rules[0]` must be a string"},
        {"{\"weir\": null}", "config:1:10: error[E0708]: `weir` must be an object"},
        {"{\"weir\": [\"steps\"]}", "config:1:10: error[E0708]: `weir` must be an object"},
    };
    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct bench bench;
        bool accepted = bench_read(&bench, slice_of(rows[i].text));
        assert_true(accepted == (bench.diagnostics.count == 0));
        assert_text(first_line(&bench), rows[i].wanted);
        bench_close(&bench);
    }
}

static void test_settings(void **state) {
    static const struct {
        const char *text, *wanted, *help; // text: the members of `weir`
    } rows[] = {
        {"\"namespace\": \"a-Z_0.9\"", "accepted", ""},
        {"\"namespace\": \"\"",
         "config:1:24: error[E0708]: `weir.namespace` must be a string of 1 to 200 letters, "
         "digits, `_`, `.` and `-`",
         ""},
        {"\"namespace\": \"a b\"",
         "config:1:24: error[E0708]: `weir.namespace` must be a string of 1 to 200 letters, "
         "digits, `_`, `.` and `-`",
         ""},
        {"\"namespace\": 1",
         "config:1:24: error[E0708]: `weir.namespace` must be a string of 1 to 200 letters, "
         "digits, `_`, `.` and `-`",
         ""},
        {"\"steps\": 1", "accepted", ""},
        {"\"steps\": 1e8", "accepted", ""},
        {"\"steps\": 0", "config:1:20: error[E0712]: `weir.steps` must be between 1 and 100000000",
         ""},
        {"\"steps\": 100000001",
         "config:1:20: error[E0712]: `weir.steps` must be between 1 and 100000000", ""},
        {"\"steps\": -1e300",
         "config:1:20: error[E0712]: `weir.steps` must be between 1 and 100000000", ""},
        {"\"steps\": 1.5", "config:1:20: error[E0708]: `weir.steps` must be a whole number", ""},
        {"\"steps\": \"1\"", "config:1:20: error[E0708]: `weir.steps` must be a whole number", ""},
        {"\"steps\": true", "config:1:20: error[E0708]: `weir.steps` must be a whole number", ""},
        {"\"memory\": 65536", "accepted", ""},
        {"\"memory\": 8388608", "accepted", ""},
        {"\"memory\": 65535",
         "config:1:21: error[E0712]: `weir.memory` must be between 65536 and 8388608", ""},
        {"\"memory\": 8388609",
         "config:1:21: error[E0712]: `weir.memory` must be between 65536 and 8388608", ""},
        {"\"log_level\": \"trace\"", "accepted", ""},
        {"\"log_level\": \"debug\"", "accepted", ""},
        {"\"log_level\": \"info\"", "accepted", ""},
        {"\"log_level\": \"warn\"", "accepted", ""},
        {"\"log_level\": \"error\"", "accepted", ""},
        {"\"log_level\": \"critical\"", "accepted", ""},
        {"\"log_level\": \"warning\"",
         "config:1:24: error[E0708]: `weir.log_level` must be one of trace, debug, info, warn, "
         "error, critical",
         ""},
        {"\"log_level\": \"debgu\"",
         "config:1:24: error[E0708]: `weir.log_level` must be one of trace, debug, info, warn, "
         "error, critical",
         "did you mean `debug`?"},
        {"\"log_level\": 3",
         "config:1:24: error[E0708]: `weir.log_level` must be one of trace, debug, info, warn, "
         "error, critical",
         ""},
        {"\"stesp\": 1", "config:1:11: error[E0709]: weir has no setting `stesp`",
         "did you mean `steps`?"},
        {"\"logLevel\": \"warn\"", "config:1:11: error[E0709]: weir has no setting `logLevel`",
         "did you mean `log_level`?"},
        {"\"x\": 1", "config:1:11: error[E0709]: weir has no setting `x`", ""},
        {"\"mode\": \"shadwo\"",
         "config:1:19: error[E0708]: `weir.mode` must be one of enforce, shadow",
         "did you mean `shadow`?"},
        {"\"jwt\": \"\"",
         "config:1:18: error[E0708]: `weir.jwt` must be a string that is not empty", ""},
        {"\"hold_headers\": 1",
         "config:1:27: error[E0708]: `weir.hold_headers` must be true or false", ""},
        {"\"max_keys\": 0",
         "config:1:23: error[E0712]: `weir.max_keys` must be between 1 and 4194304", ""},
        {"\"decision_header\": 1",
         "config:1:30: error[E0708]: `weir.decision_header` must be true or false", ""},
    };
    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct bench bench;
        char text[256];
        snprintf(text, sizeof text, "{\"weir\": {%s}}", rows[i].text);
        bool accepted = bench_read(&bench, slice_of(text));
        assert_true(accepted == (bench.diagnostics.count == 0));
        assert_text(first_line(&bench), rows[i].wanted);
        assert_text(first_help(&bench), rows[i].help);
        bench_close(&bench);
    }
}

static void test_settings_are_taken(void **state) {
    (void)state;
    struct bench bench;
    assert_true(bench_read(&bench, slice_of("{}")));
    assert_int_equal(bench.config.settings.namespace_.length, 0);
    assert_int_equal(bench.config.settings.steps, LIMIT_STEPS_DEFAULT);
    assert_int_equal(bench.config.settings.memory, LIMIT_MEMORY_DEFAULT);
    assert_int_equal(bench.config.settings.log_level, LEVEL_WARN);
    assert_int_equal(bench.config.settings.body_limit, LIMIT_BODY_DEFAULT);
    assert_int_equal(bench.config.settings.trust.hops, 0);
    assert_int_equal(bench.config.settings.trust.networks.kind, TYPE_NONE);
    assert_int_equal(bench.config.settings.trust.header.length, 0);
    bench_close(&bench);
    assert_true(bench_read(&bench, slice_of("{\"weir\": {\"log_level\": \"critical\", \"steps\": 7,"
                                            "\"memory\": 1e5, \"\\u006eamespace\": \"edge\"}}")));
    assert_text(bench.config.settings.namespace_, "edge");
    assert_int_equal(bench.config.settings.steps, 7);
    assert_int_equal(bench.config.settings.memory, 100000);
    assert_int_equal(bench.config.settings.log_level, LEVEL_CRITICAL);
    bench_close(&bench);
    assert_true(bench_read(&bench, slice_of("{\"weir\": {\"trust\": {\"header\": \"X-Real-IP\"},"
                                            "\"body_limit\": 5}}")));
    assert_text(bench.config.settings.trust.header, "x-real-ip");
    assert_int_equal(bench.config.settings.body_limit, 5);
    bench_close(&bench);
}

static void test_every_fault_is_reported(void **state) {
    (void)state;
    struct bench bench;
    assert_false(bench_read(&bench, slice_of("{\"rules\": [1, \"\", 2], \"weir\": {\"steps\": 0, "
                                             "\"x\": 1, \"mode\": 1}}")));
    assert_int_equal(bench.diagnostics.count, 5);
    bench_close(&bench);
}

static void assert_source(struct bench *bench, uint32_t position, const char *name,
                          const char *text) {
    const struct config_text *at = &bench->config.texts[position];
    const struct source *source = &bench->diagnostics.sources[at->source];
    assert_text(source->name, name);
    assert_text(source->text, text);
    assert_text(at->text, text);
}

static void test_texts(void **state) {
    (void)state;
    struct bench bench;
    assert_true(bench_read(&bench, slice_of("{\"rules\": \"a\\n\\u0022b\\\"\"}")));
    assert_false(bench.config.empty);
    assert_int_equal(bench.config.text_count, 1);
    assert_source(&bench, 0, "rules", "a\n\"b\"");
    assert_int_equal(bench.config.index.nodes[bench.config.texts[0].node].start, 10);
    bench_close(&bench);
    assert_true(bench_read(&bench, slice_of("{\"rules\": [\"\", \"x\", \"y\"]}")));
    assert_false(bench.config.empty);
    assert_int_equal(bench.config.text_count, 3);
    assert_source(&bench, 0, "rules[0]", "");
    assert_source(&bench, 2, "rules[2]", "y");
    bench_close(&bench);
}

static void test_without_rules(void **state) {
    static const char *const texts[] = {"", "\n", "{}", "{\"rules\":\"\"}",
                                        "{\"rules\":[\"\",\"\"]}"};
    (void)state;
    for (size_t i = 0; i < LEN(texts); i++) {
        struct bench bench;
        assert_true(bench_read(&bench, slice_of(texts[i])));
        assert_true(bench.config.empty);
        assert_int_equal(bench.config.data.kind, TYPE_MAP);
        assert_int_equal(bench.config.data.length, 0);
        assert_text(bench.config.data_json, "{}");
        assert_int_equal(config_child(&bench.config, CONFIG_ROOT, slice_of("a")), JSON_NONE);
        bench_close(&bench);
    }
    struct bench bench;
    assert_true(bench_read(&bench, (slice){NULL, 0}));
    bench_close(&bench);
}

static void test_data(void **state) {
    (void)state;
    struct bench bench;
    slice text = slice_of("{\"z\": [1.0, {\"k\" : 1e1}], \"rules\": \"x\", \"a\": \"\\u0041\",\n"
                          " \"weir\": {}, \"Rules\": true}");
    assert_true(bench_read(&bench, text));
    const struct config *config = &bench.config;
    assert_text(config->data_json, "{\"z\":[1.0,{\"k\":1e1}],\"a\":\"\\u0041\",\"Rules\":true}");
    assert_int_equal(config->data.kind, TYPE_MAP);
    assert_int_equal(config->data.length, 3);
    assert_int_equal(config->data.depth, 3);
    assert_text(value_text(config->data.as.items[0]), "z");
    assert_int_equal(config->data.as.items[1].kind, TYPE_LIST);
    assert_text(value_text(config->data.as.items[2]), "a");
    assert_text(value_text(config->data.as.items[3]), "A");
    assert_true(config->data.as.items[5].as.boolean);
    bench_close(&bench);
}

static void assert_json(struct bench *bench, uint32_t node, const char *wanted) {
    struct text out;
    text_init(&out, &bench->arena);
    config_json(&bench->config, node, &out);
    assert_text(text_slice(&out), wanted);
}

static void test_paths(void **state) {
    (void)state;
    struct bench bench;
    assert_true(bench_read(&bench, slice_of("{\"rules\": \"x\", \"a\": {\"b\": { \"n\" : 1.50 },"
                                            " \"rules\": [ 1 ]}, \"weir\": {\"steps\": 5}}")));
    const struct config *config = &bench.config;
    uint32_t a = config_child(config, CONFIG_ROOT, slice_of("a"));
    uint32_t b = config_child(config, a, slice_of("b"));
    uint32_t n = config_child(config, b, slice_of("n"));
    assert_json(&bench, CONFIG_ROOT, "{\"a\":{\"b\":{\"n\":1.50},\"rules\":[1]}}");
    assert_json(&bench, a, "{\"b\":{\"n\":1.50},\"rules\":[1]}");
    assert_json(&bench, b, "{\"n\":1.50}");
    assert_json(&bench, n, "1.50");
    assert_true(config->values[n].as.real == 1.5);
    assert_json(&bench, config_child(config, a, slice_of("rules")), "[1]");
    assert_int_equal(config_child(config, CONFIG_ROOT, slice_of("rules")), JSON_NONE);
    assert_int_equal(config_child(config, CONFIG_ROOT, slice_of("weir")), JSON_NONE);
    assert_int_equal(config_child(config, a, slice_of("c")), JSON_NONE);
    assert_int_equal(config_child(config, n, slice_of("c")), JSON_NONE);
    bench_close(&bench);
}

static void test_read_data(void **state) {
    static const struct {
        const char *text, *wanted, *json;
    } rows[] = {
        {"", "accepted", "{}"},
        {"{\"a\": 1}", "accepted", "{\"a\":1}"},
        {"{\"a\": 1, \"rules\": 5, \"weir\": {\"steps\": 7}}", "accepted", "{\"a\":1}"},
        {"{\"weir\": null}", "data.json:1:10: error[E0708]: `weir` must be an object", NULL},
        {"[]", "data.json:1:1: error[E0707]: the configuration must be a JSON object", NULL},
        {"{", "data.json:1:2: error[E0701]: not JSON: the text ends inside an object", NULL},
    };
    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct bench bench;
        bench_open(&bench, UINT32_MAX, 4096);
        bool accepted = config_read_data(&bench.arena, &bench.diagnostics, slice_of(rows[i].text),
                                         slice_of("data.json"), &bench.config);
        assert_true(accepted == (rows[i].json != NULL));
        assert_text(first_line(&bench), rows[i].wanted);
        if (accepted) assert_text(bench.config.data_json, rows[i].json);
        assert_true(bench.config.empty);
        bench_close(&bench);
    }
}

// A configuration whose rule texts have these lengths.
static char *rules_of(uint32_t first, uint32_t second) {
    char *text = malloc((size_t)first + second + 32);
    char *at = text + sprintf(text, "{\"rules\":[\"");
    memset(at, 'a', first);
    at += first;
    at += sprintf(at, "\",\"");
    memset(at, 'b', second);
    sprintf(at + second, "\"]}");
    return text;
}

static void test_rule_text_limit(void **state) {
    static const struct {
        uint32_t first, second;
        const char *wanted;
    } rows[] = {
        {LIMIT_RULE_TEXT, 0, "accepted"},
        {0, LIMIT_RULE_TEXT, "accepted"},
        {LIMIT_RULE_TEXT - 5, 5, "accepted"},
        {LIMIT_RULE_TEXT + 1, 0,
         "config:1:11: error[E0110]: rule texts may have 1048576 bytes together; with this one "
         "they have 1048577"},
        {LIMIT_RULE_TEXT + 1, 9,
         "config:1:11: error[E0110]: rule texts may have 1048576 bytes together; with this one "
         "they have 1048577"},
        {5, LIMIT_RULE_TEXT - 4,
         "config:1:19: error[E0110]: rule texts may have 1048576 bytes together; with this one "
         "they have 1048577"},
    };
    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct bench bench;
        char *text = rules_of(rows[i].first, rows[i].second);
        bool accepted = bench_read(&bench, slice_of(text));
        assert_int_equal(bench.diagnostics.count, accepted ? 0 : 1);
        assert_text(first_line(&bench), rows[i].wanted);
        bench_close(&bench);
        free(text);
    }
}

// A decoded byte counts once, however its escape is spelled.
static void test_rule_text_limit_counts_decoded(void **state) {
    (void)state;
    uint32_t count = 600000;
    char *text = malloc((size_t)count * 6 + 32);
    char *at = text + sprintf(text, "{\"rules\":\"");
    for (uint32_t i = 0; i < count; i++, at += 6)
        memcpy(at, "\\u0061", 6);
    sprintf(at, "\"}");
    struct bench bench;
    assert_true(bench_read(&bench, slice_of(text)));
    assert_int_equal(bench.config.texts[0].text.length, count);
    bench_close(&bench);
    free(text);
}

static void test_namespace_limit(void **state) {
    (void)state;
    for (uint32_t length = LIMIT_NAMESPACE; length <= LIMIT_NAMESPACE + 1; length++) {
        struct bench bench;
        char text[256];
        char *at = text + sprintf(text, "{\"weir\":{\"namespace\":\"");
        memset(at, 'n', length);
        sprintf(at + length, "\"}}");
        assert_true(bench_read(&bench, slice_of(text)) == (length == LIMIT_NAMESPACE));
        bench_close(&bench);
    }
}

// Reads with ever more blocks until all of them suffice; the verdict must be the one that memory
// enough gives, or no memory.
static void assert_survives(const char *text, bool accepted) {
    for (uint32_t blocks = 0;; blocks++) {
        struct bench bench;
        bench_open(&bench, blocks, 32);
        bool read = config_read(&bench.arena, &bench.diagnostics, slice_of(text), &bench.config);
        bool refused = bench.arena.failed;
        assert_true(refused == bench.diagnostics.out_of_memory);
        assert_true(read == (accepted && !refused));
        bench_close(&bench);
        if (!refused) return;
        assert_true(blocks < 2000);
    }
}

static void test_no_memory(void **state) {
    (void)state;
    assert_survives("", true);
    assert_survives("{\"rules\": [\"rule a { deny }\", \"rule b { deny }\"], \"weir\": "
                    "{\"namespace\": \"edge\", \"steps\": 5, \"memory\": 100000, \"log_level\": "
                    "\"info\"}, \"data\": {\"a\": [1, 2, {\"b\": \"c\"}], \"d\": null}}",
                    true);
    assert_survives("{\"rules\": \"rule a { deny }\"}", true);
    assert_survives("{\"rules\": [1], \"weir\": {\"namespace\": 1, \"stesp\": 5, \"memory\": 1, "
                    "\"log_level\": \"inof\", \"mode\": 1, \"steps\": 1.5}}",
                    false);
    assert_survives("{\"rules\": 1, \"weir\": 2}", false);
    assert_survives("[]", false);
    assert_survives("{\"a\": 1, \"a\": 2}", false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shape),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_settings_are_taken),
        cmocka_unit_test(test_every_fault_is_reported),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_without_rules),
        cmocka_unit_test(test_data),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_read_data),
        cmocka_unit_test(test_rule_text_limit),
        cmocka_unit_test(test_rule_text_limit_counts_decoded),
        cmocka_unit_test(test_namespace_limit),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
