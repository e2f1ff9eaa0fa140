// The verifier: what it must refuse, by hand and by chance; what it accepts runs in bounds.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine/run/verify.h"
#include "tests/unit/running.h"

#define K(number) (uint16_t)(OPERAND_CONSTANT | (number))
#define LINE(name, value) {{name, sizeof(name) - 1}, {value, sizeof(value) - 1}}

enum { CODE_MOST = 8, REGISTERS = 4 };

enum constant { ONE, TEXT, TRUE, CONSTANTS };

// A program of one block, with one row in every table but the lets.
struct row {
    const char *name;
    const char *why; // NULL: accepted
    uint32_t entry;  // which phase; PHASE_TOTAL for an expression
    struct instruction code[CODE_MOST];
    uint32_t count;
    uint32_t handled; // 1 + the instruction that has the handler
    struct handler handler;
};

static const struct value constants[CONSTANTS] = {
    {.kind = TYPE_INT, .as.integer = 1},
    {.kind = TYPE_STRING, .length = 1, .as.text = "x"},
    {.kind = TYPE_BOOL, .as.boolean = true},
};
static const struct slot_row slots[1] = {{{"x", 1}, MESSAGE_REQUEST, false}};
static const struct rule_row rules[1] = {{{"r", 1}, PHASE_REQUEST, true, true}};
static const struct limiter_row limiters[1] = {
    {{"l", 1}, {"k", 1}, {LIMIT_ALGORITHM_TOKEN_BUCKET, 1, 1000000000, 1}, false}};

static struct program base_program(const struct instruction *code, uint32_t count,
                                   const uint16_t *handler_of) {
    static const uint16_t slot_table[2] = {1, 1};
    struct program program = {.code = code,
                              .handler_of = handler_of,
                              .code_count = count,
                              .constants = constants,
                              .constant_count = CONSTANTS,
                              .slots = slots,
                              .slot_count = 1,
                              .slot_table = slot_table,
                              .rules = rules,
                              .rule_count = 1,
                              .limiters = limiters,
                              .limiter_count = 1,
                              .group_count = 1,
                              .registers = REGISTERS,
                              .steps = 1000,
                              .memory = 65536};
    for (uint32_t i = 0; i <= PHASE_TOTAL; i++)
        program.entry[i] = NO_ENTRY;
    return program;
}

static enum verify_outcome verify(struct program *program, const char **why) {
    struct failing failing;
    struct arena scratch;
    uint32_t at;
    failing_init(&failing, UINT32_MAX);
    arena_init(&scratch, &failing.allocator, 64, SIZE_MAX);
    *why = NULL;
    enum verify_outcome outcome = verify_program(program, &scratch, &at, why);
    arena_free(&scratch);
    return outcome;
}

static void assert_why(const char *name, enum verify_outcome outcome, const char *found,
                       const char *wanted) {
    bool same = wanted == NULL ? outcome == VERIFY_OK
                               : outcome == VERIFY_REFUSED && slice_is(slice_of(found), wanted);
    if (same) return;
    fail_msg("%s: %s, wanted %s", name, outcome == VERIFY_OK ? "accepted" : found,
             wanted == NULL ? "acceptance" : wanted);
}

enum { EXPR = PHASE_TOTAL, REQUEST = PHASE_REQUEST };

static const struct row rows[] = {
    {"a constant", NULL, EXPR, {{OP_RESULT, K(ONE), 0, 0}}, 1, 0, {0, 0}},
    {"opcode", "opcode", EXPR, {{OP_TOTAL, 0, 0, 0}}, 1, 0, {0, 0}},
    {"huge opcode", "opcode", EXPR, {{0xffff, 0, 0, 0}}, 1, 0, {0, 0}},
    {"register read", "register", EXPR, {{OP_RESULT, REGISTERS, 0, 0}}, 1, 0, {0, 0}},
    {"register written",
     "register",
     EXPR,
     {{OP_MOVE, REGISTERS, K(ONE), 0}, {OP_RESULT, K(ONE), 0, 0}},
     2,
     0,
     {0, 0}},
    {"constant", "constant", EXPR, {{OP_RESULT, K(CONSTANTS), 0, 0}}, 1, 0, {0, 0}},
    {"unset", "a register without a value", EXPR, {{OP_RESULT, 0, 0, 0}}, 1, 0, {0, 0}},
    {"unused operand", "unused operand", EXPR, {{OP_RESULT, K(ONE), 1, 0}}, 1, 0, {0, 0}},
    {"no end", "a block without an end", EXPR, {{OP_MOVE, 0, K(ONE), 0}}, 1, 0, {0, 0}},
    {"end by a jump out", "target", EXPR, {{OP_JUMP, 0, 0, 1}}, 1, 0, {0, 0}},
    {"jump back", "target", EXPR, {{OP_MOVE, 0, K(ONE), 0}, {OP_JUMP, 0, 0, 0}}, 2, 0, {0, 0}},
    {"jump to itself", "target", EXPR, {{OP_JUMP, 0, 0, 0}}, 1, 0, {0, 0}},
    {"jump on", NULL, EXPR, {{OP_JUMP, 0, 0, 1}, {OP_RESULT, K(ONE), 0, 0}}, 2, 0, {0, 0}},
    {"bool of an int",
     "type of an operand",
     EXPR,
     {{OP_NOT, 0, K(ONE), 0}, {OP_RESULT, 0, 0, 0}},
     2,
     0,
     {0, 0}},
    {"string of an int",
     "type of an operand",
     EXPR,
     {{OP_EQ_STRING, 0, K(TEXT), K(ONE)}, {OP_RESULT, 0, 0, 0}},
     2,
     0,
     {0, 0}},
    {"set on one way only",
     "a register without a value",
     EXPR,
     {{OP_IF, K(TRUE), 0, 2}, {OP_MOVE, 0, K(ONE), 0}, {OP_RESULT, 0, 0, 0}},
     3,
     0,
     {0, 0}},
    {"two types meet",
     "type of an operand",
     EXPR,
     {{OP_IF, K(TRUE), 0, 3},
      {OP_MOVE, 0, K(ONE), 0},
      {OP_JUMP, 0, 0, 4},
      {OP_MOVE, 0, K(TEXT), 0},
      {OP_NEGATE_INT, 0, 0, 0},
      {OP_RESULT, 0, 0, 0}},
     6,
     0,
     {0, 0}},
    {"two types meet as any",
     NULL,
     EXPR,
     {{OP_IF, K(TRUE), 0, 3},
      {OP_MOVE, 0, K(ONE), 0},
      {OP_JUMP, 0, 0, 4},
      {OP_MOVE, 0, K(TEXT), 0},
      {OP_RESULT, 0, 0, 0}},
     5,
     0,
     {0, 0}},
    {"headers meet a string",
     "a register without a value",
     EXPR,
     {{OP_FIELD, 0, FIELD_REQUEST_HEADERS, 0},
      {OP_IF, K(TRUE), 0, 3},
      {OP_MOVE, 0, K(TEXT), 0},
      {OP_RESULT, 0, 0, 0}},
     4,
     0,
     {0, 0}},
    {"headers as a string",
     "type of an operand",
     EXPR,
     {{OP_FIELD, 0, FIELD_REQUEST_HEADERS, 0}, {OP_EQ_STRING, 1, 0, K(TEXT)}, {OP_RESULT, 1, 0, 0}},
     3,
     0,
     {0, 0}},
    {"an error as a value",
     "type of an operand",
     EXPR,
     {{OP_CLEAR, 0, 0, 0}, {OP_RESULT, 0, 0, 0}},
     2,
     0,
     {0, 0}},
    {"list beyond the registers",
     "register run",
     EXPR,
     {{OP_LIST, 0, 3, 2}, {OP_RESULT, 0, 0, 0}},
     2,
     0,
     {0, 0}},
    {"a list as long as can be said",
     "register run",
     EXPR,
     {{OP_LIST, 0, 0, 0xffff}, {OP_RESULT, 0, 0, 0}},
     2,
     0,
     {0, 0}},
    {"list of nothing", NULL, EXPR, {{OP_LIST, 0, 3, 0}, {OP_RESULT, 0, 0, 0}}, 2, 0, {0, 0}},
    {"map beyond the registers",
     "register run",
     EXPR,
     {{OP_MAP, 0, 1, 2}, {OP_RESULT, 0, 0, 0}},
     2,
     0,
     {0, 0}},
    {"checked to nothing",
     "type of a result",
     EXPR,
     {{OP_CHECK, 0, K(ONE), TYPE_NONE}, {OP_RESULT, K(ONE), 0, 0}},
     2,
     0,
     {0, 0}},
    {"checked to no type",
     "number",
     EXPR,
     {{OP_CHECK, 0, K(ONE), TYPE_TOTAL}, {OP_RESULT, 0, 0, 0}},
     2,
     0,
     {0, 0}},
    {"field", "number", EXPR, {{OP_FIELD, 0, FIELD_TOTAL, 0}, {OP_RESULT, 0, 0, 0}}, 2, 0, {0, 0}},
    {"original", "number", EXPR, {{OP_FIELD, 0, 0, 2}, {OP_RESULT, K(ONE), 0, 0}}, 2, 0, {0, 0}},
    {"slot", "number", EXPR, {{OP_HEADER, 0, 1, 0}, {OP_RESULT, 0, 0, 0}}, 2, 0, {0, 0}},
    {"let", "number", EXPR, {{OP_LET, 0, 0, 0}, {OP_RESULT, K(ONE), 0, 0}}, 2, 0, {0, 0}},
    {"function",
     "function",
     EXPR,
     {{OP_CALL, 0, FUNCTION_TOTAL, 0}, {OP_RESULT, 0, 0, 0}},
     2,
     0,
     {0, 0}},
    {"argument",
     "type of an operand",
     EXPR,
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_MOVE, 1, K(ONE), 0},
      {OP_CALL, 0, FUNCTION_STARTS_WITH, 0},
      {OP_RESULT, 0, 0, 0}},
     3,
     0,
     {0, 0}},
    {"argument beyond the registers",
     "register run",
     EXPR,
     {{OP_MOVE, 3, K(TEXT), 0}, {OP_CALL, 0, FUNCTION_STARTS_WITH, 3}, {OP_RESULT, 0, 0, 0}},
     3,
     0,
     {0, 0}},
    {"rule code in an expression", "rule code", EXPR, {{OP_RULE, 0, 0, 0}}, 1, 0, {0, 0}},
    {"end of rules in an expression", "rule code", EXPR, {{OP_END, 0, 0, 0}}, 1, 0, {0, 0}},
    {"end of a let in an expression", "number", EXPR, {{OP_LET_END, K(ONE), 0, 0}}, 1, 0, {0, 0}},
    {"result of rules", "result", REQUEST, {{OP_RESULT, K(ONE), 0, 0}}, 1, 0, {0, 0}},
    {"an empty phase", NULL, REQUEST, {{OP_END, 0, 0, 0}}, 1, 0, {0, 0}},
    {"rule", "number", REQUEST, {{OP_RULE, 1, 0, 0}, {OP_END, 0, 0, 0}}, 2, 0, {0, 0}},
    {"action without a rule",
     "no rule",
     REQUEST,
     {{OP_HEADER_SET, MESSAGE_REQUEST, K(TEXT), K(TEXT)}, {OP_END, 0, 0, 0}},
     2,
     0,
     {0, 0}},
    {"action of a rule",
     NULL,
     REQUEST,
     {{OP_RULE, 0, 0, 0}, {OP_HEADER_SET, MESSAGE_REQUEST, K(TEXT), K(TEXT)}, {OP_END, 0, 0, 0}},
     3,
     0,
     {0, 0}},
    {"registers of another rule",
     "a register without a value",
     REQUEST,
     {{OP_RULE, 0, 0, 0},
      {OP_MOVE, 0, K(TRUE), 0},
      {OP_RULE, 0, 0, 0},
      {OP_IF, 0, 0, 4},
      {OP_END, 0, 0, 0}},
     5,
     0,
     {0, 0}},
    {"part of no reply",
     "no reply",
     REQUEST,
     {{OP_RULE, 0, 0, 0}, {OP_REPLY_BODY, K(TEXT), 0, 0}, {OP_END, 0, 0, 0}},
     3,
     0,
     {0, 0}},
    {"reply sent before it begins",
     "no reply",
     REQUEST,
     {{OP_RULE, 0, 0, 0}, {OP_REPLY_SEND, 0, 0, 0}, {OP_END, 0, 0, 0}},
     3,
     0,
     {0, 0}},
    {"reply begun on one way only",
     "no reply",
     REQUEST,
     {{OP_RULE, 0, 0, 0},
      {OP_IF, K(TRUE), 0, 3},
      {OP_REPLY, REPLY_DENY, K(ONE), 0},
      {OP_REPLY_SEND, 0, 0, 0},
      {OP_END, 0, 0, 0}},
     5,
     0,
     {0, 0}},
    {"reply of another rule",
     "no reply",
     REQUEST,
     {{OP_RULE, 0, 0, 0},
      {OP_REPLY, REPLY_DENY, K(ONE), 0},
      {OP_RULE, 0, 0, 0},
      {OP_REPLY_SEND, 0, 0, 0},
      {OP_END, 0, 0, 0}},
     5,
     0,
     {0, 0}},
    {"kind of a reply",
     "number",
     REQUEST,
     {{OP_RULE, 0, 0, 0}, {OP_REPLY, REPLY_KIND_TOTAL, K(ONE), 0}, {OP_END, 0, 0, 0}},
     3,
     0,
     {0, 0}},
    {"message",
     "number",
     REQUEST,
     {{OP_RULE, 0, 0, 0}, {OP_HEADER_REMOVE, MESSAGE_TOTAL, K(TEXT), 0}, {OP_END, 0, 0, 0}},
     3,
     0,
     {0, 0}},
    {"limiter",
     "number",
     REQUEST,
     {{OP_RULE, 0, 0, 0}, {OP_LIMIT, 1, 0, 2}, {OP_END, 0, 0, 0}},
     3,
     0,
     {0, 0}},
    {"limiter's way out",
     "target",
     REQUEST,
     {{OP_RULE, 0, 0, 0}, {OP_LIMIT, 0, 0, 1}, {OP_END, 0, 0, 0}},
     3,
     0,
     {0, 0}},
    {"level",
     "number",
     REQUEST,
     {{OP_RULE, 0, 0, 0}, {OP_LOG, LEVEL_TOTAL, K(TEXT), 0}, {OP_END, 0, 0, 0}},
     3,
     0,
     {0, 0}},
    {"group", "number", REQUEST, {{OP_GROUP_ENTER, 1, 0, 1}, {OP_END, 0, 0, 0}}, 2, 0, {0, 0}},
    {"handler that does not exist",
     "handler",
     EXPR,
     {{OP_NEGATE_INT, 0, K(ONE), 0}, {OP_RESULT, K(ONE), 0, 0}},
     2,
     2,
     {0, 0}},
    {"handler behind",
     "target",
     EXPR,
     {{OP_NEGATE_INT, 0, K(ONE), 0}, {OP_RESULT, K(ONE), 0, 0}},
     2,
     1,
     {0, 0}},
    {"handler outside",
     "target",
     EXPR,
     {{OP_NEGATE_INT, 0, K(ONE), 0}, {OP_RESULT, K(ONE), 0, 0}},
     2,
     1,
     {2, 0}},
    {"handler's register",
     "register",
     EXPR,
     {{OP_NEGATE_INT, 0, K(ONE), 0}, {OP_RESULT, K(ONE), 0, 0}},
     2,
     1,
     {1, REGISTERS}},
    {"result of what failed",
     "a register without a value",
     EXPR,
     {{OP_NEGATE_INT, 0, K(ONE), 0}, {OP_RESULT, 0, 0, 0}},
     2,
     1,
     {1, 1}},
    {"handler",
     NULL,
     EXPR,
     {{OP_NEGATE_INT, 0, K(ONE), 0}, {OP_RESULT, K(ONE), 0, 0}},
     2,
     1,
     {1, 1}},
};

static void bad_programs_are_refused(void **unused) {
    (void)unused;
    for (uint32_t i = 0; i < LEN(rows); i++) {
        const struct row *row = &rows[i];
        uint16_t handler_of[CODE_MOST] = {0};
        const char *why;
        bool missing = slice_is(slice_of(row->why), "handler");
        if (row->handled != 0) handler_of[missing ? 0 : row->handled - 1] = missing ? 2 : 1;
        struct program program = base_program(row->code, row->count, handler_of);
        program.entry[row->entry] = 0;
        program.handlers = &row->handler;
        program.handler_count = 1;
        enum verify_outcome outcome = verify(&program, &why);
        assert_why(row->name, outcome, why, row->why);
    }
}

static const uint16_t no_handlers[LIMIT_LET_DEPTH * 4] = {0};

static void tables_must_fit(void **unused) {
    (void)unused;
    static const struct instruction code[] = {{OP_RESULT, K(ONE), 0, 0}};
    static const struct value error = {.kind = TYPE_ERROR};
    static const struct slot_row wrong = {{"x", 1}, MESSAGE_TOTAL, false};
    const char *why;
    struct program good = base_program(code, 1, no_handlers);
    good.entry[PHASE_TOTAL] = 0;
    struct program bad = good;
    assert_why("good", verify(&bad, &why), why, NULL);
    bad.registers = LIMIT_REGISTERS + 1;
    assert_why("registers", verify(&bad, &why), why, "size");
    bad = good;
    bad.constants = &error;
    bad.constant_count = 1;
    assert_why("constant", verify(&bad, &why), why, "constant");
    bad = good;
    bad.slots = &wrong;
    assert_why("slot", verify(&bad, &why), why, "slot");
    bad = good;
    bad.entry[PHASE_TOTAL] = 1;
    assert_why("entry behind the code", verify(&bad, &why), why, "entry");
    bad = good;
    bad.entry[PHASE_REQUEST] = 0;
    assert_why("two blocks in one place", verify(&bad, &why), why, "entry");
    bad = good;
    bad.entry[PHASE_TOTAL] = NO_ENTRY;
    assert_why("no block", verify(&bad, &why), why, "code outside all blocks");
}

static void lets_are_checked(void **unused) {
    (void)unused;
    struct instruction code[] = {{OP_LET_END, K(ONE), 0, 0},
                                 {OP_LET, 0, 0, 0},
                                 {OP_LET_END, 0, 1, 0},
                                 {OP_LET, 0, 1, 0},
                                 {OP_RESULT, 0, 0, 0}};
    struct let_row lets[] = {{{"a", 1}, 0, TYPE_INT, 0}, {{"b", 1}, 1, TYPE_INT, 0}};
    const char *why;
    struct program program = base_program(code, LEN(code), no_handlers);
    program.lets = lets;
    program.let_count = 2;
    program.entry[PHASE_TOTAL] = 3;
    assert_why("good", verify(&program, &why), why, NULL);
    assert_int_equal(program.let_depth, 2);
    code[1].b = 1;
    assert_why("a let of itself", verify(&program, &why), why, "order of lets");
    code[1].b = 0;
    code[2].b = 0;
    assert_why("another let's end", verify(&program, &why), why, "end of a let");
    code[2].b = 1;
    lets[1].type = TYPE_STRING;
    assert_why("type", verify(&program, &why), why, "type of an operand");
    lets[1].type = TYPE_TOTAL;
    assert_why("no type", verify(&program, &why), why, "type of a let");
    lets[1].type = TYPE_INT;
    lets[1].entry = 2;
    assert_why("entry in a block", verify(&program, &why), why, "a register without a value");
    lets[1].entry = 0;
    assert_why("entry of another", verify(&program, &why), why, "entry");
}

static void lets_wait_for_few_lets(void **unused) {
    (void)unused;
    enum { CHAIN = LIMIT_LET_DEPTH + 1 };
    struct instruction code[2 * CHAIN + 1];
    struct let_row lets[CHAIN];
    const char *why;
    for (uint32_t i = 0; i < CHAIN; i++) {
        struct instruction first = {OP_MOVE, 0, K(ONE), 0};
        struct instruction before = {OP_LET, 0, (uint16_t)(i - 1), 0};
        code[2 * i] = i == 0 ? first : before;
        code[2 * i + 1] = (struct instruction){OP_LET_END, 0, (uint16_t)i, 0};
        lets[i] = (struct let_row){{"l", 1}, 2 * i, TYPE_INT, 0};
    }
    for (uint32_t count = CHAIN - 1; count <= CHAIN; count++) {
        code[2 * count] = (struct instruction){OP_RESULT, K(ONE), 0, 0};
        struct program program = base_program(code, 2 * count + 1, no_handlers);
        program.lets = lets;
        program.let_count = count;
        program.entry[PHASE_TOTAL] = 2 * count;
        assert_why("chain", verify(&program, &why), why, NULL);
        assert_int_equal(program.let_depth, count - 1);
        code[2 * count] = (struct instruction){OP_LET, 0, (uint16_t)(count - 1), 0};
        program.code_count++;
        struct instruction longer[2 * CHAIN + 2];
        memcpy(longer, code, (2 * count + 1) * sizeof *code);
        longer[2 * count + 1] = (struct instruction){OP_RESULT, 0, 0, 0};
        program.code = longer;
        assert_why("asked for", verify(&program, &why), why,
                   count == CHAIN ? "depth of lets" : NULL);
    }
}

// A let that fails with "no error" gives no value: what stood in the register before stays out.
static void an_empty_error_is_no_value(void **unused) {
    (void)unused;
    static const struct instruction code[] = {
        {OP_CLEAR, 0, 0, 0}, {OP_LET_FAILED, 0, 0, 0},      {OP_MOVE, 0, K(ONE), 0},
        {OP_LET, 0, 0, 0},   {OP_EQ_STRING, 1, 0, K(TEXT)}, {OP_RESULT, 1, 0, 0}};
    struct let_row let = {{"a", 1}, 0, TYPE_STRING, 0};
    struct running running;
    const char *why;
    struct program program = base_program(code, LEN(code), no_handlers);
    program.lets = &let;
    program.let_count = 1;
    program.entry[PHASE_TOTAL] = 2;
    running_init(&running);
    running.program = &program;
    if (verify(&program, &why) == VERIFY_OK) {
        assert_true(running_begin(&running, 32));
        assert_int_equal(run_expression(&running.run).kind, TYPE_ERROR);
    }
    running_end(&running);
}

static const char mutated_rules[] =
    "limiter l { 3 per 1s  headers none }\n"
    "let p = request.clean_path\n"
    "let q = p + request.headers[\"x-a\"]\n"
    "group g when q.startsWith(\"/a\") || int(request.headers[\"x-n\"]) > 3 {\n"
    "  rule r when request.headers[q] == \"\" || p in config.list {\n"
    "    set request.headers[\"x-c\"] = [q, p]\n"
    "    limit l else respond 200 json {\"path\": p, \"n\": [1, size(q)]} headers {\"x-n\": p}\n"
    "    default request.headers[\"x-a\"] = string(config.map[p])\n"
    "  }\n"
    "}\n"
    "rule s when request.headers[\"x-n\"] == \"7\" { log warn q  deny 400 body q details p }\n"
    "rule t on response when response.code >= 500 && !(\"x-up\" in response.headers) {\n"
    "  add response.headers[\"x-d\"] = json({\"code\": response.code + 1, \"q\": q})\n"
    "}\n";
static const char mutated_data[] = "{\"list\": [\"/a\", 1], \"map\": {\"/a\": 1.5}}";
static const struct header_line request[] = {LINE(":method", "GET"), LINE(":path", "/b/../a?x=1"),
                                             LINE("x-a", "one"), LINE("x-a", "two"),
                                             LINE("x-n", "7")};
static const struct header_line response[] = {LINE(":status", "503"), LINE("server", "x")};

static uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

// Small numbers and those already in use are the dangerous ones.
static uint16_t random_operand(uint64_t *state, const struct program *program) {
    uint64_t number = next_random(state) >> 8;
    switch (next_random(state) >> 20 & 3) {
    case 0: return (uint16_t)(number % 8);
    case 1: return (uint16_t)(OPERAND_CONSTANT | number % (program->constant_count + 1));
    case 2: return (uint16_t)(number % (program->code_count + 2));
    default: return (uint16_t)number;
    }
}

static void mutate(uint64_t *state, const struct program *program, struct instruction *code,
                   uint16_t *handler_of, struct handler *handlers) {
    struct instruction *at = &code[(next_random(state) >> 16) % program->code_count];
    uint32_t what = (uint32_t)(next_random(state) >> 24) % 8;
    uint16_t operand = random_operand(state, program);
    switch (what) {
    case 0: at->op = (uint16_t)((next_random(state) >> 9) % (OP_TOTAL + 1)); break;
    case 1: at->a = operand; break;
    case 2: at->b = operand; break;
    case 3: at->c = operand; break;
    case 4: handler_of[at - code] = (uint16_t)(operand % (program->handler_count + 2)); break;
    case 5:
        if (program->handler_count == 0) break;
        handlers[operand % program->handler_count].target = random_operand(state, program);
        break;
    case 6: *at = code[(next_random(state) >> 16) % program->code_count]; break;
    default:
        if (program->handler_count == 0) break;
        handlers[operand % program->handler_count].error_register = operand % 40;
    }
}

static void run_phases(struct running *running) {
    if (!running_begin(running, 32)) return;
    for (uint32_t phase = 0; phase < PHASE_TOTAL; phase++) {
        bool first = phase == PHASE_REQUEST;
        running_phase(running, (enum phase)phase, first ? request : response,
                      first ? LEN(request) : LEN(response));
        running_effects(running);
    }
}

enum { MUTATIONS = 200000 };

static void changed_programs_are_refused_or_run(void **unused) {
    (void)unused;
    struct running running;
    uint64_t state = 88172645463325252u;
    uint32_t accepted = 0;
    const char *why;
    running_init(&running);
    running_must_compile(&running, mutated_rules, mutated_data);
    const struct program good = *running.program;
    struct instruction *code = arena_array(&running.keep, good.code_count, sizeof *code);
    uint16_t *handler_of = arena_array(&running.keep, good.code_count, sizeof *handler_of);
    struct handler *handlers = arena_array(&running.keep, good.handler_count, sizeof *handlers);
    struct program changed = good;
    changed.code = code;
    changed.handler_of = handler_of;
    changed.handlers = handlers;
    changed.steps = 1000;
    running.program = &changed;
    for (uint32_t i = 0; i < MUTATIONS; i++) {
        memcpy(code, good.code, good.code_count * sizeof *code);
        memcpy(handler_of, good.handler_of, good.code_count * sizeof *handler_of);
        memcpy(handlers, good.handlers, good.handler_count * sizeof *handlers);
        for (uint32_t more = 0; more <= i % 3; more++)
            mutate(&state, &good, code, handler_of, handlers);
        if (verify(&changed, &why) != VERIFY_OK) continue;
        accepted++;
        run_phases(&running);
        arena_reset(&running.host_arena);
        fake_host_init(&running.host, &running.host_arena);
    }
    print_message("%u of %u accepted\n", accepted, (uint32_t)MUTATIONS);
    assert_in_range(accepted, MUTATIONS / 50, MUTATIONS / 2);
    running_end(&running);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_programs_are_refused),
        cmocka_unit_test(tables_must_fit),
        cmocka_unit_test(lets_are_checked),
        cmocka_unit_test(lets_wait_for_few_lets),
        cmocka_unit_test(an_empty_error_is_no_value),
        cmocka_unit_test(changed_programs_are_refused_or_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
