// Names that a path means as a whole: what `config` may have, and the lets of groups.
#include "engine/lang/check.h"
#include "engine/lib/compare.h"

// What is not there may be of any type. JSON has one type of numbers: a default is of any.
static const struct shape *held_shape(struct shapes *shapes, const struct value *found) {
    if (found == NULL) return shape_variable(shapes);
    return found->kind == TYPE_DOUBLE ? shape_of(TYPE_DYN) : shape_of_value(shapes, *found);
}

// It is folded here: what is large would be left to the program, and be no constant.
const struct shape *check_maybe_config(struct check *check, struct expr *expr) {
    struct shapes *shapes = &check->unit->shapes;
    const struct value *found = map_find_name(expr->first->literal, expr->name);
    fold_to(expr, value_optional(found));
    return shape_one(shapes, TYPE_OPTIONAL, held_shape(shapes, found));
}

uint32_t check_find_group_let(struct check *check, const struct expr *expr) {
    slice path = check_dotted(check, expr, (slice){NULL, 0});
    if (path.length == 0 || check->no_fields) return NAME_NONE;
    return names_resolve(&check->unit->let_names, check->prefix, path);
}
