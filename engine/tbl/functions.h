// Functions: FUNCTION(NAME, "signature", body, "example", "meaning").
// signature: `<string>.startsWith(string) bool` is a method, its receiver in angle brackets;
// `math.abs(int) int` has a name with a dot; `dyn...` stands for any number, at least one. Single
// capitals are type variables. Overloads are rows with the same name; where types are only known
// at run time, the first row that fits them is called. body: the C function of lib/ that computes
// it. A name with `@` is the compiler's own.
// types and conversions
FUNCTION(DYN, "dyn(A) dyn", convert_same, "dyn(1) == 1.0", "the same value, of a type that is not known before it runs")
FUNCTION(TYPE, "type(A) type(A)", type_of_value, "type(1) == int", "the type of a value")
FUNCTION(BOOL_OF_BOOL, "bool(bool) bool", convert_same, "bool(true)", "itself")
FUNCTION(BOOL_OF_STRING, "bool(string) bool", convert_bool, "bool(\"true\")", "true of `true`, `True`, `TRUE`, `t`, `1`, false of `false`, `False`, `FALSE`, `f`, `0`, else an error")
FUNCTION(INT_OF_INT, "int(int) int", convert_same, "int(7) == 7", "itself")
FUNCTION(INT_OF_UINT, "int(uint) int", convert_int, "int(7u) == 7", "the same number; an error when it is too large")
FUNCTION(INT_OF_DOUBLE, "int(double) int", convert_int, "int(2.9) == 2", "cut towards zero; an error when it is too large")
FUNCTION(INT_OF_STRING, "int(string) int", convert_int, "int(\"12\") == 12", "the decimal number that is written there")
FUNCTION(UINT_OF_UINT, "uint(uint) uint", convert_same, "uint(7u) == 7u", "itself")
FUNCTION(UINT_OF_INT, "uint(int) uint", convert_uint, "uint(7) == 7u", "the same number; an error when it is negative")
FUNCTION(UINT_OF_DOUBLE, "uint(double) uint", convert_uint, "uint(2.9) == 2u", "cut towards zero; an error when it is negative or too large")
FUNCTION(UINT_OF_STRING, "uint(string) uint", convert_uint, "uint(\"12\") == 12u", "the decimal number that is written there")
FUNCTION(DOUBLE_OF_DOUBLE, "double(double) double", convert_same, "double(0.5) == 0.5", "itself")
FUNCTION(DOUBLE_OF_INT, "double(int) double", convert_double, "double(2) == 2.0", "the nearest double")
FUNCTION(DOUBLE_OF_UINT, "double(uint) double", convert_double, "double(2u) == 2.0", "the nearest double")
FUNCTION(DOUBLE_OF_STRING, "double(string) double", convert_double, "double(\"1.5\") == 1.5", "the number that is written there; also `Infinity` and `NaN`")
FUNCTION(STRING_OF_STRING, "string(string) string", convert_same, "string(\"a\") == \"a\"", "itself")
FUNCTION(STRING_OF_BOOL, "string(bool) string", convert_string, "string(true) == \"true\"", "`true` or `false`")
FUNCTION(STRING_OF_INT, "string(int) string", convert_string, "string(12) == \"12\"", "the decimal number")
FUNCTION(STRING_OF_UINT, "string(uint) string", convert_string, "string(12u) == \"12\"", "the decimal number")
FUNCTION(STRING_OF_DOUBLE, "string(double) string", convert_string, "string(0.5) == \"0.5\"", "the shortest decimal number that reads back as the same double")
FUNCTION(STRING_OF_BYTES, "string(bytes) string", convert_string, "string(b\"a\") == \"a\"", "the same bytes as text; an error when they are not UTF-8")
FUNCTION(BYTES_OF_BYTES, "bytes(bytes) bytes", convert_same, "bytes(b\"a\") == b\"a\"", "itself")
FUNCTION(BYTES_OF_STRING, "bytes(string) bytes", convert_bytes, "bytes(\"a\") == b\"a\"", "the bytes of its UTF-8 form")
FUNCTION(JSON, "json(dyn) string", convert_json, "json([1, \"a\"]) == \"[1,\\\"a\\\"]\"", "the value as JSON, in one line")
// size
FUNCTION(SIZE_STRING, "size(string) int", size_of, "size(\"häh\") == 3", "the number of code points")
FUNCTION(SIZE_BYTES, "size(bytes) int", size_of, "size(b\"abc\") == 3", "the number of bytes")
FUNCTION(SIZE_LIST, "size(list(A)) int", size_of, "size([1, 2]) == 2", "the number of items")
FUNCTION(SIZE_MAP, "size(map(A, B)) int", size_of, "size({1: 2}) == 1", "the number of entries")
FUNCTION(STRING_SIZE, "<string>.size() int", size_of, "\"häh\".size() == 3", "the number of code points")
FUNCTION(BYTES_SIZE, "<bytes>.size() int", size_of, "b\"abc\".size() == 3", "the number of bytes")
FUNCTION(LIST_SIZE, "<list(A)>.size() int", size_of, "[1, 2].size() == 2", "the number of items")
FUNCTION(MAP_SIZE, "<map(A, B)>.size() int", size_of, "{1: 2}.size() == 1", "the number of entries")
FUNCTION(SIZE_HEADERS, "size(headers) int", headers_only, "size(request.headers) > 0", "the number of names")
FUNCTION(HEADERS_SIZE, "<headers>.size() int", headers_only, "request.headers.size() > 0", "the number of names")
FUNCTION(HEADERS_VALUES, "<headers>.values(string) list(string)", headers_only, "request.headers.values(\"accept\") == [\"text/html\", \"*/*\"]", "the values of all lines of that name, in their order")
FUNCTION(HEADERS_TO_MAP, "<headers>.to_map() map(string, string)", headers_only, "request.headers.to_map()[\"x-user\"] == \"ada\"", "names in lower case to joined values")
// strings
FUNCTION(STARTS_WITH, "<string>.startsWith(string) bool", string_starts_with, "request.path.startsWith(\"/a\")", "whether the text begins so")
FUNCTION(ENDS_WITH, "<string>.endsWith(string) bool", string_ends_with, "request.host.endsWith(\".example\")", "whether the text ends so")
FUNCTION(CONTAINS, "<string>.contains(string) bool", string_contains, "request.path.contains(\"..\")", "whether the text has that part")
// optional values
FUNCTION(OPTIONAL_OF, "optional.of(A) optional(A)", optional_of, "optional.of(1).value() == 1", "a value that is there")
FUNCTION(OPTIONAL_NON_ZERO, "optional.ofNonZeroValue(A) optional(A)", optional_of_non_zero, "!optional.ofNonZeroValue(\"\").hasValue()", "none of a zero, an empty text, list or map, false or null; else the value")
FUNCTION(OPTIONAL_NONE, "optional.none() optional(A)", optional_none, "!optional.none().hasValue()", "no value")
FUNCTION(OPTIONAL_VALUE, "<optional(A)>.value() A", optional_value, "optional.of(1).value() == 1", "the value; an error when there is none")
FUNCTION(OPTIONAL_HAS_VALUE, "<optional(A)>.hasValue() bool", optional_has_value, "optional.of(1).hasValue()", "whether there is a value")
FUNCTION(OPTIONAL_UNWRAP, "optional.unwrap(list(optional(A))) list(A)", optional_unwrap, "optional.unwrap([optional.of(1), optional.none()]) == [1]", "the values that are there")
FUNCTION(OPTIONAL_UNWRAP_OPT, "<list(optional(A))>.unwrapOpt() list(A)", optional_unwrap, "[optional.of(1), optional.none()].unwrapOpt() == [1]", "the values that are there")
FUNCTION(STRING_CHAR_AT, "<string>.charAt(int) string", string_char_at, "'häh'.charAt(1) == 'ä'",
         "the code point at that position, empty at the end")
FUNCTION(STRING_INDEX_OF, "<string>.indexOf(string) int", string_index_of,
         "'tacocat'.indexOf('ac') == 1", "where the text is first, -1 when it is not there")
FUNCTION(STRING_INDEX_OF_FROM, "<string>.indexOf(string, int) int", string_index_of,
         "'tacocat'.indexOf('a', 3) == 5", "the same from a position on")
FUNCTION(STRING_LAST_INDEX_OF, "<string>.lastIndexOf(string) int", string_last_index_of,
         "'tacocat'.lastIndexOf('at') == 5", "where the text is last, -1 when it is not there")
FUNCTION(STRING_LAST_INDEX_OF_TO, "<string>.lastIndexOf(string, int) int", string_last_index_of,
         "'tacocat'.lastIndexOf('a', 3) == 1", "the same, starting at a position or before it")
FUNCTION(STRING_SUBSTRING, "<string>.substring(int) string", string_substring,
         "'tacocat'.substring(4) == 'cat'", "from a position to the end")
FUNCTION(STRING_SUBSTRING_TO, "<string>.substring(int, int) string", string_substring,
         "'tacocat'.substring(0, 4) == 'taco'", "from a position up to another, which is left out")
FUNCTION(STRING_LOWER_ASCII, "<string>.lowerAscii() string", string_lower_ascii,
         "'TacoCÆt'.lowerAscii() == 'tacocÆt'", "ASCII letters in lower case")
FUNCTION(STRING_UPPER_ASCII, "<string>.upperAscii() string", string_upper_ascii,
         "'tacocαt'.upperAscii() == 'TACOCαT'", "ASCII letters in upper case")
FUNCTION(STRING_REPLACE, "<string>.replace(string, string) string", string_replace,
         "'a-b-c'.replace('-', '+') == 'a+b+c'", "the first text replaced by the second everywhere")
FUNCTION(STRING_REPLACE_LIMIT, "<string>.replace(string, string, int) string", string_replace,
         "'a-b-c'.replace('-', '+', 1) == 'a+b-c'",
         "the same at most so many times, below 0 everywhere")
FUNCTION(STRING_SPLIT, "<string>.split(string) list(string)", string_split,
         "'a,b,c'.split(',') == ['a', 'b', 'c']", "the pieces between separators")
FUNCTION(STRING_SPLIT_LIMIT, "<string>.split(string, int) list(string)", string_split,
         "'a,b,c'.split(',', 2) == ['a', 'b,c']",
         "at most so many pieces, below 0 all, with the rest in the last")
FUNCTION(STRING_TRIM, "<string>.trim() string", string_trim, "' \\t text \\u00a0'.trim() == 'text'",
         "without Unicode white space at both ends")
FUNCTION(STRING_REVERSE, "<string>.reverse() string", string_reverse, "'häh!'.reverse() == '!häh'",
         "the code points from the last to the first")
FUNCTION(LIST_JOIN, "<list(string)>.join() string", string_join, "['x', 'y'].join() == 'xy'",
         "the strings one behind the other")
FUNCTION(LIST_JOIN_WITH, "<list(string)>.join(string) string", string_join,
         "['x', 'y'].join(', ') == 'x, y'", "the same with a separator between them")
FUNCTION(STRINGS_QUOTE, "strings.quote(string) string", string_quote,
         "strings.quote('a\\n') == '\"a\\\\n\"'", "the string as a literal in double quotes")
FUNCTION(STRING_FORMAT, "<string>.format(list(dyn)) string", string_format,
         "'%s is %.1f'.format(['x', 2.25]) == 'x is 2.2'",
         "the values in place of the clauses %s %d %f %e %x %X %o %b")
FUNCTION(MATH_GREATEST_INT, "math.greatest(int) int", math_greatest, "math.greatest(-7) == -7",
         "the number itself")
FUNCTION(MATH_GREATEST_UINT, "math.greatest(uint) uint", math_greatest, "math.greatest(7u) == 7u",
         "the number itself")
FUNCTION(MATH_GREATEST_DOUBLE, "math.greatest(double) double", math_greatest,
         "math.greatest(1.5) == 1.5", "the number itself")
FUNCTION(MATH_GREATEST_INTS, "math.greatest(int, int) int", math_greatest,
         "math.greatest(3, -3) == 3", "the greatest of two numbers")
FUNCTION(MATH_GREATEST_UINTS, "math.greatest(uint, uint) uint", math_greatest,
         "math.greatest(5u, 2u) == 5u", "the greatest of two numbers")
FUNCTION(MATH_GREATEST_DOUBLES, "math.greatest(double, double) double", math_greatest,
         "math.greatest(1.5, 2.5) == 2.5", "the greatest of two numbers")
FUNCTION(MATH_GREATEST_LIST_INT, "math.greatest(list(int)) int", math_greatest,
         "math.greatest([1, 3, 2]) == 3", "the greatest number of a list that is not empty")
FUNCTION(MATH_GREATEST_LIST_UINT, "math.greatest(list(uint)) uint", math_greatest,
         "math.greatest([1u, 2u]) == 2u", "the greatest number of a list that is not empty")
FUNCTION(MATH_GREATEST_LIST_DOUBLE, "math.greatest(list(double)) double", math_greatest,
         "math.greatest([1.5, 0.5]) == 1.5", "the greatest number of a list that is not empty")
FUNCTION(MATH_GREATEST, "math.greatest(dyn...) dyn", math_greatest,
         "math.greatest(1, 2.5, 2u) == 2.5",
         "the greatest of numbers of any types, or of those in one list")
FUNCTION(MATH_LEAST_INT, "math.least(int) int", math_least, "math.least(-7) == -7",
         "the number itself")
FUNCTION(MATH_LEAST_UINT, "math.least(uint) uint", math_least, "math.least(7u) == 7u",
         "the number itself")
FUNCTION(MATH_LEAST_DOUBLE, "math.least(double) double", math_least, "math.least(1.5) == 1.5",
         "the number itself")
FUNCTION(MATH_LEAST_INTS, "math.least(int, int) int", math_least, "math.least(3, -3) == -3",
         "the least of two numbers")
FUNCTION(MATH_LEAST_UINTS, "math.least(uint, uint) uint", math_least, "math.least(5u, 2u) == 2u",
         "the least of two numbers")
FUNCTION(MATH_LEAST_DOUBLES, "math.least(double, double) double", math_least,
         "math.least(1.5, 2.5) == 1.5", "the least of two numbers")
FUNCTION(MATH_LEAST_LIST_INT, "math.least(list(int)) int", math_least, "math.least([1, 3, 2]) == 1",
         "the least number of a list that is not empty")
FUNCTION(MATH_LEAST_LIST_UINT, "math.least(list(uint)) uint", math_least,
         "math.least([1u, 2u]) == 1u", "the least number of a list that is not empty")
FUNCTION(MATH_LEAST_LIST_DOUBLE, "math.least(list(double)) double", math_least,
         "math.least([1.5, 0.5]) == 0.5", "the least number of a list that is not empty")
FUNCTION(MATH_LEAST, "math.least(dyn...) dyn", math_least, "math.least(1, 0.5, 2u) == 0.5",
         "the least of numbers of any types, or of those in one list")
FUNCTION(MATH_CEIL, "math.ceil(double) double", math_ceil, "math.ceil(-1.2) == -1.0",
         "the next whole number above")
FUNCTION(MATH_FLOOR, "math.floor(double) double", math_floor, "math.floor(-1.2) == -2.0",
         "the next whole number below")
FUNCTION(MATH_ROUND, "math.round(double) double", math_round, "math.round(-1.5) == -2.0",
         "the nearest whole number, away from zero at the half")
FUNCTION(MATH_TRUNC, "math.trunc(double) double", math_trunc, "math.trunc(-1.7) == -1.0",
         "the whole part")
FUNCTION(MATH_IS_NAN, "math.isNaN(double) bool", math_is_nan, "math.isNaN(0.0 / 0.0)",
         "whether it is not a number")
FUNCTION(MATH_IS_INF, "math.isInf(double) bool", math_is_inf, "math.isInf(1.0 / 0.0)",
         "whether it is infinite")
FUNCTION(MATH_IS_FINITE, "math.isFinite(double) bool", math_is_finite, "math.isFinite(1.5)",
         "whether it is neither infinite nor NaN")
FUNCTION(MATH_ABS_INT, "math.abs(int) int", math_abs, "math.abs(-11) == 11",
         "the number without its sign")
FUNCTION(MATH_ABS_UINT, "math.abs(uint) uint", math_abs, "math.abs(1u) == 1u",
         "the number without its sign")
FUNCTION(MATH_ABS_DOUBLE, "math.abs(double) double", math_abs, "math.abs(-1.5) == 1.5",
         "the number without its sign")
FUNCTION(MATH_SIGN_INT, "math.sign(int) int", math_sign, "math.sign(-11) == -1", "-1, 0 or 1")
FUNCTION(MATH_SIGN_UINT, "math.sign(uint) uint", math_sign, "math.sign(100u) == 1u", "-1, 0 or 1")
FUNCTION(MATH_SIGN_DOUBLE, "math.sign(double) double", math_sign, "math.sign(-32.0) == -1.0",
         "-1, 0 or 1")
FUNCTION(MATH_SQRT_INT, "math.sqrt(int) double", math_sqrt, "math.sqrt(81) == 9.0",
         "the square root, NaN below 0")
FUNCTION(MATH_SQRT_UINT, "math.sqrt(uint) double", math_sqrt, "math.sqrt(81u) == 9.0",
         "the square root, NaN below 0")
FUNCTION(MATH_SQRT_DOUBLE, "math.sqrt(double) double", math_sqrt, "math.sqrt(6.25) == 2.5",
         "the square root, NaN below 0")
FUNCTION(MATH_BIT_AND_INT, "math.bitAnd(int, int) int", math_bit_and, "math.bitAnd(6, 3) == 2",
         "the bits of both combined by and")
FUNCTION(MATH_BIT_AND_UINT, "math.bitAnd(uint, uint) uint", math_bit_and,
         "math.bitAnd(6u, 3u) == 2u", "the bits of both combined by and")
FUNCTION(MATH_BIT_OR_INT, "math.bitOr(int, int) int", math_bit_or, "math.bitOr(6, 3) == 7",
         "the bits of both combined by or")
FUNCTION(MATH_BIT_OR_UINT, "math.bitOr(uint, uint) uint", math_bit_or, "math.bitOr(6u, 3u) == 7u",
         "the bits of both combined by or")
FUNCTION(MATH_BIT_XOR_INT, "math.bitXor(int, int) int", math_bit_xor, "math.bitXor(6, 3) == 5",
         "the bits of both combined by xor")
FUNCTION(MATH_BIT_XOR_UINT, "math.bitXor(uint, uint) uint", math_bit_xor,
         "math.bitXor(6u, 3u) == 5u", "the bits of both combined by xor")
FUNCTION(MATH_BIT_NOT_INT, "math.bitNot(int) int", math_bit_not, "math.bitNot(1) == -2",
         "the other bits")
FUNCTION(MATH_BIT_NOT_UINT, "math.bitNot(uint) uint", math_bit_not,
         "math.bitNot(1u) == 18446744073709551614u", "the other bits")
FUNCTION(MATH_SHIFT_LEFT_INT, "math.bitShiftLeft(int, int) int", math_shift_left,
         "math.bitShiftLeft(1, 2) == 4", "the bits moved towards the high bits")
FUNCTION(MATH_SHIFT_LEFT_UINT, "math.bitShiftLeft(uint, int) uint", math_shift_left,
         "math.bitShiftLeft(1u, 2) == 4u", "the bits moved towards the high bits")
FUNCTION(MATH_SHIFT_RIGHT_INT, "math.bitShiftRight(int, int) int", math_shift_right,
         "math.bitShiftRight(1024, 2) == 256", "the bits moved towards the low bits, zeros move in")
FUNCTION(MATH_SHIFT_RIGHT_UINT, "math.bitShiftRight(uint, int) uint", math_shift_right,
         "math.bitShiftRight(1024u, 2) == 256u",
         "the bits moved towards the low bits, zeros move in")
FUNCTION(LIST_SLICE, "<list(A)>.slice(int, int) list(A)", list_slice,
         "[1, 2, 3, 4].slice(1, 3) == [2, 3]",
         "the items from a position up to another, which is left out")
FUNCTION(LIST_FLATTEN, "<list(list(A))>.flatten() list(A)", list_flatten,
         "[[1, 2], [3]].flatten() == [1, 2, 3]", "the items of the lists inside")
FUNCTION(LIST_FLATTEN_LEVELS, "<list(dyn)>.flatten(int) list(dyn)", list_flatten,
         "[1, [2, [3, [4]]]].flatten(2) == [1, 2, 3, [4]]", "the same down to so many levels")
FUNCTION(LIST_DISTINCT, "<list(A)>.distinct() list(A)", list_distinct,
         "[1, 2, 2, 1, 3].distinct() == [1, 2, 3]", "of equal items only the first")
FUNCTION(LIST_SORT_INT, "<list(int)>.sort() list(int)", list_sort, "[3, 1, 2].sort() == [1, 2, 3]",
         "the items in ascending order")
FUNCTION(LIST_SORT_UINT, "<list(uint)>.sort() list(uint)", list_sort, "[3u, 1u].sort() == [1u, 3u]",
         "the items in ascending order")
FUNCTION(LIST_SORT_DOUBLE, "<list(double)>.sort() list(double)", list_sort,
         "[2.5, -1.5].sort() == [-1.5, 2.5]", "the items in ascending order")
FUNCTION(LIST_SORT_BOOL, "<list(bool)>.sort() list(bool)", list_sort,
         "[true, false].sort() == [false, true]", "the items in ascending order")
FUNCTION(LIST_SORT_DURATION, "<list(duration)>.sort() list(duration)", list_sort,
         "[duration('2s'), duration('1s')].sort()[0] == duration('1s')",
         "the items in ascending order")
FUNCTION(LIST_SORT_TIMESTAMP, "<list(timestamp)>.sort() list(timestamp)", list_sort,
         "[timestamp('2024-01-02T00:00:00Z'), timestamp(0)].sort()[0] == timestamp(0)",
         "the items in ascending order")
FUNCTION(LIST_SORT_STRING, "<list(string)>.sort() list(string)", list_sort,
         "['b', 'a', 'c'].sort() == ['a', 'b', 'c']", "the items in ascending order")
FUNCTION(LIST_SORT_BYTES, "<list(bytes)>.sort() list(bytes)", list_sort,
         "[b'b', b'a'].sort() == [b'a', b'b']", "the items in ascending order")
FUNCTION(LIST_SORT_BY_INT, "<list(A)>.@sortByAssociatedKeys(list(int)) list(A)", list_sort_by,
         "[3, 1, 2].sortBy(e, -e) == [3, 2, 1]", "the items in the ascending order of their keys")
FUNCTION(LIST_SORT_BY_UINT, "<list(A)>.@sortByAssociatedKeys(list(uint)) list(A)", list_sort_by,
         "[3, 1, 2].sortBy(e, uint(e)) == [1, 2, 3]",
         "the items in the ascending order of their keys")
FUNCTION(LIST_SORT_BY_DOUBLE, "<list(A)>.@sortByAssociatedKeys(list(double)) list(A)", list_sort_by,
         "[3, 1, 2].sortBy(e, double(-e)) == [3, 2, 1]",
         "the items in the ascending order of their keys")
FUNCTION(LIST_SORT_BY_BOOL, "<list(A)>.@sortByAssociatedKeys(list(bool)) list(A)", list_sort_by,
         "[3, 1, 2].sortBy(e, e != 2) == [2, 3, 1]",
         "the items in the ascending order of their keys")
FUNCTION(LIST_SORT_BY_DURATION, "<list(A)>.@sortByAssociatedKeys(list(duration)) list(A)",
         list_sort_by, "[3, 1, 2].sortBy(e, duration(string(e) + 's')) == [1, 2, 3]",
         "the items in the ascending order of their keys")
FUNCTION(LIST_SORT_BY_TIMESTAMP, "<list(A)>.@sortByAssociatedKeys(list(timestamp)) list(A)",
         list_sort_by, "[3, 1, 2].sortBy(e, timestamp(e)) == [1, 2, 3]",
         "the items in the ascending order of their keys")
FUNCTION(LIST_SORT_BY_STRING, "<list(A)>.@sortByAssociatedKeys(list(string)) list(A)", list_sort_by,
         "[3, 1, 2].sortBy(e, string(e)) == [1, 2, 3]",
         "the items in the ascending order of their keys")
FUNCTION(LIST_SORT_BY_BYTES, "<list(A)>.@sortByAssociatedKeys(list(bytes)) list(A)", list_sort_by,
         "[3, 1, 2].sortBy(e, bytes(string(e))) == [1, 2, 3]",
         "the items in the ascending order of their keys")
FUNCTION(LISTS_RANGE, "lists.range(int) list(int)", list_range, "lists.range(3) == [0, 1, 2]",
         "the integers from 0 up to the number, which is left out")
FUNCTION(LIST_REVERSE, "<list(A)>.reverse() list(A)", list_reverse,
         "[1, 2, 3].reverse() == [3, 2, 1]", "the items from the last to the first")
FUNCTION(LIST_FIRST, "<list(A)>.first() optional(A)", list_first, "[1, 2, 3].first().value() == 1",
         "the first item, if there is one")
FUNCTION(LIST_LAST, "<list(A)>.last() optional(A)", list_last, "[1, 2, 3].last().value() == 3",
         "the last item, if there is one")
FUNCTION(SETS_CONTAINS, "sets.contains(list(A), list(A)) bool", sets_contains,
         "sets.contains([1, 2, 3], [2, 3])",
         "whether every item of the second list is in the first")
FUNCTION(SETS_EQUIVALENT, "sets.equivalent(list(A), list(A)) bool", sets_equivalent,
         "sets.equivalent([1, 2], [2, 1, 1])", "whether each list has every item of the other")
FUNCTION(SETS_INTERSECTS, "sets.intersects(list(A), list(A)) bool", sets_intersects,
         "sets.intersects([1, 2], [2, 3])", "whether the lists have an item in common")
FUNCTION(MAP_MERGE, "<map(A, B)>.merge(map(A, B)) map(A, B)", map_merge,
         "{'a': 1, 'b': 2}.merge({'b': 3}) == {'a': 1, 'b': 3}",
         "the entries of both maps, the second one wins")
FUNCTION(MAP_MERGE_DYN, "<map(A, B)>.merge(map(C, D)) map(dyn, dyn)", map_merge,
         "{'a': 1}.merge({'b': 'x'}) == {'a': 1, 'b': 'x'}", "the same for maps of different types")
FUNCTION(MAP_WITHOUT, "<map(A, B)>.without(list(A)) map(A, B)", map_without,
         "{'a': 1, 'b': 2}.without(['b']) == {'a': 1}", "the entries whose key is not in the list")
// timestamps and durations
FUNCTION(TIMESTAMP_OF_STRING, "timestamp(string) timestamp", time_to_timestamp, "timestamp(\"2026-03-01T13:00:00+01:00\") == timestamp(\"2026-03-01T12:00:00Z\")", "the moment that is written there as RFC 3339 has it, in the years 1 to 9999")
FUNCTION(TIMESTAMP_OF_INT, "timestamp(int) timestamp", time_to_timestamp, "timestamp(0) == timestamp(\"1970-01-01T00:00:00Z\")", "the moment that many seconds after the beginning of 1970 in UTC")
FUNCTION(TIMESTAMP_OF_TIMESTAMP, "timestamp(timestamp) timestamp", convert_same, "timestamp(timestamp(0)) == timestamp(0)", "itself")
FUNCTION(DURATION_OF_STRING, "duration(string) duration", time_to_duration, "duration(\"1h30m\") == duration(\"5400s\")", "the sum of numbers with the units `h`, `m`, `s`, `ms`, `us`, `ns`; an error beyond 292 years")
FUNCTION(DURATION_OF_DURATION, "duration(duration) duration", convert_same, "duration(90s) == 90s", "itself")
FUNCTION(STRING_OF_TIMESTAMP, "string(timestamp) string", time_to_string, "string(timestamp(1)) == \"1970-01-01T00:00:01Z\"", "the moment as RFC 3339 writes it, in UTC")
FUNCTION(STRING_OF_DURATION, "string(duration) string", time_to_string, "string(1m30s) == \"90s\"", "the duration in seconds")
FUNCTION(INT_OF_TIMESTAMP, "int(timestamp) int", time_to_int, "int(timestamp(\"1970-01-01T00:01:00Z\")) == 60", "whole seconds since the beginning of 1970 in UTC")
FUNCTION(INT_OF_DURATION, "int(duration) int", time_to_int, "int(1us) == 1000", "the duration in nanoseconds")
FUNCTION(GET_FULL_YEAR, "<timestamp>.getFullYear() int", time_get_year, "timestamp(\"2026-03-01T12:30:15.250Z\").getFullYear() == 2026", "the year, in UTC")
FUNCTION(GET_FULL_YEAR_IN_ZONE, "<timestamp>.getFullYear(string) int", time_get_year, "timestamp(\"2026-03-01T12:30:15.250Z\").getFullYear(\"Pacific/Auckland\") == 2026", "the year, in that time zone")
FUNCTION(GET_MONTH, "<timestamp>.getMonth() int", time_get_month, "timestamp(\"2026-03-01T12:30:15.250Z\").getMonth() == 2", "the month, from 0 for January, in UTC")
FUNCTION(GET_MONTH_IN_ZONE, "<timestamp>.getMonth(string) int", time_get_month, "timestamp(\"2026-03-01T12:30:15.250Z\").getMonth(\"Pacific/Auckland\") == 2", "the month, from 0 for January, in that time zone")
FUNCTION(GET_DATE, "<timestamp>.getDate() int", time_get_date, "timestamp(\"2026-03-01T12:30:15.250Z\").getDate() == 1", "the day of the month, from 1, in UTC")
FUNCTION(GET_DATE_IN_ZONE, "<timestamp>.getDate(string) int", time_get_date, "timestamp(\"2026-03-01T12:30:15.250Z\").getDate(\"Pacific/Auckland\") == 2", "the day of the month, from 1, in that time zone")
FUNCTION(GET_DAY_OF_MONTH, "<timestamp>.getDayOfMonth() int", time_get_day_of_month, "timestamp(\"2026-03-01T12:30:15.250Z\").getDayOfMonth() == 0", "the day of the month, from 0, in UTC")
FUNCTION(GET_DAY_OF_MONTH_IN_ZONE, "<timestamp>.getDayOfMonth(string) int", time_get_day_of_month, "timestamp(\"2026-03-01T12:30:15.250Z\").getDayOfMonth(\"Pacific/Auckland\") == 1", "the day of the month, from 0, in that time zone")
FUNCTION(GET_DAY_OF_WEEK, "<timestamp>.getDayOfWeek() int", time_get_day_of_week, "timestamp(\"2026-03-01T12:30:15.250Z\").getDayOfWeek() == 0", "the day of the week, from 0 for Sunday, in UTC")
FUNCTION(GET_DAY_OF_WEEK_IN_ZONE, "<timestamp>.getDayOfWeek(string) int", time_get_day_of_week, "timestamp(\"2026-03-01T12:30:15.250Z\").getDayOfWeek(\"Pacific/Auckland\") == 1", "the day of the week, from 0 for Sunday, in that time zone")
FUNCTION(GET_DAY_OF_YEAR, "<timestamp>.getDayOfYear() int", time_get_day_of_year, "timestamp(\"2026-03-01T12:30:15.250Z\").getDayOfYear() == 59", "the day of the year, from 0, in UTC")
FUNCTION(GET_DAY_OF_YEAR_IN_ZONE, "<timestamp>.getDayOfYear(string) int", time_get_day_of_year, "timestamp(\"2026-03-01T12:30:15.250Z\").getDayOfYear(\"Pacific/Auckland\") == 60", "the day of the year, from 0, in that time zone")
FUNCTION(GET_HOURS, "<timestamp>.getHours() int", time_get_hours, "timestamp(\"2026-03-01T12:30:15.250Z\").getHours() == 12", "the hour of the day, in UTC")
FUNCTION(GET_HOURS_IN_ZONE, "<timestamp>.getHours(string) int", time_get_hours, "timestamp(\"2026-03-01T12:30:15.250Z\").getHours(\"Europe/Berlin\") == 13", "the hour of the day, in that time zone")
FUNCTION(GET_MINUTES, "<timestamp>.getMinutes() int", time_get_minutes, "timestamp(\"2026-03-01T12:30:15.250Z\").getMinutes() == 30", "the minute of the hour, in UTC")
FUNCTION(GET_MINUTES_IN_ZONE, "<timestamp>.getMinutes(string) int", time_get_minutes, "timestamp(\"2026-03-01T12:30:15.250Z\").getMinutes(\"Asia/Kolkata\") == 0", "the minute of the hour, in that time zone")
FUNCTION(GET_SECONDS, "<timestamp>.getSeconds() int", time_get_seconds, "timestamp(\"2026-03-01T12:30:15.250Z\").getSeconds() == 15", "the second of the minute, in UTC")
FUNCTION(GET_SECONDS_IN_ZONE, "<timestamp>.getSeconds(string) int", time_get_seconds, "timestamp(\"2026-03-01T12:30:15.250Z\").getSeconds(\"UTC\") == 15", "the second of the minute, in that time zone")
FUNCTION(GET_MILLISECONDS, "<timestamp>.getMilliseconds() int", time_get_milliseconds, "timestamp(\"2026-03-01T12:30:15.250Z\").getMilliseconds() == 250", "the millisecond of the second, in UTC")
FUNCTION(GET_MILLISECONDS_IN_ZONE, "<timestamp>.getMilliseconds(string) int", time_get_milliseconds, "timestamp(\"2026-03-01T12:30:15.250Z\").getMilliseconds(\"+01:00\") == 250", "the millisecond of the second, in that time zone")
FUNCTION(DURATION_GET_HOURS, "<duration>.getHours() int", time_get_hours, "90m.getHours() == 1", "the whole duration in hours, cut towards zero")
FUNCTION(DURATION_GET_MINUTES, "<duration>.getMinutes() int", time_get_minutes, "90m.getMinutes() == 90", "the whole duration in minutes, cut towards zero")
FUNCTION(DURATION_GET_SECONDS, "<duration>.getSeconds() int", time_get_seconds, "90m.getSeconds() == 5400", "the whole duration in seconds, cut towards zero")
FUNCTION(DURATION_GET_MILLISECONDS, "<duration>.getMilliseconds() int", time_get_milliseconds, "1250ms.getMilliseconds() == 250", "the milliseconds beyond its whole seconds")
// the third argument is the field `now`, which the compiler adds
FUNCTION(RAMP, "ramp(timestamp, duration, timestamp) double", time_ramp, "ramp(timestamp(0), 10s, timestamp(5)) == 0.5", "0 before the start, 1 from the end of the duration on, the part that has passed in between")

// The zone, when it is a constant.
// regular expressions
FUNCTION(MATCHES_METHOD, "<string>.matches(string) bool", regex_function_matches,
         "'/api/v2/users'.matches('^/api/v[0-9]+/')",
         "whether the RE2 pattern matches anywhere in the string")
FUNCTION(MATCHES, "matches(string, string) bool", regex_function_matches,
         "matches('foobar', 'o+b')", "the same as a function of the string and the pattern")
FUNCTION(REGEX_REPLACE, "regex.replace(string, string, string) string", regex_function_replace,
         "regex.replace('foo bar', '(fo)o (ba)r', r'\\2 \\1') == 'ba fo'",
         "every match of the pattern replaced; \\0 to \\9 stand for groups")
FUNCTION(REGEX_REPLACE_SOME, "regex.replace(string, string, string, int) string",
         regex_function_replace_some, "regex.replace('banana', 'a', 'x', 2) == 'bxnxna'",
         "at most so many matches replaced, from the first; all if the number is negative")
FUNCTION(REGEX_EXTRACT, "regex.extract(string, string) optional(string)", regex_function_extract,
         "regex.extract('item-A, item-B', r'item-(\\w+)') == optional.of('A')",
         "the first match, or its group if the pattern has one")
FUNCTION(REGEX_EXTRACT_ALL, "regex.extractAll(string, string) list(string)",
         regex_function_extract_all,
         "regex.extractAll('id:123, id:456', r'id:(\\d+)') == ['123', '456']",
         "all matches, or their groups if the pattern has one")
FUNCTION(REGEX_GROUPS, "regex.groups(string, string) optional(map(string, string))",
         regex_function_groups,
         "regex.groups('/users/42', '/users/(?P<id>[0-9]+)').value() == "
         "{'0': '/users/42', '1': '42', 'id': '42'}",
         "the groups of the first match by number and name; those that took no part are left out")
// encodings
FUNCTION(BASE64_ENCODE, "base64.encode(bytes) string", encode_base64, "base64.encode(b\"hello\") == \"aGVsbG8=\"", "base64 (RFC 4648 section 4) with padding")
FUNCTION(BASE64_DECODE, "base64.decode(string) bytes", encode_base64_decode, "base64.decode(\"aGVsbG8\") == b\"hello\"", "the bytes that base64 spells; padding may be missing, line ends are skipped")
FUNCTION(BASE64URL_ENCODE, "base64url.encode(bytes) string", encode_base64url, "base64url.encode(b\"hello?\") == \"aGVsbG8_\"", "base64 with `-` and `_` (RFC 4648 section 5), without padding")
FUNCTION(BASE64URL_DECODE, "base64url.decode(string) bytes", encode_base64url_decode, "base64url.decode(\"aGVsbG8_\") == b\"hello?\"", "the bytes that it spells; padding may be missing")
FUNCTION(HEX, "hex(bytes) string", encode_hex, "hex(b\"\\xff\\x01\") == \"ff01\"", "two hexadecimal digits for each byte, in lower case")
FUNCTION(UNHEX, "unhex(string) bytes", encode_unhex, "unhex(\"fF01\") == b\"\\xff\\x01\"", "the bytes that hexadecimal digits of either case spell; anything else is an error")
FUNCTION(URL_ENCODE, "url_encode(string) string", encode_url, "url_encode(\"a b/c\") == \"a%20b%2Fc\"", "percent-encoding of every byte but letters, digits and `-._~` (RFC 3986)")
FUNCTION(URL_DECODE, "url_decode(string) string", encode_url_decode, "url_decode(\"a%20b+c\") == \"a b+c\"", "the text that percent-encoding spells, once; a bad escape is an error, and so is a result that is not UTF-8")
// digests, hashes, chance
FUNCTION(SHA256_OF_STRING, "sha256(string) bytes", hash_sha256, "hex(sha256(\"abc\")).startsWith(\"ba7816bf\")", "the SHA-256 digest, 32 bytes")
FUNCTION(SHA256_OF_BYTES, "sha256(bytes) bytes", hash_sha256, "size(sha256(b\"abc\")) == 32", "the SHA-256 digest, 32 bytes")
FUNCTION(HMAC_STRING_STRING, "hmac_sha256(string, string) bytes", hash_hmac_sha256, "hex(hmac_sha256(\"Jefe\", \"what do ya want for nothing?\")).startsWith(\"5bdcc146\")", "HMAC-SHA-256 (RFC 2104) of the second argument with the first as its key, 32 bytes")
FUNCTION(HMAC_STRING_BYTES, "hmac_sha256(string, bytes) bytes", hash_hmac_sha256, "hmac_sha256(\"k\", b\"m\") == hmac_sha256(\"k\", \"m\")", "the same for bytes")
FUNCTION(HMAC_BYTES_STRING, "hmac_sha256(bytes, string) bytes", hash_hmac_sha256, "hmac_sha256(b\"k\", \"m\") == hmac_sha256(\"k\", \"m\")", "the same with bytes as the key")
FUNCTION(HMAC_BYTES_BYTES, "hmac_sha256(bytes, bytes) bytes", hash_hmac_sha256, "hmac_sha256(b\"k\", b\"m\") == hmac_sha256(\"k\", \"m\")", "the same for bytes with bytes as the key")
FUNCTION(HMAC_SECRET_STRING, "hmac_sha256(secret, string) bytes", hash_hmac_sha256, "", "the same with a secret as the key")
FUNCTION(HMAC_SECRET_BYTES, "hmac_sha256(secret, bytes) bytes", hash_hmac_sha256, "", "the same for bytes with a secret as the key")
FUNCTION(HASH, "hash(A) int", hash_of, "hash(1) == hash(1.0)", "a number from 0 to 2^63 - 1 that depends on the value alone, everywhere and always; not for secrets")
FUNCTION(HASH_SALT, "hash(A, string) int", hash_of, "hash(\"a\", \"x\") != hash(\"a\", \"y\")", "the same, another for each salt")
FUNCTION(PICK, "pick(map(string, dyn), A) string", hash_pick, "pick({\"old\": 0, \"new\": 1}, \"alice\") == \"new\"", "one of the names, as often as its weight says and always the same for a key: `hash(key)` modulo the sum of the weights, counted through the names in order")
FUNCTION(PICK_SALT, "pick(map(string, dyn), A, string) string", hash_pick, "pick({\"a\": 1}, 7, \"test\") == \"a\"", "the same by `hash(key, salt)`")
FUNCTION(RANDOM, "random() double", hash_random, "random() < 1.0", "a random number from 0 up to, but never, 1")
FUNCTION(UUID, "uuid() string", hash_uuid, "size(uuid()) == 36", "a random UUID (RFC 9562, version 4)")
// addresses and networks, as Kubernetes has them
FUNCTION(IP, "ip(string) ip", network_ip, "ip(\"::1\").family() == 6", "an IPv4 or IPv6 address; an error for leading zeros, zones and IPv4-mapped addresses")
FUNCTION(IS_IP, "isIP(string) bool", network_is_ip, "isIP(\"10.0.0.1\")", "whether `ip()` takes the text")
FUNCTION(IP_IS_CANONICAL, "ip.isCanonical(string) bool", network_is_canonical, "!ip.isCanonical(\"2001:DB8::1\")", "whether an address is in its canonical form (RFC 5952); an error when it is none")
FUNCTION(IP_FAMILY, "<ip>.family() int", network_family, "ip(\"10.0.0.1\").family() == 4", "4 or 6")
FUNCTION(IP_IS_UNSPECIFIED, "<ip>.isUnspecified() bool", network_is_unspecified, "ip(\"0.0.0.0\").isUnspecified()", "whether it is `0.0.0.0` or `::`")
FUNCTION(IP_IS_LOOPBACK, "<ip>.isLoopback() bool", network_is_loopback, "ip(\"127.0.0.1\").isLoopback()", "whether it is in `127.0.0.0/8` or is `::1`")
FUNCTION(IP_IS_LINK_LOCAL_MULTICAST, "<ip>.isLinkLocalMulticast() bool", network_is_link_multicast, "ip(\"224.0.0.1\").isLinkLocalMulticast()", "whether it is in `224.0.0.0/24`, or IPv6 multicast of link-local scope")
FUNCTION(IP_IS_LINK_LOCAL_UNICAST, "<ip>.isLinkLocalUnicast() bool", network_is_link_unicast, "ip(\"169.254.169.254\").isLinkLocalUnicast()", "whether it is in `169.254.0.0/16` or `fe80::/10`")
FUNCTION(IP_IS_GLOBAL_UNICAST, "<ip>.isGlobalUnicast() bool", network_is_global_unicast, "ip(\"10.0.0.1\").isGlobalUnicast()", "whether it is neither unspecified, loopback, multicast, link-local nor the IPv4 broadcast address; private ones are")
FUNCTION(STRING_OF_IP, "string(ip) string", network_string, "string(ip(\"2001:DB8::1\")) == \"2001:db8::1\"", "the address in its canonical form")
FUNCTION(CIDR, "cidr(string) cidr", network_cidr, "cidr(\"10.0.0.0/8\").prefixLength() == 8", "a network, ADDRESS/PREFIX; bits behind the prefix may be set")
FUNCTION(IS_CIDR, "isCIDR(string) bool", network_is_cidr, "!isCIDR(\"10.0.0.0/33\")", "whether `cidr()` takes the text")
FUNCTION(CIDR_CONTAINS_IP, "<cidr>.containsIP(ip) bool", network_contains_ip, "cidr(\"10.0.0.0/8\").containsIP(ip(\"10.1.2.3\"))", "whether the address is in the network")
FUNCTION(CIDR_CONTAINS_IP_STRING, "<cidr>.containsIP(string) bool", network_contains_ip, "cidr(\"10.0.0.0/8\").containsIP(\"10.1.2.3\")", "the same; an error when the text is no address")
FUNCTION(CIDR_CONTAINS_CIDR, "<cidr>.containsCIDR(cidr) bool", network_contains_cidr, "cidr(\"10.0.0.0/8\").containsCIDR(cidr(\"10.1.0.0/16\"))", "whether all of the other network is in this one")
FUNCTION(CIDR_CONTAINS_CIDR_STRING, "<cidr>.containsCIDR(string) bool", network_contains_cidr, "!cidr(\"10.0.0.0/8\").containsCIDR(\"0.0.0.0/0\")", "the same; an error when the text is no network")
FUNCTION(CIDR_IP, "<cidr>.ip() ip", network_address, "cidr(\"10.1.2.3/8\").ip() == ip(\"10.1.2.3\")", "the address as it was written")
FUNCTION(CIDR_MASKED, "<cidr>.masked() cidr", network_masked, "cidr(\"10.1.2.3/8\").masked() == cidr(\"10.0.0.0/8\")", "the network with no bit set behind its prefix")
FUNCTION(CIDR_IS_MASK, "<cidr>.isMask() bool", network_is_mask, "!cidr(\"10.1.2.3/8\").isMask()", "whether no bit behind the prefix is set")
FUNCTION(CIDR_PREFIX_LENGTH, "<cidr>.prefixLength() int", network_prefix_length, "cidr(\"::1/128\").prefixLength() == 128", "the bits of the prefix")
FUNCTION(STRING_OF_CIDR, "string(cidr) string", network_string, "string(cidr(\"10.0.0.0/8\")) == \"10.0.0.0/8\"", "the network as ADDRESS/PREFIX, the address in its canonical form")
FUNCTION(CIDRS, "cidrs(list(string)) cidrs", network_cidrs, "ip(\"10.1.2.3\") in cidrs([\"10.0.0.0/8\", \"::1\"])", "a set of networks and plain addresses, for `in`; bits behind a prefix are ignored")
// patterns
FUNCTION(GLOB, "<string>.glob(string) bool", pattern_glob, "\"/a/b.js\".glob(\"/**.js\")", "whether the pattern matches all of the text: `*` is any run without `/`, `**` any run, `?` one character but `/`, `[a-z]` and `[!a-z]` one of those or of the others, a backslash takes the next character as it is")
FUNCTION(PATH_MATCH, "path_match(string, string) optional(map(string, string))", pattern_path_match, "path_match(\"/users/7/x?y\", \"/users/{id}/**\").value() == {\"id\": \"7\"}", "the named parts of a path, less its query, or none when the template does not match all of it: `*` and `{name}` are one or more bytes without `/`, `**` and `{name=**}` any run, as in Envoy's URI templates")
FUNCTION(HOST_MATCH, "host_match(string, string) optional(map(string, string))", pattern_host_match, "host_match(\"ACME.example.com:80\", \"{tenant}.example.com\").value() == {\"tenant\": \"acme\"}", "the same for a host, less its port and trailing dot and in lower case, with `.` between the parts")
FUNCTION(IN_DOMAIN, "<string>.in_domain(string) bool", pattern_in_domain, "\"a.Example.com\".in_domain(\"example.com\")", "whether a host, less its port and trailing dot, is the domain or below it")
FUNCTION(URL_HOST, "url_host(string) string", pattern_url_host, "url_host(\"https://me@Example.com:8443/x\") == \"example.com\"", "the host of an absolute URL in lower case, without port, brackets and trailing dot; empty when the URL is malformed or parsers are known to disagree about it")
// JSON
FUNCTION(PARSE_JSON, "parse_json(string) dyn", parse_json, "parse_json(\"{\\\"a\\\": [1]}\") == {\"a\": [1]}", "the value of a JSON text (RFC 8259); an error for anything else and for a key that is given twice, `\\u0000` and half a surrogate pair")
FUNCTION(SECRET, "secret(string) secret", secret_missing, "", "the value that the proxy's environment has under that constant name: compared, hashed, joined with texts and set as a header of the request, but never shown")
FUNCTION(SHA256_OF_SECRET, "sha256(secret) bytes", hash_sha256, "", "the SHA-256 digest of a secret")
