// Code of calls: sites, prepared arguments, and the functions on headers, which are instructions.
#include "engine/lang/emit.h"

static bool same_site(const struct call_site *x, const struct call_site *y) {
    if (x->count != y->count || x->candidate_count != y->candidate_count) return false;
    for (uint32_t i = 0; i < x->candidate_count; i++) {
        if (memcmp(&x->candidates[i], &y->candidates[i], sizeof x->candidates[i]) != 0)
            return false;
    }
    return true;
}

static uint32_t add_site(struct emit *emit, const struct call_site *site) {
    for (uint32_t i = 0; i < emit->site_count; i++) {
        if (same_site(&emit->sites[i], site)) return i;
    }
    void *rows = emit->sites;
    if (!emit_reserve(emit, &rows, emit->site_count, &emit->site_capacity, sizeof *site)) return 0;
    emit->sites = rows;
    size_t bytes = site->candidate_count * sizeof *site->candidates;
    struct candidate *candidates = arena_take(emit->arena, bytes);
    if (candidates == NULL) {
        emit->failed = true;
        return 0;
    }
    memcpy(candidates, site->candidates, bytes);
    emit->sites[emit->site_count] = *site;
    emit->sites[emit->site_count].candidates = candidates;
    return emit->site_count++;
}

static bool same_constant(struct value x, struct value y) {
    if (x.kind != TYPE_STRING || y.kind != TYPE_STRING) {
        return x.kind == y.kind && x.length == y.length && x.as.items == y.as.items;
    }
    return slice_equal(value_text(x), value_text(y));
}

// What was prepared before is there once. False when the function refuses the constant: then it
// does so again when it runs.
static bool prepare(struct emit *emit, const struct prepared_row *row, struct value constant,
                    uint32_t *operand) {
    for (uint32_t i = 0; i < emit->made_count; i++) {
        const struct made_constant *made = &emit->made[i];
        if (made->row->prepare != row->prepare || !same_constant(made->from, constant)) continue;
        *operand = made->operand;
        return true;
    }
    struct value value;
    size_t held = emit->arena->held;
    enum failure failure = row->prepare(emit->arena, constant, &value);
    if (failure == FAILURE_NO_MEMORY) emit->failed = true;
    emit->prepared_held += emit->arena->held - held;
    if (emit->prepared_held > LIMIT_PREPARED_BYTES) {
        emit_too_large(emit, LIMIT_PREPARED_BYTES, "bytes in patterns and networks");
    }
    if (failure != FAILURE_NONE) return false;
    void *rows = emit->made;
    if (!emit_reserve(emit, &rows, emit->made_count, &emit->made_capacity, sizeof *emit->made)) {
        return false;
    }
    emit->made = rows;
    if (value.kind == TYPE_REGEX) emit->has_patterns = true;
    *operand = emit_constant(emit, value);
    emit->made[emit->made_count++] = (struct made_constant){row, constant, *operand};
    return true;
}

// Of a constant argument of the kind that the only candidate takes: what prepares it, or NULL.
static const struct prepared_row *prepared_row(const struct overloads *overloads,
                                               const struct candidate *candidate, uint32_t argument,
                                               const struct expr *expr) {
    bool fits = expr->kind == EXPR_LITERAL && expr->literal.kind == candidate->kinds[argument];
    if (overloads->count != 1 || !fits) return NULL;
    return function_prepared((enum function)overloads->functions[0], argument);
}

// Whether the machine knows that the arguments are what the only candidate takes.
static bool is_sure(const struct expr *expr, const struct candidate *candidate) {
    const struct expr *argument = expr->first;
    if (expr->overloads->count != 1) return false;
    for (uint32_t i = 0; argument != NULL; argument = argument->next, i++) {
        if (candidate->kinds[i] != TYPE_DYN && candidate->kinds[i] != argument->type) return false;
    }
    return true;
}

static void emit_function(struct emit *emit, const struct expr *expr, uint32_t into) {
    const struct overloads *overloads = expr->overloads;
    struct candidate candidates[OVERLOAD_CANDIDATES];
    struct call_site site = {function_rows[overloads->functions[0]].body, candidates,
                             (uint8_t)overloads->count, (uint8_t)expr->count, TYPE_NONE};
    memset(candidates, 0, sizeof candidates);
    for (uint32_t i = 0; i < overloads->count; i++) {
        uint8_t result = TYPE_DYN;
        candidates[i].function = overloads->functions[i];
        function_kinds((enum function)overloads->functions[i], expr->count, candidates[i].kinds,
                       &result);
        site.result = site.result == TYPE_NONE || site.result == result ? result : TYPE_DYN;
    }
    bool sure = is_sure(expr, &candidates[0]);
    uint32_t base = emit_registers(emit, expr->count);
    uint32_t i = 0;
    for (const struct expr *argument = expr->first; argument != NULL && !emit->too_large;
         argument = argument->next, i++) {
        uint32_t prepared;
        const struct prepared_row *row = prepared_row(overloads, &candidates[0], i, argument);
        if (row == NULL || !prepare(emit, row, argument->literal, &prepared)) {
            emit_to(emit, argument, base + i);
            continue;
        }
        candidates[0].kinds[i] = row->kind;
        emit_op(emit, OP_MOVE, base + i, prepared, 0);
    }
    emit_op(emit, sure ? OP_CALL : OP_CALL_ANY, into, add_site(emit, &site), base);
}

static void emit_header_call(struct emit *emit, enum opcode op, const struct expr *expr,
                             uint32_t into) {
    uint32_t headers = emit_value(emit, expr->first);
    const struct expr *name = expr->first->next;
    emit_op(emit, op, into, headers, name == NULL ? 0 : emit_value_of(emit, name, TYPE_STRING));
}

// The size of headers is that of their names.
static void emit_header_size(struct emit *emit, const struct expr *expr, uint32_t into) {
    struct candidate candidate = {.function = FUNCTION_SIZE_LIST};
    struct call_site site = {function_rows[FUNCTION_SIZE_LIST].body, &candidate, 1, 1, TYPE_INT};
    candidate.kinds[0] = TYPE_LIST;
    uint32_t names = emit_register(emit);
    emit_op(emit, OP_HEADER_NAMES, names, emit_value(emit, expr->first), 0);
    emit_op(emit, OP_CALL, into, add_site(emit, &site), names);
}

static bool is_declared_only(const struct overloads *overloads) {
    return overloads->functions[0] >= FUNCTION_TOTAL;
}

void emit_sort(struct emit *emit, uint32_t list, uint32_t keys, uint32_t into) {
    struct candidate candidate = {.function = FUNCTION_LIST_SORT_BY_INT};
    struct call_site site = {function_rows[FUNCTION_LIST_SORT_BY_INT].body, &candidate, 1, 2,
                             TYPE_LIST};
    candidate.kinds[0] = candidate.kinds[1] = TYPE_LIST;
    uint32_t base = emit_registers(emit, 2);
    emit_op(emit, OP_MOVE, base, list, 0);
    emit_op(emit, OP_MOVE, base + 1, keys, 0);
    emit_op(emit, OP_CALL, into, add_site(emit, &site), base);
}

void emit_call(struct emit *emit, const struct expr *expr, uint32_t into) {
    if (expr->binding == BIND_MACRO) {
        emit_macro(emit, expr, into);
        return;
    }
    if (is_declared_only(expr->overloads)) {
        emit_op(emit, OP_FAIL, into, FAILURE_NO_OVERLOAD, 0);
        return;
    }
    switch (expr->overloads->functions[0]) {
    case FUNCTION_HEADERS_SIZE:
    case FUNCTION_SIZE_HEADERS: emit_header_size(emit, expr, into); break;
    case FUNCTION_HEADERS_VALUES: emit_header_call(emit, OP_HEADER_VALUES, expr, into); break;
    case FUNCTION_HEADERS_TO_MAP: emit_header_call(emit, OP_HEADER_MAP, expr, into); break;
    default: emit_function(emit, expr, into); break;
    }
}
