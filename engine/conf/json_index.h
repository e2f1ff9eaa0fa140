// A JSON text that json_scan accepted, as offsets into it: members are found, and values cut out,
// byte for byte. Holds no decoded strings and no numbers; json_tree has them.
#ifndef WEIR_CONF_JSON_INDEX_H
#define WEIR_CONF_JSON_INDEX_H

#include "engine/base/text.h"

enum json_kind {
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
};

// The children of node n are n + 1, then each one's `next`, as long as that is under n's `next`.
struct json_node {
    uint32_t start; // of the value, bytes of the text
    uint32_t end;
    uint32_t key_start; // of the member's key, quotes included; 0 and 0 when not a member
    uint32_t key_end;
    uint32_t next;   // index of the node behind this value and all inside it
    uint32_t count;  // direct children
    uint32_t sorted; // OBJECT: where its members stand in `sorted`, `count` of them
    enum json_kind kind;
};

struct json_index {
    slice text;
    uint32_t source;         // of diagnostics
    struct json_node *nodes; // in order of the text; the first is the whole value
    uint32_t count;
    uint32_t *sorted; // node indices of the members of each object, by decoded key
};

enum { JSON_NONE = UINT32_MAX };

// The member of `object` whose key, with its escapes decoded, is `key`: its node, or JSON_NONE
// (also when `object` is no object). Takes time logarithmic in the number of members.
uint32_t json_child(const struct json_index *index, uint32_t object, slice key);

// Appends the value's own text less white space between tokens.
void json_minify(struct text *out, const struct json_index *index, uint32_t node);

// Appends the text of an object in the same way, less the members with these (decoded) keys.
void json_minify_without(struct text *out, const struct json_index *index, uint32_t object,
                         const slice *keys, uint32_t key_count);

// Sorts `count` nodes, members of one object in the order of the text, by decoded key. `scratch`
// has room for as many. Never worse than count * log(count) comparisons, whatever the keys are.
void json_sort_members(const struct json_index *index, uint32_t *members, uint32_t count,
                       uint32_t *scratch);

bool json_same_key(const struct json_index *index, uint32_t a, uint32_t b);

// A member's key, decoded; {NULL, 0} when the arena refuses.
slice json_key(const struct json_index *index, uint32_t node, struct arena *arena);

// Decodes the escape at `at` (a backslash; a surrogate pair is one escape, RFC 8259 section 7):
// its length in bytes, or 0 when it is none.
uint32_t json_escape(slice text, uint32_t at, uint32_t *point);

#endif
