// Keyed hashes of values: what hash() and pick() decide by.
#ifndef WEIR_LIB_HASH_H
#define WEIR_LIB_HASH_H

#include "engine/lib/call.h"

// SipHash-2-4 (Aumasson and Bernstein, 2012) of a text with a key of 16 bytes.
uint64_t hash_siphash(const char key[16], slice text);

// SipHash-2-4 with the 16 bytes `weir hash, ver 1` as its key over the value and the salt, less the
// highest bit: from 0 to 2^63 - 1, the same everywhere and for ever. A value's bytes are a letter
// and what follows, numbers with the lowest byte first:
//     n null                  b bool, one byte
//     i int64, 8 bytes        any number (int, uint or double) that is such an integer
//     u uint64, 8 bytes       any other number that is such an integer
//     d IEEE 754, 8 bytes     any other double; not-a-numbers as 0x7ff8000000000000
//     D duration, 8 bytes of nanoseconds
//     T timestamp, 8 bytes of seconds and 4 of nanoseconds
//     s string, y bytes, t type, a ip, c cidr     4 bytes of length, then the bytes
//     l list, o optional      4 bytes of length, then the items
//     m map                   4 bytes of length, then 8 of the sum modulo 2^64 of the SipHashes
//                             (of the same key) of key and value of each entry
// The bytes of the salt follow as they are. So hash("a", "b") is of the seven bytes
// `s 1 0 0 0 a b`. FAILURE_NO_OVERLOAD for values of other types, FAILURE_STEPS.
enum failure hash_value(struct call *call, struct value value, slice salt, int64_t *out);

// SipHash-2-4-128 with that seed over the same bytes of each part, one behind the other: the key of
// a limiter. Bytes tell where a part ends, so no two lists of parts have the same.
enum failure hash_key(struct call *call, const char seed[16], const struct value *parts,
                      uint32_t count, uint64_t out[2]);

#endif
