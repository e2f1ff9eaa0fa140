// One pass forward over the code with the types of all registers; jumps only go forward, so each
// target's types are complete when the pass arrives there.
#include "engine/run/verify.h"

#include "engine/lib/header.h"

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
    KIND_TO_FUNCTION,
    KIND_TO_FIELD,
    KIND_TO_LET,
    KIND_DYN,
    KIND_BOOL,
    KIND_INT,
    KIND_DOUBLE,
    KIND_STRING,
    KIND_LIST,
    KIND_MAP,
    KIND_HEADERS,
    KIND_ERROR,
    KIND_FIRST,
    KIND_FIRST_STRING,
    KIND_FIRST_PAIR,
    KIND_FIRST_ARGUMENT,
    KIND_COUNT,
    KIND_TYPE,
    KIND_SLOT,
    KIND_FIELD,
    KIND_ORIGINAL,
    KIND_EDIT,
    KIND_EDIT_COUNT,
    KIND_LET,
    KIND_GROUP,
    KIND_RULE,
    KIND_LIMITER,
    KIND_FUNCTION,
    KIND_MESSAGE,
    KIND_LEVEL,
    KIND_REPLY,
    KIND_TARGET,
    KIND_TOTAL
};

struct op_row {
    uint8_t kinds[3];
};

static const struct op_row op_rows[OP_TOTAL] = {
#define OP(name, a, b, c, meaning) [OP_##name] = {{KIND_##a, KIND_##b, KIND_##c}},
#include "engine/tbl/opcodes.h"
#undef OP
#define TEST(name, x, y, condition, meaning)                                                       \
    [OP_##name] = {{KIND_TO_BOOL, KIND_##x, KIND_##y}},                                            \
    [OP_IF_##name] = {{KIND_##x, KIND_##y, KIND_TARGET}},                                          \
    [OP_UNLESS_##name] = {{KIND_##x, KIND_##y, KIND_TARGET}},
#include "engine/tbl/tests.h"
#undef TEST
};

// Types of the registers, then two facts that hold like types do.
enum { FACT_RULE = LIMIT_REGISTERS, FACT_REPLY, STATE_BYTES };

enum block_kind { BLOCK_NONE, BLOCK_LET, BLOCK_PHASE, BLOCK_EXPRESSION };

struct state {
    uint8_t types[STATE_BYTES];
    struct state *next_free;
};

struct verify {
    struct program *program;
    struct arena *scratch;
    struct state **pending; // per instruction: types on arrival by jumps, or NULL
    struct state *free_states;
    uint8_t *block_of; // per instruction: enum block_kind where a block starts there
    uint16_t *let_of;  // per instruction: the let whose block starts there
    struct state now;
    bool reachable;
    enum block_kind block;
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

static uint8_t joined_type(uint8_t x, uint8_t y) {
    if (x == y) return x;
    bool opaque = x == TYPE_NONE || y == TYPE_NONE || x == TYPE_ERROR || y == TYPE_ERROR ||
                  x == TYPE_HEADERS || y == TYPE_HEADERS;
    return opaque ? TYPE_NONE : TYPE_DYN;
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
    if (operand >= verify->program->registers) return refuse(verify, "register");
    *type = verify->now.types[operand];
    if (*type == TYPE_NONE) return refuse(verify, "a register without a value");
    return true;
}

static bool reads(struct verify *verify, uint16_t operand, uint8_t wanted) {
    uint8_t type = TYPE_NONE;
    if (!read_type(verify, operand, &type)) return false;
    if (wanted == TYPE_DYN ? type != TYPE_ERROR : type == wanted) return true;
    return refuse(verify, "type of an operand");
}

static bool reads_run(struct verify *verify, uint32_t first, uint32_t count, uint8_t wanted) {
    if (first + count > verify->program->registers) return refuse(verify, "register run");
    for (uint32_t i = 0; i < count; i++) {
        if (!reads(verify, (uint16_t)(first + i), wanted)) return false;
    }
    return true;
}

static bool reads_arguments(struct verify *verify, uint32_t first, uint32_t function) {
    if (function >= FUNCTION_TOTAL) return refuse(verify, "function");
    const struct function_row *row = &function_rows[function];
    for (uint32_t i = 0; i < row->count; i++) {
        if (!reads_run(verify, first + i, 1, row->types[i])) return false;
    }
    return true;
}

static bool below(struct verify *verify, uint32_t number, uint32_t count) {
    return number < count || refuse(verify, "number");
}

static bool passes_gate(struct value value) {
    bool list = value.kind == TYPE_LIST;
    for (uint32_t i = 0; i < (list ? value.length : 1); i++) {
        struct value item = list ? value.as.items[i] : value;
        bool good = item.kind == TYPE_STRING && item.length <= LIMIT_HEADER_VALUE &&
                    header_value_valid(value_text(item));
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
    case KIND_LIST: return reads(verify, operand, TYPE_LIST);
    case KIND_MAP: return reads(verify, operand, TYPE_MAP);
    case KIND_HEADERS: return reads(verify, operand, TYPE_HEADERS);
    case KIND_ERROR: return reads(verify, operand, TYPE_ERROR);
    case KIND_FIRST: return reads_run(verify, operand, i.c, TYPE_DYN);
    case KIND_FIRST_STRING: return reads_run(verify, operand, i.c, TYPE_STRING);
    case KIND_FIRST_PAIR: return reads_run(verify, operand, 2u * i.c, TYPE_DYN);
    case KIND_FIRST_ARGUMENT: return reads_arguments(verify, operand, i.b);
    case KIND_COUNT: return true;
    case KIND_TYPE: return below(verify, operand, TYPE_TOTAL);
    case KIND_SLOT: return below(verify, operand, program->slot_count);
    case KIND_FIELD: return below(verify, operand, FIELD_TOTAL);
    case KIND_ORIGINAL: return below(verify, operand, 2);
    case KIND_EDIT: return below(verify, operand, program->prepared_count);
    case KIND_EDIT_COUNT: return check_edits(verify, i.a, operand);
    case KIND_LET: return below(verify, operand, program->let_count);
    case KIND_GROUP: return below(verify, operand, program->group_count);
    case KIND_RULE: return below(verify, operand, program->rule_count);
    case KIND_LIMITER: return below(verify, operand, program->limiter_count);
    case KIND_FUNCTION: return below(verify, operand, FUNCTION_TOTAL);
    case KIND_MESSAGE: return below(verify, operand, MESSAGE_TOTAL);
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
    case KIND_TO_FUNCTION: return function_rows[i.b].result;
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
    return op >= OP_REPLY_BODY && op <= OP_REPLY_SEND;
}

// What operands alone do not say: where an instruction may stand.
static bool check_place(struct verify *verify, struct instruction i) {
    const uint8_t *facts = verify->now.types;
    bool ends_let = i.op == OP_LET_END || i.op == OP_LET_FAILED;
    if (ends_let && (verify->block != BLOCK_LET || i.b != verify->let)) {
        return refuse(verify, "end of a let");
    }
    if (i.op == OP_RESULT && verify->block != BLOCK_EXPRESSION) return refuse(verify, "result");
    if (is_of_rules(i.op) && verify->block != BLOCK_PHASE) return refuse(verify, "rule code");
    if (needs_rule(i.op) && facts[FACT_RULE] == TYPE_NONE) return refuse(verify, "no rule");
    if (is_reply_part(i.op) && facts[FACT_REPLY] == TYPE_NONE) return refuse(verify, "no reply");
    if (i.op == OP_LET) return check_let(verify, i.b);
    if (i.op != OP_LET_END) return true;
    return reads(verify, i.a, verify->program->lets[i.b].type);
}

// The interpreter lets constant names and values through unseen.
static bool check_gate(struct verify *verify, struct instruction i) {
    bool removes = i.op == OP_HEADER_REMOVE;
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
           op == OP_END;
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

static bool check_instruction(struct verify *verify, uint32_t pc) {
    struct instruction i = verify->program->code[pc];
    if (i.op >= OP_TOTAL) return refuse(verify, "opcode");
    const uint8_t *kinds = op_rows[i.op].kinds;
    uint16_t operands[3] = {i.a, i.b, i.c};
    for (uint32_t k = 3; k-- > 0;) {
        if (!check_operand(verify, i, kinds[k], operands[k])) return false;
    }
    if (!check_place(verify, i) || !check_gate(verify, i)) return false;
    if (!go_to_handler(verify, pc)) return false;
    if (!write_result(verify, i, kinds[0])) return false;
    note_facts(verify, i.op);
    if (kinds[2] == KIND_TARGET && !arrive(verify, pc, i.c, &verify->now)) return false;
    if (ends_flow(i.op)) verify->reachable = false;
    return true;
}

static bool is_constant(uint8_t kind) {
    return kind != TYPE_NONE && kind != TYPE_HEADERS && kind != TYPE_ERROR && kind < TYPE_DYN;
}

static bool mark_block(struct verify *verify, uint32_t entry, enum block_kind kind) {
    if (entry >= verify->program->code_count || verify->block_of[entry] != BLOCK_NONE) {
        return refuse(verify, "entry");
    }
    verify->block_of[entry] = (uint8_t)kind;
    return true;
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
        enum block_kind kind = phase == PHASE_TOTAL ? BLOCK_EXPRESSION : BLOCK_PHASE;
        if (!mark_block(verify, program->entry[phase], kind)) return false;
    }
    return program->code_count == 0 || verify->block_of[0] != BLOCK_NONE ||
           refuse(verify, "code outside all blocks");
}

static bool check_tables(struct verify *verify) {
    const struct program *program = verify->program;
    bool small = program->code_count <= LIMIT_INSTRUCTIONS &&
                 program->registers <= LIMIT_REGISTERS &&
                 program->constant_count <= LIMIT_CONSTANTS && program->let_count <= LIMIT_LETS &&
                 program->rule_count <= LIMIT_RULES;
    if (!small) return refuse(verify, "size");
    for (uint32_t i = 0; i < program->constant_count; i++) {
        if (!is_constant(program->constants[i].kind)) return refuse(verify, "constant");
    }
    for (uint32_t i = 0; i < program->slot_count; i++) {
        if (program->slots[i].message >= MESSAGE_TOTAL) return refuse(verify, "slot");
    }
    return true;
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
    verify.block_of = arena_array(scratch, program->code_count, sizeof(uint8_t));
    verify.let_of = arena_array(scratch, program->code_count, sizeof(uint16_t));
    if (scratch->failed) return VERIFY_NO_MEMORY;
    bool good = mark_blocks(&verify) && check_code(&verify, at);
    *why = verify.why;
    if (good) return VERIFY_OK;
    return verify.out_of_memory ? VERIFY_NO_MEMORY : VERIFY_REFUSED;
}
