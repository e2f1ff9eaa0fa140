// The verifier: what it must refuse beside what it accepts, which then runs to its end. Loops,
// builders, call sites and changes by chance have files of their own.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/verifying.h"

static const struct row expression_rows[] = {
    {"a constant", NULL, {{OP_RESULT, K(ONE), 0, 0}}},
    {"opcode", "opcode", {{OP_TOTAL, 0, 0, 0}}},
    {"huge opcode", "opcode", {{0xffff, 0, 0, 0}}},
    {"register read", "register", {{OP_RESULT, REGISTERS, 0, 0}}},
    {"register written", "register", {{OP_MOVE, REGISTERS, K(ONE), 0}, {OP_RESULT, K(ONE), 0, 0}}},
    {"constant", "constant", {{OP_RESULT, K(CONSTANTS), 0, 0}}},
    {"unset", "a register without a value", {{OP_RESULT, 0, 0, 0}}},
    {"unused operand", "unused operand", {{OP_RESULT, K(ONE), 1, 0}}},
    {"no end", "a block without an end", {{OP_MOVE, 0, K(ONE), 0}}},
    {"end by a jump out", "target", {{OP_JUMP, 0, 0, 1}}},
    {"jump back", "target", {{OP_MOVE, 0, K(ONE), 0}, {OP_JUMP, 0, 0, 0}}},
    {"jump to itself", "target", {{OP_JUMP, 0, 0, 0}}},
    {"jump on", NULL, {{OP_JUMP, 0, 0, 1}, {OP_RESULT, K(ONE), 0, 0}}},
    {"bool of an int", "type of an operand", {{OP_IF, K(ONE), 0, 1}, {OP_RESULT, K(ONE), 0, 0}}},
    {"string of an int",
     "type of an operand",
     {{OP_IF_EQ_STRING, K(TEXT), K(ONE), 1}, {OP_RESULT, K(ONE), 0, 0}}},
    {"set on one way only",
     "a register without a value",
     {{OP_IF, K(TRUE), 0, 2}, {OP_MOVE, 0, K(ONE), 0}, {OP_RESULT, 0, 0, 0}}},
    {"two types meet",
     "type of an operand",
     {{OP_IF, K(TRUE), 0, 3},
      {OP_MOVE, 0, K(ONE), 0},
      {OP_JUMP, 0, 0, 4},
      {OP_MOVE, 0, K(TEXT), 0},
      {OP_NEGATE_INT, 0, 0, 0},
      {OP_RESULT, 0, 0, 0}}},
    {"two types meet as any",
     NULL,
     {{OP_IF, K(TRUE), 0, 3},
      {OP_MOVE, 0, K(ONE), 0},
      {OP_JUMP, 0, 0, 4},
      {OP_MOVE, 0, K(TEXT), 0},
      {OP_RESULT, 0, 0, 0}}},
    {"headers meet a string",
     "a register without a value",
     {{OP_FIELD, 0, FIELD_REQUEST_HEADERS, 0},
      {OP_IF, K(TRUE), 0, 3},
      {OP_MOVE, 0, K(TEXT), 0},
      {OP_RESULT, 0, 0, 0}}},
    {"headers as a string",
     "type of an operand",
     {{OP_FIELD, 0, FIELD_REQUEST_HEADERS, 0},
      {OP_IF_EQ_STRING, 0, K(TEXT), 2},
      {OP_RESULT, K(ONE), 0, 0}}},
    {"an error as a value", "type of an operand", {{OP_CLEAR, 0, 0, 0}, {OP_RESULT, 0, 0, 0}}},
    {"list beyond the registers",
     "register run",
     {{OP_LIST, 0, REGISTERS - 1, 2}, {OP_RESULT, 0, 0, 0}}},
    {"a list as long as can be said",
     "register run",
     {{OP_LIST, 0, 0, 0xffff}, {OP_RESULT, 0, 0, 0}}},
    {"list of nothing", NULL, {{OP_LIST, 0, 3, 0}, {OP_RESULT, 0, 0, 0}}},
    {"map beyond the registers",
     "register run",
     {{OP_MAP, 0, REGISTERS - 3, 2}, {OP_RESULT, 0, 0, 0}}},
    {"checked to nothing",
     "type of a result",
     {{OP_CHECK, 0, K(ONE), TYPE_NONE}, {OP_RESULT, K(ONE), 0, 0}}},
    {"checked to no type", "number", {{OP_CHECK, 0, K(ONE), TYPE_TOTAL}, {OP_RESULT, 0, 0, 0}}},
    {"field", "number", {{OP_FIELD, 0, FIELD_TOTAL, 0}, {OP_RESULT, 0, 0, 0}}},
    {"original", "number", {{OP_FIELD, 0, 0, 2}, {OP_RESULT, K(ONE), 0, 0}}},
    {"field that no host has",
     "field",
     {{OP_FIELD_THERE, 0, FIELD_REQUEST_PATH, 0}, {OP_RESULT, K(ONE), 0, 0}}},
    {"field beyond the last",
     "number",
     {{OP_FIELD_THERE, 0, FIELD_TOTAL, 0}, {OP_RESULT, K(ONE), 0, 0}}},
    {"slot of a header that is asked for",
     "slot",
     {{OP_IF_PRESENT, H(1), K(TEXT), 1}, {OP_RESULT, K(ONE), 0, 0}}},
    {"a header that is asked for",
     NULL,
     {{OP_IF_PRESENT, H(0), K(TEXT), 1}, {OP_RESULT, K(ONE), 0, 0}}},
    {"presence of an int",
     "type of an operand",
     {{OP_UNLESS_PRESENT, K(ONE), K(TEXT), 1}, {OP_RESULT, K(ONE), 0, 0}}},
    {"let", "number", {{OP_LET, 0, 0, 0}, {OP_RESULT, K(ONE), 0, 0}}},
    {"rule code in an expression", "rule code", {{OP_RULE, 0, 0, 0}}},
    {"end of rules in an expression", "rule code", {{OP_END, 0, 0, 0}}},
    {"end of a let in an expression", "number", {{OP_LET_END, K(ONE), 0, 0}}},
    {"an optional", NULL, {{OP_RESULT, K(SOME), 0, 0}}},
    {"a header", NULL, {{OP_RESULT, H(0), 0, 0}}},
    {"a header as a string",
     NULL,
     {{OP_IF_EQ_STRING, H(0), K(TEXT), 1}, {OP_RESULT, K(ONE), 0, 0}}},
    {"a header on both sides of a jump",
     NULL,
     {{OP_IF_EQ_STRING, H(0), H(0), 1}, {OP_RESULT, H(0), 0, 0}}},
    {"a header as an int",
     "type of an operand",
     {{OP_NEGATE_INT, 0, H(0), 0}, {OP_RESULT, 0, 0, 0}}},
    {"a header as headers",
     "type of an operand",
     {{OP_HEADER_NAMES, 0, H(0), 0}, {OP_RESULT, 0, 0, 0}}},
    {"slot", "slot", {{OP_RESULT, H(1), 0, 0}}},
    {"last slot that can be said", "slot", {{OP_RESULT, H(OPERAND_INDEX), 0, 0}}},
    {"slot as the second operand",
     "slot",
     {{OP_IF_EQ_STRING, H(0), H(1), 1}, {OP_RESULT, K(ONE), 0, 0}}},
    {"slot and constant at once", "constant", {{OP_RESULT, K(H(0)), 0, 0}}},
    {"slot as the first of a list", "register run", {{OP_LIST, 0, H(0), 1}, {OP_RESULT, 0, 0, 0}}},
    {"slot as the first of nothing", "register run", {{OP_LIST, 0, H(0), 0}, {OP_RESULT, 0, 0, 0}}},
    {"slot as the first argument",
     "register run",
     {{OP_CALL_ANY, 0, ANY_SIZE, H(0)}, {OP_RESULT, 0, 0, 0}}},
    {"slot as a result", "register", {{OP_MOVE, H(0), K(ONE), 0}, {OP_RESULT, K(ONE), 0, 0}}},
    {"constant as a result", "register", {{OP_MOVE, K(ONE), K(ONE), 0}, {OP_RESULT, K(ONE), 0, 0}}},
    {"constant as an error",
     "type of an operand",
     {{OP_RAISE, K(ONE), 0, 0}, {OP_RESULT, K(ONE), 0, 0}}},
    {"concatenation",
     NULL,
     {{OP_MOVE, 0, H(0), 0},
      {OP_MOVE, 1, K(TEXT), 0},
      {OP_CONCAT, 0, 0, 2},
      {OP_IF_EQ_STRING, 0, K(TEXT), 4},
      {OP_RESULT, 0, 0, 0}}},
    {"concatenation with an int",
     "type of an operand",
     {{OP_MOVE, 0, H(0), 0}, {OP_MOVE, 1, K(ONE), 0}, {OP_CONCAT, 0, 0, 2}, {OP_RESULT, 0, 0, 0}}},
    {"concatenation beyond the registers",
     "register run",
     {{OP_MOVE, REGISTERS - 1, H(0), 0}, {OP_CONCAT, 0, REGISTERS - 1, 2}, {OP_RESULT, 0, 0, 0}}},
    {"no failure", "", {{OP_FAIL, 0, FAILURE_NONE, 0}, {OP_RESULT, 0, 0, 0}}},
    {"a failure that ends the phase",
     "number",
     {{OP_FAIL, 0, FAILURE_STEPS, 0}, {OP_RESULT, 0, 0, 0}}},
    {"the last failure", "number", {{OP_FAIL, 0, FAILURE_NO_MEMORY, 0}, {OP_RESULT, 0, 0, 0}}},
    {"a failure beyond the table",
     "number",
     {{OP_FAIL, 0, FAILURE_TOTAL, 0}, {OP_RESULT, 0, 0, 0}}},
    {"a huge failure", "number", {{OP_FAIL, 0, 0xffff, 0}, {OP_RESULT, 0, 0, 0}}},
    {"a failure", NULL, {{OP_FAIL, 0, FAILURE_NO_OVERLOAD, 0}, {OP_RESULT, 0, 0, 0}}},
    {"call",
     NULL,
     {{OP_MOVE, 0, H(0), 0},
      {OP_MOVE, 1, K(TEXT), 0},
      {OP_CALL, 0, STARTS, 0},
      {OP_IF, 0, 0, 4},
      {OP_RESULT, 0, 0, 0}}},
    {"argument",
     "type of an operand",
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_MOVE, 1, K(TEXT), 0},
      {OP_CALL, 0, STARTS, 0},
      {OP_RESULT, 0, 0, 0}}},
    {"argument that was never set",
     "a register without a value",
     {{OP_MOVE, 0, K(TEXT), 0}, {OP_CALL, 0, STARTS, 0}, {OP_RESULT, 0, 0, 0}}},
    {"argument of an unknown type",
     "type of an operand",
     {{OP_INDEX, 0, K(MIXED), K(ONE)},
      {OP_MOVE, 1, K(TEXT), 0},
      {OP_CALL, 0, STARTS, 0},
      {OP_RESULT, 0, 0, 0}}},
    {"argument of an unknown type, seen when it runs",
     NULL,
     {{OP_INDEX, 0, K(MIXED), K(ONE)},
      {OP_MOVE, 1, K(ONE), 0},
      {OP_CALL_ANY, 0, STARTS, 0},
      {OP_RESULT, 0, 0, 0}}},
    {"argument beyond the registers",
     "register run",
     {{OP_MOVE, REGISTERS - 1, K(TEXT), 0},
      {OP_CALL, 0, STARTS, REGISTERS - 1},
      {OP_RESULT, 0, 0, 0}}},
    {"any argument beyond the registers",
     "register run",
     {{OP_MOVE, REGISTERS - 1, K(TEXT), 0},
      {OP_CALL_ANY, 0, STARTS, REGISTERS - 1},
      {OP_RESULT, 0, 0, 0}}},
    {"call site", "call site", {{OP_CALL, 0, SITES, 0}, {OP_RESULT, 0, 0, 0}}},
    {"call site of any arguments",
     "call site",
     {{OP_CALL_ANY, 0, 0xffff, 0}, {OP_RESULT, 0, 0, 0}}},
    {"result of a call as another type",
     "type of an operand",
     {{OP_MOVE, 0, K(TEXT), 0},
      {OP_CALL_ANY, 0, ANY_SIZE, 0},
      {OP_IF, 0, 0, 3},
      {OP_RESULT, 0, 0, 0}}},
    {"result of one of two functions",
     NULL,
     {{OP_MOVE, 0, K(REAL), 0}, {OP_CALL_ANY, 0, ANY_ABS, 0}, {OP_RESULT, 0, 0, 0}}},
    {"that result as of the first one's type",
     "type of an operand",
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_CALL_ANY, 0, ANY_ABS, 0},
      {OP_NEGATE_INT, 0, 0, 0},
      {OP_RESULT, 0, 0, 0}}},
    {"the constant in place of a prepared argument",
     "type of an operand",
     {{OP_CHECK, 0, K(ONE), TYPE_TIMESTAMP},
      {OP_MOVE, 1, K(TEXT), 0},
      {OP_CALL, 0, IN_ZONE, 0},
      {OP_RESULT, 0, 0, 0}}},
    {"the same where kinds are seen",
     NULL,
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_MOVE, 1, K(TEXT), 0},
      {OP_CALL_ANY, 0, IN_ZONE, 0},
      {OP_RESULT, 0, 0, 0}}},
};

static const struct row phase_rows[] = {
    {"result of rules", "result", {{OP_RESULT, K(ONE), 0, 0}}},
    {"an empty phase", NULL, {{OP_END, 0, 0, 0}}},
    {"rule", "number", {{OP_RULE, 1, 0, 0}, {OP_END, 0, 0, 0}}},
    {"need of a body without a rule", "no rule", {{OP_NEEDS_BODY, 0, 0, 0}, {OP_END, 0, 0, 0}}},
    {"need of a body of no group", "number", {{OP_GROUP_NEEDS_BODY, 1, 0, 0}, {OP_END, 0, 0, 0}}},
    {"need of a body",
     NULL,
     {{OP_GROUP_NEEDS_BODY, 0, 0, 0},
      {OP_RULE, 0, 0, 0},
      {OP_NEEDS_BODY, 0, 0, 0},
      {OP_END, 0, 0, 0}}},
    {"action without a rule",
     "no rule",
     {{OP_HEADER_SET, MESSAGE_REQUEST, K(TEXT), K(TEXT)}, {OP_END, 0, 0, 0}}},
    {"action of a rule",
     NULL,
     {{OP_RULE, 0, 0, 0}, {OP_HEADER_SET, MESSAGE_REQUEST, K(TEXT), K(TEXT)}, {OP_END, 0, 0, 0}}},
    {"registers of another rule",
     "a register without a value",
     {{OP_RULE, 0, 0, 0},
      {OP_MOVE, 0, K(TRUE), 0},
      {OP_RULE, 0, 0, 0},
      {OP_IF, 0, 0, 4},
      {OP_END, 0, 0, 0}}},
    {"part of no reply",
     "no reply",
     {{OP_RULE, 0, 0, 0}, {OP_REPLY_BODY, K(TEXT), 0, 0}, {OP_END, 0, 0, 0}}},
    {"reply sent before it begins",
     "no reply",
     {{OP_RULE, 0, 0, 0}, {OP_REPLY_SEND, 0, 0, 0}, {OP_END, 0, 0, 0}}},
    {"reply begun on one way only",
     "no reply",
     {{OP_RULE, 0, 0, 0},
      {OP_IF, K(TRUE), 0, 3},
      {OP_REPLY, REPLY_DENY, K(ONE), 0},
      {OP_REPLY_SEND, 0, 0, 0},
      {OP_END, 0, 0, 0}}},
    {"reply of another rule",
     "no reply",
     {{OP_RULE, 0, 0, 0},
      {OP_REPLY, REPLY_DENY, K(ONE), 0},
      {OP_RULE, 0, 0, 0},
      {OP_REPLY_SEND, 0, 0, 0},
      {OP_END, 0, 0, 0}}},
    {"kind of a reply",
     "number",
     {{OP_RULE, 0, 0, 0}, {OP_REPLY, REPLY_KIND_TOTAL, K(ONE), 0}, {OP_END, 0, 0, 0}}},
    {"message",
     "number",
     {{OP_RULE, 0, 0, 0}, {OP_HEADER_REMOVE, MESSAGE_TOTAL, K(TEXT), 0}, {OP_END, 0, 0, 0}}},
    {"limiter", "number", {{OP_RULE, 0, 0, 0}, {OP_LIMIT_OTHER, 1, 0, 2}, {OP_END, 0, 0, 0}}},
    {"limiter that is charged",
     "number",
     {{OP_RULE, 0, 0, 0}, {OP_CHARGE, 1, OPERAND_CONSTANT, OPERAND_CONSTANT}, {OP_END, 0, 0, 0}}},
    {"limits' way out", "target", {{OP_RULE, 0, 0, 0}, {OP_LIMIT, 0, 0, 1}, {OP_END, 0, 0, 0}}},
    {"level", "number", {{OP_RULE, 0, 0, 0}, {OP_LOG, LEVEL_TOTAL, K(TEXT), 0}, {OP_END, 0, 0, 0}}},
    {"group", "number", {{OP_GROUP_ENTER, 1, 0, 1}, {OP_END, 0, 0, 0}}},
    {"a header as a status",
     "type of an operand",
     {{OP_RULE, 0, 0, 0}, {OP_REPLY, REPLY_DENY, H(0), 0}, {OP_END, 0, 0, 0}}},
    {"a header in an action",
     NULL,
     {{OP_RULE, 0, 0, 0}, {OP_HEADER_SET, MESSAGE_REQUEST, H(0), H(0)}, {OP_END, 0, 0, 0}}},
    {"slot in an action",
     "slot",
     {{OP_RULE, 0, 0, 0}, {OP_HEADER_SET, MESSAGE_REQUEST, H(0), H(1)}, {OP_END, 0, 0, 0}}},
};

// 1 + the instruction that has the handler; of no handler in the table where its row says so.
struct handled {
    struct row row;
    uint32_t handled;
    struct handler handler;
};

static const struct handled handled_rows[] = {
    {{"handler that does not exist",
      "handler",
      {{OP_NEGATE_INT, 0, K(ONE), 0}, {OP_RESULT, K(ONE), 0, 0}}},
     2,
     {0, 0}},
    {{"handler behind", "target", {{OP_NEGATE_INT, 0, K(ONE), 0}, {OP_RESULT, K(ONE), 0, 0}}},
     1,
     {0, 0}},
    {{"handler outside", "target", {{OP_NEGATE_INT, 0, K(ONE), 0}, {OP_RESULT, K(ONE), 0, 0}}},
     1,
     {2, 0}},
    {{"handler's register", "register", {{OP_NEGATE_INT, 0, K(ONE), 0}, {OP_RESULT, K(ONE), 0, 0}}},
     1,
     {1, REGISTERS}},
    {{"result of what failed",
      "a register without a value",
      {{OP_NEGATE_INT, 0, K(ONE), 0}, {OP_RESULT, 0, 0, 0}}},
     1,
     {1, 1}},
    {{"handler", NULL, {{OP_NEGATE_INT, 0, K(ONE), 0}, {OP_RESULT, K(ONE), 0, 0}}}, 1, {1, 1}},
};

static void bad_programs_are_refused(void **unused) {
    (void)unused;
    verifying_rows(expression_rows, LEN(expression_rows), PHASE_TOTAL);
    verifying_rows(phase_rows, LEN(phase_rows), PHASE_REQUEST);
}

static void handlers_are_checked(void **unused) {
    (void)unused;
    for (uint32_t i = 0; i < LEN(handled_rows); i++) {
        const struct handled *row = &handled_rows[i];
        uint16_t handler_of[2] = {(uint16_t)row->handled, 0};
        struct program program = verifying_program(row->row.code, 2);
        program.handler_of = handler_of;
        program.handlers = &row->handler;
        program.handler_count = 1;
        program.entry[PHASE_TOTAL] = 0;
        verifying_assert(row->row.name, &program, row->row.why);
        if (row->row.why == NULL) verifying_run(&program, PHASE_TOTAL);
    }
}

static const struct instruction one[] = {{OP_RESULT, K(ONE), 0, 0}};

static struct program program_of_one(void) {
    struct program program = verifying_program(one, 1);
    program.entry[PHASE_TOTAL] = 0;
    return program;
}

static void tables_must_fit(void **unused) {
    (void)unused;
    static const struct value error = {.kind = TYPE_ERROR};
    static const struct value builder = {.kind = TYPE_BUILDER};
    static const struct slot_row wrong = {{"x", 1}, MESSAGE_TOTAL, false, false};
    struct program good = program_of_one();
    struct program bad = good;
    verifying_assert("good", &bad, NULL);
    bad.registers = LIMIT_REGISTERS;
    verifying_assert("all registers", &bad, NULL);
    bad.registers = LIMIT_REGISTERS + 1;
    verifying_assert("registers", &bad, "size");
    bad = good;
    bad.constants = &error;
    bad.constant_count = 1;
    verifying_assert("constant error", &bad, "constant");
    bad.constants = &builder;
    verifying_assert("constant builder", &bad, "constant");
    bad = good;
    bad.slots = &wrong;
    verifying_assert("slot", &bad, "slot");
    bad = good;
    bad.entry[PHASE_TOTAL] = 1;
    verifying_assert("entry behind the code", &bad, "entry");
    bad = good;
    bad.entry[PHASE_REQUEST] = 0;
    verifying_assert("two blocks in one place", &bad, "entry");
    bad = good;
    bad.body_gate[MESSAGE_REQUEST] = 0;
    verifying_assert("a gate inside a block", &bad, "entry");
    bad = good;
    bad.entry[PHASE_TOTAL] = NO_ENTRY;
    verifying_assert("no block", &bad, "code outside all blocks");
}

// Constants from 16384 on have both of an operand's highest bits.
static void all_constants_can_be_read(void **unused) {
    (void)unused;
    static const uint32_t numbers[] = {0, OPERAND_SLOT - 1, OPERAND_SLOT, LIMIT_CONSTANTS - 1};
    struct value *constants = calloc(LIMIT_CONSTANTS, sizeof *constants);
    assert_non_null(constants);
    for (uint32_t i = 0; i < LIMIT_CONSTANTS; i++)
        constants[i] = value_int(i);
    for (uint32_t i = 0; i < LEN(numbers); i++) {
        struct instruction code[] = {{OP_RESULT, K(numbers[i]), 0, 0}};
        struct program program = program_of_one();
        program.code = code;
        program.constants = constants;
        program.constant_count = numbers[i] + 1;
        verifying_assert("constant", &program, NULL);
        assert_int_equal(verifying_run(&program, PHASE_TOTAL).as.integer, numbers[i]);
        program.constant_count = numbers[i];
        verifying_assert("constant behind the last", &program, "constant");
    }
    free(constants);
}

static void inputs_are_registers_of_expressions(void **unused) {
    (void)unused;
    struct instruction negate[] = {{OP_NEGATE_INT, 0, 0, 0}, {OP_RESULT, 0, 0, 0}};
    struct instruction end[] = {{OP_MOVE, 0, 0, 0}, {OP_END, 0, 0, 0}};
    uint8_t inputs[REGISTERS + 1] = {TYPE_INT, TYPE_INT, TYPE_INT, TYPE_INT,
                                     TYPE_INT, TYPE_INT, TYPE_INT};
    struct program program = verifying_program(negate, 2);
    program.entry[PHASE_TOTAL] = 0;
    program.inputs = inputs;
    verifying_assert("none", &program, "a register without a value");
    program.input_count = REGISTERS;
    verifying_assert("as many as registers", &program, NULL);
    program.input_count = REGISTERS + 1;
    verifying_assert("more than registers", &program, "inputs");
    program.input_count = 1;
    inputs[0] = TYPE_STRING;
    verifying_assert("another type", &program, "type of an operand");
    inputs[0] = TYPE_DYN;
    verifying_assert("any type", &program, "type of an operand");
    inputs[0] = TYPE_NONE;
    verifying_assert("no type", &program, "inputs");
    inputs[0] = TYPE_BUILDER;
    verifying_assert("a type of the machine's own", &program, "inputs");
    inputs[0] = TYPE_INT;
    program.code = end;
    program.entry[PHASE_REQUEST] = 0;
    program.entry[PHASE_TOTAL] = NO_ENTRY;
    verifying_assert("inputs of rules", &program, "a register without a value");
}

static void lets_are_checked(void **unused) {
    (void)unused;
    struct instruction code[] = {{OP_LET_END, K(ONE), 0, 0},
                                 {OP_LET, 0, 0, 0},
                                 {OP_LET_END, 0, 1, 0},
                                 {OP_LET, 0, 1, 0},
                                 {OP_RESULT, 0, 0, 0}};
    struct let_row lets[] = {{{"a", 1}, 0, TYPE_INT, 0}, {{"b", 1}, 1, TYPE_INT, 0}};
    struct program program = verifying_program(code, LEN(code));
    program.lets = lets;
    program.let_count = 2;
    program.entry[PHASE_TOTAL] = 3;
    verifying_assert("good", &program, NULL);
    assert_int_equal(program.let_depth, 2);
    code[1].b = 1;
    verifying_assert("a let of itself", &program, "order of lets");
    code[1].b = 0;
    code[2].b = 0;
    verifying_assert("another let's end", &program, "end of a let");
    code[2].b = 1;
    lets[1].type = TYPE_STRING;
    verifying_assert("type", &program, "type of an operand");
    lets[1].type = TYPE_TOTAL;
    verifying_assert("no type", &program, "type of a let");
    lets[1].type = TYPE_INT;
    lets[1].entry = 2;
    verifying_assert("entry in a block", &program, "a register without a value");
    lets[1].entry = 0;
    verifying_assert("entry of another", &program, "entry");
}

static void lets_wait_for_few_lets(void **unused) {
    (void)unused;
    enum { CHAIN = LIMIT_LET_DEPTH + 1 };
    struct instruction code[2 * CHAIN + 1];
    struct let_row lets[CHAIN];
    for (uint32_t i = 0; i < CHAIN; i++) {
        struct instruction first = {OP_MOVE, 0, K(ONE), 0};
        struct instruction before = {OP_LET, 0, (uint16_t)(i - 1), 0};
        code[2 * i] = i == 0 ? first : before;
        code[2 * i + 1] = (struct instruction){OP_LET_END, 0, (uint16_t)i, 0};
        lets[i] = (struct let_row){{"l", 1}, 2 * i, TYPE_INT, 0};
    }
    for (uint32_t count = CHAIN - 1; count <= CHAIN; count++) {
        code[2 * count] = (struct instruction){OP_RESULT, K(ONE), 0, 0};
        struct program program = verifying_program(code, 2 * count + 1);
        program.lets = lets;
        program.let_count = count;
        program.entry[PHASE_TOTAL] = 2 * count;
        verifying_assert("chain", &program, NULL);
        assert_int_equal(program.let_depth, count - 1);
        code[2 * count] = (struct instruction){OP_LET, 0, (uint16_t)(count - 1), 0};
        program.code_count++;
        struct instruction longer[2 * CHAIN + 2];
        memcpy(longer, code, (2 * count + 1) * sizeof *code);
        longer[2 * count + 1] = (struct instruction){OP_RESULT, 0, 0, 0};
        program.code = longer;
        verifying_assert("asked for", &program, count == CHAIN ? "depth of lets" : NULL);
    }
}

// A let that fails with "no error" gives no value: what stood in the register before stays out.
static void an_empty_error_is_no_value(void **unused) {
    (void)unused;
    static const struct instruction code[] = {
        {OP_CLEAR, 0, 0, 0}, {OP_LET_FAILED, 0, 0, 0},         {OP_MOVE, 0, K(ONE), 0},
        {OP_LET, 0, 0, 0},   {OP_IF_EQ_STRING, 0, K(TEXT), 5}, {OP_RESULT, K(ONE), 0, 0}};
    struct let_row let = {{"a", 1}, 0, TYPE_STRING, 0};
    struct running running;
    const char *why;
    struct program program = verifying_program(code, LEN(code));
    program.lets = &let;
    program.let_count = 1;
    program.entry[PHASE_TOTAL] = 2;
    running_init(&running);
    running.program = &program;
    if (verifying_outcome(&program, &why) == VERIFY_OK) {
        assert_true(running_begin(&running, 32));
        assert_int_equal(run_expression(&running.run).kind, TYPE_ERROR);
    }
    running_end(&running);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_programs_are_refused),
        cmocka_unit_test(handlers_are_checked),
        cmocka_unit_test(tables_must_fit),
        cmocka_unit_test(all_constants_can_be_read),
        cmocka_unit_test(inputs_are_registers_of_expressions),
        cmocka_unit_test(lets_are_checked),
        cmocka_unit_test(lets_wait_for_few_lets),
        cmocka_unit_test(an_empty_error_is_no_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
