// Comparisons that cannot fail: TEST(NAME, type of x, type of y, condition, "meaning").
// Each row is three opcodes: NAME (a = result), IF_NAME (jump to c when it holds) and UNLESS_NAME
// (jump to c when not). `x` and `y` are the operands as struct value.
TEST(EQ_STRING, STRING, STRING, slice_equal(value_text(x), value_text(y)), "equal strings")
TEST(LT_STRING, STRING, STRING, slice_compare(value_text(x), value_text(y)) < 0, "x before y")
TEST(LE_STRING, STRING, STRING, slice_compare(value_text(x), value_text(y)) <= 0, "x not behind y")
TEST(EQ_INT, INT, INT, x.as.integer == y.as.integer, "equal ints")
TEST(LT_INT, INT, INT, x.as.integer < y.as.integer, "x less than y")
TEST(LE_INT, INT, INT, x.as.integer <= y.as.integer, "x at most y")
TEST(EQ_DOUBLE, DOUBLE, DOUBLE, x.as.real == y.as.real, "equal doubles; NaN equals nothing")
TEST(LT_DOUBLE, DOUBLE, DOUBLE, x.as.real < y.as.real, "x less than y")
TEST(LE_DOUBLE, DOUBLE, DOUBLE, x.as.real <= y.as.real, "x at most y")
TEST(EQ_BOOL, BOOL, BOOL, x.as.boolean == y.as.boolean, "equal bools")
TEST(EQ_ANY, DYN, DYN, value_equal(x, y), "equality of any two values")
TEST(STARTS_WITH, STRING, STRING, slice_starts(value_text(x), value_text(y)), "x starts with y")
TEST(ENDS_WITH, STRING, STRING, slice_ends(value_text(x), value_text(y)), "x ends with y")
TEST(CONTAINS, STRING, STRING, slice_find(value_text(x), value_text(y)) >= 0, "y is in x")
TEST(IN_LIST, DYN, LIST, list_holds(y, x), "an item of y equals x")
TEST(IN_MAP, DYN, MAP, map_find(y, x) != NULL, "x is a key of y")
