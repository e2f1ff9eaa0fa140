// A proxy in memory around the engine: one exchange goes through a program as it would go through
// Envoy with the plugin. No network, no threads.
#ifndef WEIR_TOOLS_FAKE_PROXY_H
#define WEIR_TOOLS_FAKE_PROXY_H

#include "tools/fake_host.h"
#include "tools/heap.h"
#include "tools/lines.h"

// What goes in, and what came of it.
struct exchange {
    struct lines request; // as the client sent it, pseudo-headers among them
    slice request_body;
    struct lines trailers; // of the request
    slice source; // the peer's address with its port; empty: some port of 127.0.0.1
    struct value fetched[FIELD_TOTAL]; // what the host says else; NONE: the usual
    struct value claims;   // of a verified token, as `fetched` has them in the metadata; or NONE
    struct lines upstream; // what the upstream would answer
    slice upstream_body;
    struct lines upstream_trailers;

    struct lines forwarded; // what the upstream got; the request itself where it got nothing
    slice forwarded_body;
    bool sent;
    struct lines received; // the response before its rules: the upstream's or a local one
    struct lines response; // as the client got it
    slice response_body;
    slice details; // of the reply that kept the request from the upstream
    slice decision_rule;
    slice decision_action;
    slice decision_limiter;
    int64_t decision_remaining;

    struct arena stream; // of the run: program->memory bytes
    struct exchange *older;
};

struct fake_proxy {
    struct arena *arena; // all that outlives an exchange
    struct fake_host host;
    const struct program *program;
    struct quiet *quiet; // one for its own lines and one for errors, a rule; the last two for none
    struct labels *labels; // by named counter
    struct exchange *newest;
    struct limit_answer answer; // to every question of a run that waits
};

// A proxy without a program. fake_proxy_end gives the exchanges' memory back.
void fake_proxy_init(struct fake_proxy *proxy, struct arena *arena);
void fake_proxy_end(struct fake_proxy *proxy);

// Goes on with that program; counters of limiters stay. False when the arena refuses.
bool fake_proxy_load(struct fake_proxy *proxy, const struct program *program);

// An exchange with nothing in it; it lives until the proxy ends. NULL when the arena refuses.
struct exchange *fake_proxy_exchange(struct fake_proxy *proxy);

// Sends the exchange through. False when the arena refuses.
bool fake_proxy_send(struct fake_proxy *proxy, struct exchange *exchange);

#endif
