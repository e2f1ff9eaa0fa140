// Follows includes and gives every item its full name and its place in the order.
#include "engine/lang/unit.h"

struct scope {
    slice prefix;
    uint32_t group;
    uint32_t depth; // of includes
};

static void add_items(struct unit *unit, const struct item *items, uint32_t source,
                      struct scope scope);

void unit_init(struct unit *unit, struct arena *arena, struct arena *scratch,
               struct diagnostics *diagnostics, const struct config *config,
               const struct file_finder *finder) {
    *unit = (struct unit){.arena = arena,
                          .scratch = scratch,
                          .diagnostics = diagnostics,
                          .config = config,
                          .finder = finder,
                          .parse = {.arena = arena, .diagnostics = diagnostics},
                          .shapes = {.arena = arena}};
    names_init(&unit->let_names, arena);
    names_init(&unit->limiter_names, arena);
    names_init(&unit->service_names, arena);
    names_init(&unit->rule_names, arena);
    names_init(&unit->group_names, arena);
    names_init(&unit->files, arena);
}

static void report_limit(struct unit *unit, struct span span, uint32_t limit, const char *things) {
    struct text number;
    text_init(&number, unit->arena);
    text_add_uint(&number, limit);
    diag_report(unit->diagnostics, ERROR_TOO_MANY, &span,
                (slice[]){text_slice(&number), slice_of(things)});
    unit->refused = true;
}

static slice join(struct unit *unit, slice prefix, slice name, const char *end) {
    struct text text;
    text_init(&text, unit->arena);
    text_add(&text, prefix);
    text_add(&text, name);
    text_add_string(&text, end);
    if (text.failed) unit->diagnostics->out_of_memory = true;
    return text_slice(&text);
}

// Room for one more row of `bytes`; false when the arena refuses.
static bool reserve(struct unit *unit, void **rows, uint32_t count, uint32_t *capacity,
                    size_t bytes) {
    if (count < *capacity) return true;
    uint32_t grown = *capacity == 0 ? 16 : *capacity * 2;
    void *more = arena_array(unit->arena, grown, bytes);
    if (more == NULL) {
        unit->diagnostics->out_of_memory = true;
        return false;
    }
    if (count > 0) memcpy(more, *rows, count * bytes);
    *rows = more;
    *capacity = grown;
    return true;
}

static const struct item *named_item(const struct unit *unit, enum item_kind kind,
                                     uint32_t number) {
    switch (kind) {
    case ITEM_LET: return unit->lets[number].item;
    case ITEM_LIMITER: return unit->limiters[number].item;
    case ITEM_SERVICE: return unit->services[number].item;
    case ITEM_GROUP: return unit->groups[number].item;
    default: return unit->rules[number].item;
    }
}

struct kind_row {
    const char *word;
    const char *plural;
    uint32_t limit;
};

static struct kind_row kind_row(enum item_kind kind) {
    switch (kind) {
    case ITEM_LET: return (struct kind_row){"let", "lets", LIMIT_LETS};
    case ITEM_LIMITER: return (struct kind_row){"limiter", "limiters", LIMIT_LIMITERS};
    case ITEM_SERVICE: return (struct kind_row){"service", "services", LIMIT_SERVICES};
    case ITEM_GROUP: return (struct kind_row){"group", "groups", LIMIT_GROUPS};
    default: return (struct kind_row){"rule", "rules", LIMIT_RULES};
    }
}

// The number of the item's new name, or NAME_NONE after a report.
static uint32_t add_name(struct unit *unit, struct names *names, const struct item *item,
                         slice full) {
    struct kind_row row = kind_row(item->kind);
    if (full.length > LIMIT_NAME) {
        struct text number;
        text_init(&number, unit->arena);
        text_add_uint(&number, LIMIT_NAME);
        diag_report(unit->diagnostics, ERROR_NAME_TOO_LONG, &item->name_span,
                    (slice[]){full, text_slice(&number)});
        return NAME_NONE;
    }
    bool known = names_find(names, full) != NAME_NONE;
    if (!known && names->count == row.limit) {
        report_limit(unit, item->name_span, row.limit, row.plural);
        return NAME_NONE;
    }
    uint32_t number = names_add(names, full, &known);
    if (names->failed) {
        unit->diagnostics->out_of_memory = true;
        return NAME_NONE;
    }
    if (known) {
        diag_report(unit->diagnostics, ERROR_DUPLICATE_NAME, &item->name_span,
                    (slice[]){slice_of(row.word), full});
        diag_other(unit->diagnostics, &named_item(unit, item->kind, number)->name_span,
                   "first defined here");
        return NAME_NONE;
    }
    return number;
}

// The first word of a name with dots.
static bool heads(slice path, slice name) {
    return slice_starts(path, name) && (path.length == name.length || path.at[name.length] == '.');
}

static bool is_field_word(slice name) {
    for (uint32_t i = 0; i < FIELD_TOTAL; i++) {
        if (heads(slice_of(field_rows[i].path), name)) return true;
    }
    return slice_is(name, "config");
}

static bool is_function_word(slice name) {
    enum { METHOD, GLOBAL };
    static const char *const macros[] = {
#define MACRO(name, text, form, least, most, signature, example, meaning)                          \
    form == GLOBAL ? text : NULL,
#include "engine/tbl/macros.h"
#undef MACRO
    };
    for (uint32_t i = 0; i < FUNCTION_TOTAL; i++) {
        bool method;
        slice function = signature_name(slice_of(function_rows[i].signature), &method);
        if (!method && heads(function, name)) return true;
    }
    for (uint32_t i = 0; i < LEN(macros); i++) {
        if (macros[i] != NULL && heads(slice_of(macros[i]), name)) return true;
    }
    return false;
}

static const char *hidden_kind(slice name) {
    if (is_field_word(name)) return "field";
    if (is_function_word(name)) return "function";
    return type_of_full_name(name) != TYPE_NONE ? "type" : NULL;
}

static void add_let(struct unit *unit, const struct item *item, struct scope scope) {
    const char *hidden = hidden_kind(item->name);
    if (hidden != NULL) {
        diag_report(unit->diagnostics, ERROR_SHADOWS, &item->name_span,
                    (slice[]){item->name, slice_of(hidden)});
    }
    void *rows = unit->lets;
    uint32_t count = unit->let_names.count;
    if (!reserve(unit, &rows, count, &unit->let_capacity, sizeof *unit->lets)) return;
    unit->lets = rows;
    slice full = join(unit, scope.prefix, item->name, "");
    uint32_t number = add_name(unit, &unit->let_names, item, full);
    if (number == NAME_NONE) return;
    unit->lets[number] = (struct unit_let){
        .item = item, .name = full, .prefix = scope.prefix, .ordinal = unit->ordinal};
}

static void add_limiter(struct unit *unit, const struct item *item, struct scope scope) {
    void *rows = unit->limiters;
    uint32_t count = unit->limiter_names.count;
    if (!reserve(unit, &rows, count, &unit->limiter_capacity, sizeof *unit->limiters)) return;
    unit->limiters = rows;
    slice full = join(unit, scope.prefix, item->name, "");
    uint32_t number = add_name(unit, &unit->limiter_names, item, full);
    if (number == NAME_NONE) return;
    unit->limiters[number] = (struct unit_limiter){
        .item = item, .name = full, .prefix = scope.prefix, .ordinal = unit->ordinal};
}

static void add_service(struct unit *unit, const struct item *item, struct scope scope) {
    void *rows = unit->services;
    uint32_t count = unit->service_names.count;
    if (!reserve(unit, &rows, count, &unit->service_capacity, sizeof *unit->services)) return;
    unit->services = rows;
    slice full = join(unit, scope.prefix, item->name, "");
    uint32_t number = add_name(unit, &unit->service_names, item, full);
    if (number == NAME_NONE) return;
    unit->services[number] = (struct unit_service){
        .item = item, .name = full, .prefix = scope.prefix, .ordinal = unit->ordinal};
}

static void add_rule(struct unit *unit, const struct item *item, struct scope scope) {
    void *rows = unit->rules;
    uint32_t count = unit->rule_names.count;
    if (!reserve(unit, &rows, count, &unit->rule_capacity, sizeof *unit->rules)) return;
    unit->rules = rows;
    slice full = join(unit, scope.prefix, item->name, "");
    uint32_t number = add_name(unit, &unit->rule_names, item, full);
    if (number == NAME_NONE) return;
    unit->rules[number] = (struct unit_rule){.item = item,
                                             .name = full,
                                             .prefix = scope.prefix,
                                             .group = scope.group,
                                             .ordinal = unit->ordinal};
}

static void add_group(struct unit *unit, const struct item *item, struct scope scope) {
    void *rows = unit->groups;
    uint32_t count = unit->group_names.count;
    if (!reserve(unit, &rows, count, &unit->group_capacity, sizeof *unit->groups)) return;
    unit->groups = rows;
    slice full = join(unit, scope.prefix, item->name, "");
    uint32_t number = add_name(unit, &unit->group_names, item, full);
    if (number == NAME_NONE) return;
    slice prefix = join(unit, scope.prefix, item->name, ".");
    unit->groups[number] = (struct unit_group){.item = item,
                                               .prefix = prefix,
                                               .parent = scope.group,
                                               .ordinal = unit->ordinal,
                                               .first_phase = PHASE_TOTAL};
    add_items(unit, item->items, item->span.source, (struct scope){prefix, number, scope.depth});
    unit->groups[number].last = unit->ordinal;
}

// Counts the text of a source; false when it is one too many.
static bool admit_text(struct unit *unit, uint32_t source) {
    unit->text_bytes += unit->diagnostics->sources[source].text.length;
    if (unit->text_bytes <= LIMIT_RULE_TEXT) return true;
    struct text most, all;
    text_init(&most, unit->arena);
    text_init(&all, unit->arena);
    text_add_uint(&most, LIMIT_RULE_TEXT);
    text_add_uint(&all, unit->text_bytes);
    diag_report(unit->diagnostics, ERROR_TEXT_TOO_LONG, &(struct span){0, 0, source},
                (slice[]){text_slice(&most), text_slice(&all)});
    unit->refused = true;
    return false;
}

static void add_include(struct unit *unit, const struct item *item, uint32_t source,
                        struct scope scope) {
    struct diagnostics *diagnostics = unit->diagnostics;
    if (scope.depth >= LIMIT_INCLUDES) {
        struct text number;
        text_init(&number, unit->arena);
        text_add_uint(&number, LIMIT_INCLUDES);
        diag_report(diagnostics, ERROR_INCLUDE_DEPTH, &item->name_span,
                    (slice[]){text_slice(&number)});
        return;
    }
    slice name;
    slice text;
    const struct file_finder *finder = unit->finder;
    slice from = diagnostics->sources[source].name;
    if (finder == NULL || !finder->find(finder->self, item->name, from, &name, &text)) {
        diag_report(diagnostics, ERROR_UNKNOWN_INCLUDE, &item->name_span, (slice[]){item->name});
        return;
    }
    bool known;
    names_add(&unit->files, name, &known);
    if (known) return;
    uint32_t included = diag_source(diagnostics, name, text);
    if (!admit_text(unit, included)) return;
    if (!parse_text(&unit->parse, included, PARSE_RULES)) return;
    scope.depth++;
    add_items(unit, unit->parse.items, included, scope);
}

static void add_item(struct unit *unit, const struct item *item, uint32_t source,
                     struct scope scope) {
    unit->ordinal++;
    switch (item->kind) {
    case ITEM_INCLUDE: add_include(unit, item, source, scope); break;
    case ITEM_LET: add_let(unit, item, scope); break;
    case ITEM_LIMITER: add_limiter(unit, item, scope); break;
    case ITEM_GROUP: add_group(unit, item, scope); break;
    case ITEM_RULE: add_rule(unit, item, scope); break;
    case ITEM_SERVICE: add_service(unit, item, scope); break;
    case ITEM_CONFIG:
    case ITEM_TEST: break; // the test tool's
    }
}

static void add_items(struct unit *unit, const struct item *items, uint32_t source,
                      struct scope scope) {
    for (; items != NULL && !unit->refused && !unit->diagnostics->out_of_memory;
         items = items->next) {
        add_item(unit, items, source, scope);
    }
}

void unit_add_items(struct unit *unit, const struct item *items, uint32_t source) {
    bool known; // a file that includes itself is there already
    names_add(&unit->files, unit->diagnostics->sources[source].name, &known);
    add_items(unit, items, source, (struct scope){{NULL, 0}, NAME_NONE, 0});
}

void unit_add_source(struct unit *unit, uint32_t source) {
    unit->own_source = source;
    if (!admit_text(unit, source)) return;
    if (!parse_text(&unit->parse, source, PARSE_RULES)) return;
    unit_add_items(unit, unit->parse.items, source);
}

uint32_t unit_add_variable(struct unit *unit, slice name, const struct shape *shape) {
    void *rows = unit->variables;
    if (!reserve(unit, &rows, unit->variable_count, &unit->variable_capacity,
                 sizeof *unit->variables)) {
        return NAME_NONE;
    }
    unit->variables = rows;
    unit->variables[unit->variable_count] =
        (struct unit_variable){.name = name, .shape = shape, .type = TYPE_DYN};
    return unit->variable_count++;
}
