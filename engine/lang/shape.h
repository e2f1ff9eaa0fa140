// What the checker knows of a type in full: `map(string, list(int))`, with type variables that are
// bound while it checks. The rules of assignment are those of the CEL language definition, "Type
// checking": dyn fits everything, a variable takes the most general type that it met.
#ifndef WEIR_LANG_SHAPE_H
#define WEIR_LANG_SHAPE_H

#include "engine/base/text.h"
#include "engine/base/value.h"

// Beside enum type.
enum shape_kind {
    SHAPE_VARIABLE = TYPE_TOTAL,
    SHAPE_NAMED, // a type that only its name tells from others
};

enum { SHAPE_PARAMETERS = 3 };

struct shape {
    uint8_t kind; // enum type or enum shape_kind
    uint8_t count;
    uint16_t height; // 1 without parameters, at most LIMIT_NESTING
    const struct shape *parameters[SHAPE_PARAMETERS];
    const struct shape *bound; // VARIABLE: what it stands for, or NULL
    slice name;                // NAMED
};

// Where shapes live, and what was bound since the last step that can be taken back.
struct shapes {
    struct arena *arena;
    struct binding *trail;
    bool failed; // the arena refused
};

// A type without parameters; LIST, MAP and such get `dyn` for theirs.
const struct shape *shape_of(enum type type);

// The shape of a value: of lists and maps with the kind of their items, where all agree.
const struct shape *shape_of_value(struct shapes *shapes, struct value value);

// NULL where the arena refuses, or where it would be nested too deep.
const struct shape *shape_variable(struct shapes *shapes);
const struct shape *shape_list(struct shapes *shapes, const struct shape *item);
const struct shape *shape_map(struct shapes *shapes, const struct shape *key,
                              const struct shape *value);
const struct shape *shape_one(struct shapes *shapes, enum type type,
                              const struct shape *parameter); // OPTIONAL, TYPE

// The kind that the machine sees: DYN for what is not known.
enum type shape_type(const struct shape *shape);

// Follows a bound variable.
const struct shape *shape_resolve(const struct shape *shape);

// Whether a value of shape `from` fits where `to` is wanted; variables are bound on the way, and
// stay as they were when it does not.
bool shape_assign(struct shapes *shapes, const struct shape *from, const struct shape *to);

// The same of several at once.
bool shape_assign_all(struct shapes *shapes, const struct shape *const *from,
                      const struct shape *const *to, uint32_t count);

bool shape_same(const struct shape *x, const struct shape *y);

// The common shape of items; `dyn` when there is none. `so_far` may be NULL.
const struct shape *shape_join(struct shapes *shapes, const struct shape *so_far,
                               const struct shape *next);

// With all bound variables replaced; those that are not bound become dyn if asked.
const struct shape *shape_substitute(struct shapes *shapes, const struct shape *shape,
                                     bool free_is_dyn);

// As authors read it: `map(string, list(int))`; `protobuf`: with CEL's full names of types.
void shape_print(struct text *text, const struct shape *shape, bool protobuf);

// Reads a type; `letters`: the variables that single capitals stand for, made when they are first
// seen. Moves *text behind it. NULL where there is none, or no memory.
const struct shape *shape_read(struct shapes *shapes, slice *text, const struct shape *letters[26]);

#endif
