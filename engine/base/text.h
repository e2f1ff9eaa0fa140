// A growing text in an arena: the engine's only way to format (there is no printf in the module).
#ifndef WEIR_BASE_TEXT_H
#define WEIR_BASE_TEXT_H

#include "engine/base/arena.h"

// After a refused allocation `failed` is set and every further addition does nothing.
struct text {
    struct arena *arena;
    char *at;
    uint32_t length;
    uint32_t capacity;
    bool failed;
};

void text_init(struct text *text, struct arena *arena);
void text_add(struct text *text, slice more);
void text_add_string(struct text *text, const char *more);
void text_add_char(struct text *text, char c);
void text_add_int(struct text *text, int64_t number);
void text_add_uint(struct text *text, uint64_t number);

// Each `{0}`…`{9}` of `form` becomes that argument; every other byte stands for itself.
void text_add_form(struct text *text, const char *form, const slice *arguments);

// One line that cannot forge another: control bytes, DEL and bytes of broken UTF-8 are written
// as \n, \r, \t or \xHH, a backslash as two; cut with `…` when more than `most` bytes would
// be written.
void text_add_escaped(struct text *text, slice raw, uint32_t most);

// The same with backslashes as they are: for text that only people read.
void text_add_visible(struct text *text, slice raw, uint32_t most);

slice text_slice(const struct text *text);

#endif
