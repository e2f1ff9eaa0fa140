// Requests whose headers are held until their body has come (weir.hold_headers). Without
// `allow_on_headers_stop_iteration` in the proxy's configuration none ever comes for them, which
// nothing tells but that bytes arrive and no callback does.
#ifndef WEIR_PLUGIN_HOLD_H
#define WEIR_PLUGIN_HOLD_H

#include "plugin/stream.h"

// In a callback of the stream.
void hold_begin(struct stream *stream);

// A part of the body came, or its end.
void hold_met(struct stream *stream);

// Nothing happens where they are not held.
void hold_end(struct stream *stream);

// Refuses requests for whose bodies the proxy does not call. Each tick of the plugin.
void hold_check(struct loaded *loaded);

#endif
