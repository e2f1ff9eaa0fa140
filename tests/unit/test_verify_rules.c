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

static const struct row expression_rows[] = {
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
    verifying_rows(expression_rows, LEN(expression_rows), PHASE_TOTAL);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(bad_programs_are_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
