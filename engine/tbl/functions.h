// Functions: FUNCTION(NAME, "name", method, body, result, count, types of the arguments,
// "example"). method: the first argument is the receiver. body: the C function of lib/ that
// computes it. Overloads are rows with the same name.
FUNCTION(STARTS_WITH, "startsWith", true, string_starts_with, BOOL, 2, STRING, STRING, NONE,
         "request.path.startsWith(\"/a\")")
FUNCTION(ENDS_WITH, "endsWith", true, string_ends_with, BOOL, 2, STRING, STRING, NONE,
         "request.host.endsWith(\".example\")")
FUNCTION(CONTAINS, "contains", true, string_contains, BOOL, 2, STRING, STRING, NONE,
         "request.path.contains(\"..\")")
FUNCTION(SIZE_STRING, "size", false, string_size, INT, 1, STRING, NONE, NONE, "size(\"häh\") == 3")
FUNCTION(SIZE_STRING_METHOD, "size", true, string_size, INT, 1, STRING, NONE, NONE,
         "\"häh\".size() == 3")
FUNCTION(SIZE_BYTES, "size", false, collection_size, INT, 1, BYTES, NONE, NONE,
         "size(b\"ab\") == 2")
FUNCTION(SIZE_BYTES_METHOD, "size", true, collection_size, INT, 1, BYTES, NONE, NONE,
         "b\"ab\".size() == 2")
FUNCTION(SIZE_LIST, "size", false, collection_size, INT, 1, LIST, NONE, NONE, "size([1, 2]) == 2")
FUNCTION(SIZE_LIST_METHOD, "size", true, collection_size, INT, 1, LIST, NONE, NONE,
         "[1].size() == 1")
FUNCTION(SIZE_MAP, "size", false, collection_size, INT, 1, MAP, NONE, NONE, "size({1: 2}) == 1")
FUNCTION(SIZE_MAP_METHOD, "size", true, collection_size, INT, 1, MAP, NONE, NONE,
         "{1: 2}.size() == 1")
FUNCTION(INT, "int", false, convert_int, INT, 1, DYN, NONE, NONE, "int(\"12\") == 12")
FUNCTION(DOUBLE, "double", false, convert_double, DOUBLE, 1, DYN, NONE, NONE, "double(2) == 2.0")
FUNCTION(STRING, "string", false, convert_string, STRING, 1, DYN, NONE, NONE,
         "string(12) == \"12\"")
FUNCTION(JSON, "json", false, convert_json, STRING, 1, DYN, NONE, NONE, "json([1, \"a\"])")
