// The stages in their order, and the program that they leave behind.
#include "engine/lang/compile.h"

#include "engine/lang/check_program.h"
#include "engine/lang/emit.h"
#include "engine/lang/limiters.h"
#include "engine/match/regex.h"
#include "engine/run/run.h"
#include "engine/run/verify.h"

static enum compile_outcome outcome_of(const struct unit *unit) {
    if (unit->diagnostics->out_of_memory || unit->arena->failed) return COMPILE_NO_MEMORY;
    return unit->diagnostics->count > 0 ? COMPILE_REFUSED : COMPILE_OK;
}

static void emit_lets(struct emit *emit, struct let_row *rows) {
    struct unit *unit = emit->unit;
    emit->in_let = true;
    for (uint32_t i = 0; i < unit->let_names.count; i++) {
        struct unit_let *let = &unit->lets[i];
        if (let->constant) continue;
        emit_begin_block(emit);
        if (!emit->too_large) emit->where = let->item->name_span;
        emit->reads = 0;
        uint32_t failed = emit_label(emit);
        uint32_t error = emit_register(emit);
        uint32_t entry = emit_here(emit);
        emit_handle(emit, failed, error);
        uint32_t value = emit_value(emit, let->item->value);
        emit_restore(emit, NO_HANDLER);
        emit_op(emit, OP_LET_END, value, let->number, 0);
        emit_place(emit, failed);
        emit_op(emit, OP_LET_FAILED, error, let->number, 0);
        emit_end_block(emit);
        let->reads = emit->reads;
        rows[let->number] = (struct let_row){
            .name = arena_copy(emit->arena, let->name), .entry = entry, .type = let->type};
    }
    emit->in_let = false;
    for (uint32_t i = 0; i < unit->limiter_names.count; i++) {
        struct unit_limiter *limiter = &unit->limiters[i];
        if (limiter_let(limiter)) emit_limiter_let(emit, limiter, &rows[limiter->let.number]);
    }
    emit->reads = 0;
}

static uint32_t count_lets(const struct unit *unit) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < unit->let_names.count; i++) {
        if (!unit->lets[i].constant) count++;
    }
    for (uint32_t i = 0; i < unit->limiter_names.count; i++)
        count += limiter_let(&unit->limiters[i]);
    return count;
}

// Slots by folded hash of their name; twice as many places as slots, a power of two.
static void build_slot_table(struct emit *emit, struct program *program) {
    uint32_t places = 2;
    while (places < 2 * emit->slot_count)
        places *= 2;
    uint16_t *table = arena_array(emit->arena, places, sizeof *table);
    if (table == NULL) {
        emit->failed = true;
        return;
    }
    for (uint32_t i = 0; i < emit->slot_count; i++) {
        uint32_t at = slice_hash_folded(emit->slots[i].name) & (places - 1);
        while (table[at] != 0)
            at = (at + 1) & (places - 1);
        table[at] = (uint16_t)(i + 1);
    }
    program->slot_table = table;
    program->slot_table_mask = places - 1;
}

static void fill_prepared(struct emit *emit, struct program *program) {
    uint32_t *bytes = arena_array(emit->arena, emit->prepared_count + 1, sizeof *bytes);
    if (bytes == NULL) {
        emit->failed = true;
        return;
    }
    for (uint32_t i = 0; i < emit->prepared_count; i++) {
        const struct effect *edit = &emit->prepared[i];
        bytes[i + 1] = bytes[i] + edit->name.length + edit->value.length;
    }
    program->prepared = emit->prepared;
    program->prepared_bytes = bytes;
    program->prepared_count = emit->prepared_count;
}

static void fill_tables(struct emit *emit, struct program *program) {
    fill_prepared(emit, program);
    program->code = emit->code;
    program->handler_of = emit->handler_of;
    program->code_count = emit->code_count;
    program->handlers = emit->handlers;
    program->handler_count = emit->handler_count;
    program->constants = emit->constants;
    program->constant_count = emit->constant_count;
    if (emit->has_patterns) {
        program->pool = regex_pool_make(emit->arena, REGEX_POOL_BYTES);
        if (program->pool == NULL) emit->failed = true;
    }
    program->counters = emit->counters;
    program->counter_count = emit->counter_count;
    program->sites = emit->sites;
    program->site_count = emit->site_count;
    program->slots = emit->slots;
    program->slot_count = emit->slot_count;
    program->registers = emit->most_registers;
    program->indexes = emit->indexes;
    program->index_count = emit->index_count;
    program->index_words = emit->index_words;
    memcpy(program->edits, emit->edits, sizeof program->edits);
    build_slot_table(emit, program);
}

static void fill_rules(struct emit *emit, struct program *program) {
    const struct unit *unit = emit->unit;
    uint32_t count = unit->rule_names.count;
    struct rule_row *rows = arena_array(emit->arena, count, sizeof *rows);
    if (rows == NULL) {
        emit->failed = true;
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct unit_rule *rule = &unit->rules[i];
        rows[i] = (struct rule_row){.name = arena_copy(emit->arena, rule->name),
                                    .phase = (uint8_t)rule->phase,
                                    .restricts = rule->restricts && !rule->shadow,
                                    .applies_on_error = rule->applies_on_error,
                                    .shadow = rule->shadow};
        program->shadow_rules |= rule->shadow;
        if (rule->shadow) continue;
        if (rule->restricts) program->last_restricting[rule->phase] = (uint16_t)(i + 1);
        bool sets =
            rule->phase <= PHASE_REQUEST_BODY && check_has_action(rule->item->actions, ACTION_SET);
        if (rule->restricts || sets) program->last_guarding[rule->phase] = (uint16_t)(i + 1);
    }
    program->rules = rows;
    program->rule_count = count;
    program->group_count = unit->group_names.count;
}

static bool phase_has_rules(const struct unit *unit, enum phase phase) {
    for (uint32_t i = 0; i < unit->rule_names.count; i++) {
        if (unit->rules[i].phase == phase) return true;
    }
    return false;
}

// A request's headers are only there in its own phase: whoever reads them later has them gathered
// then. A response's come with the first phase that reads them, trailers when they come. What phase
// log reads and no phase before it could gather the host has once more.
static void plan_gathering(struct program *program, const uint8_t reads[PHASE_TOTAL]) {
    for (uint32_t phase = 0; phase < PHASE_TOTAL; phase++) {
        if (reads[phase] & 1u << MESSAGE_REQUEST) {
            program->gathers[PHASE_REQUEST] |= 1u << MESSAGE_REQUEST;
        }
        if (reads[phase] & 1u << MESSAGE_RESPONSE) {
            program->gathers[PHASE_RESPONSE] |= 1u << MESSAGE_RESPONSE;
        }
        program->gathers[PHASE_REQUEST_BODY] |= reads[phase] & 1u << MESSAGE_REQUEST_TRAILERS;
        program->gathers[PHASE_RESPONSE_BODY] |= reads[phase] & 1u << MESSAGE_RESPONSE_TRAILERS;
    }
    program->gathers[PHASE_LOG] =
        reads[PHASE_LOG] & (1u << MESSAGE_REQUEST | 1u << MESSAGE_RESPONSE);
}

static void report_too_large(const struct emit *emit) {
    struct unit *unit = emit->unit;
    struct text number;
    text_init(&number, unit->arena);
    text_add_uint(&number, emit->most);
    diag_report(unit->diagnostics, ERROR_TOO_MANY, &emit->where,
                (slice[]){text_slice(&number), slice_of(emit->over)});
}

static enum compile_outcome verify(struct unit *unit, struct program *program) {
    uint32_t at;
    const char *why = "";
    arena_reset(unit->scratch);
    enum verify_outcome outcome = verify_program(program, unit->scratch, &at, &why);
    if (outcome == VERIFY_OK) return COMPILE_OK;
    if (outcome == VERIFY_NO_MEMORY) return COMPILE_NO_MEMORY;
    struct text number;
    text_init(&number, unit->arena);
    text_add_uint(&number, at);
    diag_report(unit->diagnostics, ERROR_BROKEN, &(struct span){0},
                (slice[]){slice_of(why), text_slice(&number)});
    return COMPILE_BROKEN;
}

// Rules without conditions that only edit headers by constants: nothing depends on the stream, so
// long as no rule reads the message that they change.
static bool is_constant_phase(const struct program *program, enum phase phase) {
    uint32_t pc = program->entry[phase];
    for (; pc != NO_ENTRY && program->code[pc].op != OP_END; pc++) {
        const struct instruction *at = &program->code[pc];
        bool plain = at->op == OP_RULE || at->op == OP_RULE_MATCH || at->op == OP_HEADER_EDITS;
        if (!plain) return false;
        bool edits = at->op == OP_HEADER_EDITS;
        uint32_t message = edits ? program->prepared[at->a].message : MESSAGE_TOTAL;
        for (uint32_t i = 0; edits && i < PHASE_TOTAL; i++) {
            if (program->gathers[i] >> message & 1) return false;
        }
    }
    return pc != NO_ENTRY;
}

// Such a phase is run now, once and for all.
static enum compile_outcome fold_phases(struct unit *unit, struct program *program,
                                        struct arena *keep) {
    static const struct run_host no_host = {0};
    for (uint32_t phase = 0; phase < PHASE_TOTAL; phase++) {
        struct run run;
        if (!is_constant_phase(program, (enum phase)phase)) continue;
        arena_reset(unit->scratch);
        if (!run_begin(&run, program, &no_host, unit->scratch)) return COMPILE_NO_MEMORY;
        run_phase(&run, (enum phase)phase);
        struct effect *effects = arena_array(keep, run.effect_count, sizeof *effects);
        if (effects == NULL || unit->scratch->failed) return COMPILE_NO_MEMORY;
        if (run.effect_count > 0) memcpy(effects, run.effects, run.effect_count * sizeof *effects);
        bool done = run.call.steps >= 0 && run.effect_count > 0;
        program->constant_effects[phase] = done ? effects : NULL;
        program->constant_effect_count[phase] = run.effect_count;
    }
    return COMPILE_OK;
}

static enum compile_outcome finish(struct emit *emit, struct program *program) {
    if (emit->too_large) {
        report_too_large(emit);
        return COMPILE_REFUSED;
    }
    if (!emit->failed) fill_tables(emit, program);
    if (emit->failed || emit->arena->failed) return COMPILE_NO_MEMORY;
    enum compile_outcome outcome = verify(emit->unit, program);
    return outcome == COMPILE_OK ? fold_phases(emit->unit, program, emit->arena) : outcome;
}

static bool copy_trust(const struct trust_settings *from, struct arena *keep, struct trust *trust) {
    trust->hops = from->hops;
    if (from->header.length > 0) trust->header = arena_copy(keep, from->header);
    if (from->networks.kind == TYPE_NONE) return !keep->failed;
    return cidr_set_build(keep, from->networks, &trust->networks, NULL) == FAILURE_NONE;
}

static struct program *new_program(struct unit *unit, struct arena *keep) {
    const struct settings *settings = &unit->config->settings;
    struct program *program = arena_take(keep, sizeof *program);
    if (program == NULL || !copy_trust(&settings->trust, keep, &program->trust)) return NULL;
    for (uint32_t i = 0; i <= PHASE_TOTAL; i++)
        program->entry[i] = NO_ENTRY;
    program->body_gate[MESSAGE_REQUEST] = program->body_gate[MESSAGE_RESPONSE] = NO_ENTRY;
    program->steps = (uint32_t)settings->steps;
    program->memory = settings->memory;
    program->body_limit = settings->body_limit;
    program->hold_headers = settings->hold_headers;
    program->log_level = settings->log_level;
    program->decision_header = settings->decision_header;
    program->jwt = arena_copy(keep, settings->jwt);
    if (program->jwt.at == NULL) return NULL;
    return program;
}

static enum compile_outcome emit_program(struct unit *unit, struct arena *keep,
                                         struct program *program) {
    struct emit emit;
    uint8_t reads[PHASE_TOTAL] = {0};
    emit_init(&emit, unit, keep);
    program->let_count = count_lets(unit);
    program->lets = arena_array(keep, program->let_count, sizeof *program->lets);
    if (program->lets == NULL) return COMPILE_NO_MEMORY;
    fill_rules(&emit, program);
    compile_limiters(unit, keep, program);
    emit_lets(&emit, program->lets);
    for (uint32_t phase = 0; phase < PHASE_TOTAL; phase++) {
        if (!phase_has_rules(unit, (enum phase)phase)) continue;
        program->entry[phase] = emit_here(&emit);
        emit.reads = 0;
        emit_phase(&emit, (enum phase)phase);
        reads[phase] = emit.reads;
    }
    reads[PHASE_REQUEST] |= emit_caps(&emit, program);
    emit_body_gate(&emit, program, PHASE_REQUEST_BODY, MESSAGE_REQUEST, reads);
    emit_body_gate(&emit, program, PHASE_RESPONSE_BODY, MESSAGE_RESPONSE, reads);
    plan_gathering(program, reads);
    return finish(&emit, program);
}

enum compile_outcome compile_items(struct unit *unit, slice name_space, struct arena *keep,
                                   struct program **out) {
    if (outcome_of(unit) == COMPILE_NO_MEMORY) return COMPILE_NO_MEMORY;
    if (unit->lints != NULL) unit->lints->tree(unit);
    check_program(unit);
    enum compile_outcome outcome = outcome_of(unit);
    if (outcome != COMPILE_OK) return outcome;
    if (unit->lints != NULL) unit->lints->rules(unit);
    struct program *program = new_program(unit, keep);
    if (program == NULL) return COMPILE_NO_MEMORY;
    slice own = unit->config->settings.namespace_;
    program->name_space = arena_copy(keep, own.length > 0 ? own : name_space);
    outcome = emit_program(unit, keep, program);
    *out = program;
    return outcome;
}

enum compile_outcome compile_rules(struct unit *unit, uint32_t source, slice name_space,
                                   struct arena *keep, struct program **out) {
    unit_add_source(unit, source);
    return compile_items(unit, name_space, keep, out);
}

enum compile_outcome compile_program(struct unit *unit, slice name_space, struct arena *keep,
                                     struct program **out) {
    for (uint32_t i = 0; i < unit->config->text_count && !unit->refused; i++) {
        unit_add_source(unit, unit->config->texts[i].source);
    }
    return compile_items(unit, name_space, keep, out);
}

// A condition ends where its jumps end.
static void emit_result(struct emit *emit, const struct expr *expr) {
    if (expr->type != TYPE_BOOL || expr->kind == EXPR_LITERAL) {
        emit_op(emit, OP_RESULT, emit_value(emit, expr), 0, 0);
        return;
    }
    uint32_t no = emit_label(emit);
    emit_branch(emit, expr, no, false);
    emit_op(emit, OP_RESULT, emit_constant(emit, value_bool(true)), 0, 0);
    emit_place(emit, no);
    emit_op(emit, OP_RESULT, emit_constant(emit, value_bool(false)), 0, 0);
}

// The first registers are the inputs.
static bool emit_inputs(struct emit *emit, struct program *program) {
    const struct unit *unit = emit->unit;
    uint8_t *types = arena_array(emit->arena, unit->input_count, sizeof *types);
    if (types == NULL) return false;
    for (uint32_t i = 0; i < unit->input_count; i++)
        types[i] = unit->variables[i].type;
    emit_registers(emit, unit->input_count);
    program->inputs = types;
    program->input_count = unit->input_count;
    return true;
}

static enum compile_outcome emit_expression(struct unit *unit, const struct expr *expr,
                                            struct arena *keep, struct program **out) {
    struct emit emit;
    struct program *program = new_program(unit, keep);
    if (program == NULL) return COMPILE_NO_MEMORY;
    emit_init(&emit, unit, keep);
    program->let_count = count_lets(unit);
    program->lets = arena_array(keep, program->let_count, sizeof *program->lets);
    if (program->lets == NULL) return COMPILE_NO_MEMORY;
    emit_lets(&emit, program->lets);
    program->entry[PHASE_TOTAL] = emit_here(&emit);
    emit_begin_block(&emit);
    if (!emit_inputs(&emit, program)) return COMPILE_NO_MEMORY;
    emit_result(&emit, expr);
    emit_end_block(&emit);
    *out = program;
    return finish(&emit, program);
}

enum compile_outcome compile_expression(struct unit *unit, struct expr *expr,
                                        const struct known_value *known, uint32_t known_count,
                                        struct arena *keep, struct program **out) {
    struct check check = {.unit = unit,
                          .ordinal = NAME_NONE,
                          .phases = IN_EXPECT,
                          .known = known,
                          .known_count = known_count};
    check_expr(&check, expr);
    enum compile_outcome outcome = outcome_of(unit);
    return outcome == COMPILE_OK ? emit_expression(unit, expr, keep, out) : outcome;
}

enum compile_outcome compile_alone(struct unit *unit, struct expr *expr, slice container,
                                   bool unchecked, bool no_fields, struct arena *keep,
                                   struct program **out) {
    struct check check = {.unit = unit,
                          .ordinal = NAME_NONE,
                          .phases = IN_EXPECT,
                          .container = container,
                          .unchecked = unchecked,
                          .no_fields = no_fields,
                          .alone = true};
    check_expr(&check, expr);
    enum compile_outcome outcome = outcome_of(unit);
    return outcome == COMPILE_OK ? emit_expression(unit, expr, keep, out) : outcome;
}

// The value moves from the scratch arena to the compilation's, as far as folding may make anything.
static bool keep_value(struct unit *unit, struct value *value) {
    bool text = value_is_text(*value);
    uint32_t count = value_held(*value);
    uint64_t bytes = text ? value->length : (uint64_t)count * sizeof *value;
    if (bytes > LIMIT_FOLDED_BYTES - unit->folded) return false;
    unit->folded += (uint32_t)bytes;
    if (text) {
        slice copy = arena_copy(unit->arena, value_text(*value));
        value->as.text = copy.at;
        return copy.at != NULL;
    }
    if (count == 0) return true;
    struct value *items = arena_array(unit->arena, count, sizeof *items);
    for (uint32_t i = 0; items != NULL && i < count; i++) {
        items[i] = value->as.items[i];
        if (!keep_value(unit, &items[i])) return false;
    }
    value->as.items = items;
    value->spare = 0;
    return items != NULL;
}

// What has a form of its own in the program is made there.
static bool can_fold(struct value value) {
    return value.kind != TYPE_ERROR && value.kind != TYPE_CIDRS && value.kind != TYPE_REGEX &&
           value.kind != TYPE_ZONE && value.kind != TYPE_HEADERS;
}

static bool run_constant(struct unit *unit, const struct expr *expr, struct value *out) {
    struct emit emit;
    uint32_t at;
    const char *why;
    struct arena *scratch = unit->scratch;
    static const struct run_host no_host = {0};
    arena_reset(scratch);
    struct run *run = arena_take(scratch, sizeof *run); // large for a stack
    if (run == NULL) return false;
    struct program program = {.steps = LIMIT_STEPS_DEFAULT, .body_gate = {NO_ENTRY, NO_ENTRY}};
    for (uint32_t i = 0; i <= PHASE_TOTAL; i++)
        program.entry[i] = NO_ENTRY;
    program.entry[PHASE_TOTAL] = 0;
    emit_init(&emit, unit, scratch);
    emit_begin_block(&emit);
    emit_op(&emit, OP_RESULT, emit_value(&emit, expr), 0, 0);
    emit_end_block(&emit);
    if (emit.failed || emit.too_large) return false;
    fill_tables(&emit, &program);
    if (emit.failed || scratch->failed) return false;
    if (verify_program(&program, scratch, &at, &why) != VERIFY_OK) return false;
    if (!run_begin(run, &program, &no_host, scratch)) return false;
    *out = run_expression(run);
    return can_fold(*out) && keep_value(unit, out);
}

// Without memory nothing is known about the expression, and nothing may be said about it.
bool compile_constant(struct unit *unit, const struct expr *expr, struct value *out) {
    if (run_constant(unit, expr, out)) return true;
    if (unit->scratch->failed || unit->arena->failed) unit->diagnostics->out_of_memory = true;
    return false;
}
