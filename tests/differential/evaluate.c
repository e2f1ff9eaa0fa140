// Walks the parser's tree and computes what each node is.
#include "tests/differential/evaluate.h"

#include "tests/differential/operate.h"

enum {
    NODES_MOST = 100000,
    FUNCTION_STEPS = 1000000,
    PATH_MOST = 256, // bytes of a name with dots
};

// Names that macros bring, the innermost first.
struct scope {
    slice name;
    struct value value; // ERROR: computing it failed, and so does whoever uses it
    const struct scope *outer;
};

static struct value fail(enum failure failure) {
    return value_error(failure);
}

static struct value evaluate(struct evaluation *evaluation, const struct scope *scope,
                             const struct expr *expr);

static struct value *take(struct evaluation *evaluation, size_t count) {
    struct value *items = arena_array(evaluation->arena, count + 1, sizeof *items);
    if (items == NULL) evaluation->exhausted = true;
    return items;
}

// ---- names

static const struct scope *find_local(const struct scope *scope, slice name) {
    while (scope != NULL && !slice_equal(scope->name, name))
        scope = scope->outer;
    return scope;
}

static const struct expr *path_root(const struct expr *expr) {
    while (expr->kind == EXPR_SELECT && !expr->optional)
        expr = expr->first;
    return expr->kind == EXPR_NAME ? expr : NULL;
}

static bool add_word(char path[PATH_MOST], uint32_t *length, slice word) {
    if (*length + word.length + 1 > PATH_MOST) return false;
    if (*length > 0) path[(*length)++] = '.';
    memcpy(path + *length, word.at, word.length);
    *length += word.length;
    return true;
}

static bool add_path(char path[PATH_MOST], uint32_t *length, const struct expr *expr) {
    if (expr->kind == EXPR_SELECT && !add_path(path, length, expr->first)) return false;
    return add_word(path, length, expr->name);
}

// `a.b.c` that begins with no local name; empty where it is none.
static slice dotted(const struct scope *scope, const struct expr *expr, slice tail,
                    char path[PATH_MOST]) {
    const struct expr *root = path_root(expr);
    uint32_t length = 0;
    if (root == NULL) return (slice){NULL, 0};
    if (!root->rooted && find_local(scope, root->name) != NULL) return (slice){NULL, 0};
    bool fits = add_path(path, &length, expr);
    if (fits && tail.length > 0) fits = add_word(path, &length, tail);
    return fits ? slice_from(path, length) : (slice){NULL, 0};
}

// What stands for a whole path: an input, or a type.
static bool find_declared(const struct evaluation *evaluation, slice path, struct value *out) {
    for (uint32_t i = 0; i < evaluation->input_count; i++) {
        if (!slice_equal(evaluation->inputs[i].name, path)) continue;
        *out = evaluation->inputs[i].value;
        return true;
    }
    for (uint32_t type = TYPE_NULL; type < TYPE_TOTAL && path.length > 0; type++) {
        const char *name = type_full_name((enum type)type);
        if (!slice_is(path, name)) continue;
        *out = value_type(slice_of(name));
        return true;
    }
    return false;
}

static struct value name(struct evaluation *evaluation, const struct scope *scope,
                         const struct expr *expr) {
    struct value value;
    const struct scope *local = expr->rooted ? NULL : find_local(scope, expr->name);
    if (local != NULL) return local->value;
    if (find_declared(evaluation, expr->name, &value)) return value;
    return fail(FAILURE_NO_OVERLOAD);
}

static struct value select(struct evaluation *evaluation, const struct scope *scope,
                           const struct expr *expr) {
    char path[PATH_MOST];
    struct value value;
    if (!expr->optional) {
        slice whole = dotted(scope, expr, (slice){NULL, 0}, path);
        if (whole.length > 0 && find_declared(evaluation, whole, &value)) return value;
    }
    value = evaluate(evaluation, scope, expr->first);
    if (operate_failed(value)) return value;
    return operate_select(evaluation->arena, value, expr->name, expr->optional);
}

// ---- lists and maps

// Appends what `?value` adds.
static struct value add_held(struct value *items, uint32_t *count, struct value value) {
    if (value.kind != TYPE_OPTIONAL) return fail(FAILURE_NO_OVERLOAD);
    if (value.length > 0) items[(*count)++] = value.as.items[0];
    return value;
}

static struct value list(struct evaluation *evaluation, const struct scope *scope,
                         const struct expr *expr) {
    struct value *items = take(evaluation, expr->count);
    uint32_t count = 0;
    if (items == NULL) return fail(FAILURE_NO_MEMORY);
    for (const struct expr *item = expr->first; item != NULL; item = item->next) {
        struct value value = evaluate(evaluation, scope, item);
        if (operate_failed(value)) return value;
        if (item->optional_entry) {
            value = add_held(items, &count, value);
            if (operate_failed(value)) return value;
        } else {
            items[count++] = value;
        }
    }
    return operate_list(items, count);
}

static struct value map(struct evaluation *evaluation, const struct scope *scope,
                        const struct expr *expr) {
    struct value *items = take(evaluation, expr->count);
    uint32_t count = 0;
    if (items == NULL) return fail(FAILURE_NO_MEMORY);
    for (const struct expr *entry = expr->first; entry != NULL; entry = entry->next->next) {
        struct value key = evaluate(evaluation, scope, entry);
        if (operate_failed(key)) return key;
        struct value value = evaluate(evaluation, scope, entry->next);
        if (operate_failed(value)) return value;
        if (entry->optional_entry) {
            if (value.kind != TYPE_OPTIONAL) return fail(FAILURE_NO_OVERLOAD);
            if (value.length == 0) continue;
            value = value.as.items[0];
        }
        items[count++] = key;
        items[count++] = value;
    }
    return operate_map(items, count / 2);
}

// ---- operators

// `||` and `&&`: one operand that decides outweighs all errors beside it.
static struct value logic(struct evaluation *evaluation, const struct scope *scope,
                          const struct expr *expr) {
    bool decides = expr->operator== OPERATOR_OR;
    struct value result = value_bool(!decides);
    for (const struct expr *operand = expr->first; operand != NULL; operand = operand->next) {
        struct value value = evaluate(evaluation, scope, operand);
        if (value.kind == TYPE_BOOL && value.as.boolean == decides) return value;
        if (value.kind != TYPE_BOOL) result = fail(FAILURE_NO_OVERLOAD);
    }
    return result;
}

static struct value choose(struct evaluation *evaluation, const struct scope *scope,
                           const struct expr *expr) {
    const struct expr *yes = expr->first->next;
    struct value condition = evaluate(evaluation, scope, expr->first);
    if (condition.kind != TYPE_BOOL) return fail(FAILURE_NO_OVERLOAD);
    return evaluate(evaluation, scope, condition.as.boolean ? yes : yes->next);
}

static struct value apply(struct evaluation *evaluation, enum operator operator, struct value x,
                          struct value y) {
    switch (operator) {
    case OPERATOR_EQ: return value_bool(operate_equal(x, y));
    case OPERATOR_NE: return value_bool(!operate_equal(x, y));
    case OPERATOR_LT:
    case OPERATOR_LE:
    case OPERATOR_GT:
    case OPERATOR_GE: return operate_order(operator, x, y);
    case OPERATOR_IN: return operate_in(x, y);
    default: return operate_arith(evaluation->arena, operator, x, y);
    }
}

static struct value prefix(enum operator operator, struct value x) {
    if (operator== OPERATOR_NEGATE) return operate_negate(x);
    return x.kind == TYPE_BOOL ? value_bool(!x.as.boolean) : fail(FAILURE_NO_OVERLOAD);
}

static struct value operation(struct evaluation *evaluation, const struct scope *scope,
                              const struct expr *expr) {
    enum operator operator=(enum operator) expr->operator;
    if (operator== OPERATOR_OR || operator== OPERATOR_AND) return logic(evaluation, scope, expr);
    if (operator== OPERATOR_CHOOSE) return choose(evaluation, scope, expr);
    struct value result = evaluate(evaluation, scope, expr->first);
    if (operate_failed(result)) return result;
    if (expr->count == 1) return prefix(operator, result);
    for (const struct expr *next = expr->first->next; next != NULL; next = next->next) {
        struct value value = evaluate(evaluation, scope, next);
        if (operate_failed(value)) return value;
        result = apply(evaluation, operator, result, value);
        if (operate_failed(result)) return result;
    }
    return result;
}

// ---- macros

// The name that a macro's argument stands for; empty where it is none.
static slice variable_name(const struct evaluation *evaluation, const struct expr *expr) {
    if (expr->kind == EXPR_NAME) return expr->rooted ? (slice){NULL, 0} : expr->name;
    bool made = slice_is(expr->name, "iterVar") || slice_is(expr->name, "accuVar");
    if (expr->kind != EXPR_CALL || !made) return (slice){NULL, 0};
    return slice_cut(evaluation->source, expr->span.start, expr->span.end);
}

// A macro that goes over a list or map: its parts, and the variables of one round.
struct walk {
    struct value range;
    slice names[2];
    bool two;
    const struct expr *filter; // or NULL
    const struct expr *body;
    struct scope scopes[2];
};

static bool open_walk(struct evaluation *evaluation, const struct scope *scope,
                      const struct expr *expr, bool two, struct walk *walk) {
    const struct expr *next = expr->first->next;
    *walk = (struct walk){.two = two};
    walk->range = evaluate(evaluation, scope, expr->first);
    if (walk->range.kind != TYPE_LIST && walk->range.kind != TYPE_MAP) return false;
    for (uint32_t i = 0; i <= two; i++, next = next->next) {
        walk->names[i] = variable_name(evaluation, next);
        if (walk->names[i].length == 0) return false;
    }
    if (two && slice_equal(walk->names[0], walk->names[1])) return false;
    walk->body = next;
    if (next->next != NULL) {
        walk->filter = next;
        walk->body = next->next;
    }
    return true;
}

// The index or key, and the item or value, of round i.
static struct value key_of(const struct walk *walk, uint32_t i) {
    return walk->range.kind == TYPE_MAP ? walk->range.as.items[2 * i] : value_int(i);
}

static struct value item_of(const struct walk *walk, uint32_t i) {
    return walk->range.as.items[walk->range.kind == TYPE_MAP ? 2 * i + 1 : i];
}

// What one variable stands for.
static struct value only_of(const struct walk *walk, uint32_t i) {
    return walk->range.kind == TYPE_MAP ? key_of(walk, i) : item_of(walk, i);
}

static const struct scope *open_round(struct walk *walk, const struct scope *scope, uint32_t i) {
    struct value first = walk->two ? key_of(walk, i) : only_of(walk, i);
    walk->scopes[0] = (struct scope){walk->names[0], first, scope};
    walk->scopes[1] = (struct scope){walk->names[1], item_of(walk, i), &walk->scopes[0]};
    return &walk->scopes[walk->two];
}

// all, exists: as a chain of `&&` or `||` over all items.
static struct value quantify(struct evaluation *evaluation, const struct scope *scope,
                             struct walk *walk, bool decides) {
    struct value result = value_bool(!decides);
    for (uint32_t i = 0; i < walk->range.length; i++) {
        const struct scope *inner = open_round(walk, scope, i);
        struct value value = evaluate(evaluation, inner, walk->body);
        if (value.kind == TYPE_BOOL && value.as.boolean == decides) return value;
        if (value.kind != TYPE_BOOL) result = fail(FAILURE_NO_OVERLOAD);
    }
    return result;
}

static struct value exists_one(struct evaluation *evaluation, const struct scope *scope,
                               struct walk *walk) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < walk->range.length; i++) {
        const struct scope *inner = open_round(walk, scope, i);
        struct value value = evaluate(evaluation, inner, walk->body);
        if (value.kind != TYPE_BOOL) return fail(FAILURE_NO_OVERLOAD);
        if (value.as.boolean) count++;
    }
    return value_bool(count == 1);
}

// filter: its body is the condition. `values`: of what is left, the body's values, else the items.
static struct value build_list(struct evaluation *evaluation, const struct scope *scope,
                               struct walk *walk, bool filter) {
    struct value *items = take(evaluation, walk->range.length);
    uint32_t count = 0;
    if (items == NULL) return fail(FAILURE_NO_MEMORY);
    const struct expr *condition = filter ? walk->body : walk->filter;
    for (uint32_t i = 0; i < walk->range.length; i++) {
        const struct scope *inner = open_round(walk, scope, i);
        if (condition != NULL) {
            struct value holds = evaluate(evaluation, inner, condition);
            if (holds.kind != TYPE_BOOL) return fail(FAILURE_NO_OVERLOAD);
            if (!holds.as.boolean) continue;
        }
        struct value value = filter ? only_of(walk, i) : evaluate(evaluation, inner, walk->body);
        if (operate_failed(value)) return value;
        items[count++] = value;
    }
    return operate_list(items, count);
}

// The same items and the entries of `more`.
static struct value *with_entries(struct evaluation *evaluation, const struct value *items,
                                  uint32_t count, struct value more) {
    struct value *longer = take(evaluation, (size_t)count + 2 * more.length);
    for (uint32_t i = 0; longer != NULL && i < count; i++)
        longer[i] = items[i];
    for (uint32_t i = 0; longer != NULL && i < 2 * more.length; i++)
        longer[count + i] = more.as.items[i];
    return longer;
}

// transformMap: each key with the body's value. transformMapEntry: the entries of the body's maps.
static struct value build_map(struct evaluation *evaluation, const struct scope *scope,
                              struct walk *walk, bool entries) {
    struct value *items = take(evaluation, 0);
    uint32_t count = 0;
    for (uint32_t i = 0; items != NULL && i < walk->range.length; i++) {
        const struct scope *inner = open_round(walk, scope, i);
        if (walk->filter != NULL) {
            struct value holds = evaluate(evaluation, inner, walk->filter);
            if (holds.kind != TYPE_BOOL) return fail(FAILURE_NO_OVERLOAD);
            if (!holds.as.boolean) continue;
        }
        struct value value = evaluate(evaluation, inner, walk->body);
        if (operate_failed(value)) return value;
        if (entries && value.kind != TYPE_MAP) return fail(FAILURE_NO_OVERLOAD);
        struct value pair[2] = {key_of(walk, i), value};
        struct value one = {.kind = TYPE_MAP, .length = 1, .as.items = pair};
        struct value more = entries ? value : one;
        items = with_entries(evaluation, items, count, more);
        count += 2 * more.length;
    }
    return items == NULL ? fail(FAILURE_NO_MEMORY) : operate_map(items, count / 2);
}

static bool can_sort(struct value key, struct value first) {
    bool ordered = !operate_failed(operate_order(OPERATOR_LE, key, key));
    bool nan = key.kind == TYPE_DOUBLE && key.as.real != key.as.real;
    return ordered && !nan && key.kind == first.kind;
}

// Each item goes behind those that are not greater.
static struct value sort_by(struct evaluation *evaluation, const struct scope *scope,
                            struct walk *walk) {
    struct value keys = build_list(evaluation, scope, walk, false);
    if (operate_failed(keys)) return keys;
    if (walk->range.kind != TYPE_LIST) return fail(FAILURE_NO_OVERLOAD);
    struct value *items = take(evaluation, keys.length);
    struct value *sorted = take(evaluation, keys.length);
    if (items == NULL || sorted == NULL) return fail(FAILURE_NO_MEMORY);
    for (uint32_t i = 0; i < keys.length; i++) {
        struct value key = keys.as.items[i];
        uint32_t at = i;
        if (!can_sort(key, keys.as.items[0])) return fail(FAILURE_NO_OVERLOAD);
        for (; at > 0 && operate_order(OPERATOR_LT, key, sorted[at - 1]).as.boolean; at--) {
            sorted[at] = sorted[at - 1];
            items[at] = items[at - 1];
        }
        sorted[at] = key;
        items[at] = walk->range.as.items[i];
    }
    return operate_list(items, keys.length);
}

static struct value over(struct evaluation *evaluation, const struct scope *scope,
                         enum evaluate_macro macro, const struct expr *expr) {
    struct walk walk;
    bool transform = macro == EVALUATE_TRANSFORM_LIST || macro == EVALUATE_TRANSFORM_MAP ||
                     macro == EVALUATE_TRANSFORM_MAP_ENTRY;
    bool filters = transform || macro == EVALUATE_MAP;
    bool two = transform || (!filters && expr->count == 4);
    if (!open_walk(evaluation, scope, expr, two, &walk)) return fail(FAILURE_NO_OVERLOAD);
    switch (macro) {
    case EVALUATE_ALL: return quantify(evaluation, scope, &walk, false);
    case EVALUATE_EXISTS: return quantify(evaluation, scope, &walk, true);
    case EVALUATE_EXISTS_ONE:
    case EVALUATE_EXISTS_ONE_TOO: return exists_one(evaluation, scope, &walk);
    case EVALUATE_SORT_BY: return sort_by(evaluation, scope, &walk);
    case EVALUATE_TRANSFORM_MAP: return build_map(evaluation, scope, &walk, false);
    case EVALUATE_TRANSFORM_MAP_ENTRY: return build_map(evaluation, scope, &walk, true);
    default: return build_list(evaluation, scope, &walk, macro == EVALUATE_FILTER);
    }
}

static struct value has(struct evaluation *evaluation, const struct scope *scope,
                        const struct expr *asked) {
    if (asked->kind != EXPR_SELECT || asked->optional) return fail(FAILURE_NO_OVERLOAD);
    struct value from = evaluate(evaluation, scope, asked->first);
    return operate_failed(from) ? from : operate_has(from, asked->name);
}

static struct value opt_map(struct evaluation *evaluation, const struct scope *scope,
                            const struct expr *expr, bool flat) {
    const struct expr *variable = expr->first->next;
    struct value from = evaluate(evaluation, scope, expr->first);
    if (from.kind != TYPE_OPTIONAL) return fail(FAILURE_NO_OVERLOAD);
    if (from.length == 0) return from;
    struct scope inner = {variable_name(evaluation, variable), from.as.items[0], scope};
    struct value value = evaluate(evaluation, &inner, variable->next);
    if (operate_failed(value)) return value;
    if (!flat) return operate_optional(evaluation->arena, value);
    return value.kind == TYPE_OPTIONAL ? value : fail(FAILURE_NO_OVERLOAD);
}

static struct value or_else(struct evaluation *evaluation, const struct scope *scope,
                            const struct expr *expr, bool held) {
    struct value from = evaluate(evaluation, scope, expr->first);
    if (from.kind != TYPE_OPTIONAL) return fail(FAILURE_NO_OVERLOAD);
    if (from.length > 0) return held ? from.as.items[0] : from;
    struct value other = evaluate(evaluation, scope, expr->first->next);
    return held || other.kind == TYPE_OPTIONAL ? other : fail(FAILURE_NO_OVERLOAD);
}

static struct value bind(struct evaluation *evaluation, const struct scope *scope,
                         const struct expr *variable) {
    const struct expr *value = variable->next;
    struct scope inner = {variable_name(evaluation, variable), evaluate(evaluation, scope, value),
                          scope};
    return evaluate(evaluation, &inner, value->next);
}

// Items of a block are named by their number; no name in a text is one digit.
static const char digits[] = "0123456789";

static struct value block(struct evaluation *evaluation, const struct scope *scope,
                          const struct expr *items) {
    struct scope scopes[10];
    uint32_t count = 0;
    if (items->kind != EXPR_LIST) return fail(FAILURE_NO_OVERLOAD);
    for (const struct expr *item = items->first; item != NULL; item = item->next, count++) {
        if (count == LEN(scopes)) {
            evaluation->exhausted = true;
            return fail(FAILURE_STEPS);
        }
        scopes[count] =
            (struct scope){slice_from(&digits[count], 1), evaluate(evaluation, scope, item), scope};
        scope = &scopes[count];
    }
    return evaluate(evaluation, scope, items->next);
}

static struct value block_index(const struct scope *scope, const struct expr *index) {
    bool known = index->kind == EXPR_LITERAL && index->literal.kind == TYPE_INT &&
                 index->literal.as.integer >= 0 && index->literal.as.integer < 10;
    if (!known) return fail(FAILURE_NO_OVERLOAD);
    scope = find_local(scope, slice_from(&digits[index->literal.as.integer], 1));
    return scope == NULL ? fail(FAILURE_NO_OVERLOAD) : scope->value;
}

static struct value made_variable(const struct evaluation *evaluation, const struct scope *scope,
                                  const struct expr *expr) {
    scope = find_local(scope, variable_name(evaluation, expr));
    return scope == NULL ? fail(FAILURE_NO_OVERLOAD) : scope->value;
}

// `arguments`: the first one behind a receiver that is only part of the macro's name.
static struct value apply_macro(struct evaluation *evaluation, const struct scope *scope,
                                enum evaluate_macro macro, const struct expr *expr,
                                const struct expr *arguments) {
    switch (macro) {
    case EVALUATE_HAS: return has(evaluation, scope, arguments);
    case EVALUATE_OPT_MAP: return opt_map(evaluation, scope, expr, false);
    case EVALUATE_OPT_FLAT_MAP: return opt_map(evaluation, scope, expr, true);
    case EVALUATE_OR: return or_else(evaluation, scope, expr, false);
    case EVALUATE_OR_VALUE: return or_else(evaluation, scope, expr, true);
    case EVALUATE_BIND: return bind(evaluation, scope, arguments);
    case EVALUATE_BLOCK: return block(evaluation, scope, arguments);
    case EVALUATE_INDEX: return block_index(scope, arguments);
    case EVALUATE_ITER_VAR:
    case EVALUATE_ACCU_VAR: return made_variable(evaluation, scope, expr);
    default: return over(evaluation, scope, macro, expr);
    }
}

enum form { GLOBAL, METHOD };

static enum evaluate_macro find_macro(const struct expr *expr, slice whole) {
    static const struct {
        const char *name;
        enum form form;
        uint32_t least;
        uint32_t most;
    } rows[] = {
#define MACRO(name, text, form, least, most, signature, example, meaning) {text, form, least, most},
#include "engine/tbl/macros.h"
#undef MACRO
    };
    uint32_t count = expr->count - expr->receiver;
    for (uint32_t i = 0; i < EVALUATE_MACROS; i++) {
        bool method = rows[i].form == METHOD;
        if (method && !expr->receiver) continue;
        if (!slice_is(method ? expr->name : whole, rows[i].name)) continue;
        if (count >= rows[i].least && count <= rows[i].most) return (enum evaluate_macro)i;
    }
    return EVALUATE_MACROS;
}

// ---- functions

static bool is_named(enum function function, slice name, bool method) {
    bool is_method;
    slice signature = slice_of(function_rows[function].signature);
    return slice_equal(signature_name(signature, &is_method), name) && is_method == method;
}

static bool takes(enum function function, const struct value *arguments, uint32_t count) {
    uint8_t kinds[FUNCTION_ARGUMENTS];
    uint8_t result;
    if (!function_kinds(function, count, kinds, &result)) return false;
    for (uint32_t i = 0; i < count; i++) {
        if (kinds[i] != TYPE_DYN && kinds[i] != arguments[i].kind) return false;
    }
    return true;
}

static bool function_known(slice name) {
    for (uint32_t i = 0; i < FUNCTION_TOTAL; i++) {
        if (is_named((enum function)i, name, false)) return true;
    }
    return false;
}

static struct value call_function(struct evaluation *evaluation, slice name, bool method,
                                  const struct value *arguments, uint32_t count) {
    struct value out = {0};
    for (uint32_t i = 0; i < FUNCTION_TOTAL; i++) {
        enum function function = (enum function)i;
        if (!is_named(function, name, method) || !takes(function, arguments, count)) continue;
        evaluation->call.count = count;
        enum failure failure = function_rows[i].body(&evaluation->call, arguments, &out);
        bool out_of_all = failure == FAILURE_STEPS || failure == FAILURE_NO_MEMORY;
        if (out_of_all) evaluation->exhausted = true;
        if (failure != FAILURE_NONE) return fail(failure);
        evaluation->functions[i]++;
        return out;
    }
    return fail(FAILURE_NO_OVERLOAD);
}

static struct value call(struct evaluation *evaluation, const struct scope *scope,
                         const struct expr *expr) {
    char path[PATH_MOST];
    struct value arguments[FUNCTION_ARGUMENTS];
    uint32_t count = 0;
    slice whole = expr->receiver ? dotted(scope, expr->first, expr->name, path) : expr->name;
    const struct expr *next = expr->first;
    enum evaluate_macro macro = find_macro(expr, whole);
    if (macro != EVALUATE_MACROS) {
        const struct expr *behind = expr->receiver ? next->next : next;
        struct value value = apply_macro(evaluation, scope, macro, expr, behind);
        if (!operate_failed(value)) evaluation->macros[macro]++;
        return value;
    }
    bool global = whole.length > 0 && function_known(whole);
    if (global && expr->receiver) next = next->next;
    for (; next != NULL; next = next->next) {
        struct value value = evaluate(evaluation, scope, next);
        if (operate_failed(value)) return value;
        if (count == FUNCTION_ARGUMENTS) return fail(FAILURE_NO_OVERLOAD);
        arguments[count++] = value;
    }
    if (global) return call_function(evaluation, whole, false, arguments, count);
    return call_function(evaluation, expr->name, expr->receiver, arguments, count);
}

// ---- any expression

static struct value index_of(struct evaluation *evaluation, const struct scope *scope,
                             const struct expr *expr) {
    struct value from = evaluate(evaluation, scope, expr->first);
    if (operate_failed(from)) return from;
    struct value index = evaluate(evaluation, scope, expr->first->next);
    if (operate_failed(index)) return index;
    return operate_index(evaluation->arena, from, index, expr->optional);
}

static struct value evaluate(struct evaluation *evaluation, const struct scope *scope,
                             const struct expr *expr) {
    if (++evaluation->steps > NODES_MOST) evaluation->exhausted = true;
    if (evaluation->exhausted) return fail(FAILURE_STEPS);
    switch ((enum expr_kind)expr->kind) {
    case EXPR_LITERAL: return expr->magnitude ? fail(FAILURE_OVERFLOW) : expr->literal;
    case EXPR_NAME: return name(evaluation, scope, expr);
    case EXPR_SELECT: return select(evaluation, scope, expr);
    case EXPR_INDEX: return index_of(evaluation, scope, expr);
    case EXPR_CALL: return call(evaluation, scope, expr);
    case EXPR_LIST: return list(evaluation, scope, expr);
    case EXPR_MAP: return map(evaluation, scope, expr);
    case EXPR_OPERATOR: return operation(evaluation, scope, expr);
    case EXPR_FAILURE: break;
    }
    return fail(FAILURE_NO_OVERLOAD);
}

struct value evaluate_expression(struct evaluation *evaluation, const struct expr *expr) {
    evaluation->call = (struct call){.arena = evaluation->arena, .steps = FUNCTION_STEPS};
    struct value value = evaluate(evaluation, NULL, expr);
    if (evaluation->arena->failed) evaluation->exhausted = true;
    return value;
}
