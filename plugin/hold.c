// A list of held streams, looked through once a second until the first body has come.
#include "plugin/hold.h"

#include "plugin/attributes.h"
#include "plugin/exchange.h"
#include "plugin/host.h"

static struct stream *held;

// Headers and what came of the body, whatever content-length says; -1 where the proxy does not say.
static int64_t bytes_of(struct stream *stream) {
    struct value size;
    bool told = attribute_fetch(&stream->arena, FIELD_REQUEST_TOTAL_SIZE, &size);
    return told ? size.as.integer : -1;
}

void hold_begin(struct stream *stream) {
    if (stream->loaded->holds || stream->held_link != NULL) return;
    stream->held_size = stream->held_seen = bytes_of(stream);
    stream->next_held = held;
    stream->held_link = &held;
    if (held != NULL) held->held_link = &stream->next_held;
    held = stream;
}

void hold_end(struct stream *stream) {
    if (stream->held_link == NULL) return;
    *stream->held_link = stream->next_held;
    if (stream->next_held != NULL) stream->next_held->held_link = stream->held_link;
    stream->held_link = NULL;
}

void hold_met(struct stream *stream) {
    if (stream->held_link == NULL) return;
    stream->loaded->holds = true;
    hold_end(stream);
}

static void refuse(struct stream *stream) {
    struct loaded *loaded = stream->loaded;
    hold_end(stream);
    exchange_refuse("weir.hold_headers");
    if (loaded->said_hold) return;
    loaded->said_hold = true;
    host_log(LEVEL_ERROR, slice_of("weir: weir.hold_headers needs allow_on_headers_stop_iteration "
                                   "in the plugin's configuration of the proxy"));
}

// Another filter may keep a body back as long as it comes: only when it came to rest is it lost.
static void check(struct stream *stream) {
    if (!host_enter(stream->id)) return;
    int64_t bytes = bytes_of(stream);
    bool rests = bytes > stream->held_size && bytes == stream->held_seen;
    stream->held_seen = bytes;
    if (rests) refuse(stream);
}

void hold_check(struct loaded *loaded) {
    struct stream *next;
    for (struct stream *stream = held; stream != NULL; stream = next) {
        next = stream->next_held;
        if (loaded->holds) return;
        if (stream->loaded == loaded) check(stream);
    }
}
