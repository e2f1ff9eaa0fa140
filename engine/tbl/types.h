// Kinds of values and types of expressions: TYPE(NAME, CEL name). Include with TYPE defined.
// A register or constant has one of these at run time, DYN apart: it is what the checker knows
// when it knows nothing.
TYPE(NONE, "none") // no value yet; never visible to rules
TYPE(NULL, "null_type")
TYPE(BOOL, "bool")
TYPE(INT, "int")
TYPE(UINT, "uint")
TYPE(DOUBLE, "double")
TYPE(STRING, "string")
TYPE(BYTES, "bytes")
TYPE(DURATION, "duration")
TYPE(TIMESTAMP, "timestamp")
TYPE(LIST, "list")
TYPE(MAP, "map")
TYPE(HEADERS, "headers")
TYPE(ERROR, "error") // a failed evaluation, kept for `&&`, `||` and lets
TYPE(DYN, "dyn")
