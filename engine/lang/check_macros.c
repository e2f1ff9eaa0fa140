// Macros: calls that bring variables of their own (CEL language definition, "Macros", and the
// libraries of cel-go for two variables, bindings and optional values).
#include "engine/lang/check.h"

// Reports a name that cannot be a variable's, or that is none.
static bool variable_name(struct check *check, struct expr *expr, slice *name) {
    enum macro macro = expr->kind == EXPR_CALL ? check_find_macro(check, expr) : MACRO_TOTAL;
    if (macro == MACRO_ITER_VAR || macro == MACRO_ACCU_VAR) {
        // As tools write it: the source text tells two of them apart.
        *name = check_source(check, expr->span);
        return true;
    }
    *name = expr->name;
    if (expr->kind == EXPR_NAME && !expr->rooted) return true;
    check_report(check, ERROR_VARIABLE_NAME, &expr->span, NULL);
    return false;
}

static bool add_variable(struct check *check, struct scope_name *scope, slice name,
                         const struct shape *shape) {
    uint32_t number = unit_add_variable(check->unit, name, shape);
    *scope = (struct scope_name){name, number, check->scope};
    check->scope = scope;
    return number != NAME_NONE;
}

// What a macro walks over: the shapes of an index or key, and of an item.
struct range {
    const struct shape *key;   // what one variable of a map is
    const struct shape *value; // what one variable of a list is
    bool list;
    bool known; // list or map
};

static bool range_of(struct check *check, const struct expr *expr, bool sorts,
                     struct range *range) {
    const struct shape *dyn = shape_of(TYPE_DYN);
    const struct shape *shape = shape_resolve(expr->shape);
    *range = (struct range){dyn, dyn, false, false};
    switch (shape_type(shape)) {
    case TYPE_LIST:
        *range = (struct range){shape_of(TYPE_INT), shape->parameters[0], true, true};
        return true;
    case TYPE_MAP:
        if (sorts && !check->unchecked) break;
        *range = (struct range){shape->parameters[0], shape->parameters[1], false, true};
        return true;
    case TYPE_HEADERS:
        if (!check_lists_headers(check, expr)) return false;
        *range = (struct range){shape_of(TYPE_INT), shape_of(TYPE_STRING), true, true};
        return true;
    case TYPE_DYN:
        if (shape->kind == SHAPE_VARIABLE) shape_assign(&check->unit->shapes, dyn, shape);
        return true;
    default: break;
    }
    check_report(check, ERROR_WRONG_TYPE, &expr->span,
                 (slice[]){slice_of("what a macro walks over"),
                           slice_of(sorts ? "a list" : "a list or a map"),
                           check_shown(check, shape)});
    return false;
}

// The parts of a call that walks over a list or map.
struct walk {
    struct expr *range;
    struct expr *first;  // its variables
    struct expr *second; // or NULL
    struct expr *filter; // or NULL
    struct expr *body;
};

static void split(struct expr *expr, bool two, bool filters, struct walk *walk) {
    *walk = (struct walk){.range = expr->first, .first = expr->first->next};
    struct expr *rest = walk->first->next;
    if (two) {
        walk->second = rest;
        rest = rest->next;
    }
    if (filters && rest->next != NULL) {
        walk->filter = rest;
        rest = rest->next;
    }
    walk->body = rest;
}

// The kind of a constant list's items, where all are alike: then the machine need not look.
static enum type item_type(const struct expr *range) {
    bool list = range->kind == EXPR_LITERAL && range->literal.kind == TYPE_LIST;
    if (!list || range->literal.length == 0) return TYPE_DYN;
    uint8_t kind = range->literal.as.items[0].kind;
    for (uint32_t i = 1; i < range->literal.length; i++) {
        if (range->literal.as.items[i].kind != kind) return TYPE_DYN;
    }
    return (enum type)kind;
}

// Brings the variables into sight; those of a list are index and item, of a map key and value.
static bool open_walk(struct check *check, struct expr *expr, const struct walk *walk,
                      struct scope_name scopes[2]) {
    struct range range;
    slice first, second = {NULL, 0};
    if (!variable_name(check, walk->first, &first)) return false;
    if (walk->second != NULL && !variable_name(check, walk->second, &second)) return false;
    if (walk->second != NULL && slice_equal(first, second)) {
        check_report(check, ERROR_VARIABLE_TWICE, &walk->second->span, &second);
        return false;
    }
    if (check_expr(check, walk->range) == TYPE_NONE) return false;
    if (!range_of(check, walk->range, expr->index == MACRO_SORT_BY, &range)) return false;
    expr->least = check->unit->variable_count;
    walk->first->index = expr->least;
    walk->first->least = NAME_NONE;
    if (walk->second == NULL) {
        const struct shape *shape = range.list || !range.known ? range.value : range.key;
        if (!add_variable(check, &scopes[0], first, shape)) return false;
        check->unit->variables[expr->least].type = (uint8_t)item_type(walk->range);
        return true;
    }
    walk->second->index = expr->least + 1;
    walk->second->least = NAME_NONE;
    return add_variable(check, &scopes[0], first, range.key) &&
           add_variable(check, &scopes[1], second, range.value);
}

static const struct shape *list_of(struct check *check, const struct shape *item) {
    return shape_list(&check->unit->shapes, item);
}

static const struct shape *map_of_body(struct check *check, const struct expr *body) {
    const struct shape *shape = shape_resolve(body->shape);
    if (shape->kind == TYPE_MAP) return shape;
    if (shape_type(shape) == TYPE_DYN) return shape_of(TYPE_MAP);
    check_report(check, ERROR_WRONG_TYPE, &body->span,
                 (slice[]){slice_of("an entry"), slice_of("a map"), check_shown(check, shape)});
    return NULL;
}

static const struct shape *walk_shape(struct check *check, enum macro macro,
                                      const struct walk *walk) {
    const struct shape *range = shape_resolve(walk->range->shape);
    const struct shape *of_first = check->unit->variables[walk->first->index].shape;
    switch (macro) {
    case MACRO_MAP:
    case MACRO_TRANSFORM_LIST: return list_of(check, walk->body->shape);
    case MACRO_FILTER:
    case MACRO_SORT_BY: return list_of(check, of_first);
    case MACRO_TRANSFORM_MAP:
        return shape_map(&check->unit->shapes,
                         shape_type(range) == TYPE_DYN ? shape_of(TYPE_DYN) : of_first,
                         walk->body->shape);
    case MACRO_TRANSFORM_MAP_ENTRY: return map_of_body(check, walk->body);
    default: return shape_of(TYPE_BOOL);
    }
}

static bool is_condition(enum macro macro) {
    return macro == MACRO_ALL || macro == MACRO_EXISTS || macro == MACRO_EXISTS_ONE ||
           macro == MACRO_EXISTS_ONE_TOO || macro == MACRO_FILTER;
}

static const struct shape *check_walk(struct check *check, struct expr *expr, enum macro macro,
                                      bool two, bool filters) {
    struct walk walk;
    struct scope_name scopes[2];
    const struct scope_name *outer = check->scope;
    const struct shape *shape = NULL;
    split(expr, two, filters, &walk);
    if (open_walk(check, expr, &walk, scopes)) {
        bool good = walk.filter == NULL || check_condition(check, walk.filter);
        bool body = is_condition(macro) ? check_condition(check, walk.body)
                                        : check_expr(check, walk.body) != TYPE_NONE;
        if (good && body) shape = walk_shape(check, macro, &walk);
    }
    check->scope = outer;
    return shape;
}

// Where computing the value fails, the variable's register gets one of its type that is nothing;
// of these types there is none.
static bool has_nothing(uint8_t type) {
    return type != TYPE_IP && type != TYPE_CIDR && type != TYPE_CIDRS && type != TYPE_SECRET &&
           type != TYPE_TYPE;
}

static void name_value(struct unit_variable *variable, const struct expr *value) {
    variable->can_fail = expr_can_fail(value);
    bool known = !variable->can_fail || has_nothing(value->type);
    variable->type = known ? value->type : TYPE_DYN;
}

static const struct shape *check_bind(struct check *check, struct expr *expr) {
    struct expr *name = expr->first;
    struct expr *value = name->next;
    struct scope_name scope;
    const struct scope_name *outer = check->scope;
    slice word;
    if (check_expr(check, value) == TYPE_NONE || !variable_name(check, name, &word)) return NULL;
    if (!check_holdable(check, value)) return NULL;
    expr->least = check->unit->variable_count;
    name->index = expr->least;
    name->least = NAME_NONE;
    if (!add_variable(check, &scope, word, value->shape)) return NULL;
    struct unit_variable *variable = &check->unit->variables[name->index];
    name_value(variable, value);
    bool good = check_expr(check, value->next) != TYPE_NONE;
    check->scope = outer;
    return good ? value->next->shape : NULL;
}

// The variables of a block are named so, out of reach of rules.
static slice index_name(struct check *check, uint64_t index) {
    struct text text;
    text_init(&text, check->unit->arena);
    text_add_string(&text, "@index");
    text_add_uint(&text, index);
    return text_slice(&text);
}

static const struct shape *check_block(struct check *check, struct expr *expr) {
    struct expr *list = expr->first;
    const struct scope_name *outer = check->scope;
    if (list->kind != EXPR_LIST) {
        check_report(check, ERROR_BLOCK_LIST, &list->span, NULL);
        return NULL;
    }
    bool good = true;
    uint32_t number = 0;
    expr->least = check->unit->variable_count;
    list->least = NAME_NONE;
    uint32_t *variables = arena_array(check->unit->arena, list->count, sizeof *variables);
    if (variables == NULL) {
        check->unit->diagnostics->out_of_memory = true;
        return NULL;
    }
    list->block = variables;
    for (struct expr *item = list->first; item != NULL; item = item->next, number++) {
        struct scope_name *scope = arena_take(check->unit->arena, sizeof *scope);
        if (scope == NULL || check_expr(check, item) == TYPE_NONE || !check_holdable(check, item)) {
            good = false;
            break;
        }
        if (!add_variable(check, scope, index_name(check, number), item->shape)) return NULL;
        struct unit_variable *variable = &check->unit->variables[scope->variable];
        name_value(variable, item);
        variables[number] = scope->variable;
        if (item->varies) list->varies = true;
        if (item->least < list->least) list->least = item->least;
    }
    if (list->least >= expr->least) list->least = NAME_NONE;
    if (good) good = check_expr(check, list->next) != TYPE_NONE;
    check->scope = outer;
    return good ? list->next->shape : NULL;
}

static const struct shape *name_instead(struct check *check, struct expr *expr, slice name) {
    *expr = (struct expr){.kind = EXPR_NAME,
                          .height = expr->height,
                          .span = expr->span,
                          .name = name,
                          .name_span = expr->span,
                          .next = expr->next,
                          .optional_entry = expr->optional_entry};
    return check_name(check, expr);
}

static const struct shape *check_block_index(struct check *check, struct expr *expr) {
    const struct expr *index = expr->first;
    bool known = index->kind == EXPR_LITERAL && index->literal.kind == TYPE_INT &&
                 index->literal.as.integer >= 0;
    if (known) return name_instead(check, expr, index_name(check, index->literal.as.natural));
    check_report(check, ERROR_BLOCK_LIST, &index->span, NULL);
    return NULL;
}

static const struct shape *held_shape(struct check *check, const struct expr *expr) {
    const struct shape *shape = shape_resolve(expr->shape);
    if (shape->kind == TYPE_OPTIONAL) return shape->parameters[0];
    if (shape_type(shape) == TYPE_DYN) return shape_of(TYPE_DYN);
    if (check->unchecked) return shape_of(TYPE_DYN);
    check_report(check, ERROR_WRONG_TYPE, &expr->span,
                 (slice[]){slice_of("the value before this method"), slice_of("an optional"),
                           check_shown(check, shape)});
    return NULL;
}

static const struct shape *check_opt_map(struct check *check, struct expr *expr, bool flat) {
    struct expr *from = expr->first;
    struct expr *name = from->next;
    struct expr *body = name->next;
    struct scope_name scope;
    const struct scope_name *outer = check->scope;
    slice word;
    if (check_expr(check, from) == TYPE_NONE) return NULL;
    const struct shape *held = held_shape(check, from);
    if (held == NULL || !variable_name(check, name, &word)) return NULL;
    expr->least = check->unit->variable_count;
    name->index = expr->least;
    name->least = NAME_NONE;
    if (!add_variable(check, &scope, word, held)) return NULL;
    bool good = check_expr(check, body) != TYPE_NONE;
    check->scope = outer;
    if (!good) return NULL;
    if (!flat) return shape_one(&check->unit->shapes, TYPE_OPTIONAL, body->shape);
    return held_shape(check, body) == NULL ? NULL : body->shape;
}

static const struct shape *check_or(struct check *check, struct expr *expr, bool value) {
    struct expr *from = expr->first;
    struct expr *other = from->next;
    bool good = check_expr(check, from) != TYPE_NONE;
    if (check_expr(check, other) == TYPE_NONE || !good) return NULL;
    const struct shape *held = held_shape(check, from);
    if (held == NULL) return NULL;
    if (!value && held_shape(check, other) == NULL) return NULL;
    struct shapes *shapes = &check->unit->shapes;
    const struct shape *wanted = value ? held : from->shape;
    if (check->unchecked || shape_assign(shapes, other->shape, wanted)) {
        return shape_substitute(shapes, shape_join(shapes, wanted, other->shape), false);
    }
    return check_no_overload(check, &expr->span, expr->name, from->shape, other->shape);
}

const struct shape *check_macro(struct check *check, struct expr *expr, enum macro macro) {
    uint32_t arguments = expr->count - expr->receiver;
    expr->binding = BIND_MACRO;
    expr->index = macro;
    expr->least = NAME_NONE;
    switch (macro) {
    case MACRO_HAS: return check_has(check, expr);
    case MACRO_ALL:
    case MACRO_EXISTS:
    case MACRO_EXISTS_ONE:
    case MACRO_EXISTS_ONE_TOO: return check_walk(check, expr, macro, arguments == 3, false);
    case MACRO_MAP:
    case MACRO_FILTER:
    case MACRO_SORT_BY: return check_walk(check, expr, macro, false, macro == MACRO_MAP);
    case MACRO_TRANSFORM_LIST:
    case MACRO_TRANSFORM_MAP:
    case MACRO_TRANSFORM_MAP_ENTRY: return check_walk(check, expr, macro, true, true);
    case MACRO_OPT_MAP:
    case MACRO_OPT_FLAT_MAP: return check_opt_map(check, expr, macro == MACRO_OPT_FLAT_MAP);
    case MACRO_OR:
    case MACRO_OR_VALUE: return check_or(check, expr, macro == MACRO_OR_VALUE);
    case MACRO_BIND: return check_bind(check, expr);
    case MACRO_BLOCK: return check_block(check, expr);
    case MACRO_INDEX: return check_block_index(check, expr);
    case MACRO_ITER_VAR:
    case MACRO_ACCU_VAR: return name_instead(check, expr, check_source(check, expr->span));
    case MACRO_TOTAL: break;
    }
    return NULL;
}
