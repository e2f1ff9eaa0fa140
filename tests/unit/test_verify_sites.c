// The verifier on call sites: what they say of functions is what the functions' rows say.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/verifying.h"

// One candidate, and what the site says of it.
static const struct {
    const char *name;
    const char *why;
    struct candidate candidate;
    uint8_t count;
    uint8_t result;
} site_rows[] = {
    {"good", NULL, {FUNCTION_STARTS_WITH, {TYPE_STRING, TYPE_STRING}}, 2, TYPE_BOOL},
    {"without arguments", NULL, {FUNCTION_OPTIONAL_NONE, {0}}, 0, TYPE_OPTIONAL},
    {"of any type", NULL, {FUNCTION_OPTIONAL_OF, {TYPE_DYN}}, 1, TYPE_OPTIONAL},
    {"of any number", NULL, {FUNCTION_MATH_GREATEST, {TYPE_DYN, TYPE_DYN, TYPE_DYN}}, 3, TYPE_DYN},
    {"prepared", NULL, {FUNCTION_GET_HOURS_IN_ZONE, {TYPE_TIMESTAMP, TYPE_ZONE}}, 2, TYPE_INT},
    {"unprepared", NULL, {FUNCTION_GET_HOURS_IN_ZONE, {TYPE_TIMESTAMP, TYPE_STRING}}, 2, TYPE_INT},
    {"function", "function", {FUNCTION_TOTAL, {TYPE_STRING, TYPE_STRING}}, 2, TYPE_BOOL},
    {"huge function", "function", {0xffff, {TYPE_STRING, TYPE_STRING}}, 2, TYPE_BOOL},
    {"kind", "type of an argument", {FUNCTION_STARTS_WITH, {TYPE_STRING, TYPE_INT}}, 2, TYPE_BOOL},
    {"kind left open",
     "type of an argument",
     {FUNCTION_STARTS_WITH, {TYPE_DYN, TYPE_STRING}},
     2,
     TYPE_BOOL},
    {"narrower kind", "type of an argument", {FUNCTION_OPTIONAL_OF, {TYPE_INT}}, 1, TYPE_OPTIONAL},
    {"prepared where nothing is",
     "type of an argument",
     {FUNCTION_STARTS_WITH, {TYPE_STRING, TYPE_ZONE}},
     2,
     TYPE_BOOL},
    {"another argument prepared",
     "type of an argument",
     {FUNCTION_GET_HOURS_IN_ZONE, {TYPE_ZONE, TYPE_STRING}},
     2,
     TYPE_INT},
    {"prepared otherwise",
     "type of an argument",
     {FUNCTION_GET_HOURS_IN_ZONE, {TYPE_TIMESTAMP, TYPE_REGEX}},
     2,
     TYPE_INT},
    {"too few", "arguments", {FUNCTION_STARTS_WITH, {TYPE_STRING}}, 1, TYPE_BOOL},
    {"too many",
     "arguments",
     {FUNCTION_STARTS_WITH, {TYPE_STRING, TYPE_STRING, TYPE_STRING}},
     3,
     TYPE_BOOL},
    {"none of any number", "arguments", {FUNCTION_MATH_GREATEST, {TYPE_DYN}}, 0, TYPE_DYN},
    {"more than can be",
     "arguments",
     {FUNCTION_MATH_GREATEST, {TYPE_DYN}},
     FUNCTION_ARGUMENTS + 1,
     TYPE_DYN},
    {"as many as can be said", "arguments", {FUNCTION_MATH_GREATEST, {TYPE_DYN}}, 255, TYPE_DYN},
    {"result", "call site", {FUNCTION_STARTS_WITH, {TYPE_STRING, TYPE_STRING}}, 2, TYPE_INT},
    {"any result", "call site", {FUNCTION_STARTS_WITH, {TYPE_STRING, TYPE_STRING}}, 2, TYPE_DYN},
    {"no result", "call site", {FUNCTION_STARTS_WITH, {TYPE_STRING, TYPE_STRING}}, 2, TYPE_NONE},
};

static void assert_site(const char *name, const struct call_site *site, const char *why) {
    static const struct instruction code[] = {{OP_RESULT, K(ONE), 0, 0}};
    struct program program = verifying_program(code, 1);
    program.entry[PHASE_TOTAL] = 0;
    program.sites = site;
    program.site_count = 1;
    verifying_assert(name, &program, why);
}

static void call_sites_are_checked(void **unused) {
    (void)unused;
    for (uint32_t i = 0; i < LEN(site_rows); i++) {
        uint16_t function = site_rows[i].candidate.function;
        struct call_site site = {.candidates = &site_rows[i].candidate,
                                 .candidate_count = 1,
                                 .count = site_rows[i].count,
                                 .result = site_rows[i].result};
        if (function < FUNCTION_TOTAL) site.body = function_rows[function].body;
        assert_site(site_rows[i].name, &site, site_rows[i].why);
        site.candidate_count = 0;
        assert_site("no candidates", &site, "call site");
        if (site_rows[i].why != NULL) continue;
        site.candidate_count = 1;
        site.body = function_rows[FUNCTION_STRING_REVERSE].body;
        assert_site("another body", &site, "call site");
        site.body = NULL;
        assert_site("no body", &site, "call site");
    }
}

static void candidates_must_agree_with_their_site(void **unused) {
    (void)unused;
    struct candidate both[] = {{FUNCTION_GET_HOURS_IN_ZONE, {TYPE_TIMESTAMP, TYPE_STRING}},
                               {FUNCTION_STARTS_WITH, {TYPE_STRING, TYPE_STRING}}};
    struct call_site site = {function_rows[both[0].function].body, both, 2, 2, TYPE_DYN};
    assert_site("two results", &site, NULL);
    site.body = function_rows[both[1].function].body;
    assert_site("the second body", &site, "call site");
    site.body = function_rows[both[0].function].body;
    site.result = TYPE_INT;
    assert_site("the first result", &site, "call site");
    site.result = TYPE_BOOL;
    assert_site("the second result", &site, "call site");
    site.result = TYPE_DYN;
    both[0].kinds[1] = TYPE_ZONE;
    assert_site("prepared for one of two", &site, "type of an argument");
    both[0].kinds[1] = TYPE_STRING;
    both[1].kinds[1] = TYPE_BYTES;
    assert_site("kind of the second", &site, "type of an argument");
    both[1].function = FUNCTION_SIZE_STRING;
    assert_site("count of the second", &site, "arguments");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(call_sites_are_checked),
        cmocka_unit_test(candidates_must_agree_with_their_site),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
