// JSON as values: cJSON decodes the strings and numbers of a text that json_scan accepted.
#ifndef WEIR_CONF_JSON_TREE_H
#define WEIR_CONF_JSON_TREE_H

#include "engine/base/value.h"
#include "engine/conf/json_index.h"

// One value per node of the index, in its order: null NULL, true and false BOOL, numbers DOUBLE,
// strings STRING, lists LIST, objects MAP with their members in the order of the text. All of it
// lives in the arena. False when the arena refuses; nothing else can fail.
bool json_tree_values(struct arena *arena, const struct json_index *index, struct value **values);

// What cJSON is compiled with in place of the C library's allocator, which it names but is never
// left to call: they refuse.
void *json_tree_take(size_t bytes);
void json_tree_give(void *piece);
void *json_tree_grow(void *piece, size_t bytes);

#endif
