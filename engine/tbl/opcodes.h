// The bytecode: OP(NAME, a, b, c, "meaning"). An instruction is four 16-bit numbers: op, a, b, c.
// Operand kinds:
//   NO            unused, 0
//   TO_type       register that receives a value of that type
//   TO_FUNCTION   register that receives the result of function b
//   type          register or constant (bit 15) of that type; DYN: of any type
//   FIRST         first of c consecutive registers; FIRST_STRING: of strings; FIRST_PAIR: of 2c;
//                 FIRST_ARGUMENT: of the arguments of function b
//   COUNT TYPE SLOT FIELD LET GROUP RULE LIMITER FUNCTION MESSAGE LEVEL REPLY  a number, in range
//   ORIGINAL      0 or 1
//   EDIT          first of the prepared edits; EDIT_COUNT: how many, from a on
//   TARGET        instruction to go to, always further on
// An instruction that fails writes nothing and goes to its handler (program.handler_of).

// values
OP(MOVE, TO_SAME, DYN, NO, "a = b")
OP(CHECK, TO_CHECKED, DYN, TYPE, "a = b if b is of type c, else fails")
OP(NOT, TO_BOOL, BOOL, NO, "a = !b")
OP(LIST, TO_LIST, FIRST, COUNT, "a = [b, b+1, …], c items")
OP(MAP, TO_MAP, FIRST_PAIR, COUNT, "a = {b: b+1, …}, c entries; fails on a repeated or wrong key")
OP(SELECT, TO_DYN, DYN, STRING, "a = b.c; fails when b is no map or has no key c")
OP(HAS, TO_BOOL, DYN, STRING, "a = has(b.c); fails when b is no map")
OP(INDEX, TO_DYN, DYN, DYN, "a = b[c], b a list or map")
OP(HOLDS, TO_BOOL, DYN, DYN, "a = (c in b), b a list or map; fails when it is neither")
OP(CONCAT, TO_STRING, FIRST_STRING, COUNT, "a = b + (b+1) + …, c strings")
OP(CALL, TO_FUNCTION, FUNCTION, FIRST_ARGUMENT, "a = function b of the registers from c on")
OP(ADD_INT, TO_INT, INT, INT, "a = b + c; fails on overflow, as do the next five")
OP(SUBTRACT_INT, TO_INT, INT, INT, "a = b - c")
OP(MULTIPLY_INT, TO_INT, INT, INT, "a = b * c")
OP(DIVIDE_INT, TO_INT, INT, INT, "a = b / c, towards zero; fails on zero")
OP(MODULO_INT, TO_INT, INT, INT, "a = b % c, with the sign of b; fails on zero")
OP(NEGATE_INT, TO_INT, INT, NO, "a = -b")
OP(ADD_DOUBLE, TO_DOUBLE, DOUBLE, DOUBLE, "a = b + c")
OP(SUBTRACT_DOUBLE, TO_DOUBLE, DOUBLE, DOUBLE, "a = b - c")
OP(MULTIPLY_DOUBLE, TO_DOUBLE, DOUBLE, DOUBLE, "a = b * c")
OP(DIVIDE_DOUBLE, TO_DOUBLE, DOUBLE, DOUBLE, "a = b / c")
OP(ADD_ANY, TO_DYN, DYN, DYN, "a = b + c, by the types at run time, as do the next six")
OP(SUBTRACT_ANY, TO_DYN, DYN, DYN, "a = b - c")
OP(MULTIPLY_ANY, TO_DYN, DYN, DYN, "a = b * c")
OP(DIVIDE_ANY, TO_DYN, DYN, DYN, "a = b / c")
OP(MODULO_ANY, TO_DYN, DYN, DYN, "a = b % c")
OP(NEGATE_ANY, TO_DYN, DYN, NO, "a = -b")
OP(LT_ANY, TO_BOOL, DYN, DYN, "a = b < c; fails on types without an order")
OP(LE_ANY, TO_BOOL, DYN, DYN, "a = b <= c; the same")

// the message
OP(FIELD, TO_FIELD, FIELD, ORIGINAL, "a = field b; c: headers as they were received")
OP(HEADER, TO_STRING, SLOT, NO, "a = the header of slot b, joined; empty when absent")
OP(HEADER_PRESENT, TO_BOOL, SLOT, NO, "a = the header of slot b is there")
OP(HEADER_NAMED, TO_STRING, HEADERS, STRING, "a = b[c], joined; empty when absent")
OP(HEADER_IN, TO_BOOL, HEADERS, STRING, "a = (c in b)")

// control
OP(JUMP, NO, NO, TARGET, "go to c")
OP(IF, BOOL, NO, TARGET, "go to c when a is true")
OP(UNLESS, BOOL, NO, TARGET, "go to c when a is false")
OP(CLEAR, TO_ERROR, NO, NO, "a = no error yet")
OP(RAISE, ERROR, NO, NO, "fails with the error in a, if there is one")
OP(LET, TO_LET, LET, NO, "a = let b, computed once a stream; fails when it failed")
OP(LET_END, DYN, LET, NO, "let b is a; back to who asked")
OP(LET_FAILED, ERROR, LET, NO, "let b failed with a; back to who asked")
OP(RESULT, DYN, NO, NO, "the expression's value is a; ends the run")

// rules
OP(GROUP_KNOWN, GROUP, NO, TARGET, "go to c when the condition of group a is known")
OP(GROUP_TRUE, GROUP, NO, NO, "group a holds for this stream")
OP(GROUP_FALSE, GROUP, NO, NO, "group a does not hold")
OP(GROUP_FAILED, GROUP, ERROR, NO, "the condition of group a failed with b")
OP(GROUP_ENTER, GROUP, NO, TARGET, "go to c when group a does not hold")
OP(RULE, RULE, NO, NO, "rule a begins")
OP(RULE_INHERIT, GROUP, NO, TARGET,
   "if group a failed: the rule's condition failed; go to c if it skips")
OP(RULE_ERROR, ERROR, NO, TARGET,
   "the rule's condition failed with a; go to c if the rule skips then")
OP(RULE_MATCH, NO, NO, NO, "the rule's condition holds: counted")
OP(IF_FAILED, NO, NO, TARGET, "go to c when the rule's condition failed")
OP(HEADER_SET, MESSAGE, STRING, DYN,
   "header b of message a becomes c, string or list of strings; else it is dropped, an error")
OP(HEADER_ADD, MESSAGE, STRING, DYN,
   "header b of message a gets one more value c, or each of a list; else an error")
OP(HEADER_REMOVE, MESSAGE, STRING, NO, "header b of message a is dropped")
OP(HEADER_EDITS, EDIT, EDIT_COUNT, NO, "the b prepared edits from a on, all of constants")
OP(ACTION_ERROR, ERROR, NO, NO, "an action's expression failed with a: counted and logged")
OP(LIMIT, LIMITER, NO, TARGET, "go to c when limiter a admits; may wait for an answer")
OP(REPLY, REPLY, INT, NO, "a reply of kind a with status b begins")
OP(REPLY_BODY, DYN, NO, NO, "its body is a: string or bytes")
OP(REPLY_JSON, DYN, NO, NO, "its body is the JSON of a")
OP(REPLY_HEADERS, DYN, NO, NO, "its headers are the map a: string to string or list of strings")
OP(REPLY_GRPC, INT, NO, NO, "its gRPC status is a")
OP(REPLY_DETAILS, STRING, NO, NO, "its details are a")
OP(REPLY_SEND, NO, NO, NO, "the reply is sent: the phase ends")
OP(LOG, LEVEL, STRING, NO, "logs b at level a")
OP(END, NO, NO, NO, "the phase is over")
