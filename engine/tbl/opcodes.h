// The bytecode: OP(NAME, a, b, c, "meaning"). An instruction is four 16-bit numbers: op, a, b, c.
// Operand kinds:
//   NO            unused, 0
//   TO_type       register that receives a value of that type
//   TO_CALL       register that receives the result of call site b
//   type          register, constant (bit 15) or header slot (bit 14) of that type; DYN: of any
//   FIRST         first of c consecutive registers; FIRST_STRING: of strings; FIRST_PAIR: of 2c;
//                 FIRST_PART: of 4, FIRST_DRAW: of 3, of any types; FIRST_ARGUMENT: of the arguments of call site b; FIRST_ANY: of any types
//   WALK          first of two registers: the int of the next item, then that item; WALK_PAIR: of
//                 three: that int, index or key, item or value. Registers behind them are free.
//   COUNT TYPE SLOT FIELD LET GROUP RULE LIMITER COUNTER SITE INDEX MESSAGE CAP LEVEL REPLY FAILURE  a number, in range
//   HOST_FIELD    a field that the host is asked for
//   PLACE         what an action changes beside headers (tbl/places.h)
//   ORIGINAL SHADOW PATTERN EDITS  0 or 1
//   EDIT          first of the prepared edits; EDIT_COUNT: how many, from a on
//   MEMBER        number of a member of index a, or how many it has
//   TARGET        instruction to go to, always further on
//   BACK          the EACH or EACH_PAIR further back that a round of its loop ends at
// An instruction that fails writes nothing and goes to its handler (program.handler_of).

// values
OP(MOVE, TO_SAME, DYN, NO, "a = b")
OP(CHECK, TO_CHECKED, DYN, TYPE, "a = b if b is of type c, else fails")
OP(LIST, TO_LIST, FIRST, COUNT, "a = [b, b+1, …], c items")
OP(MAP, TO_MAP, FIRST_PAIR, COUNT, "a = {b: b+1, …}, c entries; fails on a repeated or wrong key")
OP(SELECT, TO_DYN, DYN, STRING, "a = b.c, b a map; of an optional an optional; fails without a key c")
OP(HAS, TO_BOOL, DYN, STRING, "a = has(b.c), b a map or an optional of one")
OP(INDEX, TO_DYN, DYN, DYN, "a = b[c], b a list, a map, or an optional of one")
OP(OPTIONAL_SELECT, TO_OPTIONAL, DYN, STRING, "a = b.?c")
OP(OPTIONAL_INDEX, TO_OPTIONAL, DYN, DYN, "a = b[?c]")
OP(OPTIONAL_OF, TO_OPTIONAL, DYN, NO, "a = an optional that holds b")
OP(HOLDS, TO_BOOL, DYN, DYN, "a = (c in b), b a list, map or set of networks")
OP(CONCAT, TO_STRING, FIRST_STRING, COUNT, "a = b + (b+1) + …, c strings")
OP(CALL, TO_CALL, SITE, FIRST_ARGUMENT, "a = the function of call site b of the registers from c on")
OP(CALL_ANY, TO_CALL, SITE, FIRST_ANY, "a = the first function of call site b that takes what is in the registers from c on")
OP(FAIL, TO_DYN, FAILURE, NO, "fails with failure b")
OP(BUILD, TO_BUILDER, DYN, NO, "a = a list or map under construction, about as long as b")
OP(APPEND, BUILDER, DYN, NO, "a gets one more item b")
OP(APPEND_OPTIONAL, BUILDER, DYN, NO, "the same with what the optional b holds, if anything")
OP(APPEND_ENTRY, BUILDER, DYN, DYN, "a gets key b and what the optional c holds, if anything")
OP(APPEND_MAP, BUILDER, DYN, NO, "a gets all keys and values of the map b")
OP(BUILT_LIST, TO_LIST, BUILDER, NO, "a = the list of what b got")
OP(BUILT_MAP, TO_MAP, BUILDER, NO, "a = the map of the keys and values that b got")
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
OP(LIMIT_ABSENT, TO_DYN, ERROR, NO, "a = null if b is a missing key or value, else fails with b")
OP(LIMIT_LEFT, TO_INT, LIMITER, NO, "a = what limiter b has left; -1 before it ran")
OP(SAMPLE, TO_BOOL, FIRST_DRAW, NO,
   "a = the draw of key b+1, salted with b+2, is below b; by chance where the key is absent")
OP(LT_ANY, TO_BOOL, DYN, DYN, "a = b < c; fails on types without an order")
OP(LE_ANY, TO_BOOL, DYN, DYN, "a = b <= c; the same")

// the message
OP(FIELD, TO_FIELD, FIELD, ORIGINAL, "a = field b; c: of messages as they were received")
OP(FIELD_THERE, TO_BOOL, HOST_FIELD, NO, "a = whether field b is there: has a value, and no empty text")
OP(HEADER_NAMED, TO_STRING, HEADERS, STRING, "a = b[c], joined; empty when absent")
OP(HEADER_IN, TO_BOOL, HEADERS, STRING, "a = (c in b)")
OP(HEADER_OPTIONAL, TO_OPTIONAL, HEADERS, STRING, "a = b[?c]")
OP(HEADER_VALUES, TO_LIST, HEADERS, STRING, "a = the values of the lines named c, in their order")
OP(HEADER_NAMES, TO_LIST, HEADERS, NO, "a = the names, each once; those of headers in lower case")
OP(HEADER_MAP, TO_MAP, HEADERS, NO, "a = names to joined values")

// control
OP(JUMP, NO, NO, TARGET, "go to c")
OP(IF, BOOL, NO, TARGET, "go to c when a is true")
OP(UNLESS, BOOL, NO, TARGET, "go to c when a is false")
OP(EACH, WALK, DYN, TARGET, "a+1 = item a of list b, or its key where b is a map; a counts on; go to c behind the last")
OP(EACH_PAIR, WALK_PAIR, DYN, TARGET, "a+1, a+2 = index and item, or key and value; the same")
OP(LOOP, NO, NO, BACK, "go back to c")
OP(UNWRAP, TO_DYN, OPTIONAL, TARGET, "a = what b holds; go to c when it holds nothing")
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
OP(GROUP_NEEDS_BODY, GROUP, NO, NO, "the condition of group a depends on the body of the gate's phase")
OP(LOOK, INDEX, NO, NO, "index a is looked up; go to the first of its members that may have something to do, or behind all")
OP(NEXT, INDEX, MEMBER, NO, "go to the next such member of index a, from member b on, or behind all")
OP(RULE, RULE, NO, NO, "rule a begins")
OP(RULE_INHERIT, GROUP, NO, TARGET,
   "if group a failed: the rule's condition failed; go to c if it skips")
OP(RULE_ERROR, ERROR, NO, TARGET,
   "the rule's condition failed with a; go to c if the rule skips then")
OP(RULE_MATCH, NO, NO, NO, "the rule's condition holds: counted")
OP(NEEDS_BODY, EDITS, NO, NO,
   "the rule may apply, as far as can be told without the body; a: and may replace it")
OP(IF_FAILED, NO, NO, TARGET, "go to c when the rule's condition failed")
OP(EXEMPT, SHADOW, NO, NO,
   "no later rule of the phase may refuse; a: as shadow rules see it alone")
OP(IF_EXEMPT, SHADOW, NO, TARGET, "go to c when the request is exempt; a: as shadow rules see it")
OP(HEADER_SET, MESSAGE, STRING, DYN,
   "header b of message a becomes c, string or list of strings; else it is dropped, an error")
OP(HEADER_ADD, MESSAGE, STRING, DYN,
   "header b of message a gets one more value c, or each of a list; else an error")
OP(HEADER_REMOVE, MESSAGE, STRING, NO, "header b of message a is dropped")
OP(HEADER_REMOVE_ALL, MESSAGE, STRING, NO,
   "headers of message a whose names match the constant b are dropped, `*` for any run")
OP(PLACE_SET, PLACE, STRING, DYN,
   "place a becomes c, string, int, a list or an optional of them; of parameters and cookies the one named b; an error is counted")
OP(PLACE_ADD, PLACE, STRING, DYN, "place a gets one more of name b: c, or each of a list")
OP(PLACE_REMOVE, PLACE, STRING, PATTERN, "what place a has of name b is dropped; c: of all names that b matches")
OP(HEADER_EDITS, EDIT, EDIT_COUNT, NO, "the b prepared edits from a on, all of constants")
OP(BODY_SET, MESSAGE, DYN, NO, "the body of message a becomes b, string or bytes; else it is emptied, an error")
OP(CAP, CAP, INT, TARGET,
   "go to c unless the request's body is longer than b; where nobody can tell yet, cap a waits for it")
OP(ACTION_ERROR, ERROR, NO, NO, "an action's expression failed with a: counted and logged")
OP(LIMIT_ADD, LIMITER, DYN, DYN, "limiter a joins the block: cost b, terms c (null, or the list that its let gives)")
OP(LIMIT_FAILED, LIMITER, ERROR, NO, "limiter a joins the block and refuses: its terms or cost failed with b")
OP(LIMIT, NO, NO, TARGET, "go to c when all limiters of the block admit; may wait for a service")
OP(LIMIT_OTHER, LIMITER, NO, TARGET, "go to c when it was not limiter a that refused")
OP(CHARGE, LIMITER, DYN, DYN, "limiter a is charged b without being asked; terms c")
OP(REFUND, LIMITER, DYN, DYN, "limiter a gets back b of what this request took, all where b is null; terms c")
OP(BAN, LIMITER, DYN, DYN, "limiter a refuses its key for b; terms c")
OP(REPLY, REPLY, INT, NO, "a reply of kind a with status b begins")
OP(REPLY_BODY, DYN, NO, NO, "its body is a: string or bytes")
OP(REPLY_JSON, DYN, NO, NO, "its body is the JSON of a")
OP(REPLY_HEADERS, DYN, NO, NO, "its headers are the map a: string to string or list of strings")
OP(REPLY_GRPC, INT, NO, NO, "its gRPC status is a")
OP(REPLY_DETAILS, STRING, NO, NO, "its details are a")
OP(REPLY_TO, STRING, NO, NO, "its location is a")
OP(REPLY_PARTS, FIRST_PART, NO, NO,
   "its location has the scheme, host, path and query of four registers, the request's own for null")
OP(REPLY_SEND, NO, NO, NO, "the reply is sent: the phase ends")
OP(REPLY_INSTEAD, NO, NO, NO,
   "in phase response: the reply takes the response's place, if no other did; the phase goes on")
OP(REPLY_SHADOW, NO, NO, NO, "the reply would have been sent: counted and logged")
OP(REROUTE, NO, NO, NO, "the request is routed anew, as it is edited")
OP(LOG, LEVEL, STRING, NO, "logs b at level a")
OP(COUNT, COUNTER, NO, NO, "named counter a counts one")
OP(COUNT_BY, COUNTER, DYN, NO, "named counter a counts one under the label b: string, bool or integer")
OP(TAG, STRING, STRING, NO, "the stream gets b under the name a, for access logs")
OP(END, NO, NO, NO, "the phase is over")
