// Kinds of registers, and failures, from the checked tree.
#include "engine/lang/machine.h"

static enum type same_of(const struct expr *x, const struct expr *y) {
    return x->type == y->type ? (enum type)x->type : TYPE_DYN;
}

static enum type call_type(const struct expr *expr) {
    const struct overloads *overloads = expr->overloads;
    enum type type = TYPE_NONE;
    for (uint32_t i = 0; i < overloads->count; i++) {
        uint8_t kinds[FUNCTION_ARGUMENTS];
        uint8_t result = TYPE_DYN;
        if (overloads->functions[i] < FUNCTION_TOTAL) {
            function_kinds((enum function)overloads->functions[i], expr->count, kinds, &result);
        }
        if (type != TYPE_NONE && type != (enum type)result) return TYPE_DYN;
        type = (enum type)result;
    }
    return type;
}

static enum type macro_type(const struct expr *expr) {
    switch ((enum macro)expr->index) {
    case MACRO_HAS:
    case MACRO_ALL:
    case MACRO_EXISTS:
    case MACRO_EXISTS_ONE:
    case MACRO_EXISTS_ONE_TOO: return TYPE_BOOL;
    case MACRO_MAP:
    case MACRO_FILTER:
    case MACRO_SORT_BY:
    case MACRO_TRANSFORM_LIST: return TYPE_LIST;
    case MACRO_TRANSFORM_MAP:
    case MACRO_TRANSFORM_MAP_ENTRY: return TYPE_MAP;
    case MACRO_OPT_MAP:
    case MACRO_OPT_FLAT_MAP:
    case MACRO_OR: return TYPE_OPTIONAL;
    case MACRO_BIND: return (enum type)expr->first->next->next->type;
    case MACRO_BLOCK: return (enum type)expr->first->next->type;
    default: return TYPE_DYN;
    }
}

static enum type operator_type(const struct expr *expr) {
    enum type type = (enum type)expr->first->type;
    switch ((enum operator)expr->operator) {
    case OPERATOR_CHOOSE: return same_of(expr->first->next, expr->first->next->next);
    case OPERATOR_NEGATE: return type;
    case OPERATOR_ADD:
    case OPERATOR_SUBTRACT:
    case OPERATOR_MULTIPLY:
    case OPERATOR_DIVIDE:
    case OPERATOR_MODULO: break;
    default: return TYPE_BOOL;
    }
    for (const struct expr *next = expr->first->next; next != NULL; next = next->next) {
        enum type other = (enum type)next->type;
        bool lists = type == TYPE_LIST && other == TYPE_LIST;
        if (type == TYPE_DYN || other == TYPE_DYN) return TYPE_DYN;
        if (!lists) type = arith_type((enum operator)expr->operator, type, other);
    }
    return type == TYPE_NONE ? TYPE_DYN : type;
}

static enum type name_type(const struct check *check, const struct expr *expr) {
    switch ((enum binding_kind)expr->binding) {
    case BIND_FIELD: return (enum type)field_rows[expr->index].type;
    case BIND_LET: return (enum type)check->unit->lets[expr->index].type;
    case BIND_LIMITER: return TYPE_INT;
    case BIND_VARIABLE: return (enum type)check->unit->variables[expr->index].type;
    case BIND_HEADER: return expr->optional ? TYPE_OPTIONAL : TYPE_STRING;
    default: return expr->optional ? TYPE_OPTIONAL : TYPE_DYN;
    }
}

enum type machine_type(const struct check *check, const struct expr *expr) {
    switch ((enum expr_kind)expr->kind) {
    case EXPR_LITERAL: return (enum type)expr->literal.kind;
    case EXPR_INDEX:
        if (expr->first->type == TYPE_HEADERS && !expr->optional) return TYPE_STRING;
        return name_type(check, expr);
    case EXPR_NAME:
    case EXPR_SELECT: return name_type(check, expr);
    case EXPR_CALL: return expr->binding == BIND_MACRO ? macro_type(expr) : call_type(expr);
    case EXPR_LIST: return TYPE_LIST;
    case EXPR_MAP: return TYPE_MAP;
    case EXPR_OPERATOR: return operator_type(expr);
    case EXPR_FAILURE: break;
    }
    return TYPE_DYN;
}

static bool is_number(uint8_t type) {
    return type == TYPE_INT || type == TYPE_UINT || type == TYPE_DOUBLE;
}

// A literal that was dyn when it was checked may be of any type.
static bool is_cross(const struct expr *x, const struct expr *y) {
    bool numbers = is_number(x->type) && is_number(y->type);
    return x->type == TYPE_DYN || y->type == TYPE_DYN || (x->type != y->type && !numbers);
}

static bool operator_can_fail(const struct expr *expr) {
    const struct expr *x = expr->first;
    const struct expr *y = x->next;
    switch ((enum operator)expr->operator) {
    case OPERATOR_NOT:
    case OPERATOR_CHOOSE: return x->type != TYPE_BOOL;
    case OPERATOR_EQ:
    case OPERATOR_NE: return false;
    case OPERATOR_LT:
    case OPERATOR_LE:
    case OPERATOR_GT:
    case OPERATOR_GE: return is_cross(x, y);
    case OPERATOR_IN: return y->type != TYPE_LIST && y->type != TYPE_MAP;
    case OPERATOR_AND:
    case OPERATOR_OR:
        for (; x != NULL; x = x->next) {
            if (x->type != TYPE_BOOL) return true;
        }
        return false;
    default: return true;
    }
}

static bool macro_can_fail(const struct expr *expr) {
    const struct expr *from = expr->first;
    switch ((enum macro)expr->index) {
    case MACRO_HAS: return from->binding == BIND_NONE;
    case MACRO_ALL:
    case MACRO_EXISTS:
    case MACRO_EXISTS_ONE:
    case MACRO_EXISTS_ONE_TOO:
        for (; from->next != NULL; from = from->next)
            continue;
        return from->type != TYPE_BOOL ||
               (expr->first->type != TYPE_LIST && expr->first->type != TYPE_MAP);
    case MACRO_BIND:
    case MACRO_BLOCK: return false;
    default: return true;
    }
}

// Fields that depend on more than that a message is there.
static bool field_can_fail(uint32_t field) {
    uint8_t how = field_rows[field].how;
    bool message =
        field_rows[field].type == TYPE_DYN && (how == HOW_FETCHED || how == HOW_MEASURED);
    return message || field == FIELD_REQUEST_BODY || field == FIELD_REQUEST_JSON ||
           field == FIELD_CLIENT_IP || field == FIELD_CLIENT_PREFIX || field == FIELD_PEER_IP ||
           field == FIELD_JWT;
}

// Of the node itself, without its children.
static bool node_can_fail(const struct expr *expr) {
    switch ((enum expr_kind)expr->kind) {
    case EXPR_LITERAL: return false;
    case EXPR_NAME:
        if (expr->binding == BIND_FIELD) return field_can_fail(expr->index);
        return expr->binding == BIND_LET || expr->raises;
    case EXPR_SELECT:
    case EXPR_INDEX:
        if (expr->binding == BIND_FIELD) return field_can_fail(expr->index);
        return expr->binding != BIND_HEADER && expr->binding != BIND_LIMITER;
    case EXPR_CALL: return expr->binding != BIND_MACRO || macro_can_fail(expr);
    case EXPR_OPERATOR: return operator_can_fail(expr);
    default: return true;
    }
}

static const struct function_row *sure_row(const struct expr *expr) {
    bool call = expr->kind == EXPR_CALL && expr->binding == BIND_FUNCTION;
    bool one =
        call && expr->overloads->count == 1 && expr->overloads->functions[0] < FUNCTION_TOTAL;
    return one ? &function_rows[expr->overloads->functions[0]] : NULL;
}

// A test of texts whose operands are sure to be texts.
static bool is_sure_test(const struct expr *expr) {
    const struct function_row *row = sure_row(expr);
    bool test = row != NULL && (row == &function_rows[FUNCTION_STARTS_WITH] ||
                                row == &function_rows[FUNCTION_ENDS_WITH] ||
                                row == &function_rows[FUNCTION_CONTAINS]);
    return test && expr->first->type == TYPE_STRING && expr->first->next->type == TYPE_STRING;
}

// A name that a macro brings into sight is no value of its own.
static bool is_variable_name(const struct expr *expr) {
    return expr->kind == EXPR_NAME && expr->binding == BIND_NONE;
}

bool expr_can_fail(const struct expr *expr) {
    if (is_variable_name(expr)) return false;
    if (node_can_fail(expr) && !is_sure_test(expr)) return true;
    for (const struct expr *child = expr->first; child != NULL; child = child->next) {
        if (expr_can_fail(child)) return true;
    }
    return false;
}
