// One pass forward over the code with the types of all registers; jumps only go forward, so each
// target's types are complete when the pass arrives there.
#include "engine/run/verify.h"

#include "engine/lib/header.h"
#include "engine/run/redirect.h"
#include "engine/run/sample.h"
#include "engine/run/verify_index.h"

enum operand_kind {
    KIND_NO,
    KIND_TO_SAME,
    KIND_TO_CHECKED,
    KIND_TO_BOOL,
    KIND_TO_INT,
    KIND_TO_DOUBLE,
    KIND_TO_STRING,
    KIND_TO_LIST,
    KIND_TO_MAP,
    KIND_TO_DYN,
    KIND_TO_ERROR,
    KIND_TO_OPTIONAL,
    KIND_TO_BUILDER,
    KIND_TO_CALL,
    KIND_TO_FIELD,
    KIND_TO_LET,
    KIND_DYN,
    KIND_BOOL,
    KIND_INT,
    KIND_DOUBLE,
    KIND_STRING,
    KIND_DURATION,
    KIND_TIMESTAMP,
    KIND_LIST,
    KIND_MAP,
    KIND_HEADERS,
    KIND_OPTIONAL,
    KIND_BUILDER,
    KIND_ERROR,
    KIND_FIRST,
    KIND_FIRST_STRING,
    KIND_FIRST_PAIR,
    KIND_FIRST_PART,
    KIND_FIRST_DRAW,
    KIND_FIRST_ARGUMENT,
    KIND_FIRST_ANY,
    KIND_WALK,
    KIND_WALK_PAIR,
    KIND_COUNT,
    KIND_TYPE,
    KIND_FIELD,
    KIND_HOST_FIELD,
    KIND_ORIGINAL,
    KIND_SHADOW,
    KIND_PATTERN,
    KIND_PLACE,
    KIND_EDITS,
    KIND_EDIT,
    KIND_EDIT_COUNT,
    KIND_LET,
    KIND_GROUP,
    KIND_RULE,
    KIND_LIMITER,
    KIND_COUNTER,
    KIND_SITE,
    KIND_INDEX,
    KIND_MEMBER,
    KIND_FAILURE,
    KIND_MESSAGE,
    KIND_CAP,
    KIND_LEVEL,
    KIND_REPLY,
    KIND_TARGET,
    KIND_BACK,
    KIND_TOTAL
};

struct op_row {
    uint8_t kinds[3];
};

static const struct op_row op_rows[OP_TOTAL] = {
#define OP(name, a, b, c, meaning) [OP_##name] = {{KIND_##a, KIND_##b, KIND_##c}},
#include "engine/tbl/opcodes.h"
#undef OP
#define TEST(name, x, y, cost, condition, meaning)                                                 \
    [OP_IF_##name] = {{KIND_##x, KIND_##y, KIND_TARGET}},                                          \
    [OP_UNLESS_##name] = {{KIND_##x, KIND_##y, KIND_TARGET}},
#include "engine/tbl/tests.h"
#undef TEST
};

// Types of the registers, then two facts that hold like types do.
enum { FACT_RULE = LIMIT_REGISTERS, FACT_REPLY, STATE_BYTES };

enum block_kind {
    BLOCK_NONE,
    BLOCK_LET,
    BLOCK_PHASE,
    BLOCK_REQUEST_BODY,
    BLOCK_RESPONSE,
    BLOCK_RESPONSE_BODY,
    BLOCK_CAP,
    BLOCK_EXPRESSION
};

struct state {
    uint8_t types[STATE_BYTES];
    struct state *next_free;
};

struct verify {
    struct program *program;
    struct arena *scratch;
    struct state **pending; // per instruction: types on arrival by jumps, or NULL
    struct state **heads;   // per instruction: types at the beginning of a loop, or NULL
    uint32_t *index_at;     // per index: 1 + where it is looked up, 0: nowhere yet
    struct state *free_states;
    uint8_t *block_of; // per instruction: enum block_kind where a block starts there
    uint16_t *let_of;  // per instruction: the let whose block starts there
    struct state now;
    bool reachable;
    enum block_kind block;
    uint32_t block_start;
    uint32_t block_end;
    uint32_t let;
    uint8_t let_depth;
    const char *why;
    bool out_of_memory;
};

static bool refuse(struct verify *verify, const char *why) {
    if (verify->why == NULL) verify->why = why;
    return false;
}

// Never mixed with values of other types.
static bool is_opaque(uint8_t type) {
    return type == TYPE_NONE || type == TYPE_ERROR || type == TYPE_HEADERS || type == TYPE_BUILDER;
}

static uint8_t joined_type(uint8_t x, uint8_t y) {
    if (x == y) return x;
    return is_opaque(x) || is_opaque(y) ? TYPE_NONE : TYPE_DYN;
}

static struct state *take_state(struct verify *verify) {
    struct state *state = verify->free_states;
    if (state != NULL) {
        verify->free_states = state->next_free;
        return state;
    }
    state = arena_take_raw(verify->scratch, sizeof *state);
    if (state == NULL) verify->out_of_memory = true;
    return state;
}

static bool arrive(struct verify *verify, uint32_t pc, uint32_t target, const struct state *from) {
    if (target <= pc || target >= verify->block_end) return refuse(verify, "target");
    struct state *pending = verify->pending[target];
    if (pending == NULL) {
        pending = take_state(verify);
        if (pending == NULL) return false;
        *pending = *from;
        verify->pending[target] = pending;
        return true;
    }
    for (uint32_t i = 0; i < STATE_BYTES; i++) {
        pending->types[i] = joined_type(pending->types[i], from->types[i]);
    }
    return true;
}

static bool read_type(struct verify *verify, uint16_t operand, uint8_t *type) {
    if (operand & OPERAND_CONSTANT) {
        uint32_t index = operand & ~(uint32_t)OPERAND_CONSTANT;
        if (index >= verify->program->constant_count) return refuse(verify, "constant");
        *type = verify->program->constants[index].kind;
        return true;
    }
    if (operand & OPERAND_SLOT) {
        *type = TYPE_STRING;
        return (operand & OPERAND_INDEX) < verify->program->slot_count || refuse(verify, "slot");
    }
    if (operand >= verify->program->registers) return refuse(verify, "register");
    *type = verify->now.types[operand];
    if (*type == TYPE_NONE) return refuse(verify, "a register without a value");
    return true;
}

static bool reads(struct verify *verify, uint16_t operand, uint8_t wanted) {
    uint8_t type = TYPE_NONE;
    if (!read_type(verify, operand, &type)) return false;
    bool any = type != TYPE_ERROR && type != TYPE_BUILDER;
    if (wanted == TYPE_DYN ? any : type == wanted) return true;
    return refuse(verify, "type of an operand");
}

static bool reads_run(struct verify *verify, uint32_t first, uint32_t count, uint8_t wanted) {
    if (first + count > verify->program->registers) return refuse(verify, "register run");
    for (uint32_t i = 0; i < count; i++) {
        if (!reads(verify, (uint16_t)(first + i), wanted)) return false;
    }
    return true;
}

static bool reads_arguments(struct verify *verify, uint32_t first, uint32_t number) {
    if (number >= verify->program->site_count) return refuse(verify, "call site");
    const struct call_site *site = &verify->program->sites[number];
    for (uint32_t i = 0; i < site->count; i++) {
        if (!reads_run(verify, first + i, 1, site->candidates[0].kinds[i])) return false;
    }
    return true;
}

static bool reads_any(struct verify *verify, uint32_t first, uint32_t number) {
    if (number >= verify->program->site_count) return refuse(verify, "call site");
    return reads_run(verify, first, verify->program->sites[number].count, TYPE_DYN);
}

// What a call site says of its functions must be what their rows say.
static bool check_candidate(struct verify *verify, const struct call_site *site,
                            const struct candidate *candidate, uint8_t *result) {
    uint8_t kinds[FUNCTION_ARGUMENTS];
    if (candidate->function >= FUNCTION_TOTAL) return refuse(verify, "function");
    enum function function = (enum function)candidate->function;
    if (!function_kinds(function, site->count, kinds, result)) return refuse(verify, "arguments");
    for (uint32_t i = 0; i < site->count; i++) {
        if (kinds[i] == candidate->kinds[i]) continue;
        const struct prepared_row *row = function_prepared(function, i);
        bool prepared = row != NULL && row->kind == candidate->kinds[i];
        if (!prepared || site->candidate_count > 1) return refuse(verify, "type of an argument");
    }
    return true;
}

static bool check_site(struct verify *verify, const struct call_site *site) {
    uint8_t type = TYPE_NONE;
    for (uint32_t i = 0; i < site->candidate_count; i++) {
        uint8_t result;
        if (!check_candidate(verify, site, &site->candidates[i], &result)) return false;
        type = type == TYPE_NONE || type == result ? result : TYPE_DYN;
    }
    bool good = site->candidate_count > 0 && type == site->result &&
                site->body == function_rows[site->candidates[0].function].body;
    return good || refuse(verify, "call site");
}

static bool below(struct verify *verify, uint32_t number, uint32_t count) {
    return number < count || refuse(verify, "number");
}

static bool passes_gate(struct value value) {
    if (value.kind == TYPE_OPTIONAL) {
        if (value.length == 0) return true;
        value = *value.as.items;
    }
    bool list = value.kind == TYPE_LIST;
    for (uint32_t i = 0; i < (list ? value.length : 1); i++) {
        struct value item = list ? value.as.items[i] : value;
        bool text = item.kind == TYPE_STRING || item.kind == TYPE_SECRET;
        bool good =
            text && item.length <= LIMIT_HEADER_VALUE && header_value_valid(value_text(item));
        if (!good) return false;
    }
    return true;
}

static bool name_passes_gate(slice name, bool response, bool removes) {
    for (uint32_t i = 0; i < name.length; i++) {
        if (ascii_lower(name.at[i]) != name.at[i]) return false;
    }
    return header_name_valid(name) && header_target_allowed(name, response, removes);
}

// Prepared edits pass the gate here, once; those of one instruction are of one message.
static bool check_edits(struct verify *verify, uint32_t first, uint32_t count) {
    const struct program *program = verify->program;
    if (count == 0 || first + count > program->prepared_count) return refuse(verify, "edits");
    for (uint32_t i = first; i < first + count; i++) {
        const struct effect *edit = &program->prepared[i];
        bool kind = edit->kind == EFFECT_HEADER_SET || edit->kind == EFFECT_HEADER_ADD;
        bool good = kind && edit->message < MESSAGE_TOTAL &&
                    edit->message == program->prepared[first].message &&
                    name_passes_gate(edit->name, edit->message == MESSAGE_RESPONSE, false) &&
                    passes_gate(value_string(edit->value));
        if (!good) return refuse(verify, "header gate");
    }
    return true;
}

// The walk's registers: nothing behind them lives from one round to the next.
static bool check_walk(struct verify *verify, uint32_t first, uint32_t count) {
    if (first + count > verify->program->registers) return refuse(verify, "register run");
    return reads(verify, (uint16_t)first, TYPE_INT);
}

// At the end of a round all that the beginning relies on must be as it was.
static bool check_back(struct verify *verify, uint32_t target) {
    bool inside = target >= verify->block_start && target < verify->block_end;
    const struct state *head = inside ? verify->heads[target] : NULL;
    if (head == NULL) return refuse(verify, "loop");
    for (uint32_t i = 0; i < STATE_BYTES; i++) {
        uint8_t then = head->types[i];
        uint8_t now = verify->now.types[i];
        bool fits = then == TYPE_NONE || then == now || (then == TYPE_DYN && !is_opaque(now));
        if (!fits) return refuse(verify, "type behind a loop");
    }
    return true;
}

static bool can_be_asked(struct verify *verify, uint32_t field) {
    if (!below(verify, field, FIELD_TOTAL)) return false;
    uint8_t how = field_rows[field].how;
    bool value = how == HOW_FETCHED || how == HOW_MEASURED || how == HOW_COMPUTED || how == HOW_OWN;
    return value || refuse(verify, "field");
}

static bool check_operand(struct verify *verify, struct instruction i, uint8_t kind,
                          uint16_t operand) {
    const struct program *program = verify->program;
    switch ((enum operand_kind)kind) {
    case KIND_NO: return operand == 0 || refuse(verify, "unused operand");
    case KIND_DYN: return reads(verify, operand, TYPE_DYN);
    case KIND_BOOL: return reads(verify, operand, TYPE_BOOL);
    case KIND_INT: return reads(verify, operand, TYPE_INT);
    case KIND_DOUBLE: return reads(verify, operand, TYPE_DOUBLE);
    case KIND_STRING: return reads(verify, operand, TYPE_STRING);
    case KIND_DURATION: return reads(verify, operand, TYPE_DURATION);
    case KIND_TIMESTAMP: return reads(verify, operand, TYPE_TIMESTAMP);
    case KIND_LIST: return reads(verify, operand, TYPE_LIST);
    case KIND_MAP: return reads(verify, operand, TYPE_MAP);
    case KIND_HEADERS: return reads(verify, operand, TYPE_HEADERS);
    case KIND_ERROR: return reads(verify, operand, TYPE_ERROR);
    case KIND_FIRST: return reads_run(verify, operand, i.c, TYPE_DYN);
    case KIND_FIRST_STRING: return reads_run(verify, operand, i.c, TYPE_STRING);
    case KIND_FIRST_PAIR: return reads_run(verify, operand, 2u * i.c, TYPE_DYN);
    case KIND_FIRST_PART: return reads_run(verify, operand, REDIRECT_PARTS, TYPE_DYN);
    case KIND_FIRST_DRAW: return reads_run(verify, operand, SAMPLE_OPERANDS, TYPE_DYN);
    case KIND_FIRST_ARGUMENT: return reads_arguments(verify, operand, i.b);
    case KIND_FIRST_ANY: return reads_any(verify, operand, i.b);
    case KIND_WALK: return check_walk(verify, i.a, 2);
    case KIND_WALK_PAIR: return check_walk(verify, i.a, 3);
    case KIND_BACK: return check_back(verify, operand);
    case KIND_OPTIONAL: return reads(verify, operand, TYPE_OPTIONAL);
    case KIND_BUILDER: return reads(verify, operand, TYPE_BUILDER);
    case KIND_COUNT: return true;
    case KIND_TYPE: return below(verify, operand, TYPE_TOTAL);
    case KIND_FIELD: return below(verify, operand, FIELD_TOTAL);
    case KIND_HOST_FIELD: return can_be_asked(verify, operand);
    case KIND_PLACE:
        return operand != PLACE_NONE ? below(verify, operand, PLACE_TOTAL)
                                     : refuse(verify, "number");
    case KIND_ORIGINAL:
    case KIND_PATTERN:
    case KIND_EDITS:
    case KIND_SHADOW: return below(verify, operand, 2);
    case KIND_EDIT: return below(verify, operand, program->prepared_count);
    case KIND_EDIT_COUNT: return check_edits(verify, i.a, operand);
    case KIND_LET: return below(verify, operand, program->let_count);
    case KIND_GROUP: return below(verify, operand, program->group_count);
    case KIND_RULE: return below(verify, operand, program->rule_count);
    case KIND_LIMITER: return below(verify, operand, program->limiter_count);
    case KIND_COUNTER: return below(verify, operand, program->counter_count);
    case KIND_SITE: return below(verify, operand, program->site_count);
    case KIND_INDEX: return below(verify, operand, program->index_count);
    case KIND_FAILURE:
        return operand != FAILURE_NONE ? below(verify, operand, FAILURE_STEPS)
                                       : refuse(verify, "number");
    case KIND_MESSAGE: return below(verify, operand, MESSAGE_TOTAL);
    case KIND_CAP: return below(verify, operand, program->cap_count);
    case KIND_LEVEL: return below(verify, operand, LEVEL_TOTAL);
    case KIND_REPLY: return below(verify, operand, REPLY_KIND_TOTAL);
    default: return true; // results and targets: written below
    }
}

// The type that the instruction's result has, TYPE_NONE where it has none.
static uint8_t result_type(struct verify *verify, struct instruction i, uint8_t kind) {
    uint8_t type = TYPE_NONE;
    switch ((enum operand_kind)kind) {
    case KIND_TO_SAME: read_type(verify, i.b, &type); return type;
    case KIND_TO_CHECKED: return (uint8_t)i.c;
    case KIND_TO_BOOL: return TYPE_BOOL;
    case KIND_TO_INT: return TYPE_INT;
    case KIND_TO_DOUBLE: return TYPE_DOUBLE;
    case KIND_TO_STRING: return TYPE_STRING;
    case KIND_TO_LIST: return TYPE_LIST;
    case KIND_TO_MAP: return TYPE_MAP;
    case KIND_TO_DYN: return TYPE_DYN;
    case KIND_TO_ERROR: return TYPE_ERROR;
    case KIND_TO_OPTIONAL: return TYPE_OPTIONAL;
    case KIND_TO_BUILDER: return TYPE_BUILDER;
    case KIND_TO_CALL: return verify->program->sites[i.b].result;
    case KIND_TO_FIELD: return field_rows[i.b].type;
    case KIND_TO_LET: return verify->program->lets[i.b].type;
    default: return TYPE_NONE;
    }
}

static bool check_let(struct verify *verify, uint32_t let) {
    const struct let_row *row = &verify->program->lets[let];
    if (verify->block == BLOCK_LET && let >= verify->let) return refuse(verify, "order of lets");
    if (row->depth >= verify->let_depth) verify->let_depth = (uint8_t)(row->depth + 1);
    return verify->let_depth <= LIMIT_LET_DEPTH || refuse(verify, "depth of lets");
}

static bool is_of_rules(uint16_t op) {
    return op >= OP_GROUP_KNOWN && op <= OP_END;
}

static bool needs_rule(uint16_t op) {
    return op > OP_RULE && op < OP_END;
}

static bool is_reply_part(uint16_t op) {
    return op >= OP_REPLY_BODY && op <= OP_REPLY_SHADOW;
}

static bool is_phase(enum block_kind block) {
    return block >= BLOCK_PHASE && block <= BLOCK_CAP;
}

// A reply that ends the phase would lose what rules of the response did before it; one that takes
// the place of a response has none on the request's side.
static bool check_reply(struct verify *verify, uint16_t op) {
    bool response = verify->block == BLOCK_RESPONSE || verify->block == BLOCK_RESPONSE_BODY;
    bool good = op == OP_REPLY_SEND ? !response : op != OP_REPLY_INSTEAD || response;
    if (op == OP_REPLY_INSTEAD && verify->block == BLOCK_RESPONSE_BODY) good = false;
    return good || refuse(verify, "reply of another phase");
}

// A body is there in its own phase only, and only the request's headers can tell how long it is.
static bool check_body(struct verify *verify, struct instruction i) {
    enum block_kind own = i.a == MESSAGE_REQUEST ? BLOCK_REQUEST_BODY : BLOCK_RESPONSE_BODY;
    bool body = i.op != OP_BODY_SET || (i.a < BODY_TOTAL && verify->block == own);
    bool cap = i.op != OP_CAP || verify->block == BLOCK_PHASE || verify->block == BLOCK_CAP;
    return (body && cap) || refuse(verify, "body of another phase");
}

// What operands alone do not say: where an instruction may stand.
static bool check_place(struct verify *verify, struct instruction i) {
    const uint8_t *facts = verify->now.types;
    bool ends_let = i.op == OP_LET_END || i.op == OP_LET_FAILED;
    if (ends_let && (verify->block != BLOCK_LET || i.b != verify->let)) {
        return refuse(verify, "end of a let");
    }
    if (i.op == OP_RESULT && verify->block != BLOCK_EXPRESSION) return refuse(verify, "result");
    if (is_of_rules(i.op) && !is_phase(verify->block)) return refuse(verify, "rule code");
    if (needs_rule(i.op) && facts[FACT_RULE] == TYPE_NONE) return refuse(verify, "no rule");
    if (is_reply_part(i.op) && facts[FACT_REPLY] == TYPE_NONE) return refuse(verify, "no reply");
    if (!check_reply(verify, i.op) || !check_body(verify, i)) return false;
    if (i.op == OP_LET) return check_let(verify, i.b);
    if (i.op != OP_LET_END) return true;
    return reads(verify, i.a, verify->program->lets[i.b].type);
}

// A pattern is known, so that no request decides what goes.
static bool check_pattern(struct verify *verify, struct instruction i) {
    slice pattern = {NULL, 0};
    if (i.b & OPERAND_CONSTANT)
        pattern = value_text(verify->program->constants[i.b & ~OPERAND_CONSTANT]);
    bool good = i.a <= MESSAGE_RESPONSE &&
                name_passes_gate(pattern, i.a == MESSAGE_RESPONSE, true) &&
                memchr(pattern.at, '*', pattern.length) != NULL;
    return good || refuse(verify, "header gate");
}

// The interpreter lets constant names and values through unseen.
static bool check_gate(struct verify *verify, struct instruction i) {
    bool removes = i.op == OP_HEADER_REMOVE;
    if (i.op == OP_HEADER_REMOVE_ALL) return check_pattern(verify, i);
    if (!removes && i.op != OP_HEADER_SET && i.op != OP_HEADER_ADD) return true;
    const struct value *constants = verify->program->constants;
    bool good = true;
    if (i.b & OPERAND_CONSTANT) {
        slice name = value_text(constants[i.b & ~OPERAND_CONSTANT]);
        good = name_passes_gate(name, i.a == MESSAGE_RESPONSE, removes);
    }
    if (good && !removes && (i.c & OPERAND_CONSTANT) != 0) {
        good = passes_gate(constants[i.c & ~OPERAND_CONSTANT]);
    }
    return good || refuse(verify, "header gate");
}

static bool ends_flow(uint16_t op) {
    return op == OP_JUMP || op == OP_LET_END || op == OP_LET_FAILED || op == OP_RESULT ||
           op == OP_END || op == OP_LOOP || op == OP_LOOK || op == OP_NEXT;
}

static bool go_to_handler(struct verify *verify, uint32_t pc) {
    uint32_t index = verify->program->handler_of[pc];
    if (index == 0) return true;
    if (index > verify->program->handler_count) return refuse(verify, "handler");
    struct handler handler = verify->program->handlers[index - 1];
    if (handler.error_register >= verify->program->registers) return refuse(verify, "register");
    uint8_t kept = verify->now.types[handler.error_register];
    verify->now.types[handler.error_register] = TYPE_ERROR;
    bool arrived = arrive(verify, pc, handler.target, &verify->now);
    verify->now.types[handler.error_register] = kept;
    return arrived;
}

static bool write_result(struct verify *verify, struct instruction i, uint8_t kind) {
    if (kind < KIND_TO_SAME || kind > KIND_TO_LET) return true;
    uint8_t type = result_type(verify, i, kind);
    if (type == TYPE_NONE) return refuse(verify, "type of a result");
    if (i.a >= verify->program->registers) return refuse(verify, "register");
    verify->now.types[i.a] = type;
    return true;
}

static void note_facts(struct verify *verify, uint16_t op) {
    if (op == OP_RULE) {
        memset(verify->now.types, TYPE_NONE, STATE_BYTES);
        verify->now.types[FACT_RULE] = TYPE_BOOL;
    }
    if (op == OP_REPLY) verify->now.types[FACT_REPLY] = TYPE_BOOL;
}

// The kind of the items of a constant list, where all are alike.
static uint8_t item_kind(const struct verify *verify, uint16_t operand) {
    if ((operand & OPERAND_CONSTANT) == 0) return TYPE_DYN;
    struct value list = verify->program->constants[operand & ~OPERAND_CONSTANT];
    if (list.kind != TYPE_LIST || list.length == 0) return TYPE_DYN;
    for (uint32_t i = 1; i < list.length; i++) {
        if (list.as.items[i].kind != list.as.items[0].kind) return TYPE_DYN;
    }
    return list.as.items[0].kind;
}

static bool is_walk(uint16_t op) {
    return op == OP_EACH || op == OP_EACH_PAIR;
}

// Members of an index begin with nothing but what the stream knows, wherever they are come to from.
static bool begin_index(struct verify *verify, uint32_t pc, uint32_t number) {
    static const struct state nothing; // TYPE_NONE everywhere
    const struct index_row *row = &verify->program->indexes[number];
    if (verify->index_at[number] != 0) return refuse(verify, "index");
    verify->index_at[number] = pc + 1;
    for (uint32_t i = 0; i <= row->count; i++) {
        if (!arrive(verify, pc, row->targets[i], &nothing)) return false;
    }
    return true;
}

// Targets ascend: where the next one lies ahead, so do all behind it, and all are of this block.
static bool check_next(struct verify *verify, uint32_t pc, struct instruction i) {
    const struct index_row *row = &verify->program->indexes[i.a];
    bool here = verify->index_at[i.a] > verify->block_start;
    bool good = here && i.b <= row->count && row->targets[i.b] > pc;
    return good || refuse(verify, "index");
}

// Remembers what is known where a round begins: not the registers of the walk and behind it.
static bool begin_loop(struct verify *verify, uint32_t pc, struct instruction i) {
    struct state *head = take_state(verify);
    if (head == NULL) return false;
    for (uint32_t at = i.a + 1u; at < LIMIT_REGISTERS; at++)
        verify->now.types[at] = TYPE_NONE;
    *head = verify->now;
    verify->heads[pc] = head;
    return true;
}

// Behind EACH there is an item; at its target there is none.
static bool end_walk(struct verify *verify, uint32_t pc, struct instruction i) {
    if (!arrive(verify, pc, i.c, &verify->now)) return false;
    bool pair = i.op == OP_EACH_PAIR;
    verify->now.types[i.a + 1] = pair ? TYPE_DYN : item_kind(verify, i.b);
    if (pair) verify->now.types[i.a + 2] = TYPE_DYN;
    return true;
}

static bool check_instruction(struct verify *verify, uint32_t pc) {
    struct instruction i = verify->program->code[pc];
    if (i.op >= OP_TOTAL) return refuse(verify, "opcode");
    uint32_t walked = i.op == OP_EACH_PAIR ? 3 : 2;
    if (is_walk(i.op) && i.a + walked > LIMIT_REGISTERS) return refuse(verify, "register run");
    if (is_walk(i.op) && !begin_loop(verify, pc, i)) return false;
    const uint8_t *kinds = op_rows[i.op].kinds;
    uint16_t operands[3] = {i.a, i.b, i.c};
    for (uint32_t k = 3; k-- > 0;) {
        if (!check_operand(verify, i, kinds[k], operands[k])) return false;
    }
    if (!check_place(verify, i) || !check_gate(verify, i)) return false;
    if (!go_to_handler(verify, pc)) return false;
    if (!write_result(verify, i, kinds[0])) return false;
    note_facts(verify, i.op);
    if (is_walk(i.op)) return end_walk(verify, pc, i);
    if (i.op == OP_LOOK && !begin_index(verify, pc, i.a)) return false;
    if (i.op == OP_NEXT && !check_next(verify, pc, i)) return false;
    if (kinds[2] == KIND_TARGET && !arrive(verify, pc, i.c, &verify->now)) return false;
    if (ends_flow(i.op)) verify->reachable = false;
    return true;
}

static bool is_constant(uint8_t kind) {
    return !is_opaque(kind) && kind < TYPE_DYN;
}

static bool mark_block(struct verify *verify, uint32_t entry, enum block_kind kind) {
    if (entry >= verify->program->code_count || verify->block_of[entry] != BLOCK_NONE) {
        return refuse(verify, "entry");
    }
    verify->block_of[entry] = (uint8_t)kind;
    return true;
}

static enum block_kind block_of_phase(uint32_t phase) {
    switch (phase) {
    case PHASE_REQUEST_BODY: return BLOCK_REQUEST_BODY;
    case PHASE_RESPONSE: return BLOCK_RESPONSE;
    case PHASE_RESPONSE_BODY: return BLOCK_RESPONSE_BODY;
    case PHASE_TOTAL: return BLOCK_EXPRESSION;
    default: return BLOCK_PHASE;
    }
}

static bool mark_blocks(struct verify *verify) {
    const struct program *program = verify->program;
    for (uint32_t let = 0; let < program->let_count; let++) {
        if (program->lets[let].type >= TYPE_TOTAL) return refuse(verify, "type of a let");
        if (!mark_block(verify, program->lets[let].entry, BLOCK_LET)) return false;
        verify->let_of[program->lets[let].entry] = (uint16_t)let;
    }
    for (uint32_t phase = 0; phase <= PHASE_TOTAL; phase++) {
        if (program->entry[phase] == NO_ENTRY) continue;
        if (!mark_block(verify, program->entry[phase], block_of_phase(phase))) return false;
    }
    for (uint32_t i = 0; i < BODY_TOTAL; i++) {
        uint32_t gate = program->body_gate[i];
        enum block_kind kind = i == MESSAGE_REQUEST ? BLOCK_REQUEST_BODY : BLOCK_RESPONSE_BODY;
        if (gate != NO_ENTRY && !mark_block(verify, gate, kind)) return false;
    }
    for (uint32_t i = 0; i < program->cap_count; i++) {
        bool known = below(verify, program->caps[i].rule, program->rule_count);
        if (!known || !mark_block(verify, program->caps[i].entry, BLOCK_CAP)) return false;
    }
    return program->code_count == 0 || verify->block_of[0] != BLOCK_NONE ||
           refuse(verify, "code outside all blocks");
}

static bool check_tables(struct verify *verify) {
    const struct program *program = verify->program;
    bool small = program->code_count <= LIMIT_INSTRUCTIONS &&
                 program->registers <= LIMIT_REGISTERS &&
                 program->constant_count <= LIMIT_CONSTANTS &&
                 program->let_count <= LIMIT_LETS + LIMIT_LIMITERS &&
                 program->rule_count <= LIMIT_RULES && program->counter_count <= LIMIT_COUNTERS;
    if (!small) return refuse(verify, "size");
    for (uint32_t i = 0; i < program->constant_count; i++) {
        if (!is_constant(program->constants[i].kind)) return refuse(verify, "constant");
    }
    for (uint32_t i = 0; i < program->site_count; i++) {
        if (!check_site(verify, &program->sites[i])) return false;
    }
    if (program->input_count > program->registers) return refuse(verify, "inputs");
    for (uint32_t i = 0; i < program->input_count; i++) {
        bool visible = program->inputs[i] == TYPE_DYN || is_constant(program->inputs[i]);
        if (!visible) return refuse(verify, "inputs");
    }
    for (uint32_t i = 0; i < program->slot_count; i++) {
        if (program->slots[i].message >= MESSAGE_TOTAL) return refuse(verify, "slot");
    }
    return verify_indexes(program) || refuse(verify, "index");
}

static void end_let(struct verify *verify) {
    if (verify->block != BLOCK_LET) return;
    verify->program->lets[verify->let].depth = verify->let_depth;
}

static void begin_block(struct verify *verify, uint32_t pc) {
    const struct program *program = verify->program;
    end_let(verify);
    verify->block = (enum block_kind)verify->block_of[pc];
    verify->let = verify->let_of[pc];
    if (verify->let_depth > verify->program->let_depth) {
        verify->program->let_depth = verify->let_depth;
    }
    verify->let_depth = 0;
    verify->block_end = pc + 1;
    while (verify->block_end < program->code_count &&
           verify->block_of[verify->block_end] == BLOCK_NONE) {
        verify->block_end++;
    }
    memset(verify->now.types, TYPE_NONE, STATE_BYTES);
    if (verify->block == BLOCK_CAP) verify->now.types[FACT_RULE] = TYPE_BOOL;
    verify->block_start = pc;
    for (uint32_t i = 0; i < program->input_count && verify->block == BLOCK_EXPRESSION; i++)
        verify->now.types[i] = program->inputs[i];
    verify->reachable = true;
}

// At a target: what came by falling through and by jumps meet.
static void meet(struct verify *verify, uint32_t pc) {
    struct state *pending = verify->pending[pc];
    if (pending == NULL) return;
    for (uint32_t i = 0; i < STATE_BYTES; i++) {
        uint8_t now = verify->reachable ? verify->now.types[i] : pending->types[i];
        verify->now.types[i] = joined_type(now, pending->types[i]);
    }
    verify->reachable = true;
    pending->next_free = verify->free_states;
    verify->free_states = pending;
}

static bool check_code(struct verify *verify, uint32_t *at) {
    verify->reachable = false;
    for (uint32_t pc = 0; pc < verify->program->code_count; pc++) {
        *at = pc;
        if (verify->block_of[pc] != BLOCK_NONE) {
            if (verify->reachable) return refuse(verify, "a block without an end");
            begin_block(verify, pc);
        }
        meet(verify, pc);
        if (verify->reachable && !check_instruction(verify, pc)) return false;
    }
    end_let(verify);
    if (verify->let_depth > verify->program->let_depth) {
        verify->program->let_depth = verify->let_depth;
    }
    return !verify->reachable || refuse(verify, "a block without an end");
}

enum verify_outcome verify_program(struct program *program, struct arena *scratch, uint32_t *at,
                                   const char **why) {
    struct verify verify = {.program = program, .scratch = scratch};
    program->let_depth = 0;
    *at = 0;
    if (!check_tables(&verify)) {
        *why = verify.why;
        return VERIFY_REFUSED;
    }
    verify.pending = arena_array(scratch, program->code_count, sizeof(struct state *));
    verify.heads = arena_array(scratch, program->code_count, sizeof(struct state *));
    verify.index_at = arena_array(scratch, program->index_count, sizeof(uint32_t));
    verify.block_of = arena_array(scratch, program->code_count, sizeof(uint8_t));
    verify.let_of = arena_array(scratch, program->code_count, sizeof(uint16_t));
    if (scratch->failed) return VERIFY_NO_MEMORY;
    bool good = mark_blocks(&verify) && check_code(&verify, at);
    *why = verify.why;
    if (good) return VERIFY_OK;
    return verify.out_of_memory ? VERIFY_NO_MEMORY : VERIFY_REFUSED;
}
