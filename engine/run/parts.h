// Names and values within a header of the request, read like headers: parameters of the query and
// cookies. Names are told apart by case, and a name's value is its first one.
#ifndef WEIR_RUN_PARTS_H
#define WEIR_RUN_PARTS_H

#include "engine/run/run.h"

static inline bool parts_are(uint32_t message) {
    return message == MESSAGE_QUERY || message == MESSAGE_COOKIES;
}

// The host lists nothing of these, and names are told apart by case.
static inline bool state_is(uint32_t message) {
    return message == MESSAGE_STATE || message == MESSAGE_UPSTREAM_STATE;
}

// Cuts them out of the header as it was received or, unless `original`, as it is now, where that
// is not done yet. FAILURE_STEPS or FAILURE_NO_MEMORY.
enum failure parts_open(struct run *run, enum message_kind parts, bool original);

const char *parts_header(enum message_kind parts);

// The text of all lines of that header, piece by piece, empty ones too: all bytes but separators.
struct parts_walk {
    enum message_kind parts;
    const struct header_line *lines;
    uint32_t count;
    uint32_t at; // line
    slice rest;
    bool inside; // a piece is left in `rest`
    bool begins; // the piece is the first of its line
};

bool parts_next(struct parts_walk *walk, slice *piece);
uint32_t parts_count(struct parts_walk walk, uint64_t *bytes);

// As rules see it; false when the arena refuses.
bool parts_name(struct arena *arena, enum message_kind parts, slice piece, slice *name);

// The request's header of that name has changed.
void parts_forget(struct run *run, slice name);

#endif
