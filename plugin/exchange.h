// One stream: gather what the program reads, run a phase, apply its effects, and what follows them.
#ifndef WEIR_PLUGIN_EXCHANGE_H
#define WEIR_PLUGIN_EXCHANGE_H

#include "plugin/stream.h"

// Each gives whether the side of the stream that it is about goes on; false while it is held, and
// after a reply.

// The request's headers; `ends`: nothing follows them.
bool exchange_request(struct stream *stream, bool ends);

// The host now has `length` bytes of the request's body; `ends`: that is all of it. Asks nothing of
// the host but at the end of a body that is waited for.
bool exchange_request_body(struct stream *stream, size_t length, bool ends);

// The request ends with trailers: no part of its body said so.
bool exchange_request_trailers(struct stream *stream);

bool exchange_response(struct stream *stream);

// The stream is over and complete, however it ended and whatever of it the plugin saw: phase log, at
// most once.
void exchange_log(struct stream *stream);

// The stream is over: what limiters hold for it is given back.
void exchange_end(struct stream *stream);

// Goes on with a request that waited, in the callback that brought the answer.
void exchange_resume(struct stream *stream, const struct limit_answer *answer);

// 503 with these details, for streams that no program can answer for.
void exchange_refuse(const char *details);

#endif
