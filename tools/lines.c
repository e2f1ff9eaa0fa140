// A growing array; what it outgrew stays in the arena.
#include "tools/lines.h"

void lines_init(struct lines *lines, struct arena *arena) {
    *lines = (struct lines){.arena = arena};
}

static bool reserve(struct lines *lines) {
    if (lines->count < lines->capacity) return true;
    uint32_t capacity = lines->capacity == 0 ? 16 : lines->capacity * 2;
    struct header_line *grown = arena_array(lines->arena, capacity, sizeof *grown);
    if (grown == NULL) {
        lines->failed = true;
        return false;
    }
    if (lines->count > 0) memcpy(grown, lines->at, lines->count * sizeof *grown);
    lines->at = grown;
    lines->capacity = capacity;
    return true;
}

void lines_add(struct lines *lines, slice name, slice value) {
    if (reserve(lines)) lines->at[lines->count++] = (struct header_line){name, value};
}

void lines_copy(struct lines *lines, const struct lines *from) {
    for (uint32_t i = 0; i < from->count; i++)
        lines_add(lines, from->at[i].name, from->at[i].value);
}

void lines_remove(struct lines *lines, slice name) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < lines->count; i++) {
        if (!slice_equal_folded(lines->at[i].name, name)) lines->at[kept++] = lines->at[i];
    }
    lines->count = kept;
}

bool lines_find(const struct lines *lines, slice name, slice *value) {
    for (uint32_t i = 0; i < lines->count; i++) {
        if (!slice_equal_folded(lines->at[i].name, name)) continue;
        *value = lines->at[i].value;
        return true;
    }
    return false;
}
