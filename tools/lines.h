// Header lines of one message, in order, in an arena.
#ifndef WEIR_TOOLS_LINES_H
#define WEIR_TOOLS_LINES_H

#include "engine/engine.h"

struct lines {
    struct arena *arena;
    struct header_line *at;
    uint32_t count;
    uint32_t capacity;
    bool failed; // the arena refused a line
};

void lines_init(struct lines *lines, struct arena *arena);
void lines_add(struct lines *lines, slice name, slice value);
void lines_copy(struct lines *lines, const struct lines *from);
void lines_remove(struct lines *lines, slice name); // in any case
bool lines_find(const struct lines *lines, slice name, slice *value);

#endif
