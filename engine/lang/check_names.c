// Names: fields by their path, lets, `config`, headers, selections and indices.
#include "engine/lang/check.h"
#include "engine/lib/compare.h"
#include "engine/lib/header.h"

enum { PATH_PARTS = 8 };

// The dotted path of a chain of plain selections from a name, as its parts from the last to the
// first; 0 when the expression is none, or is longer than any field.
static uint32_t path_parts(const struct expr *expr, slice parts[PATH_PARTS]) {
    uint32_t count = 0;
    for (; count < PATH_PARTS; expr = expr->first) {
        bool select = expr->kind == EXPR_SELECT && !expr->optional;
        if (!select && expr->kind != EXPR_NAME) return 0;
        if (expr->parenthesised && count > 0) return 0;
        parts[count++] = expr->name;
        if (!select) return count;
    }
    return 0;
}

// Whether the parts are the path of a field, or (`inside`) the beginning of one.
static bool path_matches(slice path, const slice *parts, uint32_t count, bool inside) {
    uint32_t at = 0;
    for (uint32_t i = count; i-- > 0;) {
        slice rest = slice_cut(path, at, path.length);
        if (!slice_starts(rest, parts[i])) return false;
        at += parts[i].length;
        if (i > 0 && (at >= path.length || path.at[at++] != '.')) return false;
    }
    return inside ? at < path.length && path.at[at] == '.' : at == path.length;
}

static enum field find_field(const slice *parts, uint32_t count, bool inside) {
    for (uint32_t i = 0; i < FIELD_TOTAL && count > 0; i++) {
        if (path_matches(slice_of(field_rows[i].path), parts, count, inside)) return (enum field)i;
    }
    return FIELD_TOTAL;
}

static slice phase_word(uint8_t phases) {
    for (uint32_t phase = 0; phase <= PHASE_TOTAL; phase++) {
        if (phases >> phase & 1) return slice_of(phase_names[phase]);
    }
    return slice_of("");
}

// The let's phases shrink to the field's; elsewhere the field must exist where it is used.
static bool check_phases(struct check *check, struct span span, enum field field, uint8_t exist,
                         slice shown) {
    if (check->let != NULL) {
        uint8_t both = check->let->phases & exist;
        if (both != check->let->phases) check->let->weakest = (uint8_t)field;
        check->let->phases = both;
        return true;
    }
    uint8_t missing = check->phases & (uint8_t)~exist;
    if (missing == 0) return true;
    check_report(check, ERROR_FIELD_PHASE, &span, (slice[]){shown, phase_word(missing)});
    if ((exist & (IN_ALL & ~IN_EXPECT)) == 0) {
        diag_help(check->unit->diagnostics, "it exists in test files only", NULL);
    } else {
        diag_help(check->unit->diagnostics, "the earliest phase that has it: `on {0}`",
                  (slice[]){phase_word(exist)});
    }
    return false;
}

static const struct shape *check_limits(struct check *check, struct expr *expr);

static const struct shape *bind_field(struct check *check, struct expr *expr, enum field field) {
    const struct field_row *row = &field_rows[field];
    if (field == FIELD_LIMITS) return check_limits(check, expr);
    if (!check_phases(check, expr->span, field, row->phases, slice_of(row->path))) return NULL;
    expr->binding = BIND_FIELD;
    expr->index = field;
    return shape_of((enum type)row->type);
}

static const struct shape *bind_let(struct check *check, struct expr *expr, uint32_t number) {
    struct unit_let *let = &check->unit->lets[number];
    if (let->ordinal >= check->ordinal) {
        check_report(check, ERROR_FORWARD_LET, &expr->span, &expr->name);
        diag_other(check->unit->diagnostics, &let->item->name_span, "defined here");
        return NULL;
    }
    if (let->type == TYPE_NONE) return NULL;
    if (let->constant) {
        const struct expr *value = let->item->value;
        fold_to(expr, value->literal);
        expr->binding = value->binding;
        expr->index = value->index;
        return let->shape;
    }
    slice shown = let->phases == IN_ALL ? let->name : slice_of(field_rows[let->weakest].path);
    if (!check_phases(check, expr->span, (enum field)let->weakest, let->phases, shown)) {
        return NULL;
    }
    expr->binding = BIND_LET;
    expr->index = number;
    if (check->let != NULL && check->let->depth <= let->depth) check->let->depth = let->depth + 1;
    return let->shape;
}

static const struct shape *bind_config(struct check *check, struct expr *expr) {
    fold_to(expr, check->unit->config->data);
    expr->binding = BIND_CONFIG;
    expr->index = CONFIG_ROOT;
    return shape_of_value(&check->unit->shapes, expr->literal);
}

static const struct shape *bind_variable(struct check *check, struct expr *expr, uint32_t number) {
    const struct unit_variable *variable = &check->unit->variables[number];
    expr->binding = BIND_VARIABLE;
    expr->index = number;
    if (variable->input) expr->varies = true;
    expr->raises = variable->can_fail;
    return variable->shape;
}

uint32_t check_find_variable(const struct check *check, slice name) {
    for (const struct scope_name *scope = check->scope; scope != NULL; scope = scope->outer) {
        if (slice_equal(scope->name, name)) return scope->variable;
    }
    return NAME_NONE;
}

// The first word of the path that ends in `expr`, or NULL.
static const struct expr *root_of(const struct expr *expr) {
    while (expr->kind == EXPR_SELECT && !expr->optional)
        expr = expr->first;
    return expr->kind == EXPR_NAME ? expr : NULL;
}

static void add_path(struct text *text, const struct expr *expr) {
    if (expr->kind == EXPR_SELECT) {
        add_path(text, expr->first);
        text_add_char(text, '.');
    }
    text_add(text, expr->name);
}

slice check_dotted(struct check *check, const struct expr *expr, slice tail) {
    const struct expr *root = root_of(expr);
    if (root == NULL || expr->height > PATH_PARTS) return (slice){NULL, 0};
    if (!root->rooted && check_find_variable(check, root->name) != NAME_NONE) {
        return (slice){NULL, 0};
    }
    struct text text;
    text_init(&text, check->unit->arena);
    add_path(&text, expr);
    if (tail.length > 0) {
        text_add_char(&text, '.');
        text_add(&text, tail);
    }
    return text_slice(&text);
}

static bool is_input(struct check *check, slice full, void *self) {
    uint32_t *number = self;
    for (uint32_t i = 0; i < check->unit->input_count; i++) {
        if (!slice_equal(check->unit->variables[i].name, full)) continue;
        *number = i;
        return true;
    }
    return false;
}

static bool is_type(struct check *check, slice full, void *self) {
    enum type *type = self;
    (void)check;
    *type = type_of_full_name(full);
    return *type != TYPE_NONE;
}

static const struct shape *bind_type(struct check *check, struct expr *expr, enum type type) {
    fold_to(expr, value_type(slice_of(type_full_name(type))));
    return shape_one(&check->unit->shapes, TYPE_TYPE, shape_of(type));
}

// A name with or without dots that is an input's or a type's; NULL when it is neither.
static const struct shape *bind_declared(struct check *check, struct expr *expr, bool *found) {
    const struct expr *root = root_of(expr);
    slice path = root == NULL ? (slice){NULL, 0} : check_dotted(check, expr, (slice){NULL, 0});
    uint32_t input = NAME_NONE;
    enum type type = TYPE_NONE;
    *found = path.length > 0;
    if (path.length == 0) return NULL;
    if (check->unit->input_count > 0 &&
        check_qualify(check, path, root->rooted, is_input, &input)) {
        const struct shape *shape = bind_variable(check, expr, input);
        expr->kind = EXPR_NAME;
        expr->first = NULL;
        expr->count = 0;
        return shape;
    }
    if (check_qualify(check, path, root->rooted, is_type, &type)) {
        return bind_type(check, expr, type);
    }
    *found = false;
    return NULL;
}

static const struct known_value *find_known(const struct check *check, slice name) {
    for (uint32_t i = check->known_count; i-- > 0;) {
        if (slice_equal(check->known[i].name, name)) return &check->known[i];
    }
    return NULL;
}

static void help_names(struct check *check, slice name) {
    slice nearest = diag_nearest(name, check->unit->let_names.list, check->unit->let_names.count);
    if (nearest.length == 0) {
        slice fields[FIELD_TOTAL + 1];
        for (uint32_t i = 0; i < FIELD_TOTAL; i++) {
            slice path = slice_of(field_rows[i].path);
            const char *dot = memchr(path.at, '.', path.length);
            fields[i] = dot == NULL ? path : slice_cut(path, 0, (uint32_t)(dot - path.at));
        }
        fields[FIELD_TOTAL] = slice_of("config");
        nearest = diag_nearest(name, fields, FIELD_TOTAL + 1);
    }
    if (nearest.length == 0) return;
    diag_help(check->unit->diagnostics, "did you mean `{0}`?", &nearest);
}

// `limits.NAME.remaining`, NAME with the dots of its groups: what the limiter has left.
static const struct shape *check_limits(struct check *check, struct expr *expr) {
    struct unit *unit = check->unit;
    slice path = check_dotted(check, expr, (slice){NULL, 0});
    slice head = slice_of("limits."), tail = slice_of(".remaining");
    if (path.length <= head.length + tail.length || !slice_ends(path, tail)) {
        bool field = expr->kind == EXPR_SELECT;
        check_report(check, field ? ERROR_UNKNOWN_FIELD : ERROR_UNKNOWN_NAME, &expr->name_span,
                     (slice[]){slice_of("limits"), expr->name});
        diag_help(unit->diagnostics, "`limits.NAME.remaining`", NULL);
        return NULL;
    }
    slice name = slice_cut(path, head.length, path.length - tail.length);
    uint32_t limiter = names_resolve(&unit->limiter_names, check->prefix, name);
    if (limiter == NAME_NONE) {
        check_report(check, ERROR_UNKNOWN_LIMITER, &expr->span, &name);
        slice nearest = diag_nearest(name, unit->limiter_names.list, unit->limiter_names.count);
        if (nearest.length > 0) diag_help(unit->diagnostics, "did you mean `{0}`?", &nearest);
        return NULL;
    }
    if (check->let != NULL) check->let->phases &= (uint8_t)~IN_EXPECT;
    if (check->let == NULL && (check->phases & IN_EXPECT) != 0) {
        check_report(check, ERROR_FIELD_PHASE, &expr->span,
                     (slice[]){path, slice_of(phase_names[PHASE_TOTAL])});
        return NULL;
    }
    expr->binding = BIND_LIMITER;
    expr->index = limiter;
    return shape_of(TYPE_INT);
}

static bool is_limits(const struct expr *expr) {
    const struct expr *root = root_of(expr);
    return root != NULL && !root->rooted && expr != root && slice_is(root->name, "limits");
}

// weir's own names: lets, fields, `config`.
static const struct shape *check_own_name(struct check *check, struct expr *expr) {
    slice parts[PATH_PARTS];
    struct unit *unit = check->unit;
    uint32_t let = names_resolve(&unit->let_names, check->prefix, expr->name);
    if (let != NAME_NONE && !expr->rooted) return bind_let(check, expr, let);
    uint32_t count = path_parts(expr, parts);
    enum field field = find_field(parts, count, false);
    if (field != FIELD_TOTAL) return bind_field(check, expr, field);
    if (slice_is(expr->name, "config")) return bind_config(check, expr);
    check_report(check, ERROR_UNKNOWN_NAME, &expr->span, &expr->name);
    field = find_field(parts, count, true);
    if (field != FIELD_TOTAL) {
        diag_help(unit->diagnostics, "it has fields, for example `{0}`",
                  (slice[]){slice_of(field_rows[field].path)});
        return NULL;
    }
    help_names(check, expr->name);
    return NULL;
}

const struct shape *check_name(struct check *check, struct expr *expr) {
    const struct known_value *known = find_known(check, expr->name);
    uint32_t variable = expr->rooted ? NAME_NONE : check_find_variable(check, expr->name);
    bool found;
    if (variable != NAME_NONE) return bind_variable(check, expr, variable);
    if (known != NULL) {
        fold_to(expr, known->value);
        return shape_of_value(&check->unit->shapes, known->value);
    }
    const struct shape *declared = bind_declared(check, expr, &found);
    if (found) return declared;
    if (!check->no_fields) return check_own_name(check, expr);
    check_report(check, ERROR_UNKNOWN_NAME, &expr->span, &expr->name);
    return NULL;
}

// `request.pth`: the words in front are right, this one is not.
static void report_field(struct check *check, const struct expr *expr, const slice *parts,
                         uint32_t count) {
    slice names[FIELD_TOTAL];
    uint32_t found = 0;
    struct text owner;
    text_init(&owner, check->unit->arena);
    for (uint32_t i = count; i-- > 1;) {
        text_add(&owner, parts[i]);
        if (i > 1) text_add_char(&owner, '.');
    }
    for (uint32_t i = 0; i < FIELD_TOTAL; i++) {
        slice path = slice_of(field_rows[i].path);
        if (!path_matches(path, parts + 1, count - 1, true)) continue;
        names[found++] = slice_cut(path, owner.length + 1, path.length);
    }
    check_report(check, ERROR_UNKNOWN_FIELD, &expr->name_span,
                 (slice[]){text_slice(&owner), expr->name});
    slice nearest = diag_nearest(expr->name, names, found);
    if (nearest.length == 0) return;
    diag_help(check->unit->diagnostics, "did you mean `{0}.{1}`?",
              (slice[]){text_slice(&owner), nearest});
}

// The path as it is written, without `config.` in front.
static void report_path(struct check *check, const struct expr *expr, slice key) {
    slice path = check_source(check, expr->span);
    slice head = slice_of("config.");
    if (expr->first->index == CONFIG_ROOT) path = key;
    if (slice_starts(path, head)) path = slice_cut(path, head.length, path.length);
    check_report(check, ERROR_CONFIG_MISSING, &expr->name_span, &path);
}

static void report_missing(struct check *check, const struct expr *expr, slice key) {
    const struct value *map = &expr->first->literal;
    slice names[64];
    uint32_t count = 0;
    for (uint32_t i = 0; i < map->length && count < LEN(names); i++) {
        if (map->as.items[2 * i].kind == TYPE_STRING) {
            names[count++] = value_text(map->as.items[2 * i]);
        }
    }
    report_path(check, expr, key);
    slice nearest = diag_nearest(key, names, count);
    if (nearest.length > 0) {
        diag_help(check->unit->diagnostics, "did you mean `{0}`?", &nearest);
    }
}

// A constant path into `config` is resolved now: what is missing can never come.
static const struct shape *select_config(struct check *check, struct expr *expr, slice key,
                                         struct span span) {
    struct expr *from = expr->first;
    expr->name_span = span;
    if (from->literal.kind != TYPE_MAP) {
        check_report(check, ERROR_CONFIG_PATH, &span,
                     (slice[]){check_source(check, from->span),
                               slice_of(type_name((enum type)from->literal.kind)), key});
        return NULL;
    }
    const struct value *found = map_find_name(from->literal, key);
    if (found == NULL) {
        report_missing(check, expr, key);
        return NULL;
    }
    uint32_t node = config_child(check->unit->config, from->index, key);
    fold_to(expr, *found);
    expr->binding = BIND_CONFIG;
    expr->index = node;
    return shape_of_value(&check->unit->shapes, *found);
}

// A constant index into a list of `config`, resolved in the same way.
static const struct shape *index_config(struct check *check, struct expr *expr, int64_t at,
                                        struct span span) {
    struct expr *from = expr->first;
    expr->name_span = span;
    if (at < 0 || at >= from->literal.length) {
        report_path(check, expr, (slice){NULL, 0});
        return NULL;
    }
    const struct json_node *nodes = check->unit->config->index.nodes;
    uint32_t node = from->index + 1;
    for (int64_t i = 0; i < at; i++)
        node = nodes[node].next;
    fold_to(expr, from->literal.as.items[at]);
    expr->binding = BIND_CONFIG;
    expr->index = node;
    return shape_of_value(&check->unit->shapes, expr->literal);
}

slice check_lower(struct check *check, slice name) {
    char *lower = arena_take_raw(check->unit->arena, (size_t)name.length + 1);
    if (lower == NULL) {
        check->unit->diagnostics->out_of_memory = true;
        return (slice){NULL, 0};
    }
    for (uint32_t i = 0; i < name.length; i++)
        lower[i] = ascii_lower(name.at[i]);
    return slice_from(lower, name.length);
}

// A field of that kind whose headers these may be, or NULL. Recursion is bounded by LIMIT_NESTING.
static const struct field_row *row_behind(const struct check *check, const struct expr *headers,
                                          enum field_how how) {
    if (headers->kind == EXPR_OPERATOR && headers->operator== OPERATOR_CHOOSE) {
        const struct expr *yes = headers->first->next;
        const struct field_row *row = row_behind(check, yes, how);
        return row != NULL ? row : row_behind(check, yes->next, how);
    }
    if (headers->binding == BIND_LET) {
        return row_behind(check, check->unit->lets[headers->index].item->value, how);
    }
    if (headers->binding != BIND_FIELD || field_rows[headers->index].how != how) return NULL;
    return &field_rows[headers->index];
}

bool check_reads_parts(const struct check *check, const struct expr *headers) {
    return row_behind(check, headers, HOW_PARTS) != NULL ||
           row_behind(check, headers, HOW_STATE) != NULL;
}

bool check_lists_headers(struct check *check, const struct expr *headers) {
    const struct field_row *state = row_behind(check, headers, HOW_STATE);
    if (state == NULL) return true;
    slice path = slice_of(state->path);
    check_report(check, ERROR_BY_NAME_ONLY, &headers->span, &path);
    return false;
}

static const struct shape *bind_header(struct check *check, struct expr *expr, slice name,
                                       struct span span) {
    bool parts = check_reads_parts(check, expr->first);
    if (!parts && !check_header_read(check, name, &span)) return NULL;
    expr->name = parts ? name : check_lower(check, name);
    if (!parts && slice_is(expr->name, "set-cookie")) {
        check_report(check, ERROR_REPEATED_HEADER, &span, &expr->name);
        diag_help(check->unit->diagnostics, "values(\"set-cookie\") gives the list of lines", NULL);
        return NULL;
    }
    expr->binding = BIND_HEADER;
    if (!expr->optional) return shape_of(TYPE_STRING);
    return shape_one(&check->unit->shapes, TYPE_OPTIONAL, shape_of(TYPE_STRING));
}

// A wrong last word behind right ones, or right ones that are not yet a field.
static bool is_unknown_field(const slice *parts, uint32_t count) {
    if (count < 2) return false;
    bool inside = find_field(parts, count, true) != FIELD_TOTAL;
    bool owned = find_field(parts + 1, count - 1, true) != FIELD_TOTAL &&
                 find_field(parts + 1, count - 1, false) == FIELD_TOTAL;
    return inside || owned;
}

// What a selection or index makes of an optional, or behind a `?`.
static const struct shape *maybe_optional(struct check *check, const struct shape *shape,
                                          bool optional) {
    return optional ? shape_one(&check->unit->shapes, TYPE_OPTIONAL, shape) : shape;
}

static const struct shape *select_shape(struct check *check, struct expr *expr) {
    struct shapes *shapes = &check->unit->shapes;
    const struct shape *from = shape_resolve(expr->first->shape);
    bool optional = expr->optional;
    if (from->kind == TYPE_OPTIONAL) {
        optional = true;
        from = shape_resolve(from->parameters[0]);
    }
    if (from->kind == TYPE_MAP) return maybe_optional(check, from->parameters[1], optional);
    if (shape_type(from) != TYPE_DYN) {
        return check_no_overload(check, &expr->span, slice_of("."), from, NULL);
    }
    if (from->kind == SHAPE_VARIABLE) shape_assign(shapes, shape_of(TYPE_DYN), from);
    return maybe_optional(check, shape_of(TYPE_DYN), optional);
}

// A field by its whole path; *found where the path is one, or a wrong one of a field.
static const struct shape *select_field(struct check *check, struct expr *expr, bool *found) {
    slice parts[PATH_PARTS];
    const struct expr *root = root_of(expr);
    *found = false;
    if (check->no_fields || root == NULL) return NULL;
    if (!root->rooted && check_find_variable(check, root->name) != NAME_NONE) return NULL;
    uint32_t count = path_parts(expr, parts);
    enum field field = find_field(parts, count, false);
    *found = true;
    if (field != FIELD_TOTAL) return bind_field(check, expr, field);
    if (is_unknown_field(parts, count)) {
        report_field(check, expr, parts, count);
        return NULL;
    }
    *found = false;
    return NULL;
}

static bool is_config(const struct expr *expr) {
    return expr->kind == EXPR_LITERAL && expr->binding == BIND_CONFIG;
}

// The whole path becomes the name.
static const struct shape *bind_group_let(struct check *check, struct expr *expr, uint32_t number) {
    expr->kind = EXPR_NAME;
    expr->first = NULL;
    expr->count = 0;
    return bind_let(check, expr, number);
}

const struct shape *check_select(struct check *check, struct expr *expr) {
    bool found;
    if (!expr->optional) {
        const struct shape *declared = bind_declared(check, expr, &found);
        if (found) return declared;
        if (!check->no_fields && is_limits(expr)) return check_limits(check, expr);
        const struct shape *field = select_field(check, expr, &found);
        if (found) return field;
        uint32_t let = check_find_group_let(check, expr);
        if (let != NAME_NONE) return bind_group_let(check, expr, let);
    }
    enum type type = check_expr(check, expr->first);
    if (type == TYPE_NONE) return NULL;
    if (type == TYPE_HEADERS) return bind_header(check, expr, expr->name, expr->name_span);
    if (is_config(expr->first) && !expr->optional) {
        return select_config(check, expr, expr->name, expr->name_span);
    }
    if (is_config(expr->first) && type == TYPE_MAP) return check_maybe_config(check, expr);
    return select_shape(check, expr);
}

// A list is indexed by int, a map by what its keys are.
static const struct shape *index_shape(struct check *check, struct expr *expr) {
    struct shapes *shapes = &check->unit->shapes;
    const struct shape *from = shape_resolve(expr->first->shape);
    const struct expr *index = expr->first->next;
    enum type by = shape_type(index->shape);
    bool optional = expr->optional;
    if (from->kind == TYPE_OPTIONAL) {
        optional = true;
        from = shape_resolve(from->parameters[0]);
    }
    if (from->kind == TYPE_LIST) {
        if (by == TYPE_INT || by == TYPE_DYN || check->unchecked) {
            return maybe_optional(check, from->parameters[0], optional);
        }
        check_no_overload(check, &index->span, slice_of("list[…]"), index->shape, NULL);
        if (by == TYPE_UINT || by == TYPE_DOUBLE) {
            diag_help(check->unit->diagnostics, "int({0})",
                      (slice[]){check_source(check, index->span)});
        }
        return NULL;
    }
    if (from->kind == TYPE_MAP) {
        if (check->unchecked || shape_assign(shapes, index->shape, from->parameters[0])) {
            return maybe_optional(check, from->parameters[1], optional);
        }
        return check_no_overload(check, &index->span, slice_of("[…]"), from, index->shape);
    }
    if (shape_type(from) != TYPE_DYN) {
        return check_no_overload(check, &expr->span, slice_of("[…]"), from, NULL);
    }
    if (from->kind == SHAPE_VARIABLE) shape_assign(shapes, shape_of(TYPE_DYN), from);
    return maybe_optional(check, shape_of(TYPE_DYN), optional);
}

static const struct shape *index_headers(struct check *check, struct expr *expr, enum type by) {
    const struct expr *index = expr->first->next;
    if (by != TYPE_STRING && by != TYPE_DYN) {
        return check_no_overload(check, &index->span, slice_of("headers[…]"), index->shape, NULL);
    }
    if (index->kind == EXPR_LITERAL) {
        return bind_header(check, expr, value_text(index->literal), index->span);
    }
    return maybe_optional(check, shape_of(TYPE_STRING), expr->optional);
}

const struct shape *check_index(struct check *check, struct expr *expr) {
    struct expr *from = expr->first;
    struct expr *index = from->next;
    enum type type = check_expr(check, from);
    enum type by = check_expr(check, index);
    if (type == TYPE_NONE || by == TYPE_NONE) return NULL;
    if (type == TYPE_HEADERS) return index_headers(check, expr, by);
    bool constant = index->kind == EXPR_LITERAL && is_config(from) && !expr->optional;
    if (constant && by == TYPE_STRING) {
        return select_config(check, expr, value_text(index->literal), index->span);
    }
    if (type == TYPE_LIST) {
        check_integral(index);
        by = shape_type(index->shape);
    }
    if (constant && type == TYPE_LIST && by == TYPE_INT) {
        return index_config(check, expr, index->literal.as.integer, index->span);
    }
    return index_shape(check, expr);
}

// A message's headers are always there; other fields are asked for.
static const struct shape *has_field(struct check *check, struct expr *expr, struct expr *asked,
                                     enum field field) {
    if (bind_field(check, asked, field) == NULL) return NULL;
    asked->shape = shape_of((enum type)field_rows[field].type);
    if (field_rows[field].how == HOW_HEADERS) {
        fold_to(expr, value_bool(true));
        return shape_of(TYPE_BOOL);
    }
    expr->varies = true;
    return shape_of(TYPE_BOOL);
}

// Whether the last step of the path is there. What stands before it must exist.
static const struct shape *has_path(struct check *check, struct expr *expr, struct expr *asked) {
    enum type type = check_expr(check, asked->first);
    if (type == TYPE_NONE) return NULL;
    asked->least = asked->first->least;
    asked->varies = asked->first->varies;
    if (type == TYPE_HEADERS) {
        if (!check_reads_parts(check, asked->first)) asked->name = check_lower(check, asked->name);
        asked->binding = BIND_HEADER;
        return shape_of(TYPE_BOOL);
    }
    bool constant = is_config(asked->first) && type == TYPE_MAP;
    if (constant) {
        fold_to(expr, value_bool(map_find_name(asked->first->literal, asked->name) != NULL));
        return shape_of(TYPE_BOOL);
    }
    return select_shape(check, asked) == NULL ? NULL : shape_of(TYPE_BOOL);
}

const struct shape *check_has(struct check *check, struct expr *expr) {
    slice parts[PATH_PARTS];
    struct expr *asked = expr->first;
    if (asked->kind != EXPR_SELECT || asked->optional) {
        check_report(check, ERROR_HAS_ARGUMENT, &expr->span, NULL);
        return NULL;
    }
    asked->least = NAME_NONE;
    const struct expr *root = root_of(asked);
    bool local = root != NULL && check_find_variable(check, root->name) != NAME_NONE;
    if (check->no_fields || local) return has_path(check, expr, asked);
    uint32_t count = path_parts(asked, parts);
    enum field field = find_field(parts, count, false);
    if (field != FIELD_TOTAL) return has_field(check, expr, asked, field);
    if (is_unknown_field(parts, count)) {
        report_field(check, asked, parts, count);
        return NULL;
    }
    return has_path(check, expr, asked);
}
