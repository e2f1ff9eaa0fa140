// Streams that wait for a rate-limit service: one call at a time each, found again by the call's
// number, since the host calls back on the plugin's context with nothing else.
#ifndef WEIR_PLUGIN_REMOTE_H
#define WEIR_PLUGIN_REMOTE_H

#include "plugin/stream.h"

struct remote_service {
    slice cluster;    // of the proxy
    uint32_t timeout; // milliseconds
};

// From now on the stream waits, and is paused by whoever called this from its request's callback.
// False when no answer will come, and in other phases. A stream that waits must not ask.
bool remote_ask(struct stream *stream, const struct remote_service *service,
                const struct rate_question *question);

// The stream that waited for this call and waits no more; NULL when there is none: the host also
// reports calls that it refused to make.
struct stream *remote_take(uint32_t call);

// The message in the callback of the stream's call, of so many bytes. False when it is no answer.
bool remote_read(struct stream *stream, size_t length, struct rate_answer *answer);

// The stream ends: its call, if it waits, is cancelled.
void remote_forget(struct stream *stream);

#endif
