// IP addresses and networks as text and bytes, and sets of networks. Addresses are 4 or 16 bytes
// in network order; a network is an address and one byte of prefix length behind it.
#ifndef WEIR_MATCH_CIDR_H
#define WEIR_MATCH_CIDR_H

#include "engine/base/arena.h"
#include "engine/base/value.h"

enum {
    CIDR_ADDRESS = 16, // bytes of the longest address
    CIDR_BYTES = 17,   // of the longest network
    CIDR_PRINTED = 48, // room for the longest network as text
};

// Reads an address as Kubernetes' CEL library does: IPv4 as four decimal numbers without leading
// zeros, IPv6 as RFC 4291 section 2.2 (`::` stands for one group or more, an IPv4 tail is allowed).
// No zone and no IPv4-mapped IPv6 address. Its length, 4 or 16, or 0 where the text is anything
// else.
uint32_t cidr_parse_address(slice text, uint8_t out[CIDR_ADDRESS]);

// The same, but an IPv4-mapped IPv6 address is the IPv4 address that it stands for.
uint32_t cidr_parse_unmapped(slice text, uint8_t out[CIDR_ADDRESS]);

// Reads ADDRESS/PREFIX; bits behind the prefix may be set and stay. The length of address and
// prefix, 5 or 17, or 0.
uint32_t cidr_parse(slice text, uint8_t out[CIDR_BYTES]);

// Writes an address in its canonical form (RFC 5952); the bytes written.
uint32_t cidr_print_address(const uint8_t *address, uint32_t length, char out[CIDR_PRINTED]);

// The same for a network of 5 or 17 bytes.
uint32_t cidr_print(const uint8_t *network, uint32_t length, char out[CIDR_PRINTED]);

// Clears the bits behind the prefix.
void cidr_mask(uint8_t *network, uint32_t length);

// Whether the first `bits` of two addresses are alike.
bool cidr_alike(const uint8_t *x, const uint8_t *y, uint32_t bits);

// A set of networks, immutable. Takes 5 bytes per IPv4 and 17 per IPv6 entry (the same again while
// it is built, all in one arena), and a look-up takes as many comparisons as the number of entries
// has binary digits, never more than the address has bits.
struct cidr_set;

// Of a list of strings: networks, whose bits behind the prefix are ignored, and plain addresses.
// FAILURE_ADDRESS with *bad the index of the first entry that is neither, or FAILURE_NO_MEMORY.
// `bad` may be NULL. Takes time linear in the length of the texts.
enum failure cidr_set_build(struct arena *arena, struct value list, const struct cidr_set **out,
                            uint32_t *bad);

// Whether the address of 4 or 16 bytes is in a network of the set; false for any other length.
bool cidr_set_holds(const struct cidr_set *set, const char *address, uint32_t length);

#endif
