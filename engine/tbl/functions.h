// Functions: FUNCTION(NAME, "name", method, body, result, count, types of the arguments, accepts,
// "example"). method: the first argument is the receiver. body: the C function of lib/ that
// computes it. accepts: of a DYN argument, the types that the body takes; others are refused when
// they are known. Overloads are rows with the same name.
#define ACCEPTS_ALL (~UINT32_C(0))
#define ACCEPTS(type) (UINT32_C(1) << TYPE_##type)
#define SIZED (ACCEPTS(STRING) | ACCEPTS(BYTES) | ACCEPTS(LIST) | ACCEPTS(MAP))
#define NUMERIC (ACCEPTS(INT) | ACCEPTS(UINT) | ACCEPTS(DOUBLE) | ACCEPTS(STRING))
#define PRINTABLE (NUMERIC | ACCEPTS(BOOL) | ACCEPTS(BYTES) | ACCEPTS(DURATION))
#define WITH_JSON (ACCEPTS_ALL & ~ACCEPTS(HEADERS))
FUNCTION(STARTS_WITH, "startsWith", true, string_starts_with, BOOL, 2, STRING, STRING, NONE,
         ACCEPTS_ALL, "request.path.startsWith(\"/a\")")
FUNCTION(ENDS_WITH, "endsWith", true, string_ends_with, BOOL, 2, STRING, STRING, NONE, ACCEPTS_ALL,
         "request.host.endsWith(\".example\")")
FUNCTION(CONTAINS, "contains", true, string_contains, BOOL, 2, STRING, STRING, NONE, ACCEPTS_ALL,
         "request.path.contains(\"..\")")
FUNCTION(SIZE, "size", false, size_of, INT, 1, DYN, NONE, NONE, SIZED, "size(\"häh\") == 3")
FUNCTION(SIZE_METHOD, "size", true, size_of, INT, 1, DYN, NONE, NONE, SIZED, "[1, 2].size() == 2")
FUNCTION(INT, "int", false, convert_int, INT, 1, DYN, NONE, NONE, NUMERIC, "int(\"12\") == 12")
FUNCTION(DOUBLE, "double", false, convert_double, DOUBLE, 1, DYN, NONE, NONE, NUMERIC,
         "double(2) == 2.0")
FUNCTION(STRING, "string", false, convert_string, STRING, 1, DYN, NONE, NONE, PRINTABLE,
         "string(12) == \"12\"")
FUNCTION(JSON, "json", false, convert_json, STRING, 1, DYN, NONE, NONE, WITH_JSON,
         "json([1, \"a\"])")
#undef ACCEPTS_ALL
#undef ACCEPTS
#undef SIZED
#undef NUMERIC
#undef PRINTABLE
#undef WITH_JSON
