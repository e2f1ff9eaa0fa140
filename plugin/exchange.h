// One stream: gather what the program reads, run a phase, apply its effects, and what follows them.
#ifndef WEIR_PLUGIN_EXCHANGE_H
#define WEIR_PLUGIN_EXCHANGE_H

#include "plugin/stream.h"

// Each gives whether the side of the stream that it is about goes on; false while it is held, and
// after a reply.

// The request's headers; `ends`: nothing follows them.
bool exchange_request(struct stream *stream, bool ends);

// The response's headers, the same.
bool exchange_response(struct stream *stream, bool ends);

// Of the request or of the response: the host now has `length` bytes of its body, beside those that
// went on; `ends`: that is all of it. Asks nothing of the host but where a body that is waited for
// ends, or one that is capped becomes too long.
bool exchange_body(struct stream *stream, enum message_kind of, size_t length, bool ends);

// The message ends with trailers: no part of its body said so.
bool exchange_trailers(struct stream *stream, enum message_kind of);

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
