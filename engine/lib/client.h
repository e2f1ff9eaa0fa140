// Whose request it is: the peer's address, and what proxies in front of this one say of the client.
#ifndef WEIR_LIB_CLIENT_H
#define WEIR_LIB_CLIENT_H

#include "engine/match/cidr.h"

struct address {
    uint8_t bytes[CIDR_ADDRESS]; // IPv4-mapped IPv6 addresses are IPv4
    uint32_t length;             // 4, 16, or 0 for none
    uint32_t port;               // 0 where none is given
};

// Which proxies are believed.
struct trust {
    uint32_t hops;                   // so many in front of this one; 0: none
    const struct cidr_set *networks; // those in these networks; NULL: as `hops` says
    slice header;                    // that set this header, a name in lower case; else empty
};

// Of a peer as the host writes it: an address with its port, IPv6 in brackets and perhaps with a
// zone. Length 0 where there is none, as with Unix sockets.
struct address client_peer(slice text);

// The header that the client's address is read from; empty where it is the peer's.
slice client_header(const struct trust *trust);

// The client: the peer, or the entry of the chain that the trust leads to. A chain that is short or
// malformed on the way leads to the peer, *trusted being false then. `chain` is the value of
// client_header.
struct address client_find(const struct trust *trust, struct address peer, slice chain,
                           bool *trusted);

// Writes the IPv4 address, or the /64 of an IPv6 one; the bytes written.
uint32_t client_prefix(struct address address, char out[CIDR_PRINTED]);

#endif
