// The verifier on loops: what it must refuse beside what it accepts.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/verifying.h"

static const char unset[] = "a register without a value";
static const char operand[] = "type of an operand";
static const char changes[] = "type behind a loop";

// Most have what lives on in register 0 and their walk from register 1 on.
static const struct row loops[] = {
    {"a sum",
     NULL,
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_MOVE, 1, K(ONE), 0},
      {OP_EACH, 1, K(ITEMS), 5},
      {OP_ADD_INT, 0, 0, 2},
      {OP_LOOP, 0, 0, 2},
      {OP_RESULT, 0, 0, 0}}},
    {"nothing to walk over",
     NULL,
     {{OP_MOVE, 1, K(ONE), 0},
      {OP_EACH, 1, K(EMPTY), 3},
      {OP_LOOP, 0, 0, 1},
      {OP_RESULT, K(ONE), 0, 0}}},
    {"a loop without a round",
     NULL,
     {{OP_MOVE, 1, K(ONE), 0}, {OP_EACH, 1, K(ITEMS), 2}, {OP_RESULT, K(ONE), 0, 0}}},
    {"pairs",
     NULL,
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_MOVE, 1, K(ONE), 0},
      {OP_EACH_PAIR, 1, K(ENTRIES), 6},
      {OP_LIST, 4, 2, 2},
      {OP_MOVE, 0, K(ONE), 0},
      {OP_LOOP, 0, 0, 2},
      {OP_RESULT, 0, 0, 0}}},
    {"an item of one type, used as it is",
     NULL,
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_EACH, 0, K(ITEMS), 4},
      {OP_NEGATE_INT, 1, 1, 0},
      {OP_LOOP, 0, 0, 1},
      {OP_RESULT, 0, 0, 0}}},
    {"an item of one of two types",
     operand,
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_EACH, 0, K(MIXED), 4},
      {OP_NEGATE_INT, 1, 1, 0},
      {OP_LOOP, 0, 0, 1},
      {OP_RESULT, 0, 0, 0}}},
    {"a key of a map",
     operand,
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_EACH, 0, K(ENTRIES), 4},
      {OP_NEGATE_INT, 1, 1, 0},
      {OP_LOOP, 0, 0, 1},
      {OP_RESULT, 0, 0, 0}}},
    {"an item of a list in a register",
     operand,
     {{OP_MOVE, 0, K(ITEMS), 0},
      {OP_MOVE, 1, K(ONE), 0},
      {OP_EACH, 1, 0, 5},
      {OP_NEGATE_INT, 2, 2, 0},
      {OP_LOOP, 0, 0, 2},
      {OP_RESULT, 0, 0, 0}}},
    {"an index of a pair",
     operand,
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_EACH_PAIR, 0, K(ITEMS), 4},
      {OP_NEGATE_INT, 1, 1, 0},
      {OP_LOOP, 0, 0, 1},
      {OP_RESULT, 0, 0, 0}}},
    {"any of them as whatever it is",
     NULL,
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_EACH, 0, K(MIXED), 4},
      {OP_NEGATE_ANY, 1, 1, 0},
      {OP_LOOP, 0, 0, 1},
      {OP_RESULT, 0, 0, 0}}},
    {"over an int",
     NULL,
     {{OP_MOVE, 0, K(ONE), 0}, {OP_EACH, 0, K(ONE), 3}, {OP_LOOP, 0, 0, 1}, {OP_RESULT, 0, 0, 0}}},
    {"over a header",
     NULL,
     {{OP_MOVE, 0, K(ONE), 0}, {OP_EACH, 0, H(0), 3}, {OP_LOOP, 0, 0, 1}, {OP_RESULT, 0, 0, 0}}},
    {"over an optional",
     NULL,
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_EACH_PAIR, 0, K(SOME), 3},
      {OP_LOOP, 0, 0, 1},
      {OP_RESULT, 0, 0, 0}}},
    {"over itself",
     NULL,
     {{OP_MOVE, 0, K(ONE), 0}, {OP_EACH, 0, 0, 3}, {OP_LOOP, 0, 0, 1}, {OP_RESULT, 0, 0, 0}}},
    {"an index that starts below 0",
     NULL,
     {{OP_NEGATE_INT, 0, K(ONE), 0},
      {OP_EACH, 0, K(ITEMS), 3},
      {OP_LOOP, 0, 0, 1},
      {OP_RESULT, 0, 0, 0}}},
    {"an index that moves",
     NULL,
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_EACH, 0, K(ITEMS), 4},
      {OP_NEGATE_INT, 0, 0, 0},
      {OP_LOOP, 0, 0, 1},
      {OP_RESULT, 0, 0, 0}}},
    {"a loop in a loop",
     NULL,
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_EACH, 0, K(ITEMS), 7},
      {OP_MOVE, 2, K(ONE), 0},
      {OP_EACH, 2, K(MIXED), 6},
      {OP_ADD_ANY, 4, 1, 3},
      {OP_LOOP, 0, 0, 3},
      {OP_LOOP, 0, 0, 1},
      {OP_RESULT, 0, 0, 0}}},
    {"two rounds' ends",
     NULL,
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_EACH, 0, K(ITEMS), 5},
      {OP_IF_EQ_INT, 1, K(ONE), 4},
      {OP_LOOP, 0, 0, 1},
      {OP_LOOP, 0, 0, 1},
      {OP_RESULT, 0, 0, 0}}},
    {"a round that leaves",
     NULL,
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_EACH, 0, K(ITEMS), 4},
      {OP_IF, K(TRUE), 0, 4},
      {OP_LOOP, 0, 0, 1},
      {OP_RESULT, 0, 0, 0}}},
    {"an inner round that ends the outer one",
     NULL,
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_EACH, 0, K(ITEMS), 5},
      {OP_MOVE, 2, K(ONE), 0},
      {OP_EACH, 2, K(MIXED), 5},
      {OP_LOOP, 0, 0, 1},
      {OP_RESULT, 0, 0, 0}}},
    {"no way back to what is no walk",
     "loop",
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_EACH, 0, K(ITEMS), 3},
      {OP_LOOP, 0, 0, 0},
      {OP_RESULT, 0, 0, 0}}},
    {"nor to itself", "loop", {{OP_LOOP, 0, 0, 0}}},
    {"nor forwards",
     "loop",
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_LOOP, 0, 0, 2},
      {OP_EACH, 0, K(ITEMS), 3},
      {OP_RESULT, 0, 0, 0}}},
    {"nor to another round's end",
     "loop",
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_EACH, 0, K(ITEMS), 4},
      {OP_IF, K(TRUE), 0, 4},
      {OP_LOOP, 0, 0, 4},
      {OP_LOOP, 0, 0, 1},
      {OP_RESULT, 0, 0, 0}}},
    {"nor behind the code",
     "loop",
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_EACH, 0, K(ITEMS), 3},
      {OP_LOOP, 0, 0, 4},
      {OP_RESULT, 0, 0, 0}}},
    {"nor far behind it", "loop", {{OP_LOOP, 0, 0, 0xffff}}},
    {"nor to a walk that nothing reaches",
     "loop",
     {{OP_JUMP, 0, 0, 2}, {OP_EACH, 0, K(ITEMS), 2}, {OP_LOOP, 0, 0, 1}}},
    {"a way back with operands",
     "unused operand",
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_EACH, 0, K(ITEMS), 3},
      {OP_LOOP, 1, 0, 1},
      {OP_RESULT, 0, 0, 0}}},
    {"a walk's end behind",
     "target",
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_EACH, 0, K(ITEMS), 0},
      {OP_LOOP, 0, 0, 1},
      {OP_RESULT, 0, 0, 0}}},
    {"a walk's end at itself",
     "target",
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_EACH, 0, K(ITEMS), 1},
      {OP_LOOP, 0, 0, 1},
      {OP_RESULT, 0, 0, 0}}},
    {"a walk's end outside",
     "target",
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_EACH, 0, K(ITEMS), 4},
      {OP_LOOP, 0, 0, 1},
      {OP_RESULT, 0, 0, 0}}},
    {"a jump back without a loop",
     "target",
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_EACH, 0, K(ITEMS), 3},
      {OP_JUMP, 0, 0, 1},
      {OP_RESULT, 0, 0, 0}}},
    {"a block that ends with a round",
     "target",
     {{OP_MOVE, 0, K(ONE), 0}, {OP_EACH, 0, K(ITEMS), 3}, {OP_LOOP, 0, 0, 1}}},
    {"a type that changes over a round",
     changes,
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_MOVE, 1, K(ONE), 0},
      {OP_EACH, 1, K(ITEMS), 5},
      {OP_MOVE, 0, K(TEXT), 0},
      {OP_LOOP, 0, 0, 2},
      {OP_RESULT, 0, 0, 0}}},
    {"a type that is unknown behind a round",
     changes,
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_MOVE, 1, K(ONE), 0},
      {OP_EACH, 1, K(ITEMS), 5},
      {OP_ADD_ANY, 0, 0, 2},
      {OP_LOOP, 0, 0, 2},
      {OP_RESULT, 0, 0, 0}}},
    {"a type that is unknown all the time",
     NULL,
     {{OP_ADD_ANY, 0, K(ONE), K(ONE)},
      {OP_MOVE, 1, K(ONE), 0},
      {OP_EACH, 1, K(ITEMS), 5},
      {OP_MOVE, 0, K(TEXT), 0},
      {OP_LOOP, 0, 0, 2},
      {OP_RESULT, 0, 0, 0}}},
    {"an unknown type that becomes an error",
     changes,
     {{OP_ADD_ANY, 0, K(ONE), K(ONE)},
      {OP_MOVE, 1, K(ONE), 0},
      {OP_EACH, 1, K(ITEMS), 5},
      {OP_CLEAR, 0, 0, 0},
      {OP_LOOP, 0, 0, 2},
      {OP_RESULT, K(ONE), 0, 0}}},
    {"an unknown type that becomes a builder",
     changes,
     {{OP_ADD_ANY, 0, K(ONE), K(ONE)},
      {OP_MOVE, 1, K(ONE), 0},
      {OP_EACH, 1, K(ITEMS), 5},
      {OP_BUILD, 0, K(ONE), 0},
      {OP_LOOP, 0, 0, 2},
      {OP_RESULT, K(ONE), 0, 0}}},
    {"a value in place of an error",
     changes,
     {{OP_CLEAR, 0, 0, 0},
      {OP_MOVE, 1, K(ONE), 0},
      {OP_EACH, 1, K(ITEMS), 5},
      {OP_MOVE, 0, K(ONE), 0},
      {OP_LOOP, 0, 0, 2},
      {OP_RESULT, K(ONE), 0, 0}}},
    {"a type that changes on one of two ways",
     changes,
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_MOVE, 1, K(ONE), 0},
      {OP_EACH, 1, K(ITEMS), 6},
      {OP_IF, K(TRUE), 0, 5},
      {OP_MOVE, 0, K(TEXT), 0},
      {OP_LOOP, 0, 0, 2},
      {OP_RESULT, 0, 0, 0}}},
    {"a list that becomes an int",
     changes,
     {{OP_MOVE, 0, K(ITEMS), 0},
      {OP_MOVE, 1, K(ONE), 0},
      {OP_EACH, 1, 0, 5},
      {OP_MOVE, 0, K(ONE), 0},
      {OP_LOOP, 0, 0, 2},
      {OP_RESULT, K(ONE), 0, 0}}},
    {"a list that becomes a shorter one",
     NULL,
     {{OP_MOVE, 0, K(ITEMS), 0},
      {OP_MOVE, 1, K(ONE), 0},
      {OP_EACH, 1, 0, 5},
      {OP_MOVE, 0, K(EMPTY), 0},
      {OP_LOOP, 0, 0, 2},
      {OP_RESULT, K(ONE), 0, 0}}},
    {"an index that becomes a string",
     changes,
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_EACH, 0, K(ITEMS), 4},
      {OP_MOVE, 0, K(TEXT), 0},
      {OP_LOOP, 0, 0, 1},
      {OP_RESULT, K(ONE), 0, 0}}},
    {"a value made in a round, used in it",
     NULL,
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_EACH, 0, K(ITEMS), 5},
      {OP_MOVE, 2, K(TEXT), 0},
      {OP_IF_EQ_STRING, 2, K(TEXT), 4},
      {OP_LOOP, 0, 0, 1},
      {OP_RESULT, 0, 0, 0}}},
    {"a value made in a round, used in the next",
     unset,
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_EACH, 0, K(ITEMS), 5},
      {OP_IF_EQ_STRING, 2, K(TEXT), 3},
      {OP_MOVE, 2, K(TEXT), 0},
      {OP_LOOP, 0, 0, 1},
      {OP_RESULT, 0, 0, 0}}},
    {"a value made in a round, used behind the loop",
     unset,
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_EACH, 0, K(ITEMS), 4},
      {OP_MOVE, 2, K(TEXT), 0},
      {OP_LOOP, 0, 0, 1},
      {OP_RESULT, 2, 0, 0}}},
    {"a value behind the walk from before",
     unset,
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_MOVE, 2, K(TEXT), 0},
      {OP_EACH, 0, K(ITEMS), 5},
      {OP_IF_EQ_STRING, 2, K(TEXT), 4},
      {OP_LOOP, 0, 0, 2},
      {OP_RESULT, 0, 0, 0}}},
    {"the list itself behind the walk",
     unset,
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_MOVE, 2, K(ITEMS), 0},
      {OP_EACH, 0, 2, 4},
      {OP_LOOP, 0, 0, 2},
      {OP_RESULT, 0, 0, 0}}},
    {"the list in the item's place",
     unset,
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_MOVE, 1, K(ITEMS), 0},
      {OP_EACH, 0, 1, 4},
      {OP_LOOP, 0, 0, 2},
      {OP_RESULT, 0, 0, 0}}},
    {"a type set in the round that the head does not know",
     unset,
     {{OP_MOVE, 1, K(ONE), 0},
      {OP_EACH, 1, K(ITEMS), 5},
      {OP_IF_EQ_INT, 0, K(ONE), 3},
      {OP_MOVE, 0, K(ONE), 0},
      {OP_LOOP, 0, 0, 1},
      {OP_RESULT, K(ONE), 0, 0}}},
    {"an item behind the loop",
     unset,
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_EACH, 0, K(ITEMS), 3},
      {OP_LOOP, 0, 0, 1},
      {OP_RESULT, 1, 0, 0}}},
    {"a pair's value behind the loop",
     unset,
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_EACH_PAIR, 0, K(ITEMS), 3},
      {OP_LOOP, 0, 0, 1},
      {OP_RESULT, 2, 0, 0}}},
    {"an item before the first round",
     unset,
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_MOVE, 2, 1, 0},
      {OP_EACH, 0, K(ITEMS), 4},
      {OP_LOOP, 0, 0, 2},
      {OP_RESULT, 0, 0, 0}}},
    {"an item of a round that was jumped into",
     unset,
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_IF, K(TRUE), 0, 3},
      {OP_EACH, 0, K(ITEMS), 5},
      {OP_NEGATE_INT, 1, 1, 0},
      {OP_LOOP, 0, 0, 2},
      {OP_RESULT, 0, 0, 0}}},
    {"a round that is jumped into",
     NULL,
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_IF, K(TRUE), 0, 3},
      {OP_EACH, 0, K(ITEMS), 4},
      {OP_LOOP, 0, 0, 2},
      {OP_RESULT, 0, 0, 0}}},
    {"the same without an index",
     unset,
     {{OP_IF, K(TRUE), 0, 2},
      {OP_EACH, 0, K(ITEMS), 3},
      {OP_LOOP, 0, 0, 1},
      {OP_RESULT, K(ONE), 0, 0}}},
    {"an index behind the loop",
     NULL,
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_EACH, 0, K(ITEMS), 3},
      {OP_LOOP, 0, 0, 1},
      {OP_NEGATE_INT, 0, 0, 0},
      {OP_RESULT, 0, 0, 0}}},
    {"a second value of a walk of one",
     unset,
     {{OP_MOVE, 0, K(ONE), 0},
      {OP_EACH, 0, K(ITEMS), 4},
      {OP_NEGATE_ANY, 1, 2, 0},
      {OP_LOOP, 0, 0, 1},
      {OP_RESULT, 0, 0, 0}}},
    {"no index", unset, {{OP_EACH, 0, K(ITEMS), 2}, {OP_LOOP, 0, 0, 0}, {OP_RESULT, K(ONE), 0, 0}}},
    {"a string as the index",
     operand,
     {{OP_MOVE, 0, K(TEXT), 0},
      {OP_EACH, 0, K(ITEMS), 3},
      {OP_LOOP, 0, 0, 1},
      {OP_RESULT, 0, 0, 0}}},
    {"anything as the index",
     operand,
     {{OP_ADD_ANY, 0, K(ONE), K(ONE)},
      {OP_EACH, 0, K(ITEMS), 3},
      {OP_LOOP, 0, 0, 1},
      {OP_RESULT, 0, 0, 0}}},
    {"an index of the constants",
     "register run",
     {{OP_EACH, K(ONE), K(ITEMS), 1}, {OP_RESULT, K(ONE), 0, 0}}},
    {"an index of the slots",
     "register run",
     {{OP_EACH, H(0), K(ITEMS), 1}, {OP_RESULT, K(ONE), 0, 0}}},
    {"the last registers",
     NULL,
     {{OP_MOVE, REGISTERS - 2, K(ONE), 0},
      {OP_EACH, REGISTERS - 2, K(ITEMS), 3},
      {OP_LOOP, 0, 0, 1},
      {OP_RESULT, K(ONE), 0, 0}}},
    {"an item behind the last register",
     "register run",
     {{OP_MOVE, REGISTERS - 1, K(ONE), 0},
      {OP_EACH, REGISTERS - 1, K(ITEMS), 3},
      {OP_LOOP, 0, 0, 1},
      {OP_RESULT, K(ONE), 0, 0}}},
    {"the last registers for pairs",
     NULL,
     {{OP_MOVE, REGISTERS - 3, K(ONE), 0},
      {OP_EACH_PAIR, REGISTERS - 3, K(ITEMS), 3},
      {OP_LOOP, 0, 0, 1},
      {OP_RESULT, K(ONE), 0, 0}}},
    {"a value behind the last register",
     "register run",
     {{OP_MOVE, REGISTERS - 2, K(ONE), 0},
      {OP_EACH_PAIR, REGISTERS - 2, K(ITEMS), 3},
      {OP_LOOP, 0, 0, 1},
      {OP_RESULT, K(ONE), 0, 0}}},
    {"a walk behind all registers",
     "register run",
     {{OP_EACH, REGISTERS, K(ITEMS), 1}, {OP_RESULT, K(ONE), 0, 0}}},
};

static void loops_go_back_to_what_they_left(void **unused) {
    (void)unused;
    verifying_rows(loops, LEN(loops), PHASE_TOTAL);
}

// A rule begins with nothing; so a loop around one has lost its index.
static void loops_stay_inside_a_rule(void **unused) {
    (void)unused;
    static const struct row rows[] = {
        {"in a rule",
         NULL,
         {{OP_RULE, 0, 0, 0},
          {OP_MOVE, 0, K(ONE), 0},
          {OP_EACH, 0, K(ITEMS), 5},
          {OP_HEADER_ADD, MESSAGE_REQUEST, K(TEXT), H(0)},
          {OP_LOOP, 0, 0, 2},
          {OP_END, 0, 0, 0}}},
        {"around a rule",
         changes,
         {{OP_MOVE, 0, K(ONE), 0},
          {OP_EACH, 0, K(ITEMS), 4},
          {OP_RULE, 0, 0, 0},
          {OP_LOOP, 0, 0, 1},
          {OP_END, 0, 0, 0}}},
        {"a reply begun in a round",
         "no reply",
         {{OP_RULE, 0, 0, 0},
          {OP_MOVE, 0, K(ONE), 0},
          {OP_EACH, 0, K(ITEMS), 5},
          {OP_REPLY, REPLY_DENY, K(ONE), 0},
          {OP_LOOP, 0, 0, 2},
          {OP_REPLY_SEND, 0, 0, 0},
          {OP_END, 0, 0, 0}}},
    };
    verifying_rows(rows, LEN(rows), PHASE_REQUEST);
}

// Sums, so that the rounds that ran are counted.
static void loops_walk_over_every_item_once(void **unused) {
    (void)unused;
    struct instruction code[] = {{OP_SUBTRACT_INT, 0, K(ONE), K(ONE)},
                                 {OP_SUBTRACT_INT, 1, K(ONE), K(ONE)},
                                 {OP_EACH, 1, K(ITEMS), 5},
                                 {OP_ADD_INT, 0, 0, 2},
                                 {OP_LOOP, 0, 0, 2},
                                 {OP_RESULT, 0, 0, 0}};
    struct program program = verifying_program(code, LEN(code));
    program.entry[PHASE_TOTAL] = 0;
    verifying_assert("sum", &program, NULL);
    assert_int_equal(verifying_run(&program, PHASE_TOTAL).as.integer, 3);
    code[5].a = 1;
    verifying_assert("index", &program, NULL);
    assert_int_equal(verifying_run(&program, PHASE_TOTAL).as.integer, 2);
    code[3] = (struct instruction){OP_SUBTRACT_INT, 1, K(ONE), K(ONE)};
    verifying_assert("for ever", &program, NULL);
    assert_int_equal(verifying_run(&program, PHASE_TOTAL).as.integer, FAILURE_STEPS);
}

// An error that waits for the end of its loop, as `all` and `exists` have it.
static void handlers_in_loops_are_checked(void **unused) {
    (void)unused;
    struct instruction code[] = {{OP_CLEAR, 0, 0, 0},       {OP_MOVE, 1, K(ONE), 0},
                                 {OP_EACH, 1, K(MIXED), 5}, {OP_NEGATE_ANY, 2, 2, 0},
                                 {OP_LOOP, 0, 0, 2},        {OP_RAISE, 0, 0, 0},
                                 {OP_RESULT, K(ONE), 0, 0}};
    uint16_t handler_of[LEN(code)] = {[3] = 1};
    struct handler handler = {4, 0};
    struct program program = verifying_program(code, LEN(code));
    program.entry[PHASE_TOTAL] = 0;
    program.handler_of = handler_of;
    program.handlers = &handler;
    program.handler_count = 1;
    verifying_assert("good", &program, NULL);
    assert_int_equal(verifying_run(&program, PHASE_TOTAL).kind, TYPE_ERROR);
    handler.error_register = 1;
    verifying_assert("the index", &program, changes);
    handler.error_register = 2;
    verifying_assert("the item", &program, NULL);
    handler = (struct handler){2, 0};
    verifying_assert("a way back", &program, "target");
    handler = (struct handler){4, 0};
    code[0] = (struct instruction){OP_MOVE, 0, K(ONE), 0};
    verifying_assert("a value's place", &program, changes);
    code[0] = (struct instruction){OP_CLEAR, 0, 0, 0};
    handler_of[2] = 1;
    handler_of[3] = 0;
    handler.target = 5;
    verifying_assert("of the walk", &program, NULL);
    code[2].b = K(ONE);
    verifying_assert("of a walk that fails", &program, NULL);
    assert_int_equal(verifying_run(&program, PHASE_TOTAL).as.integer, FAILURE_NO_OVERLOAD);
}

// A let's block first, with a loop of its own; the expression's block behind it.
static void loops_stay_inside_their_block(void **unused) {
    (void)unused;
    struct instruction code[] = {
        {OP_MOVE, 0, K(ONE), 0}, {OP_EACH, 0, K(ITEMS), 3}, {OP_LOOP, 0, 0, 1},
        {OP_LET_END, 0, 0, 0},   {OP_MOVE, 0, K(ONE), 0},   {OP_EACH, 0, K(ITEMS), 8},
        {OP_LET, 1, 0, 0},       {OP_LOOP, 0, 0, 5},        {OP_RESULT, K(ONE), 0, 0}};
    struct let_row let = {{"a", 1}, 0, TYPE_INT, 0};
    struct program program = verifying_program(code, LEN(code));
    program.lets = &let;
    program.let_count = 1;
    program.entry[PHASE_TOTAL] = 4;
    verifying_assert("good", &program, NULL);
    verifying_run(&program, PHASE_TOTAL);
    code[7].c = 1;
    verifying_assert("back into the let", &program, "loop");
    code[7].c = 5;
    code[2].c = 5;
    verifying_assert("on into the expression", &program, "loop");
    code[2].c = 1;
    code[1].c = 4;
    verifying_assert("out of the let", &program, "target");
    code[1].c = 3;
    let.type = TYPE_BUILDER;
    code[0] = (struct instruction){OP_BUILD, 0, K(ONE), 0};
    code[1] = (struct instruction){OP_JUMP, 0, 0, 3};
    verifying_assert("a builder as a let", &program, operand);
}

// The walk fits up to the last of all registers.
static void loops_use_all_registers(void **unused) {
    (void)unused;
    enum { LAST = LIMIT_REGISTERS - 3 };
    struct instruction code[] = {{OP_MOVE, LAST, K(ONE), 0},
                                 {OP_EACH_PAIR, LAST, K(ITEMS), 4},
                                 {OP_ADD_ANY, LAST + 1, LAST + 1, LAST + 2},
                                 {OP_LOOP, 0, 0, 1},
                                 {OP_RESULT, LAST, 0, 0}};
    struct program program = verifying_program(code, LEN(code));
    program.registers = LIMIT_REGISTERS;
    program.entry[PHASE_TOTAL] = 0;
    verifying_assert("all", &program, NULL);
    assert_int_equal(verifying_run(&program, PHASE_TOTAL).as.integer, 2);
    for (uint32_t first = LAST + 1; first < LIMIT_REGISTERS; first++) {
        code[0].a = code[1].a = (uint16_t)first;
        verifying_assert("beyond", &program, "register run");
    }
    code[0].a = code[1].a = LAST;
    program.registers = LIMIT_REGISTERS - 1;
    verifying_assert("one register fewer", &program, "register run");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loops_go_back_to_what_they_left),
        cmocka_unit_test(loops_stay_inside_a_rule),
        cmocka_unit_test(loops_walk_over_every_item_once),
        cmocka_unit_test(handlers_in_loops_are_checked),
        cmocka_unit_test(loops_stay_inside_their_block),
        cmocka_unit_test(loops_use_all_registers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
