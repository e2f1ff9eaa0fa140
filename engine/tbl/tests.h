// Comparisons that cannot fail: TEST(NAME, type of x, type of y, cost, condition, "meaning").
// Each row is two opcodes: IF_NAME (jump to c when it holds) and UNLESS_NAME (jump to c when not).
// `x` and `y` are the operands a and b as struct value; `cost`: steps beyond the
// first, found after the condition.
TEST(EQ_STRING, STRING, STRING, x.length / 64, same_text(x, y), "equal strings")
TEST(LT_STRING, STRING, STRING, x.length / 64, slice_compare(value_text(x), value_text(y)) < 0,
     "x before y")
TEST(LE_STRING, STRING, STRING, x.length / 64, slice_compare(value_text(x), value_text(y)) <= 0,
     "x not behind y")
TEST(EQ_INT, INT, INT, 0, x.as.integer == y.as.integer, "equal ints")
TEST(LT_INT, INT, INT, 0, x.as.integer < y.as.integer, "x less than y")
TEST(LE_INT, INT, INT, 0, x.as.integer <= y.as.integer, "x at most y")
TEST(EQ_DOUBLE, DOUBLE, DOUBLE, 0, x.as.real == y.as.real, "equal doubles; NaN equals nothing")
TEST(LT_DOUBLE, DOUBLE, DOUBLE, 0, x.as.real < y.as.real, "x less than y")
TEST(LE_DOUBLE, DOUBLE, DOUBLE, 0, x.as.real <= y.as.real, "x at most y")
TEST(LT_DURATION, DURATION, DURATION, 0, x.as.integer < y.as.integer, "x shorter than y")
TEST(LE_DURATION, DURATION, DURATION, 0, x.as.integer <= y.as.integer, "x at most as long as y")
TEST(LT_TIMESTAMP, TIMESTAMP, TIMESTAMP, 0, earlier(x, y), "x before y")
TEST(LE_TIMESTAMP, TIMESTAMP, TIMESTAMP, 0, !earlier(y, x), "x not after y")
TEST(EQ_BOOL, BOOL, BOOL, 0, x.as.boolean == y.as.boolean, "equal bools")
TEST(EQ_ANY, DYN, DYN, run->spent, equal_any(run, x, y), "equality of any two values")
TEST(STARTS_WITH, STRING, STRING, y.length / 64, starts_with(x, y), "x starts with y")
TEST(ENDS_WITH, STRING, STRING, y.length / 64, ends_with(x, y), "x ends with y")
TEST(CONTAINS, STRING, STRING, x.length / 64, slice_find(value_text(x), value_text(y)) >= 0,
     "y is in x")
TEST(IN_LIST, DYN, LIST, run->spent, in_list(run, x, y), "an item of y equals x")
TEST(IN_MAP, DYN, MAP, run->spent, in_map(run, x, y), "x is a key of y")
TEST(PRESENT, STRING, STRING, 0, (x.spare & SLOT_PRESENT) != 0,
     "the header of slot x is there; y is not looked at")
