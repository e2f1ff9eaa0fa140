// The functions of cel-go's math extension. Each body serves every row of its name.
#ifndef WEIR_LIB_MATH_H
#define WEIR_LIB_MATH_H

#include "engine/lib/call.h"

// Of ints, uints and doubles mixed, or of those in one list; of equal ones the first.
// FAILURE_NO_OVERLOAD for anything else, FAILURE_ARGUMENT for an empty list and where NaN meets
// another number.
function_body math_greatest;
function_body math_least;

// To a whole double; round goes away from zero at the half.
function_body math_ceil;
function_body math_floor;
function_body math_round;
function_body math_trunc;

function_body math_is_nan;
function_body math_is_inf;
function_body math_is_finite;

// FAILURE_OVERFLOW for the least int.
function_body math_abs;

// -1, 0 or 1 in the type of the argument; NaN of NaN.
function_body math_sign;

// A double, NaN below 0.
function_body math_sqrt;

function_body math_bit_and;
function_body math_bit_or;
function_body math_bit_xor;
function_body math_bit_not;

// FAILURE_ARGUMENT for an offset below 0; 0 for one above 63. To the right, zeros move in for ints
// too.
function_body math_shift_left;
function_body math_shift_right;

#endif
