// Walks cJSON's tree and the index in step: both are in the order of the text.
#include "engine/conf/json_tree.h"

#include <cJSON.h>

#include "engine/base/limits.h"

enum { TREE_BLOCK = 16 << 10 };

// The one static variable of the engine. cJSON's allocation hooks get a size and nothing else, so
// the arena cannot reach them in any other way. It is set only while cJSON_ParseWithLength runs.
static struct arena *tree_arena;

static void *hook_take(size_t bytes) {
    return arena_take_raw(tree_arena, bytes);
}

// The arena gives everything back at once.
static void hook_give(void *piece) {
    (void)piece;
}

void *json_tree_take(size_t bytes) {
    (void)bytes;
    return NULL;
}

void json_tree_give(void *piece) {
    (void)piece;
}

void *json_tree_grow(void *piece, size_t bytes) {
    (void)piece;
    (void)bytes;
    return NULL;
}

// The index has at most LIMIT_NESTING levels, which bounds cJSON's recursion.
static cJSON *parse(struct arena *arena, slice text) {
    cJSON_Hooks hooks = {hook_take, hook_give};
    tree_arena = arena;
    cJSON_InitHooks(&hooks);
    cJSON *root = cJSON_ParseWithLength(text.at, text.length);
    cJSON_InitHooks(NULL);
    tree_arena = NULL;
    return root;
}

// A list or object with children, while they are converted.
struct branch {
    const cJSON *item;
    uint32_t node;
    uint8_t deepest;    // of the children that are done
    struct value *next; // where the next key or item goes
};

struct walk {
    struct arena *arena;
    const struct json_index *index;
    struct value *values;
    struct branch levels[LIMIT_NESTING];
    uint32_t depth;
};

// A copy: cJSON's tree does not last.
static struct value make_string(struct walk *walk, const char *text) {
    return value_string(arena_copy(walk->arena, slice_of(text)));
}

static struct value make_value(struct walk *walk, const struct json_node *node, const cJSON *item,
                               const struct value *items) {
    struct value many = {.depth = 1, .length = node->count, .as.items = items};
    switch (node->kind) {
    case JSON_NULL: break;
    case JSON_FALSE: return value_bool(false);
    case JSON_TRUE: return value_bool(true);
    case JSON_NUMBER: return value_double(item->valuedouble);
    case JSON_STRING: return make_string(walk, item->valuestring);
    case JSON_ARRAY: many.kind = TYPE_LIST; return many;
    case JSON_OBJECT: many.kind = TYPE_MAP; return many;
    }
    return value_null();
}

// Opens the value of a node, whose children are to come. False when the arena refuses.
static bool open_value(struct walk *walk, uint32_t at, const cJSON *item) {
    const struct json_node *node = &walk->index->nodes[at];
    struct value *items = NULL;
    if (node->count > 0) {
        size_t places = (size_t)node->count * (node->kind == JSON_OBJECT ? 2 : 1);
        items = arena_array(walk->arena, places, sizeof *items);
        if (items == NULL) return false;
        walk->levels[walk->depth++] = (struct branch){item, at, 0, items};
    }
    walk->values[at] = make_value(walk, node, item, items);
    return true;
}

static void place(struct walk *walk, struct branch *parent, const cJSON *item, struct value value) {
    if (item->string != NULL) *parent->next++ = make_string(walk, item->string);
    *parent->next++ = value;
    if (value.depth > parent->deepest) parent->deepest = value.depth;
}

// Puts a value that is complete into its parent, which after its last child is complete as well.
// Returns the item behind in the order of the text, NULL at the end.
static const cJSON *close_value(struct walk *walk, uint32_t at, const cJSON *item) {
    while (walk->depth > 0) {
        struct branch *parent = &walk->levels[walk->depth - 1];
        place(walk, parent, item, walk->values[at]);
        if (item->next != NULL) return item->next;
        item = parent->item;
        at = parent->node;
        walk->values[at].depth = (uint8_t)(parent->deepest + 1);
        walk->depth--;
    }
    return NULL;
}

static bool convert(struct walk *walk, const cJSON *item) {
    for (uint32_t at = 0; at < walk->index->count; at++) {
        if (!open_value(walk, at, item)) return false;
        bool open = walk->index->nodes[at].count > 0;
        item = open ? item->child : close_value(walk, at, item);
    }
    return true;
}

// The tree goes before anything is compiled: of large data it is larger than all that is made of
// it.
bool json_tree_values(struct arena *arena, const struct json_index *index, struct value **values) {
    struct arena tree;
    arena_init(&tree, arena->source, TREE_BLOCK, arena->limit);
    *values = arena_array(arena, index->count, sizeof **values);
    const cJSON *root = *values == NULL ? NULL : parse(&tree, index->text);
    struct walk walk = {.arena = arena, .index = index, .values = *values};
    bool held = root != NULL && convert(&walk, root) && !arena->failed;
    arena_free(&tree);
    return held;
}
