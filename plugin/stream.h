// Streams by their context id: they come in any order, may never see a request, and are unknown
// where their plugin has no rules.
#ifndef WEIR_PLUGIN_STREAM_H
#define WEIR_PLUGIN_STREAM_H

#include "plugin/vm.h"

struct stream {
    struct stream *next; // in its bucket, or among the spare ones
    uint32_t id;
    struct loaded *loaded;
    struct arena arena;
    struct run_host host;
    struct run run;
    bool begun;         // run and host are valid
    bool refused;       // for want of memory: its response is that reply
    bool ends;          // the request has no body
    bool awaits_body;   // its body is held until it is complete
    bool answered;      // the upstream answers: it is too late to ask anybody
    bool replaced;      // a rule's reply took the response's place
    bool logged;        // phase log is over
    bool waits;         // for the answer to `call`: the request is paused
    size_t body_length; // so much of it is held
    uint32_t call;
    uint64_t hits;               // that `call` is about
    struct stream *next_waiting; // in its bucket of plugin/remote.c
};

// A stream of a plugin with rules; nothing happens for the others. False when memory is refused.
bool stream_create(uint32_t id, struct loaded *loaded);
struct stream *stream_find(uint32_t id);
void stream_delete(uint32_t id);

#endif
