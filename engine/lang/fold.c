// Constant folding by running: what would be computed for every request is compiled, verified and
// interpreted once, so that folded and running code cannot differ.
#include "engine/lang/compile.h"
#include "engine/lang/emit.h"
#include "engine/run/run.h"

void fold_to(struct expr *expr, struct value value) {
    expr->kind = EXPR_LITERAL;
    expr->literal = value;
    expr->first = NULL;
    expr->count = 0;
    expr->magnitude = false;
    expr->binding = BIND_NONE;
    expr->index = 0;
    expr->type = value.kind;
    expr->varies = false;
    expr->least = NAME_NONE;
}

// Folding copies its operands: what is large is left to the program, where it is there once.
enum { LARGE_ITEMS = 1024 };

static bool is_large(struct value value) {
    return value_held(value) > LARGE_ITEMS;
}

static bool is_pure(const struct expr *expr) {
    switch ((enum expr_kind)expr->kind) {
    case EXPR_OPERATOR:
    case EXPR_LIST:
    case EXPR_MAP:
    case EXPR_INDEX:
    case EXPR_SELECT:
    case EXPR_CALL: return true;
    default: return false;
    }
}

static bool is_macro(const struct expr *expr) {
    return expr->kind == EXPR_CALL && expr->binding == BIND_MACRO;
}

// Nothing of a request is in it, and no variable from outside. Parts that did not fold fail, or
// are too large.
static bool is_foldable(const struct expr *expr) {
    if (!is_pure(expr) || expr->varies || expr->least != NAME_NONE) return false;
    for (const struct expr *child = expr->first; child != NULL && !is_macro(expr);
         child = child->next) {
        if (child->kind != EXPR_LITERAL || is_large(child->literal)) return false;
    }
    return true;
}

static bool has_optional_entry(const struct expr *expr) {
    for (const struct expr *child = expr->first; child != NULL; child = child->next) {
        if (child->optional_entry) return true;
    }
    return false;
}

// A literal list or map needs no code.
static bool fold_collection(struct check *check, struct expr *expr) {
    bool map = expr->kind == EXPR_MAP;
    if ((expr->kind != EXPR_LIST && !map) || expr->height >= LIMIT_NESTING) return false;
    if (has_optional_entry(expr) || (map && check->alone)) return false;
    struct value *items = arena_array(check->unit->arena, expr->count, sizeof *items);
    if (items == NULL) {
        check->unit->diagnostics->out_of_memory = true;
        return true;
    }
    uint32_t count = 0;
    uint8_t depth = 0;
    for (const struct expr *child = expr->first; child != NULL; child = child->next) {
        if (child->literal.depth > depth) depth = child->literal.depth;
        items[count++] = child->literal;
    }
    if (depth >= LIMIT_NESTING) return false;
    struct value value = {.kind = map ? TYPE_MAP : TYPE_LIST,
                          .depth = (uint8_t)(depth + 1),
                          .length = map ? count / 2 : count,
                          .as.items = items};
    fold_to(expr, value);
    return true;
}

void fold_expr(struct check *check, struct expr *expr) {
    if (!is_foldable(expr) || fold_collection(check, expr)) return;
    struct value value;
    if (!compile_constant(check->unit, expr, &value)) return;
    fold_to(expr, value);
}
