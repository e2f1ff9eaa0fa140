// Instructions of rules that may stand only in some phase, or only behind others.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/verifying.h"

// Of rules of the request's side.
static const struct row request_rows[] = {
    {"exempt without a rule", "no rule", {{OP_EXEMPT, 0, 0, 0}, {OP_END, 0, 0, 0}}},
    {"exempt", NULL, {{OP_RULE, 0, 0, 0}, {OP_EXEMPT, 0, 0, 0}, {OP_END, 0, 0, 0}}},
    {"exempt of a third kind",
     "number",
     {{OP_RULE, 0, 0, 0}, {OP_EXEMPT, 2, 0, 0}, {OP_END, 0, 0, 0}}},
    {"exempt with an operand",
     "unused operand",
     {{OP_RULE, 0, 0, 0}, {OP_EXEMPT, 0, 1, 0}, {OP_END, 0, 0, 0}}},
    {"whether exempt", NULL, {{OP_RULE, 0, 0, 0}, {OP_IF_EXEMPT, 1, 0, 2}, {OP_END, 0, 0, 0}}},
    {"whether exempt without a rule", "no rule", {{OP_IF_EXEMPT, 0, 0, 1}, {OP_END, 0, 0, 0}}},
    {"whether exempt of a third kind",
     "number",
     {{OP_RULE, 0, 0, 0}, {OP_IF_EXEMPT, 2, 0, 2}, {OP_END, 0, 0, 0}}},
    {"whether exempt, and back",
     "target",
     {{OP_RULE, 0, 0, 0}, {OP_IF_EXEMPT, 0, 0, 1}, {OP_END, 0, 0, 0}}},
    {"whether exempt, and away",
     "target",
     {{OP_RULE, 0, 0, 0}, {OP_IF_EXEMPT, 0, 0, 3}, {OP_END, 0, 0, 0}}},
    {"a reply in a response's place",
     "reply of another phase",
     {{OP_RULE, 0, 0, 0},
      {OP_REPLY, REPLY_DENY, K(ONE), 0},
      {OP_REPLY_INSTEAD, 0, 0, 0},
      {OP_END, 0, 0, 0}}},
};

static const struct row location_rows[] = {
    {"a location",
     NULL,
     {{OP_RULE, 0, 0, 0},
      {OP_REPLY, REPLY_REDIRECT, K(ONE), 0},
      {OP_REPLY_TO, K(TEXT), 0, 0},
      {OP_REPLY_SEND, 0, 0, 0},
      {OP_END, 0, 0, 0}}},
    {"a location without a reply",
     "no reply",
     {{OP_RULE, 0, 0, 0}, {OP_REPLY_TO, K(TEXT), 0, 0}, {OP_END, 0, 0, 0}}},
    {"a location of another type",
     "type of an operand",
     {{OP_RULE, 0, 0, 0},
      {OP_REPLY, REPLY_REDIRECT, K(ONE), 0},
      {OP_REPLY_TO, K(ONE), 0, 0},
      {OP_END, 0, 0, 0}}},
    {"a location of parts",
     NULL,
     {{OP_RULE, 0, 0, 0},
      {OP_REPLY, REPLY_REDIRECT, K(ONE), 0},
      {OP_MOVE, 2, K(TEXT), 0},
      {OP_MOVE, 3, K(ONE), 0},
      {OP_MOVE, 4, K(TEXT), 0},
      {OP_MOVE, 5, K(TEXT), 0},
      {OP_REPLY_PARTS, 2, 0, 0},
      {OP_END, 0, 0, 0}}},
    {"parts without a value",
     "a register without a value",
     {{OP_RULE, 0, 0, 0},
      {OP_REPLY, REPLY_REDIRECT, K(ONE), 0},
      {OP_MOVE, 0, K(TEXT), 0},
      {OP_MOVE, 1, K(TEXT), 0},
      {OP_MOVE, 2, K(TEXT), 0},
      {OP_REPLY_PARTS, 0, 0, 0},
      {OP_END, 0, 0, 0}}},
    {"parts beyond the registers",
     "register run",
     {{OP_RULE, 0, 0, 0},
      {OP_REPLY, REPLY_REDIRECT, K(ONE), 0},
      {OP_REPLY_PARTS, REGISTERS - 3, 0, 0},
      {OP_END, 0, 0, 0}}},
};

static const struct row response_rows[] = {
    {"a reply that ends the phase",
     "reply of another phase",
     {{OP_RULE, 0, 0, 0},
      {OP_REPLY, REPLY_DENY, K(ONE), 0},
      {OP_REPLY_SEND, 0, 0, 0},
      {OP_END, 0, 0, 0}}},
    {"a reply in a response's place",
     NULL,
     {{OP_RULE, 0, 0, 0},
      {OP_REPLY, REPLY_DENY, K(ONE), 0},
      {OP_REPLY_INSTEAD, 0, 0, 0},
      {OP_END, 0, 0, 0}}},
    {"no reply in a response's place",
     "no reply",
     {{OP_RULE, 0, 0, 0}, {OP_REPLY_INSTEAD, 0, 0, 0}, {OP_END, 0, 0, 0}}},
    {"that of the rule before",
     "no reply",
     {{OP_RULE, 0, 0, 0},
      {OP_REPLY, REPLY_DENY, K(ONE), 0},
      {OP_RULE, 0, 0, 0},
      {OP_REPLY_INSTEAD, 0, 0, 0},
      {OP_END, 0, 0, 0}}},
};

static const struct row edit_rows[] = {
    {"a pattern that is no constant",
     "header gate",
     {{OP_RULE, 0, 0, 0},
      {OP_MOVE, 0, K(TEXT), 0},
      {OP_HEADER_REMOVE_ALL, MESSAGE_REQUEST, 0, 0},
      {OP_END, 0, 0, 0}}},
    {"a pattern without a star",
     "header gate",
     {{OP_RULE, 0, 0, 0}, {OP_HEADER_REMOVE_ALL, MESSAGE_REQUEST, K(TEXT), 0}, {OP_END, 0, 0, 0}}},
    {"a pattern of another type",
     "type of an operand",
     {{OP_RULE, 0, 0, 0}, {OP_HEADER_REMOVE_ALL, MESSAGE_REQUEST, K(ONE), 0}, {OP_END, 0, 0, 0}}},
    {"a pattern of no message",
     "number",
     {{OP_RULE, 0, 0, 0}, {OP_HEADER_REMOVE_ALL, MESSAGE_TOTAL, K(TEXT), 0}, {OP_END, 0, 0, 0}}},
    {"a parameter",
     NULL,
     {{OP_RULE, 0, 0, 0},
      {OP_PLACE_SET, PLACE_QUERY_PARAMS, K(TEXT), K(ONE)},
      {OP_PLACE_ADD, PLACE_COOKIES, K(TEXT), K(TEXT)},
      {OP_PLACE_REMOVE, PLACE_COOKIES, K(TEXT), 1},
      {OP_END, 0, 0, 0}}},
    {"a change of nothing",
     "number",
     {{OP_RULE, 0, 0, 0}, {OP_PLACE_SET, PLACE_NONE, K(TEXT), K(TEXT)}, {OP_END, 0, 0, 0}}},
    {"a change of what there is not",
     "number",
     {{OP_RULE, 0, 0, 0}, {OP_PLACE_ADD, PLACE_TOTAL, K(TEXT), K(TEXT)}, {OP_END, 0, 0, 0}}},
    {"a part without a name",
     "type of an operand",
     {{OP_RULE, 0, 0, 0}, {OP_PLACE_REMOVE, PLACE_QUERY, K(ONE), 0}, {OP_END, 0, 0, 0}}},
    {"a pattern of a third kind",
     "number",
     {{OP_RULE, 0, 0, 0}, {OP_PLACE_REMOVE, PLACE_QUERY, K(TEXT), 2}, {OP_END, 0, 0, 0}}},
    {"a change without a rule",
     "no rule",
     {{OP_PLACE_SET, PLACE_PATH, K(TEXT), K(TEXT)}, {OP_END, 0, 0, 0}}},
    {"a new route", NULL, {{OP_RULE, 0, 0, 0}, {OP_REROUTE, 0, 0, 0}, {OP_END, 0, 0, 0}}},
    {"a new route without a rule", "no rule", {{OP_REROUTE, 0, 0, 0}, {OP_END, 0, 0, 0}}},
};

// The program has no counters.
static const struct row count_rows[] = {
    {"a counter", "number", {{OP_RULE, 0, 0, 0}, {OP_COUNT, 0, 0, 0}, {OP_END, 0, 0, 0}}},
    {"a counter by a value",
     "number",
     {{OP_RULE, 0, 0, 0}, {OP_COUNT_BY, 0, K(TEXT), 0}, {OP_END, 0, 0, 0}}},
    {"a counter without a rule", "number", {{OP_COUNT, 0, 0, 0}, {OP_END, 0, 0, 0}}},
};

static const struct row expression_rows[] = {
    {"a draw",
     NULL,
     {{OP_MOVE, 0, K(REAL), 0},
      {OP_MOVE, 1, K(ONE), 0},
      {OP_MOVE, 2, K(TEXT), 0},
      {OP_SAMPLE, 3, 0, 0},
      {OP_IF, 3, 0, 5},
      {OP_RESULT, 3, 0, 0}}},
    {"a draw of what is no share, key and salt: it fails",
     NULL,
     {{OP_MOVE, 0, K(TEXT), 0},
      {OP_MOVE, 1, K(ITEMS), 0},
      {OP_MOVE, 2, K(ONE), 0},
      {OP_SAMPLE, 0, 0, 0},
      {OP_RESULT, 0, 0, 0}}},
    {"a draw without a salt",
     "a register without a value",
     {{OP_MOVE, 0, K(REAL), 0},
      {OP_MOVE, 1, K(ONE), 0},
      {OP_SAMPLE, 3, 0, 0},
      {OP_RESULT, 3, 0, 0}}},
    {"a draw beyond the registers",
     "register run",
     {{OP_SAMPLE, 0, REGISTERS - 2, 0}, {OP_RESULT, 0, 0, 0}}},
    {"a draw as a number",
     "type of an operand",
     {{OP_MOVE, 0, K(REAL), 0},
      {OP_MOVE, 1, K(ONE), 0},
      {OP_MOVE, 2, K(TEXT), 0},
      {OP_SAMPLE, 3, 0, 0},
      {OP_NEGATE_INT, 3, 3, 0},
      {OP_RESULT, 3, 0, 0}}},
    {"a draw of an error",
     "type of an operand",
     {{OP_MOVE, 0, K(REAL), 0},
      {OP_CLEAR, 1, 0, 0},
      {OP_MOVE, 2, K(TEXT), 0},
      {OP_SAMPLE, 3, 0, 0},
      {OP_RESULT, 3, 0, 0}}},
    {"exempt in an expression", "rule code", {{OP_EXEMPT, 0, 0, 0}, {OP_RESULT, K(ONE), 0, 0}}},
    {"a reply in an expression",
     "rule code",
     {{OP_REPLY_INSTEAD, 0, 0, 0}, {OP_RESULT, K(ONE), 0, 0}}},
};

static void bad_programs_are_refused(void **unused) {
    (void)unused;
    verifying_rows(request_rows, LEN(request_rows), PHASE_REQUEST);
    verifying_rows(request_rows, LEN(request_rows), PHASE_REQUEST_BODY);
    verifying_rows(location_rows, LEN(location_rows), PHASE_REQUEST);
    verifying_rows(response_rows, LEN(response_rows), PHASE_RESPONSE);
    verifying_rows(edit_rows, LEN(edit_rows), PHASE_REQUEST);
    verifying_rows(count_rows, LEN(count_rows), PHASE_REQUEST);
    verifying_rows(expression_rows, LEN(expression_rows), PHASE_TOTAL);
}

static void counters_are_checked(void **unused) {
    (void)unused;
    struct counter_row counter = {.name = {"c", 1}, .labels = true};
    struct instruction code[] = {
        {OP_RULE, 0, 0, 0}, {OP_COUNT, 0, 0, 0}, {OP_COUNT_BY, 0, K(TEXT), 0}, {OP_END, 0, 0, 0}};
    struct program program = verifying_program(code, LEN(code));
    program.counters = &counter;
    program.counter_count = 1;
    program.entry[PHASE_REQUEST] = 0;
    verifying_assert("good", &program, NULL);
    code[2].b = 0;
    verifying_assert("no value", &program, "a register without a value");
    code[2].b = K(TEXT);
    code[2].a = 1;
    verifying_assert("another counter", &program, "number");
    code[2].a = 0;
    code[0] = (struct instruction){OP_MOVE, 0, K(ONE), 0};
    verifying_assert("no rule", &program, "no rule");
    program.counter_count = LIMIT_COUNTERS + 1;
    verifying_assert("too many", &program, "size");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(bad_programs_are_refused),
                                       cmocka_unit_test(counters_are_checked)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
