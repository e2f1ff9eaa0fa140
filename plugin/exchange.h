// One phase of one stream: gather what the program reads, run it, apply its effects.
#ifndef WEIR_PLUGIN_EXCHANGE_H
#define WEIR_PLUGIN_EXCHANGE_H

#include "plugin/stream.h"

// Whether the stream goes on; false after a reply, and while it waits for an answer.
bool exchange_phase(struct stream *stream, enum phase phase);

// Goes on with a request that waited, in the callback that brought the answer; NULL: there is none.
void exchange_resume(struct stream *stream, const struct rate_answer *answer);

// 503 with these details, for streams that no program can answer for.
void exchange_refuse(const char *details);

#endif
