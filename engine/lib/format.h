// string.format: a text with clauses, and values put in their place.
#ifndef WEIR_LIB_FORMAT_H
#define WEIR_LIB_FORMAT_H

#include "engine/lib/call.h"

// format string, list of values (CEL specification, extension "Strings"). A clause is `%`, for %f
// and %e a precision from .0 to .100 (6 when there is none), and a letter:
//   %s  anything but optionals, addresses and secrets; of lists and maps the items, entries in the
//       order of their keys' texts; broken UTF-8 in bytes becomes U+FFFD
//   %d  int, uint, double     %f %e  the same     %b  bool, int, uint     %o  int, uint
//   %x %X  int, uint, string, bytes
// `%%` is a percent sign; values that no clause takes are left out. FAILURE_FORMAT.
function_body string_format;

#endif
