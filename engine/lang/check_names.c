// Names: fields by their path, lets, `config`, headers, selections and indices.
#include "engine/lang/check.h"
#include "engine/lib/compare.h"
#include "engine/lib/header.h"

enum { PATH_PARTS = 4 };

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

static enum type bind_field(struct check *check, struct expr *expr, enum field field) {
    const struct field_row *row = &field_rows[field];
    if (row->how == HOW_ABSENT) {
        struct text text;
        text_init(&text, check->unit->arena);
        text_add_string(&text, "the field `");
        text_add_string(&text, row->path);
        text_add_char(&text, '`');
        check_report(check, ERROR_NOT_BUILT, &expr->span, (slice[]){text_slice(&text)});
        return TYPE_NONE;
    }
    if (!check_phases(check, expr->span, field, row->phases, slice_of(row->path))) {
        return TYPE_NONE;
    }
    expr->binding = BIND_FIELD;
    expr->index = field;
    return (enum type)row->type;
}

static enum type bind_let(struct check *check, struct expr *expr, uint32_t number) {
    struct unit_let *let = &check->unit->lets[number];
    if (let->ordinal >= check->ordinal) {
        check_report(check, ERROR_FORWARD_LET, &expr->span, &expr->name);
        diag_other(check->unit->diagnostics, &let->item->name_span, "defined here");
        return TYPE_NONE;
    }
    if (let->type == TYPE_NONE) return TYPE_NONE;
    if (let->constant) {
        const struct expr *value = let->item->value;
        fold_to(expr, value->literal);
        expr->binding = value->binding;
        expr->index = value->index;
        return (enum type)let->type;
    }
    slice shown = let->phases == IN_ALL ? let->name : slice_of(field_rows[let->weakest].path);
    if (!check_phases(check, expr->span, (enum field)let->weakest, let->phases, shown)) {
        return TYPE_NONE;
    }
    expr->binding = BIND_LET;
    expr->index = number;
    if (check->let != NULL && check->let->depth <= let->depth) check->let->depth = let->depth + 1;
    return (enum type)let->type;
}

static enum type bind_config(struct check *check, struct expr *expr) {
    fold_to(expr, check->unit->config->data);
    expr->binding = BIND_CONFIG;
    expr->index = CONFIG_ROOT;
    return TYPE_MAP;
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

enum type check_name(struct check *check, struct expr *expr) {
    slice parts[PATH_PARTS];
    struct unit *unit = check->unit;
    const struct known_value *known = find_known(check, expr->name);
    if (known != NULL) {
        fold_to(expr, known->value);
        return (enum type)known->value.kind;
    }
    uint32_t let = names_resolve(&unit->let_names, check->prefix, expr->name);
    if (let != NAME_NONE && !expr->rooted) return bind_let(check, expr, let);
    uint32_t count = path_parts(expr, parts);
    enum field field = find_field(parts, count, false);
    if (field != FIELD_TOTAL) return bind_field(check, expr, field);
    if (slice_is(expr->name, "config")) return bind_config(check, expr);
    if (type_is_visible(expr->name)) {
        struct text text;
        text_init(&text, unit->arena);
        text_add_form(&text, "the type `{0}`", &expr->name);
        check_report(check, ERROR_NOT_BUILT, &expr->span, (slice[]){text_slice(&text)});
        return TYPE_NONE;
    }
    check_report(check, ERROR_UNKNOWN_NAME, &expr->span, &expr->name);
    field = find_field(parts, count, true);
    if (field != FIELD_TOTAL) {
        diag_help(unit->diagnostics, "it has fields, for example `{0}`",
                  (slice[]){slice_of(field_rows[field].path)});
        return TYPE_NONE;
    }
    help_names(check, expr->name);
    return TYPE_NONE;
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
static enum type select_config(struct check *check, struct expr *expr, slice key,
                               struct span span) {
    struct expr *from = expr->first;
    expr->name_span = span;
    if (from->literal.kind != TYPE_MAP) {
        check_report(check, ERROR_CONFIG_PATH, &span,
                     (slice[]){check_source(check, from->span),
                               slice_of(type_name((enum type)from->literal.kind)), key});
        return TYPE_NONE;
    }
    const struct value *found = map_find_name(from->literal, key);
    if (found == NULL) {
        report_missing(check, expr, key);
        return TYPE_NONE;
    }
    uint32_t node = config_child(check->unit->config, from->index, key);
    fold_to(expr, *found);
    expr->binding = BIND_CONFIG;
    expr->index = node;
    return (enum type)found->kind;
}

// A constant index into a list of `config`, resolved in the same way.
static enum type index_config(struct check *check, struct expr *expr, int64_t at,
                              struct span span) {
    struct expr *from = expr->first;
    expr->name_span = span;
    if (at < 0 || at >= from->literal.length) {
        report_path(check, expr, (slice){NULL, 0});
        return TYPE_NONE;
    }
    const struct json_node *nodes = check->unit->config->index.nodes;
    uint32_t node = from->index + 1;
    for (int64_t i = 0; i < at; i++)
        node = nodes[node].next;
    fold_to(expr, from->literal.as.items[at]);
    expr->binding = BIND_CONFIG;
    expr->index = node;
    return (enum type)expr->literal.kind;
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

static enum type bind_header(struct check *check, struct expr *expr, slice name, struct span span) {
    if (!check_header_read(check, name, &span)) return TYPE_NONE;
    expr->name = check_lower(check, name);
    if (slice_is(expr->name, "set-cookie")) {
        check_report(check, ERROR_REPEATED_HEADER, &span, &expr->name);
        diag_help(check->unit->diagnostics, "values(\"set-cookie\") will give the list of lines",
                  NULL);
        return TYPE_NONE;
    }
    expr->binding = BIND_HEADER;
    return TYPE_STRING;
}

static enum type no_overload(struct check *check, const struct expr *expr, const char *word,
                             enum type type) {
    check_report(check, ERROR_NO_OVERLOAD, &expr->span,
                 (slice[]){slice_of(word), slice_of(type_name(type))});
    return TYPE_NONE;
}

// A wrong last word behind right ones, or right ones that are not yet a field.
static bool is_unknown_field(const slice *parts, uint32_t count) {
    if (count < 2) return false;
    bool inside = find_field(parts, count, true) != FIELD_TOTAL;
    bool owned = find_field(parts + 1, count - 1, true) != FIELD_TOTAL &&
                 find_field(parts + 1, count - 1, false) == FIELD_TOTAL;
    return inside || owned;
}

enum type check_select(struct check *check, struct expr *expr) {
    slice parts[PATH_PARTS];
    if (check_optional(check, expr, expr->optional)) return TYPE_NONE;
    uint32_t count = path_parts(expr, parts);
    enum field field = find_field(parts, count, false);
    if (field != FIELD_TOTAL) return bind_field(check, expr, field);
    if (is_unknown_field(parts, count)) {
        report_field(check, expr, parts, count);
        return TYPE_NONE;
    }
    enum type type = check_expr(check, expr->first);
    if (type == TYPE_HEADERS) return bind_header(check, expr, expr->name, expr->name_span);
    if (expr->first->binding == BIND_CONFIG && expr->first->kind == EXPR_LITERAL) {
        return select_config(check, expr, expr->name, expr->name_span);
    }
    if (type == TYPE_MAP || type == TYPE_DYN) return TYPE_DYN;
    return type == TYPE_NONE ? TYPE_NONE : no_overload(check, expr, ".", type);
}

static bool is_index(enum type type) {
    return type == TYPE_INT || type == TYPE_UINT || type == TYPE_DOUBLE || type == TYPE_DYN;
}

enum type check_index(struct check *check, struct expr *expr) {
    struct expr *from = expr->first;
    struct expr *index = from->next;
    if (check_optional(check, expr, expr->optional)) return TYPE_NONE;
    enum type type = check_expr(check, from);
    enum type by = check_expr(check, index);
    if (type == TYPE_NONE || by == TYPE_NONE) return TYPE_NONE;
    bool named = index->kind == EXPR_LITERAL && by == TYPE_STRING;
    if (type == TYPE_HEADERS) {
        if (by != TYPE_STRING && by != TYPE_DYN) {
            return no_overload(check, index, "headers[…]", by);
        }
        return named ? bind_header(check, expr, value_text(index->literal), index->span)
                     : TYPE_STRING;
    }
    bool config = from->kind == EXPR_LITERAL && from->binding == BIND_CONFIG;
    if (config && named) {
        return select_config(check, expr, value_text(index->literal), index->span);
    }
    check_integral(index);
    if (config && type == TYPE_LIST && index->kind == EXPR_LITERAL &&
        index->literal.kind == TYPE_INT) {
        return index_config(check, expr, index->literal.as.integer, index->span);
    }
    if (type == TYPE_LIST && !is_index(by)) return no_overload(check, index, "list[…]", by);
    if (type == TYPE_LIST || type == TYPE_MAP || type == TYPE_DYN) return TYPE_DYN;
    return no_overload(check, expr, "[…]", type);
}

// A message's headers are always there; other fields are asked for by the header they are made of.
static enum type has_field(struct check *check, struct expr *expr, struct expr *asked,
                           enum field field) {
    if (bind_field(check, asked, field) == TYPE_NONE) return TYPE_NONE;
    if (field_rows[field].how == HOW_HEADERS) {
        fold_to(expr, value_bool(true));
        return TYPE_BOOL;
    }
    expr->binding = BIND_HAS;
    if (field_rows[field].header != NULL) return TYPE_BOOL;
    struct text text;
    text_init(&text, check->unit->arena);
    text_add_form(&text, "has() of `{0}`", (slice[]){slice_of(field_rows[field].path)});
    check_report(check, ERROR_NOT_BUILT, &asked->span, (slice[]){text_slice(&text)});
    return TYPE_NONE;
}

// has(): whether the last step of the path is there. What stands before it must exist.
enum type check_has_path(struct check *check, struct expr *expr, struct expr *asked) {
    slice parts[PATH_PARTS];
    uint32_t count = path_parts(asked, parts);
    enum field field = find_field(parts, count, false);
    if (field != FIELD_TOTAL) {
        return has_field(check, expr, asked, field);
    }
    if (is_unknown_field(parts, count)) {
        report_field(check, asked, parts, count);
        return TYPE_NONE;
    }
    if (asked->kind == EXPR_INDEX) {
        check_report(check, ERROR_HAS_ARGUMENT, &expr->span, NULL);
        return TYPE_NONE;
    }
    enum type type = check_expr(check, asked->first);
    if (type == TYPE_NONE) return TYPE_NONE;
    if (type == TYPE_HEADERS) {
        asked->name = check_lower(check, asked->name);
        asked->binding = BIND_HEADER;
    } else if (type != TYPE_MAP && type != TYPE_DYN) {
        return no_overload(check, asked, "has", type);
    }
    bool constant = asked->first->kind == EXPR_LITERAL && type == TYPE_MAP;
    expr->binding = BIND_HAS;
    if (constant) {
        fold_to(expr, value_bool(map_find_name(asked->first->literal, asked->name) != NULL));
    }
    return TYPE_BOOL;
}
