// The functions of cel-go's lists extension, and first and last of its optional types.
#ifndef WEIR_LIB_LISTS_H
#define WEIR_LIB_LISTS_H

#include "engine/lib/call.h"

// The items [start, end); FAILURE_INDEX_RANGE unless 0 <= start <= end <= length.
function_body list_slice;

// Lists inside are replaced by their items, one level of them or as many as the argument says;
// FAILURE_ARGUMENT for fewer than 0.
function_body list_flatten;

// Of equal items the first.
function_body list_distinct;

// Ascending and stable. Items are of one type that has an order (FAILURE_NO_OVERLOAD), and not NaN
// (FAILURE_ARGUMENT).
function_body list_sort;

// The first list in the order that the second one's items have when sorted; both are equally long
// (FAILURE_ARGUMENT).
function_body list_sort_by;

// 0, 1, … below the argument; empty for those below 1.
function_body list_range;

function_body list_reverse;

// Optional: none of an empty list.
function_body list_first;
function_body list_last;

// The numbers of the keys in ascending order of the keys, stable; failures as list_sort.
enum failure list_order(struct call *call, const struct value *keys, uint32_t count,
                        uint32_t **order);

#endif
