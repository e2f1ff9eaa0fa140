// Open addressing over the list of names.
#include "engine/lang/names.h"

#include "engine/base/limits.h"

void names_init(struct names *names, struct arena *arena) {
    *names = (struct names){.arena = arena};
}

static uint32_t place_of(const struct names *names, slice name) {
    uint32_t mask = names->capacity * 2 - 1;
    uint32_t at = slice_hash_folded(name) & mask;
    while (names->table[at] != 0 && !slice_equal(names->list[names->table[at] - 1], name)) {
        at = (at + 1) & mask;
    }
    return at;
}

static bool grow(struct names *names) {
    uint32_t capacity = names->capacity == 0 ? 16 : names->capacity * 2;
    slice *list = arena_array(names->arena, capacity, sizeof *list);
    uint32_t *table = arena_array(names->arena, (size_t)capacity * 2, sizeof *table);
    if (list == NULL || table == NULL) return false;
    if (names->count > 0) memcpy(list, names->list, names->count * sizeof *list);
    names->list = list;
    names->table = table;
    names->capacity = capacity;
    for (uint32_t i = 0; i < names->count; i++)
        table[place_of(names, list[i])] = i + 1;
    return true;
}

uint32_t names_find(const struct names *names, slice name) {
    if (names->count == 0) return NAME_NONE;
    uint32_t found = names->table[place_of(names, name)];
    return found == 0 ? NAME_NONE : found - 1;
}

uint32_t names_add(struct names *names, slice name, bool *known) {
    uint32_t found = names_find(names, name);
    *known = found != NAME_NONE;
    if (*known) return found;
    if (names->count == names->capacity && !grow(names)) {
        names->failed = true;
        return NAME_NONE;
    }
    names->list[names->count] = name;
    names->table[place_of(names, name)] = names->count + 1;
    return names->count++;
}

uint32_t names_resolve(const struct names *names, slice prefix, slice name) {
    char full[LIMIT_NAME]; // no longer name is defined
    while (prefix.length > 0) {
        uint32_t found = NAME_NONE;
        if (prefix.length <= sizeof full && name.length <= sizeof full - prefix.length) {
            memcpy(full, prefix.at, prefix.length);
            memcpy(full + prefix.length, name.at, name.length);
            found = names_find(names, slice_from(full, prefix.length + name.length));
        }
        if (found != NAME_NONE) return found;
        prefix.length--;
        while (prefix.length > 0 && prefix.at[prefix.length - 1] != '.')
            prefix.length--;
    }
    return names_find(names, name);
}
