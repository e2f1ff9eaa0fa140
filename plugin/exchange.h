// One phase of one stream: gather what the program reads, run it, apply its effects.
#ifndef WEIR_PLUGIN_EXCHANGE_H
#define WEIR_PLUGIN_EXCHANGE_H

#include "plugin/stream.h"

// Whether the stream goes on; false after a reply.
bool exchange_phase(struct stream *stream, enum phase phase);

// The stream is over: what limiters hold for it is given back.
void exchange_end(struct stream *stream);

// 503 with these details, for streams that no program can answer for.
void exchange_refuse(const char *details);

#endif
