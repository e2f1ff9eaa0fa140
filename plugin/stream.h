// Streams by their context id: they come in any order, may never see a request, and are unknown
// where their plugin has no rules.
#ifndef WEIR_PLUGIN_STREAM_H
#define WEIR_PLUGIN_STREAM_H

#include "plugin/vm.h"

// One direction of a stream.
struct side {
    bool ends;       // its message has no body
    bool there;      // some of its body has come
    bool complete;   // and its end
    bool awaits;     // the body is held until it is complete
    size_t held;     // bytes of it that the host holds
    uint64_t passed; // bytes that went on
};

struct stream {
    struct stream *next; // in its bucket, or among the spare ones
    uint32_t id;
    struct loaded *loaded;
    struct arena arena;
    struct run_host host;
    struct run run;
    bool begun;    // run and host are valid
    bool refused;  // for want of memory: its response is that reply
    bool answered; // the upstream answers: it is too late to ask anybody
    bool replaced; // a rule's reply took the response's place
    bool logged;   // phase log is over
    bool waits;    // for the answer to `call`: the request is paused
    struct side sides[BODY_TOTAL];
    int64_t held_size;         // bytes of the request when its headers were held
    int64_t held_seen;         // and a while later
    struct stream *next_held;  // of those whose headers are held
    struct stream **held_link; // what points to this one; NULL: it is none of them
    uint32_t call;
    uint64_t hits;               // that `call` is about
    struct stream *next_waiting; // in its bucket of plugin/remote.c
};

// A stream of a plugin with rules; nothing happens for the others. False when memory is refused.
bool stream_create(uint32_t id, struct loaded *loaded);
struct stream *stream_find(uint32_t id);
void stream_delete(uint32_t id);

#endif
