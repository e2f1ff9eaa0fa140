// Names of one kind (lets, limiters, rules …) with numbers, found by hash.
#ifndef WEIR_LANG_NAMES_H
#define WEIR_LANG_NAMES_H

#include "engine/base/arena.h"

enum { NAME_NONE = 0xffffffff };

struct names {
    struct arena *arena;
    slice *list; // by number, in order of addition
    uint32_t *table;
    uint32_t count;
    uint32_t capacity; // of list; the table has twice as many places
    bool failed;       // the arena refused
};

void names_init(struct names *names, struct arena *arena);

// The number of a new name; the name that is there already keeps its number and *known is true.
uint32_t names_add(struct names *names, slice name, bool *known);

// The name's number, or NAME_NONE.
uint32_t names_find(const struct names *names, slice name);

// The number of `name` as seen from inside the groups whose prefix (`a.b.`) is given: the innermost
// `a.b.name`, then `a.name`, then `name`; or NAME_NONE.
uint32_t names_resolve(const struct names *names, slice prefix, slice name);

#endif
