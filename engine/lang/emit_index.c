// The index of a level: for each member the texts one of which must be in a field before it can do
// anything. Such a key is a test that cannot fail and without which the condition is false,
// whatever the rest of it is (`false && error` is false). What is left out when the member is left
// out must not be missed: what stands before the key is evaluated without leaving a trace,
// conditions that later phases need and draws of samples are never left out, nor rules that a
// group's failure is handed to.
#include "engine/lang/emit.h"

enum {
    MEMBERS_LEAST = 16, // with a key: fewer are tried one by one as fast
    MEMBERS_FOR_PROBE = 4,
    PROBES_MOST = 32, // fields and ways in one index
    TEXTS_MOST = 256, // of one key: a longer list is a hash set itself
    COUNTS = 4096,
};

struct key_text {
    uint32_t probe;
    slice text;
    const struct value *literal; // that it is, or is an item of
    uint32_t item;               // NAME_NONE: it is the literal
};

struct key_member {
    const struct expr *when; // NULL: it is always gone to
    const struct expr *key;
    uint32_t weight; // of the key: how much its texts are shared
};

struct key_probe {
    struct index_probe row;
    uint32_t entries;
    uint32_t number; // among those that are used
};

struct plan {
    struct emit *emit;
    enum phase phase;
    struct key_member *members;
    uint32_t member_count;
    uint32_t member; // that is looked at
    struct key_probe probes[PROBES_MOST];
    uint32_t probe_count;
    struct key_text texts[TEXTS_MOST]; // of the key that is looked at
    uint32_t text_count;
    uint32_t counts[COUNTS]; // by hash: how many keys have the text
    struct index_entry *entries;
    uint32_t entry_count;
    struct index_row row;
};

// ---- keys

static uint32_t find_probe(struct plan *plan, uint32_t slot, uint32_t field, enum index_way way) {
    for (uint32_t i = 0; i < plan->probe_count; i++) {
        const struct index_probe *row = &plan->probes[i].row;
        if (row->slot == slot && row->field == field && row->way == way) return i;
    }
    if (plan->probe_count == PROBES_MOST) return NAME_NONE;
    plan->probes[plan->probe_count] = (struct key_probe){
        .row = {.slot = (uint16_t)slot, .field = (uint16_t)field, .way = (uint8_t)way}};
    return plan->probe_count++;
}

// Fields that cost next to nothing where no rule would have asked for them.
static bool is_indexed_field(const struct expr *expr) {
    return expr->index == FIELD_REQUEST_CLEAN_PATH || expr->index == FIELD_REQUEST_URL_PATH ||
           expr->index == FIELD_REQUEST_HOST_NAME;
}

static uint32_t probe_of(struct plan *plan, const struct expr *expr, enum index_way way) {
    uint32_t slot, field = FIELD_TOTAL;
    bool header = expr->binding == BIND_HEADER && !expr->optional;
    bool pseudo = expr->binding == BIND_FIELD && field_rows[expr->index].how == HOW_PSEUDO;
    bool computed = expr->binding == BIND_FIELD && is_indexed_field(expr);
    if (!header && !pseudo && !computed) return NAME_NONE;
    if (computed) field = expr->index;
    return emit_find_slot(plan->emit, expr, &slot) ? find_probe(plan, slot, field, way) : NAME_NONE;
}

static bool add_text(struct plan *plan, uint32_t probe, const struct value *literal,
                     uint32_t item) {
    struct value text = item == NAME_NONE ? *literal : literal->as.items[item];
    if (plan->text_count == TEXTS_MOST || text.kind != TYPE_STRING) return false;
    plan->texts[plan->text_count++] = (struct key_text){probe, value_text(text), literal, item};
    return true;
}

static bool add_test(struct plan *plan, const struct expr *x, const struct expr *y,
                     enum index_way way) {
    if (y->kind != EXPR_LITERAL || y->literal.kind != TYPE_STRING) return false;
    if (way != INDEX_EQUAL && y->literal.length == 0) return false;
    uint32_t probe = probe_of(plan, x, way);
    return probe != NAME_NONE && add_text(plan, probe, &y->literal, NAME_NONE);
}

// An item of a list, or a key of a map.
static bool add_items(struct plan *plan, const struct expr *x, const struct expr *y) {
    const struct value *all = &y->literal;
    if (y->kind != EXPR_LITERAL || (all->kind != TYPE_LIST && all->kind != TYPE_MAP)) return false;
    if (all->length > TEXTS_MOST) return false;
    uint32_t probe = probe_of(plan, x, INDEX_EQUAL);
    uint32_t step = all->kind == TYPE_MAP ? 2 : 1;
    bool good = probe != NAME_NONE;
    for (uint32_t i = 0; good && i < all->length; i++)
        good = add_text(plan, probe, all, i * step);
    return good;
}

// Whether evaluating it, or not, makes no difference to anything that comes later.
static bool is_traceless(const struct expr *expr) {
    if (expr->kind == EXPR_LITERAL) return true;
    if (expr->binding == BIND_FIELD && field_rows[expr->index].header == NULL &&
        field_rows[expr->index].how != HOW_HEADERS) {
        return false;
    }
    if (expr->binding == BIND_LET || expr->binding == BIND_LIMITER) return false;
    if (expr->binding == BIND_FUNCTION && emit_by_chance(expr->overloads)) return false;
    for (const struct expr *child = expr->first; child != NULL; child = child->next) {
        if (!is_traceless(child)) return false;
    }
    return true;
}

static bool add_key(struct plan *plan, const struct expr *expr);

// Any operand that is a key will do, behind others that leave no trace.
static bool add_all_of(struct plan *plan, const struct expr *operand) {
    uint32_t before = plan->text_count;
    for (; operand != NULL; operand = operand->next) {
        if (add_key(plan, operand)) return true;
        plan->text_count = before;
        if (!is_traceless(operand)) return false;
    }
    return false;
}

static bool add_any_of(struct plan *plan, const struct expr *operand) {
    for (; operand != NULL; operand = operand->next) {
        if (!add_key(plan, operand)) return false;
    }
    return true;
}

static bool add_method(struct plan *plan, const struct expr *expr) {
    switch (emit_method_test(expr)) {
    case OP_IF_STARTS_WITH: return add_test(plan, expr->first, expr->first->next, INDEX_STARTS);
    case OP_IF_ENDS_WITH: return add_test(plan, expr->first, expr->first->next, INDEX_ENDS);
    case OP_IF_CONTAINS: return add_test(plan, expr->first, expr->first->next, INDEX_CONTAINS);
    default: return false;
    }
}

// Adds the texts of a key; false where the expression is none.
static bool add_key(struct plan *plan, const struct expr *expr) {
    const struct expr *x = expr->first;
    if (expr->kind != EXPR_OPERATOR) return add_method(plan, expr);
    switch ((enum operator)expr->operator) {
    case OPERATOR_EQ:
        return add_test(plan, x, x->next, INDEX_EQUAL) || add_test(plan, x->next, x, INDEX_EQUAL);
    case OPERATOR_IN: return add_items(plan, x, x->next);
    case OPERATOR_OR: return add_any_of(plan, x);
    case OPERATOR_AND: return add_all_of(plan, x);
    default: return false;
    }
}

static bool take_key(struct plan *plan, const struct expr *expr) {
    plan->text_count = 0;
    return add_key(plan, expr);
}

// ---- the choice: the key whose texts the fewest others have

static uint32_t *count_of(struct plan *plan, const struct key_text *text) {
    uint32_t hash = index_hash(INDEX_EQUAL, 0, text->text) + text->probe * UINT32_C(0x9e3779b1);
    return &plan->counts[hash % COUNTS];
}

static void count_key(struct plan *plan, const struct expr *expr) {
    (void)expr;
    for (uint32_t i = 0; i < plan->text_count; i++)
        ++*count_of(plan, &plan->texts[i]);
}

// A short beginning or end is in many values.
static uint32_t weight_of(struct plan *plan, const struct key_text *text) {
    bool equal = plan->probes[text->probe].row.way == INDEX_EQUAL;
    return *count_of(plan, text) * (equal ? 16 : 16 + 256 / (text->text.length + 1));
}

static void weigh_key(struct plan *plan, const struct expr *expr) {
    struct key_member *member = &plan->members[plan->member];
    uint32_t weight = 0;
    for (uint32_t i = 0; i < plan->text_count; i++)
        weight += weight_of(plan, &plan->texts[i]);
    if (member->key != NULL && member->weight <= weight) return;
    member->key = expr;
    member->weight = weight;
}

// Each key of a condition: the operands of `&&` have one each.
static void each_key(struct plan *plan, const struct expr *expr,
                     void (*take)(struct plan *plan, const struct expr *expr)) {
    if (expr->kind != EXPR_OPERATOR || expr->operator!= OPERATOR_AND) {
        if (take_key(plan, expr)) take(plan, expr);
        return;
    }
    for (const struct expr *operand = expr->first; operand != NULL; operand = operand->next) {
        each_key(plan, operand, take);
        if (!is_traceless(operand)) return;
    }
}

static void each_member(struct plan *plan,
                        void (*take)(struct plan *plan, const struct expr *expr)) {
    for (plan->member = 0; plan->member < plan->member_count; plan->member++) {
        const struct expr *when = plan->members[plan->member].when;
        if (when != NULL) each_key(plan, when, take);
    }
}

// ---- the members

static void add_member(struct plan *plan, const struct clause *sample, const struct expr *when,
                       uint32_t around) {
    bool may = sample == NULL && when != NULL && !group_can_fail(plan->emit->unit, around);
    plan->members[plan->member_count++].when = may ? when : NULL;
}

// A group without a condition lends its members to the siblings around it. `left_out`: the last
// ordinal of what does not belong to them.
static void add_group(struct plan *plan, const struct unit_group *group, uint32_t *left_out) {
    bool used = (group->phases >> plan->phase & 1) != 0;
    bool kept = group->phases != 1u << plan->phase; // its condition is for later phases, too
    if (used && !group_has_condition(group)) return;
    *left_out = group->last;
    if (used) add_member(plan, group->sample, kept ? NULL : group->when, group->parent);
}

static void add_rule(struct plan *plan, const struct unit_rule *rule) {
    if (rule->phase == plan->phase) add_member(plan, rule->sample, rule->when, rule->group);
}

static void collect(struct plan *plan, uint32_t rule, uint32_t group, uint32_t end) {
    const struct unit *unit = plan->emit->unit;
    uint32_t rules = unit->rule_names.count, groups = unit->group_names.count;
    uint32_t left_out = 0; // ordinals begin behind it
    while (rule < rules || group < groups) {
        uint32_t rule_at = rule < rules ? unit->rules[rule].ordinal : NAME_NONE;
        uint32_t group_at = group < groups ? unit->groups[group].ordinal : NAME_NONE;
        bool is_rule = rule_at < group_at;
        uint32_t at = is_rule ? rule_at : group_at;
        if (at > end) return;
        if (is_rule && at > left_out) add_rule(plan, &unit->rules[rule]);
        if (!is_rule && at > left_out) add_group(plan, &unit->groups[group], &left_out);
        rule += is_rule;
        group += !is_rule;
    }
}

// ---- the tables

static bool is_keyed(const struct plan *plan, uint32_t member) {
    return plan->members[member].key != NULL;
}

static void note_text(struct key_probe *probe, slice text) {
    bool first = probe->entries++ == 0;
    if (text.length > probe->row.longest) probe->row.longest = text.length;
    if (first || text.length < probe->row.window) probe->row.window = text.length;
    probe->row.lengths |= index_length_bit(text.length);
}

// What the probes have to hold; keys for which there is no room are given up.
static uint32_t measure(struct plan *plan) {
    uint32_t keyed = 0;
    uint32_t room = INDEX_ENTRIES - plan->emit->index_entries;
    for (uint32_t i = 0; i < plan->member_count; i++) {
        if (!is_keyed(plan, i)) continue;
        bool fits = take_key(plan, plan->members[i].key) && plan->text_count <= room;
        if (!fits) plan->members[i].key = NULL;
        if (!fits) continue;
        for (uint32_t k = 0; k < plan->text_count; k++)
            note_text(&plan->probes[plan->texts[k].probe], plan->texts[k].text);
        room -= plan->text_count;
        plan->row.entry_count += plan->text_count;
        keyed++;
    }
    return keyed;
}

static bool is_worth_it(struct plan *plan, uint32_t keyed) {
    for (uint32_t i = 0; i < plan->probe_count; i++) {
        if (plan->probes[i].entries > 0) plan->probes[i].number = plan->row.probe_count++;
    }
    return keyed >= MEMBERS_LEAST && keyed >= MEMBERS_FOR_PROBE * plan->row.probe_count;
}

static uint32_t places_for(uint32_t entries) {
    uint32_t places = 1;
    while (places < entries)
        places *= 2;
    return places;
}

static bool make_probes(struct plan *plan) {
    struct arena *arena = plan->emit->arena;
    struct index_probe *probes = arena_array(arena, plan->row.probe_count, sizeof *probes);
    for (uint32_t i = 0; probes != NULL && i < plan->probe_count; i++) {
        struct key_probe *probe = &plan->probes[i];
        if (probe->entries == 0) continue;
        uint32_t places = places_for(probe->entries);
        probe->row.mask = places - 1;
        probe->row.heads = arena_array(arena, places, sizeof *probe->row.heads);
        if (probe->row.window > 4) probe->row.window = 4;
        plan->emit->slots[probe->row.slot].indexed = true;
        probes[probe->number] = probe->row;
    }
    plan->row.probes = probes;
    return !arena->failed;
}

// Texts are those of the program's constants, which the rule has anyway.
static slice kept_text(struct emit *emit, const struct key_text *text) {
    uint32_t operand = emit_constant(emit, *text->literal);
    if (emit->failed || emit->too_large) return (slice){NULL, 0};
    struct value kept = emit->constants[operand & ~(uint32_t)OPERAND_CONSTANT];
    return value_text(text->item == NAME_NONE ? kept : kept.as.items[text->item]);
}

static void add_entry(struct plan *plan, const struct key_text *text, uint32_t member) {
    const struct index_probe *probe = &plan->probes[text->probe].row;
    uint32_t hash = index_hash((enum index_way)probe->way, probe->window, text->text);
    uint32_t *head = &probe->heads[hash & probe->mask];
    plan->entries[plan->entry_count++] = (struct index_entry){.text = kept_text(plan->emit, text),
                                                              .hash = hash,
                                                              .next = *head,
                                                              .member = (uint16_t)member};
    *head = plan->entry_count;
}

static bool make_entries(struct plan *plan) {
    struct arena *arena = plan->emit->arena;
    uint32_t count = plan->member_count;
    uint64_t *always = arena_array(arena, index_words(count), sizeof *always);
    plan->entries = arena_array(arena, plan->row.entry_count, sizeof *plan->entries);
    plan->row.targets = arena_array(arena, count + 1, sizeof *plan->row.targets);
    if (arena->failed) return false;
    for (uint32_t i = 0; i < count; i++) {
        if (!is_keyed(plan, i)) always[i / 64] |= UINT64_C(1) << i % 64;
        if (!is_keyed(plan, i) || !take_key(plan, plan->members[i].key)) continue;
        for (uint32_t k = 0; k < plan->text_count; k++)
            add_entry(plan, &plan->texts[k], i);
    }
    plan->row.always = always;
    plan->row.entries = plan->entries;
    return true;
}

static uint32_t make_row(struct plan *plan) {
    struct emit *emit = plan->emit;
    void *rows = emit->indexes;
    bool good =
        make_probes(plan) && make_entries(plan) &&
        emit_reserve(emit, &rows, emit->index_count, &emit->index_capacity, sizeof *emit->indexes);
    if (!good) {
        emit->failed = true;
        return NAME_NONE;
    }
    plan->row.count = plan->member_count;
    plan->row.first_word = emit->index_words;
    emit->index_words += index_words(plan->member_count);
    emit->index_entries += plan->row.entry_count;
    emit->indexes = rows;
    emit->indexes[emit->index_count] = plan->row;
    return emit->index_count++;
}

// NULL where there is nothing to choose from.
static struct plan *make_plan(struct emit *emit, enum phase phase, uint32_t rule, uint32_t group,
                              uint32_t end) {
    struct unit *unit = emit->unit;
    uint32_t most = unit->rule_names.count - rule + unit->group_names.count - group;
    if (unit->no_index || most < MEMBERS_LEAST || emit->failed || emit->too_large) return NULL;
    arena_reset(unit->scratch);
    struct plan *plan = arena_take(unit->scratch, sizeof *plan);
    struct key_member *members = arena_array(unit->scratch, most, sizeof *members);
    if (plan == NULL || members == NULL) {
        emit->failed = true;
        return NULL;
    }
    plan->emit = emit;
    plan->phase = phase;
    plan->members = members;
    collect(plan, rule, group, end);
    return plan->member_count < MEMBERS_LEAST ? NULL : plan;
}

struct siblings emit_siblings(struct emit *emit, enum phase phase, uint32_t rule, uint32_t group,
                              uint32_t end) {
    struct siblings siblings = {.index = NAME_NONE};
    struct plan *plan = make_plan(emit, phase, rule, group, end);
    if (plan == NULL) return siblings;
    each_member(plan, count_key);
    each_member(plan, weigh_key);
    if (!is_worth_it(plan, measure(plan))) return siblings;
    siblings.index = make_row(plan);
    if (siblings.index != NAME_NONE) emit_op(emit, OP_LOOK, siblings.index, 0, 0);
    return siblings;
}

// ---- the code

static void place_target(struct emit *emit, const struct siblings *siblings) {
    uint32_t label = emit_label(emit);
    const struct index_row *row = &emit->indexes[siblings->index];
    emit_place(emit, label);
    if (siblings->members <= row->count) row->targets[siblings->members] = (uint16_t)label;
}

void emit_member(struct emit *emit, struct siblings *siblings) {
    if (siblings->index == NAME_NONE) return;
    place_target(emit, siblings);
    siblings->members++;
}

// Behind the last one is where the level ends.
void emit_next(struct emit *emit, const struct siblings *siblings) {
    if (siblings->index == NAME_NONE) return;
    bool last = siblings->members == emit->indexes[siblings->index].count;
    if (!last) emit_op(emit, OP_NEXT, siblings->index, siblings->members, 0);
}

void emit_siblings_end(struct emit *emit, const struct siblings *siblings) {
    if (siblings->index != NAME_NONE) place_target(emit, siblings);
}
