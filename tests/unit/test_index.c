// The index of rules: generated rule sets with it and without it do the same to the same requests.
// WEIR_INDEX_SETS says how many; of one that fails the text is printed.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/run/cost.h"
#include "tests/unit/running.h"

enum { SETS = 150, REQUESTS = 6, LINES = 8, FIELDS = 3, WAYS = 4 };

struct made {
    uint64_t state;
    struct text text;
    const char *fields[FIELDS]; // that its keys are about
    uint32_t field_count;
    uint32_t way_count;
    uint32_t names;
    uint32_t depth; // of groups
};

static uint32_t below(struct made *made, uint32_t count) {
    made->state = made->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(made->state >> 33) % count;
}

#define ONE_OF(made, list) ((list)[below((made), LEN(list))])

static const char *const request_fields[] = {"request.path",
                                             "request.url_path",
                                             "request.clean_path",
                                             "request.host",
                                             "request.host_name",
                                             "request.method",
                                             "request.headers[\"x-a\"]",
                                             "request.headers[\"x-b\"]",
                                             "request.headers.`x-c`"};
static const char *const texts[] = {
    "",     "a",  "b",   "ab",  "/",    "/a",          "/a/b",
    "/ab",  "/b", "/a/", "GET", "POST", "example.com", "h.example.com",
    "a/b/a"};
static const char *const traces[] = {"random() < 2.0",
                                     "int(request.headers[\"x-n\"]) > 3",
                                     "late != \"\"",
                                     "drawn != \"x\"",
                                     "request.headers.size() > 0",
                                     "request.headers[\"x-n\"] != \"7\"",
                                     "client.trusted",
                                     "request.headers[\"x-n\"].matches(\"^[0-9]\")"};
static const char *const edits[] = {"set request.headers[\"x-a\"] = \"ab\"",
                                    "set request.headers[\"x-b\"] = request.path",
                                    "remove request.headers[\"x-a\"]",
                                    "set request.path = \"/a/b\"",
                                    "set request.url_path = \"/\" + request.headers[\"x-a\"]",
                                    "set request.query_params[\"q\"] = \"a\"",
                                    "set request.cookies[\"c\"] = \"a\"",
                                    "set request.host = \"a\"",
                                    "remove request.headers[\"x-*\"]",
                                    "add request.headers[\"x-b\"] = \"a\"",
                                    "default request.headers[\"x-c\"] = \"b\"",
                                    "set request.headers[\"x-e\"] = string(random())",
                                    "set request.headers[\"x-f\"] = drawn",
                                    "set request.headers[request.headers[\"x-a\"]] = \"a\"",
                                    "log warn late",
                                    "count seen by request.headers[\"x-n\"]",
                                    "limit few else { log warn \"few\" }"};
static const char *const endings[] = {"deny", "respond 204",
                                      "require request.headers[\"x-n\"] == \"7\"", "exempt",
                                      "deny 410 body drawn"};

static void add(struct made *made, const char *words) {
    text_add_string(&made->text, words);
}

static void add_text(struct made *made) {
    add(made, "\"");
    add(made, ONE_OF(made, texts));
    add(made, "\"");
}

static void add_test(struct made *made) {
    static const char *const methods[] = {".startsWith(", ".endsWith(", ".contains("};
    const char *field = made->fields[below(made, made->field_count)];
    uint32_t way = below(made, made->way_count + 1);
    if (way == 0 && below(made, 8) == 0) {
        add_text(made);
        add(made, " == ");
        add(made, field);
        return;
    }
    add(made, field);
    if (way == 0) {
        bool list = below(made, 3) == 0;
        add(made, list ? " in [" : " == ");
        add_text(made);
        for (uint32_t more = list ? below(made, 6) : 0; more > 0; more--) {
            add(made, ", ");
            add_text(made);
        }
        add(made, list ? "]" : "");
        return;
    }
    add(made, methods[way - 1]);
    add_text(made);
    add(made, ")");
}

static void add_condition(struct made *made, uint32_t depth) {
    uint32_t choice = below(made, 12);
    if (choice == 0) {
        add(made, ONE_OF(made, traces));
    } else if (choice == 1) {
        add(made, "!(");
        add_condition(made, depth);
        add(made, ")");
    } else if (choice < 7 && depth > 0) {
        const char *word = below(made, 2) == 0 ? " && " : " || ";
        add(made, "(");
        add_condition(made, depth - 1);
        for (uint32_t more = below(made, 3); more > 0; more--) {
            add(made, word);
            add_condition(made, depth - 1);
        }
        add(made, ")");
    } else {
        add_test(made);
    }
}

static void add_name(struct made *made, const char *word, const char *letter) {
    add(made, word);
    add(made, letter);
    text_add_uint(&made->text, made->names++);
}

static void add_rule(struct made *made) {
    bool response = below(made, 6) == 0;
    add_name(made, "rule ", "r");
    if (response) add(made, " on response");
    if (below(made, 10) > 0) {
        add(made, " when ");
        add_condition(made, 2);
    }
    if (below(made, 12) == 0) add(made, " shadow");
    if (below(made, 20) == 0) add(made, " sample 0.5");
    if (below(made, 10) == 0) add(made, below(made, 2) == 0 ? " on_error skip" : " on_error apply");
    add(made, " { ");
    if (response) {
        add(made, "set response.headers[\"x-r\"] = request.headers[\"x-a\"] + drawn");
    } else {
        add(made, ONE_OF(made, edits));
        add(made, " ");
        if (below(made, 30) == 0) add(made, made->depth > 0 ? "skip" : ONE_OF(made, endings));
    }
    add(made, " }\n");
}

static void add_group(struct made *made);

static void add_items(struct made *made, uint32_t count) {
    for (; count > 0; count--) {
        if (made->depth < 3 && below(made, 12) == 0) {
            add_group(made);
        } else {
            add_rule(made);
        }
    }
}

static void add_group(struct made *made) {
    add_name(made, "group ", "g");
    if (below(made, 3) > 0) {
        add(made, " when ");
        add_condition(made, 1);
    }
    if (below(made, 4) == 0) add(made, " first");
    if (below(made, 8) == 0) add(made, " shadow");
    if (below(made, 12) == 0) add(made, " sample 0.5 by request.path");
    add(made, " {\n");
    made->depth++;
    add_items(made, 1 + below(made, below(made, 2) == 0 ? 4 : 40));
    made->depth--;
    add(made, "}\n");
}

static void add_set(struct made *made) {
    made->field_count = 1 + below(made, FIELDS);
    made->way_count = below(made, WAYS);
    for (uint32_t i = 0; i < made->field_count; i++)
        made->fields[i] = ONE_OF(made, request_fields);
    add(made, "limiter few { 3 per 1s }\nlet drawn = string(random())\n"
              "let late = string(now) + request.path\n");
    add_items(made, 10 + below(made, 60));
}

// ---- requests

static uint32_t add_lines(struct made *made, struct header_line *lines) {
    static const char *const names[] = {":path", ":authority", ":method", "x-a",
                                        "x-b",   "x-c",        "x-n",     "x-a"};
    static const char *const values[] = {"7", "x", "1", ""};
    uint32_t count = 0;
    for (uint32_t i = 0; i < LINES; i++) {
        if (i > 2 && below(made, 3) == 0) continue;
        const char *value =
            slice_is(slice_of(names[i]), "x-n") ? ONE_OF(made, values) : ONE_OF(made, texts);
        lines[count++] = (struct header_line){slice_of(names[i]), slice_of(value)};
    }
    return count;
}

// Parameters and cookies are put together when somebody reads them, at the latest when the phase
// ends: when that is may differ, what becomes of them may not.
static slice settled_last(struct running *running, slice effects) {
    static const char *const late[] = {"set request :path: ", "set request cookie: "};
    struct text out;
    slice last[LEN(late)] = {{NULL, 0}};
    text_init(&out, &running->host_arena);
    for (uint32_t at = 0, end = 0; at < effects.length; at = end) {
        while (effects.at[end++] != '\n') {
        }
        slice line = slice_cut(effects, at, end);
        slice *kept = slice_starts(line, slice_of(late[0]))   ? &last[0]
                      : slice_starts(line, slice_of(late[1])) ? &last[1]
                                                              : NULL;
        if (kept == NULL) text_add(&out, line);
        if (kept != NULL) *kept = line;
    }
    text_add(&out, last[0]);
    text_add(&out, last[1]);
    return text_slice(&out);
}

// What one request does, both phases.
static slice effects_of(struct running *running, const struct header_line *lines, uint32_t count) {
    static const struct header_line answer[] = {{{":status", 7}, {"200", 3}}};
    struct text both;
    text_init(&both, &running->host_arena);
    assert_true(running_begin(running, 4096));
    assert_int_equal(running_phase(running, PHASE_REQUEST, lines, count), RUN_DONE);
    text_add(&both, settled_last(running, running_effects(running)));
    text_add_string(&both, "--\n");
    running_phase(running, PHASE_RESPONSE, answer, LEN(answer));
    text_add(&both, running_effects(running));
    run_end(&running->run);
    running_reset(running);
    return text_slice(&both);
}

// The program runs with no more steps than the bound says: one that is too low is seen.
static void limit_steps(struct running *running) {
    static const struct cost_sizes sizes = {.texts = 8, .items = 16, .lines = LINES + 64};
    struct cost_table costs;
    assert_true(cost_of_program(running->program, &running->keep, &costs));
    uint64_t request = cost_at(&costs.phases[PHASE_REQUEST], &sizes);
    uint64_t response = cost_at(&costs.phases[PHASE_RESPONSE], &sizes);
    running->program->steps = (uint32_t)(request > response ? request : response);
}

static void compare(struct made *made, struct running *with, struct running *without) {
    limit_steps(with);
    for (uint32_t i = 0; i < REQUESTS; i++) {
        struct header_line lines[LINES];
        uint32_t count = add_lines(made, lines);
        slice found = effects_of(with, lines, count);
        slice wanted = effects_of(without, lines, count);
        if (slice_equal(found, wanted)) continue;
        printf("%s\n---- with the index\n%.*s\n---- without\n%.*s\n", made->text.at,
               (int)found.length, found.at, (int)wanted.length, wanted.at);
        fail();
    }
}

// How many indexes the program has.
static uint32_t run_set(uint64_t seed) {
    struct running with, without;
    running_init(&with);
    running_init(&without);
    without.no_index = true;
    struct made made = {.state = seed};
    text_init(&made.text, &with.keep);
    add_set(&made);
    text_add_char(&made.text, '\0');
    running_must_compile(&with, made.text.at, "{}");
    running_must_compile(&without, made.text.at, "{}");
    assert_int_equal(without.program->index_count, 0);
    compare(&made, &with, &without);
    uint32_t indexes = with.program->index_count;
    running_end(&with);
    running_end(&without);
    return indexes;
}

static void test_rule_sets_do_the_same(void **state) {
    const char *wanted = getenv("WEIR_INDEX_SETS");
    uint32_t sets = wanted == NULL ? SETS : (uint32_t)strtoul(wanted, NULL, 10);
    uint32_t indexed = 0;
    (void)state;
    for (uint32_t i = 0; i < sets; i++)
        indexed += run_set(i) > 0;
    printf("%u of %u sets have an index\n", indexed, sets);
    assert_true(indexed > sets / 3);
}

// ---- what it saves

static slice many_rules(struct running *running, uint32_t count) {
    struct text text;
    text_init(&text, &running->keep);
    for (uint32_t i = 1; i <= count; i++) {
        text_add_string(&text, "rule r");
        text_add_uint(&text, i);
        text_add_string(&text, " when request.host == \"h\" && request.path == \"/");
        text_add_uint(&text, count - i);
        text_add_string(&text, "\" { set request.headers[\"x-a\"] = request.path }\n");
    }
    text_add_char(&text, '\0');
    return text_slice(&text);
}

static bool has_enough(struct running *running, uint32_t steps) {
    static const struct header_line lines[] = {{{":path", 5}, {"/0", 2}},
                                               {{":authority", 10}, {"h", 1}}};
    running->program->steps = steps;
    assert_true(running_begin(running, 4096));
    running_phase(running, PHASE_REQUEST, lines, LEN(lines));
    bool enough = slice_find(running_effects(running), slice_of("set request x-a: /0\n")) >= 0;
    running_reset(running);
    return enough;
}

// The fewest steps with which the last rule of so many does what it should.
static uint32_t steps_of(uint32_t count, bool no_index) {
    struct running running;
    uint32_t steps = 1;
    running_init(&running);
    running.no_index = no_index;
    running_must_compile(&running, many_rules(&running, count).at, "{}");
    while (!has_enough(&running, steps))
        steps++;
    running_end(&running);
    return steps;
}

static void test_a_thousand_rules_take_the_steps_of_ten(void **state) {
    (void)state;
    uint32_t ten = steps_of(10, false);
    assert_in_range(steps_of(1000, false), 1, ten);
    assert_in_range(steps_of(1000, true), 50 * ten, UINT32_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_thousand_rules_take_the_steps_of_ten),
        cmocka_unit_test(test_rule_sets_do_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
