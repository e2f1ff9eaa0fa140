// Calls: which function or macro a name means, and which of its overloads fit.
#include "engine/lang/check.h"

#include "engine/conf/config.h"
#include "engine/match/regex.h"

struct macro_row {
    const char *name;
    bool method;
};

enum { METHOD = true, GLOBAL = false };

static const struct macro_row macro_rows[MACRO_TOTAL] = {
#define MACRO(name, text, form, least, most, signature, example, meaning)                          \
    [MACRO_##name] = {text, form},
#include "engine/tbl/macros.h"
#undef MACRO
};

static bool functions_ready(struct check *check) {
    struct unit *unit = check->unit;
    if (unit->functions.names != NULL) return true;
    if (overload_index_make(&unit->functions, unit->arena, unit->declared, unit->declared_count)) {
        return true;
    }
    unit->diagnostics->out_of_memory = true;
    return false;
}

static void help_signature(struct check *check, uint32_t function) {
    slice signature = overload_signature(&check->unit->functions, function);
    diag_help(check->unit->diagnostics, "there is `{0}`", &signature);
}

static slice nearest_macro(slice name) {
    slice names[MACRO_TOTAL];
    for (uint32_t i = 0; i < MACRO_TOTAL; i++)
        names[i] = slice_of(macro_rows[i].name);
    return diag_nearest(name, names, MACRO_TOTAL);
}

static const struct shape *unknown_function(struct check *check, const struct expr *expr,
                                            slice name, bool method) {
    const struct overload_index *functions = &check->unit->functions;
    check_report(check, ERROR_UNKNOWN_FUNCTION, &expr->name_span, &name);
    if (overload_known(functions, name, !method) > 0) {
        struct overloads other;
        overload_resolve(functions, &check->unit->shapes, name, !method, NULL, 0, &other);
        help_signature(check, other.named);
        return NULL;
    }
    slice nearest = diag_nearest(name, functions->names, functions->count);
    if (nearest.length == 0) nearest = nearest_macro(name);
    if (nearest.length > 0) diag_help(check->unit->diagnostics, "did you mean `{0}`?", &nearest);
    return NULL;
}

static slice argument_types(struct check *check, const struct expr *expr) {
    struct text types;
    text_init(&types, check->unit->arena);
    const struct expr *argument = expr->first;
    for (; argument != NULL; argument = argument->next) {
        if (argument != expr->first) text_add_string(&types, ", ");
        shape_print(&types, argument->shape, false);
    }
    if (types.length == 0) text_add_string(&types, "nothing");
    return text_slice(&types);
}

static const struct shape *refuse_call(struct check *check, const struct expr *expr, slice name,
                                       const struct overloads *overloads) {
    struct signature signature;
    const struct overload_index *functions = &check->unit->functions;
    if (overloads->count_fits) {
        check_report(check, ERROR_NO_OVERLOAD, &expr->span,
                     (slice[]){name, argument_types(check, expr)});
    } else if (overload_read(functions, &check->unit->shapes, overloads->named, &signature)) {
        check_report(check, ERROR_ARGUMENT_COUNT, &expr->span,
                     (slice[]){name, check_number(check, signature.count - signature.method),
                               check_number(check, expr->count - expr->receiver)});
    }
    help_signature(check, overloads->named);
    return NULL;
}

// The JSON of the user's data is cut from its source: a parse and a print would change numbers.
static bool fold_json(struct check *check, struct expr *expr) {
    const struct expr *argument = expr->first;
    bool cut = slice_is(expr->name, "json") && !expr->receiver && expr->count == 1 &&
               argument->kind == EXPR_LITERAL && argument->binding == BIND_CONFIG;
    if (!cut) return false;
    struct text text;
    text_init(&text, check->unit->arena);
    config_json(check->unit->config, argument->index, &text);
    if (text.failed) check->unit->diagnostics->out_of_memory = true;
    fold_to(expr, value_string(text_slice(&text)));
    return true;
}

// A secret is looked up now; `secret()` of what is not there fails each time.
static const struct shape *find_secret(struct check *check, struct expr *expr) {
    const struct secret_finder *secrets = &check->unit->secrets;
    const struct expr *name = expr->first;
    slice value;
    if (name->kind != EXPR_LITERAL) {
        check_report(check, ERROR_NOT_CONSTANT, &name->span,
                     (slice[]){slice_of("the name of a secret")});
        return NULL;
    }
    slice text = value_text(name->literal);
    if (!check->untaken && secrets->find != NULL && secrets->find(secrets->self, text, &value)) {
        struct value secret = value_string(value);
        secret.kind = TYPE_SECRET;
        fold_to(expr, secret);
        return shape_of(TYPE_SECRET);
    }
    if (secrets->must_exist && !check->untaken) {
        check_report(check, ERROR_SECRET_MISSING, &name->span, &text);
        return NULL;
    }
    expr->varies = true;
    return shape_of(TYPE_SECRET);
}

static bool report_pattern(struct check *check, const struct expr *pattern) {
    struct regex *regex;
    struct regex_error error;
    int64_t effort = INT64_MAX;
    arena_reset(check->unit->scratch);
    if (regex_compile(check->unit->scratch, value_text(pattern->literal), &effort, &regex,
                      &error)) {
        return true;
    }
    check_report(
        check, ERROR_BAD_PATTERN, &pattern->span,
        (slice[]){slice_of(regex_problem_words(error.problem)), check_number(check, error.at)});
    return false;
}

// A constant that the function cannot take is found now.
static bool check_prepared(struct check *check, const struct expr *expr, slice name) {
    uint32_t number = 0;
    const struct expr *argument = expr->first;
    enum function function = (enum function)expr->overloads->functions[0];
    uint8_t kinds[FUNCTION_ARGUMENTS];
    uint8_t result;
    if (expr->overloads->count != 1 || check->alone) return true;
    if (!function_kinds(function, expr->count, kinds, &result)) return true;
    for (; argument != NULL; argument = argument->next, number++) {
        struct value value;
        const struct prepared_row *row = function_prepared(function, number);
        bool fits = argument->kind == EXPR_LITERAL && argument->literal.kind == kinds[number];
        if (row == NULL || !fits) continue;
        if (row->kind == TYPE_REGEX) return report_pattern(check, argument);
        arena_reset(check->unit->scratch);
        enum failure failure = row->prepare(check->unit->scratch, argument->literal, &value);
        if (failure == FAILURE_NONE || failure == FAILURE_NO_MEMORY) continue;
        check_report(
            check, ERROR_BAD_CONSTANT, &argument->span,
            (slice[]){name, check_source(check, argument->span), slice_of(failure_words(failure))});
        return false;
    }
    return true;
}

// What nothing is known of may be meant by all functions of a name, not by the first.
static const struct shape *argument_shape(const struct expr *argument, bool many) {
    if (argument->shape == NULL) return NULL;
    const struct shape *shape = shape_resolve(argument->shape);
    return many && shape->kind == SHAPE_VARIABLE ? shape_of(TYPE_DYN) : shape;
}

static const struct shape *resolve(struct check *check, struct expr *expr, slice name,
                                   bool method) {
    const struct shape *arguments[FUNCTION_ARGUMENTS];
    uint32_t count = 0;
    bool good = true;
    uint32_t named = overload_known(&check->unit->functions, name, method);
    bool many = named > 1;
    if (named == 0) return unknown_function(check, expr, name, method);
    for (struct expr *argument = expr->first; argument != NULL; argument = argument->next) {
        if (check_expr(check, argument) == TYPE_NONE) good = false;
        if (count < FUNCTION_ARGUMENTS) arguments[count++] = argument_shape(argument, many);
    }
    if (!good) return NULL;
    if (fold_json(check, expr)) return shape_of(TYPE_STRING);
    struct overloads *overloads = arena_take(check->unit->arena, sizeof *overloads);
    if (overloads == NULL) {
        check->unit->diagnostics->out_of_memory = true;
        return NULL;
    }
    overload_resolve(&check->unit->functions, &check->unit->shapes, name, method, arguments,
                     expr->count <= FUNCTION_ARGUMENTS ? count : FUNCTION_ARGUMENTS + 1, overloads);
    if (overloads->count == 0) return refuse_call(check, expr, name, overloads);
    expr->binding = BIND_FUNCTION;
    expr->overloads = overloads;
    bool headers = expr->first != NULL && shape_type(expr->first->shape) == TYPE_HEADERS;
    if (headers && !check_lists_headers(check, expr->first)) return NULL;
    if (!check_prepared(check, expr, name)) return NULL;
    uint32_t first = overloads->functions[0];
    if (first == FUNCTION_SECRET) return find_secret(check, expr);
    expr->varies = first >= FUNCTION_TOTAL || function_varies((enum function)first);
    return overloads->result;
}

bool check_qualify(struct check *check, slice name, bool rooted,
                   bool (*use)(struct check *check, slice full, void *self), void *self) {
    slice container = rooted ? (slice){NULL, 0} : check->container;
    while (container.length > 0) {
        struct text full;
        text_init(&full, check->unit->arena);
        text_add(&full, container);
        text_add_char(&full, '.');
        text_add(&full, name);
        if (use(check, text_slice(&full), self)) return true;
        uint32_t end = container.length;
        while (end > 0 && container.at[end - 1] != '.')
            end--;
        container = slice_cut(container, 0, end > 0 ? end - 1 : 0);
    }
    return use(check, name, self);
}

static bool is_function(struct check *check, slice full, void *self) {
    slice *found = self;
    if (overload_known(&check->unit->functions, full, false) == 0) return false;
    *found = full;
    return true;
}

// `math` of `math.abs`: nothing but the beginning of functions' names.
static bool is_namespace(struct check *check, const struct expr *receiver) {
    const struct overload_index *functions = &check->unit->functions;
    for (uint32_t i = 0; i < functions->count && receiver->kind == EXPR_NAME; i++) {
        slice name = functions->names[i];
        bool inside = name.length > receiver->name.length && !functions->methods[i] &&
                      name.at[receiver->name.length] == '.';
        if (inside && slice_starts(name, receiver->name)) return true;
    }
    return false;
}

// `math` of `math.abs(x)` is no receiver but the beginning of the name.
static void drop_receiver(struct expr *expr, slice name) {
    expr->name = name;
    expr->receiver = false;
    expr->first = expr->first->next;
    expr->count--;
}

static const uint8_t macro_ranges[MACRO_TOTAL][2] = {
#define MACRO(name, text, form, least, most, signature, example, meaning)                          \
    [MACRO_##name] = {least, most},
#include "engine/tbl/macros.h"
#undef MACRO
};

static bool takes(enum macro macro, uint32_t arguments) {
    return arguments >= macro_ranges[macro][0] && arguments <= macro_ranges[macro][1];
}

static enum macro named_macro(struct check *check, const struct expr *expr) {
    slice dotted = {NULL, 0};
    if (expr->receiver) dotted = check_dotted(check, expr->first, expr->name);
    for (uint32_t i = 0; i < MACRO_TOTAL; i++) {
        bool method = macro_rows[i].method;
        bool global = !method && slice_is(expr->receiver ? dotted : expr->name, macro_rows[i].name);
        bool named = method && expr->receiver && slice_is(expr->name, macro_rows[i].name);
        if (global || named) return (enum macro)i;
    }
    return MACRO_TOTAL;
}

enum macro check_find_macro(struct check *check, const struct expr *expr) {
    enum macro macro = named_macro(check, expr);
    if (macro == MACRO_TOTAL) return macro;
    uint32_t arguments = expr->count - (macro_rows[macro].method || expr->receiver);
    return takes(macro, arguments) ? macro : MACRO_TOTAL;
}

// A macro of that name that takes other arguments, and no function.
static bool refuse_macro(struct check *check, const struct expr *expr) {
    enum macro macro = named_macro(check, expr);
    if (macro == MACRO_TOTAL) return false;
    struct text range;
    text_init(&range, check->unit->arena);
    text_add_uint(&range, macro_ranges[macro][0]);
    if (macro_ranges[macro][0] < macro_ranges[macro][1]) {
        text_add_string(&range, " or ");
        text_add_uint(&range, macro_ranges[macro][1]);
    }
    check_report(check, ERROR_ARGUMENT_COUNT, &expr->span,
                 (slice[]){slice_of(macro_rows[macro].name), text_slice(&range),
                           check_number(check, expr->count - expr->receiver)});
    return true;
}

// `ramp(start, over)` depends on the time of day, which functions do not see.
static void add_now(struct check *check, struct expr *expr) {
    struct expr *now = arena_take(check->unit->arena, sizeof *now);
    if (now == NULL) {
        check->unit->diagnostics->out_of_memory = true;
        return;
    }
    *now = (struct expr){.kind = EXPR_NAME,
                         .height = 1,
                         .span = expr->name_span,
                         .name = slice_of("now"),
                         .name_span = expr->name_span};
    expr->first->next->next = now;
    expr->count++;
}

const struct shape *check_call(struct check *check, struct expr *expr) {
    if (!functions_ready(check)) return NULL;
    bool ramp = slice_is(expr->name, "ramp") && !expr->receiver && expr->count == 2;
    if (ramp) add_now(check, expr);
    enum macro macro = check_find_macro(check, expr);
    if (macro != MACRO_TOTAL) {
        bool global = expr->receiver && !macro_rows[macro].method;
        if (global) drop_receiver(expr, slice_of(macro_rows[macro].name));
        return check_macro(check, expr, macro);
    }
    slice name = expr->name;
    slice full = {NULL, 0};
    slice dotted = expr->receiver ? check_dotted(check, expr->first, name) : name;
    bool rooted = expr->receiver ? expr->first->rooted : expr->rooted;
    bool known = dotted.length > 0 && check_qualify(check, dotted, rooted, is_function, &full);
    if (known && expr->receiver) drop_receiver(expr, full);
    if (known) name = full;
    if (!known && dotted.length > 0 && expr->receiver && is_namespace(check, expr->first)) {
        return unknown_function(check, expr, dotted, false);
    }
    bool exists = overload_known(&check->unit->functions, name, expr->receiver) > 0;
    if (!exists && refuse_macro(check, expr)) return NULL;
    return resolve(check, expr, name, expr->receiver);
}
