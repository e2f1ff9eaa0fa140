// Fields of the caller: the peer as the host writes it, and the client that it may stand for.
#ifndef WEIR_RUN_CALLER_H
#define WEIR_RUN_CALLER_H

#include "engine/run/run.h"

// `source` is source.address. FAILURE_ADDRESS where it is none, as with Unix sockets.
enum failure caller_peer(struct run *run, slice source, struct value *out);

// The client by the program's trust; sets run->client_trusted.
enum failure caller_client(struct run *run, slice source, struct value *out);

// The prefix of an address of type IP, as text.
enum failure caller_prefix(struct run *run, struct value address, struct value *out);

struct value caller_port(slice source);

#endif
