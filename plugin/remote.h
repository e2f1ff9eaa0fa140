// Streams that wait for a rate-limit service: one call at a time each, found again by the call's
// number, since the host calls back on the plugin's context with nothing else.
#ifndef WEIR_PLUGIN_REMOTE_H
#define WEIR_PLUGIN_REMOTE_H

#include "plugin/stream.h"

// Asks what the stream's run waits for: from now on the stream waits, too, and is to be paused.
// False when no answer will come, and in phases of the response.
bool remote_ask(struct stream *stream);

// The stream that waited for this call and waits no more; NULL when there is none: the host also
// reports calls that it refused to make.
struct stream *remote_take(uint32_t call);

// The message in the callback of the stream's call, of so many bytes.
struct limit_answer remote_read(struct stream *stream, size_t length);

// The stream ends: its call, if it waits, is cancelled.
void remote_forget(struct stream *stream);

#endif
