// The interpreter: one loop over verified instructions. An instruction that fails writes nothing
// and goes to its handler; running out of steps or memory ends the phase.
#include "engine/lib/arith.h"
#include "engine/lib/compare.h"
#include "engine/run/effects.h"
#include "engine/run/fields.h"
#include "engine/run/limiter.h"
#include "engine/run/message.h"
#include "engine/run/run.h"

bool run_begin(struct run *run, const struct program *program, const struct run_host *host,
               struct arena *arena) {
    memset(run, 0, offsetof(struct run, spare_effect));
    run->program = program;
    run->host = host;
    run->arena = arena;
    // One piece for all of it, each part aligned to 8.
    size_t registers = (size_t)program->registers * (program->let_depth + 1) * sizeof(struct value);
    size_t slots = (size_t)program->slot_count * sizeof(struct slot);
    size_t lets = (size_t)program->let_count * sizeof(struct memo);
    size_t groups = (size_t)program->group_count * sizeof(struct memo);
    size_t frames = (size_t)program->let_depth * sizeof(struct frame);
    slots = (slots + 7) & ~(size_t)7;
    char *at = arena_take(arena, registers + slots + lets + groups + frames);
    if (at == NULL) return false;
    run->registers = (struct value *)(void *)at;
    run->slots = (struct slot *)(void *)(at += registers);
    run->lets = (struct memo *)(void *)(at += slots);
    run->groups = (struct memo *)(void *)(at += lets);
    run->frames = (struct frame *)(void *)(at + groups);
    return true;
}

static inline struct value read(const struct run *run, const struct value *registers,
                                uint16_t operand) {
    if ((operand & OPERAND_CONSTANT) == 0) return registers[operand];
    return run->program->constants[operand & ~OPERAND_CONSTANT];
}

static enum failure make_list(struct run *run, const struct value *items, uint32_t count,
                              struct value *out) {
    struct value *copy = arena_take_raw(run->arena, count * sizeof *copy);
    if (copy == NULL) return FAILURE_NO_MEMORY;
    uint8_t depth = 0;
    for (uint32_t i = 0; i < count; i++) {
        copy[i] = items[i];
        if (items[i].depth > depth) depth = items[i].depth;
    }
    if (depth >= LIMIT_NESTING) return FAILURE_TOO_DEEP;
    *out = (struct value){.kind = TYPE_LIST, .depth = (uint8_t)(depth + 1), .length = count};
    out->as.items = copy;
    return FAILURE_NONE;
}

static bool is_key(enum type type) {
    return type == TYPE_STRING || type == TYPE_INT || type == TYPE_UINT || type == TYPE_BOOL;
}

static enum failure make_map(struct run *run, const struct value *entries, uint32_t count,
                             struct value *out) {
    struct value map = {0};
    enum failure failure = make_list(run, entries, 2 * count, &map);
    if (failure != FAILURE_NONE) return failure;
    map.kind = TYPE_MAP;
    for (map.length = 0; map.length < count; map.length++) {
        struct value key = entries[2 * map.length];
        if (!is_key(key.kind)) return FAILURE_KEY_TYPE;
        if (map_find(map, key) != NULL) return FAILURE_DUPLICATE_KEY;
    }
    *out = map;
    return FAILURE_NONE;
}

static enum failure select_name(struct value map, slice name, struct value *out) {
    if (map.kind != TYPE_MAP) return FAILURE_NO_OVERLOAD;
    const struct value *found = map_find_name(map, name);
    if (found == NULL) return FAILURE_NO_SUCH_KEY;
    *out = *found;
    return FAILURE_NONE;
}

// An index is an int, or a uint or double of the same value (CEL: "heterogeneous" keys).
static enum failure index_list(struct value list, struct value index, struct value *out) {
    int64_t at = index.as.integer;
    if (index.kind == TYPE_UINT && index.as.natural > INT64_MAX) return FAILURE_INDEX_RANGE;
    if (index.kind == TYPE_DOUBLE) {
        if (!(index.as.real >= 0 && index.as.real < 4294967296.0)) return FAILURE_INDEX_RANGE;
        at = (int64_t)index.as.real;
        if ((double)at != index.as.real) return FAILURE_INDEX_RANGE;
    } else if (index.kind != TYPE_INT && index.kind != TYPE_UINT) {
        return FAILURE_NO_OVERLOAD;
    }
    if (at < 0 || at >= list.length) return FAILURE_INDEX_RANGE;
    *out = list.as.items[at];
    return FAILURE_NONE;
}

static enum failure index_any(struct value from, struct value index, struct value *out) {
    if (from.kind == TYPE_LIST) return index_list(from, index, out);
    if (from.kind != TYPE_MAP) return FAILURE_NO_OVERLOAD;
    const struct value *found = map_find(from, index);
    if (found == NULL) return FAILURE_NO_SUCH_KEY;
    *out = *found;
    return FAILURE_NONE;
}

static enum failure holds_any(struct value in, struct value item, struct value *out) {
    if (in.kind != TYPE_LIST && in.kind != TYPE_MAP) return FAILURE_NO_OVERLOAD;
    *out = value_bool(in.kind == TYPE_LIST ? list_holds(in, item) : map_find(in, item) != NULL);
    return FAILURE_NONE;
}

static enum failure order_any(struct value x, struct value y, bool or_equal, struct value *out) {
    int order;
    if (!value_order(x, y, &order)) return FAILURE_NO_OVERLOAD;
    *out = value_bool(order < 0 || (or_equal && order == 0));
    return FAILURE_NONE;
}

// HEADERS values carry the message and whether it is seen as received.
static enum failure header_named(struct run *run, struct value headers, slice name,
                                 struct value *out, bool *present) {
    bool out_of_memory = false;
    slice value = {"", 0};
    *present = message_find(run, headers.length & HEADERS_MESSAGE,
                            (headers.length & HEADERS_ORIGINAL) != 0, name, &value, &out_of_memory);
    if (out_of_memory) return FAILURE_NO_MEMORY;
    *out = value_string(value);
    return FAILURE_NONE;
}

static enum failure log_line(struct run *run, uint16_t level, struct value line) {
    return effect_log(run, (enum level)level, value_text(line));
}

// The rule's condition failed: counted, logged, and true where the rule says so.
static enum failure fail_rule(struct run *run, enum failure error, bool *applies) {
    run->rule_failed = true;
    *applies = run->program->rules[run->rule].applies_on_error;
    return effect_error(run, error);
}

// Jumps into a let that is not computed yet; the instruction runs again when it is.
static bool enter_let(struct run *run, uint32_t let) {
    if (run->frame_count == run->program->let_depth) return false;
    run->frames[run->frame_count++] = (struct frame){run->pc - 1, run->base, (uint16_t)let};
    run->base += run->program->registers;
    run->pc = run->program->lets[let].entry;
    return true;
}

static void leave_let(struct run *run, uint16_t let, struct value value) {
    run->lets[let].value = value;
    struct frame frame = run->frames[--run->frame_count];
    run->pc = frame.pc;
    run->base = frame.base;
}

enum limit_outcome { LIMIT_GOES_ON, LIMIT_JUMPS, LIMIT_WAITS };

static enum limit_outcome take_limit(struct run *run, uint16_t limiter, enum failure *failure) {
    if (run->has_answer) {
        run->has_answer = false;
        return run->answer ? LIMIT_JUMPS : LIMIT_GOES_ON;
    }
    switch (limiter_ask(run, limiter)) {
    case LIMITER_ADMITS: return LIMIT_JUMPS;
    case LIMITER_REFUSES: return LIMIT_GOES_ON;
    case LIMITER_WAITS: run->question = limiter; return LIMIT_WAITS;
    case LIMITER_FAILS: *failure = effect_error(run, FAILURE_COUNTER); break;
    }
    return LIMIT_GOES_ON;
}

static enum failure check_type(struct value value, uint16_t type, struct value *out) {
    if (value.kind != type) return FAILURE_NO_OVERLOAD;
    *out = value;
    return FAILURE_NONE;
}

static enum failure arith_typed(enum arith operation, struct value x, struct value y,
                                struct value *out) {
    *out = value_int(0);
    return arith_int(operation, x.as.integer, y.as.integer, &out->as.integer);
}

// Of one instruction that computes a value: everything that can fail or takes more than a line.
static enum failure compute(struct run *run, struct instruction i, const struct value *registers,
                            struct value *out) {
    struct arena *arena = run->arena;
    bool present;
    struct value x, y;
    switch (i.op) {
    case OP_LIST: return make_list(run, &registers[i.b], i.c, out);
    case OP_MAP: return make_map(run, &registers[i.b], i.c, out);
    case OP_CONCAT: return arith_concat(arena, &registers[i.b], i.c, out);
    case OP_CALL: return function_rows[i.b].body(arena, &registers[i.c], out);
    case OP_FIELD: return field_value(run, (enum field)i.b, out);
    case OP_CHECK: return check_type(read(run, registers, i.b), i.c, out);
    default: break;
    }
    x = read(run, registers, i.b);
    if (i.op == OP_NEGATE_INT || i.op == OP_NEGATE_ANY) return arith_negate(x, out);
    y = read(run, registers, i.c);
    switch (i.op) {
    case OP_SELECT: return select_name(x, value_text(y), out);
    case OP_INDEX: return index_any(x, y, out);
    case OP_HOLDS: return holds_any(x, y, out);
    case OP_ADD_INT: return arith_typed(ARITH_ADD, x, y, out);
    case OP_SUBTRACT_INT: return arith_typed(ARITH_SUBTRACT, x, y, out);
    case OP_MULTIPLY_INT: return arith_typed(ARITH_MULTIPLY, x, y, out);
    case OP_DIVIDE_INT: return arith_typed(ARITH_DIVIDE, x, y, out);
    case OP_MODULO_INT: return arith_typed(ARITH_MODULO, x, y, out);
    case OP_ADD_ANY: return arith_any(arena, ARITH_ADD, x, y, out);
    case OP_SUBTRACT_ANY: return arith_any(arena, ARITH_SUBTRACT, x, y, out);
    case OP_MULTIPLY_ANY: return arith_any(arena, ARITH_MULTIPLY, x, y, out);
    case OP_DIVIDE_ANY: return arith_any(arena, ARITH_DIVIDE, x, y, out);
    case OP_MODULO_ANY: return arith_any(arena, ARITH_MODULO, x, y, out);
    case OP_LT_ANY: return order_any(x, y, false, out);
    case OP_LE_ANY: return order_any(x, y, true, out);
    case OP_HAS:
        if (x.kind != TYPE_MAP) return FAILURE_NO_OVERLOAD;
        *out = value_bool(map_find_name(x, value_text(y)) != NULL);
        return FAILURE_NONE;
    case OP_HEADER_NAMED: return header_named(run, x, value_text(y), out, &present);
    default: break; // OP_HEADER_IN; the verifier has refused everything else
    }
    enum failure failure = header_named(run, x, value_text(y), out, &present);
    *out = value_bool(present);
    return failure;
}

// Constants have passed the header gate in the verifier; everything else passes it now.
static enum failure edit_header(struct run *run, struct instruction i,
                                const struct value *registers) {
    static const uint8_t edits[] = {EFFECT_HEADER_SET, EFFECT_HEADER_ADD, EFFECT_HEADER_REMOVE};
    struct header_edit edit = {.kind = (enum effect_kind)edits[i.op - OP_HEADER_SET],
                               .message = (enum message_kind)i.a,
                               .name = value_text(read(run, registers, i.b)),
                               .name_passed = (i.b & OPERAND_CONSTANT) != 0,
                               .value_passed = (i.c & OPERAND_CONSTANT) != 0};
    if (i.op != OP_HEADER_REMOVE) edit.value = read(run, registers, i.c);
    return effect_header(run, &edit);
}

// Of one instruction of an action; *jump where it goes to its target.
static enum failure act(struct run *run, struct instruction i, const struct value *registers,
                        bool *jump) {
    bool applies = false;
    enum failure failure;
    switch (i.op) {
    case OP_RULE_INHERIT:
        if (run->groups[i.a].value.kind != TYPE_ERROR) return FAILURE_NONE;
        failure = fail_rule(run, (enum failure)run->groups[i.a].value.as.integer, &applies);
        *jump = !applies;
        return failure;
    case OP_RULE_ERROR:
        failure = fail_rule(run, (enum failure)registers[i.a].as.integer, &applies);
        *jump = !applies;
        return failure;
    case OP_RULE_MATCH: return effect_count(run, COUNTER_MATCHED);
    case OP_HEADER_SET:
    case OP_HEADER_ADD:
    case OP_HEADER_REMOVE: return edit_header(run, i, registers);
    case OP_HEADER_EDITS: return effect_prepared(run, i.a, i.b);
    case OP_ACTION_ERROR: return effect_error(run, (enum failure)registers[i.a].as.integer);
    case OP_REPLY:
        return reply_begin(run, (enum reply_kind)i.a, read(run, registers, i.b).as.integer);
    case OP_REPLY_BODY: return reply_body(run, read(run, registers, i.a));
    case OP_REPLY_JSON: return reply_json(run, read(run, registers, i.a));
    case OP_REPLY_HEADERS: return reply_headers(run, read(run, registers, i.a));
    case OP_REPLY_GRPC: return reply_grpc(run, read(run, registers, i.a).as.integer);
    case OP_REPLY_DETAILS: return reply_details(run, value_text(read(run, registers, i.a)));
    case OP_LOG: return log_line(run, i.a, read(run, registers, i.b));
    default: return reply_send(run); // OP_REPLY_SEND
    }
}

// Where a failure goes: to its handler, which gets the error; false ends the phase.
static bool go_to_handler(struct run *run, uint32_t pc, enum failure failure) {
    uint32_t index = run->program->handler_of[pc];
    if (failure == FAILURE_NO_MEMORY || index == 0) return false;
    struct handler handler = run->program->handlers[index - 1];
    run->registers[run->base + handler.error_register] = value_error(failure);
    run->pc = handler.target;
    return true;
}

static enum run_state finish(struct run *run, enum failure failure) {
    if (failure == FAILURE_NONE) return RUN_DONE;
    if (run->phase == PHASE_TOTAL) {
        run->result = value_error(failure);
        return RUN_DONE;
    }
    effect_exhausted(run, failure);
    return RUN_DONE;
}

// A test's three opcodes follow each other: its value, a jump when it holds, a jump when it does
// not.
enum test_form { FORM_VALUE, FORM_IF, FORM_UNLESS, FORM_TOTAL };

enum test {
#define TEST(name, x_type, y_type, condition, meaning) TEST_##name,
#include "engine/tbl/tests.h"
#undef TEST
    TEST_TOTAL
};

static bool holds(enum test test, struct value x, struct value y) {
    switch (test) {
#define TEST(name, x_type, y_type, condition, meaning)                                             \
    case TEST_##name: return condition;
#include "engine/tbl/tests.h"
#undef TEST
    case TEST_TOTAL: break;
    }
    return false;
}

static inline void test(struct run *run, struct instruction i, struct value *registers) {
    uint32_t number = i.op - FIRST_TEST;
    enum test_form form = (enum test_form)(number % FORM_TOTAL);
    struct value x = read(run, registers, form == FORM_VALUE ? i.b : i.a);
    struct value y = read(run, registers, form == FORM_VALUE ? i.c : i.b);
    run->steps -= (x.length + y.length) / 64;
    bool result = holds((enum test)(number / FORM_TOTAL), x, y);
    if (form == FORM_VALUE) {
        registers[i.a] = value_bool(result);
    } else if (result == (form == FORM_IF)) {
        run->pc = i.c;
    }
}

static enum run_state interpret(struct run *run) {
    const struct instruction *code = run->program->code;
    struct value x;
    for (;;) {
        struct value *registers = run->registers + run->base;
        uint32_t pc = run->pc;
        struct instruction i = code[pc];
        enum failure failure = FAILURE_NONE;
        bool jump = false;
        if (--run->steps < 0) return finish(run, FAILURE_STEPS);
        run->pc = pc + 1;
        switch ((enum opcode)i.op) {
        case OP_MOVE: registers[i.a] = read(run, registers, i.b); continue;
        case OP_NOT: registers[i.a] = value_bool(!read(run, registers, i.b).as.boolean); continue;
        case OP_ADD_DOUBLE:
        case OP_SUBTRACT_DOUBLE:
        case OP_MULTIPLY_DOUBLE:
        case OP_DIVIDE_DOUBLE: {
            double a = read(run, registers, i.b).as.real;
            double b = read(run, registers, i.c).as.real;
            double sum = i.op == OP_ADD_DOUBLE ? a + b : a - b;
            double product = i.op == OP_MULTIPLY_DOUBLE ? a * b : a / b;
            bool is_sum = i.op == OP_ADD_DOUBLE || i.op == OP_SUBTRACT_DOUBLE;
            registers[i.a] = value_double(is_sum ? sum : product);
            continue;
        }
        case OP_HEADER: registers[i.a] = value_string(run->slots[i.b].value); continue;
        case OP_HEADER_PRESENT: registers[i.a] = value_bool(run->slots[i.b].present); continue;
        case OP_JUMP: run->pc = i.c; continue;
        case OP_IF:
            if (read(run, registers, i.a).as.boolean) run->pc = i.c;
            continue;
        case OP_UNLESS:
            if (!read(run, registers, i.a).as.boolean) run->pc = i.c;
            continue;
        case OP_CLEAR: registers[i.a] = value_error(FAILURE_NONE); continue;
        case OP_RAISE: failure = (enum failure)registers[i.a].as.integer; break;
        case OP_LET:
            x = run->lets[i.b].value;
            if (x.kind == TYPE_ERROR) {
                failure = (enum failure)x.as.integer;
                if (failure == FAILURE_NONE) failure = FAILURE_CONVERSION; // no value either way
            } else if (x.kind != TYPE_NONE) {
                registers[i.a] = x;
            } else if (!enter_let(run, i.b)) {
                failure = FAILURE_STEPS;
            }
            break;
        case OP_LET_END: leave_let(run, i.b, read(run, registers, i.a)); continue;
        case OP_LET_FAILED: leave_let(run, i.b, registers[i.a]); continue;
        case OP_RESULT: run->result = read(run, registers, i.a); return RUN_DONE;
        case OP_GROUP_KNOWN:
            if (run->groups[i.a].value.kind != TYPE_NONE) run->pc = i.c;
            continue;
        case OP_GROUP_TRUE: run->groups[i.a].value = value_bool(true); continue;
        case OP_GROUP_FALSE: run->groups[i.a].value = value_bool(false); continue;
        case OP_GROUP_FAILED: run->groups[i.a].value = registers[i.b]; continue;
        case OP_GROUP_ENTER:
            x = run->groups[i.a].value;
            if (x.kind == TYPE_BOOL && !x.as.boolean) run->pc = i.c;
            continue;
        case OP_RULE:
            run->rule = i.a;
            run->rule_failed = false;
            continue;
        case OP_IF_FAILED:
            if (run->rule_failed) run->pc = i.c;
            continue;
        case OP_LIMIT: {
            enum limit_outcome outcome = take_limit(run, i.a, &failure);
            if (outcome == LIMIT_WAITS) {
                run->pc = pc;
                return RUN_PENDING;
            }
            if (outcome == LIMIT_JUMPS) run->pc = i.c;
            break;
        }
        case OP_END: return RUN_DONE;
        case OP_RULE_INHERIT:
        case OP_RULE_ERROR:
        case OP_RULE_MATCH:
        case OP_HEADER_SET:
        case OP_HEADER_ADD:
        case OP_HEADER_REMOVE:
        case OP_HEADER_EDITS:
        case OP_ACTION_ERROR:
        case OP_REPLY:
        case OP_REPLY_BODY:
        case OP_REPLY_JSON:
        case OP_REPLY_HEADERS:
        case OP_REPLY_GRPC:
        case OP_REPLY_DETAILS:
        case OP_LOG:
            failure = act(run, i, registers, &jump);
            if (jump) run->pc = i.c;
            break;
        case OP_REPLY_SEND:
            failure = act(run, i, registers, &jump);
            if (failure == FAILURE_NONE) return RUN_DONE;
            break;
        case OP_CHECK:
        case OP_LIST:
        case OP_MAP:
        case OP_SELECT:
        case OP_HAS:
        case OP_INDEX:
        case OP_HOLDS:
        case OP_CONCAT:
        case OP_CALL:
        case OP_ADD_INT:
        case OP_SUBTRACT_INT:
        case OP_MULTIPLY_INT:
        case OP_DIVIDE_INT:
        case OP_MODULO_INT:
        case OP_NEGATE_INT:
        case OP_ADD_ANY:
        case OP_SUBTRACT_ANY:
        case OP_MULTIPLY_ANY:
        case OP_DIVIDE_ANY:
        case OP_MODULO_ANY:
        case OP_NEGATE_ANY:
        case OP_LT_ANY:
        case OP_LE_ANY:
        case OP_FIELD:
        case OP_HEADER_NAMED:
        case OP_HEADER_IN:
            x = (struct value){0};
            failure = compute(run, i, registers, &x);
            if (failure != FAILURE_NONE) break;
            if (x.kind == TYPE_HEADERS && i.op == OP_FIELD && i.c == 1) {
                x.length |= HEADERS_ORIGINAL;
            }
            registers[i.a] = x;
            run->steps -= value_steps(x);
            break;
        default: test(run, i, registers); continue;
        }
        if (failure != FAILURE_NONE && !go_to_handler(run, pc, failure)) {
            return finish(run, failure);
        }
    }
}

static void begin_phase(struct run *run, uint32_t phase) {
    run->phase = (enum phase)phase;
    // The buffer of the phase before serves again; the spare effect is no buffer.
    if (run->effect_buffer == &run->spare_effect) {
        run->effect_buffer = NULL;
        run->effect_capacity = 0;
    }
    run->effects = run->effect_buffer;
    run->effect_count = 0;
    run->pc = run->program->entry[phase];
    run->base = run->frame_count = 0;
    run->steps = run->program->steps;
    run->rule = NO_RULE;
    run->rule_failed = run->has_now = run->has_answer = false;
    run->headers_added = run->headers_bytes = 0;
}

enum run_state run_phase(struct run *run, enum phase phase) {
    if (run->program->constant_effects[phase] != NULL && !run->out_of_memory) {
        run->effects = run->program->constant_effects[phase];
        run->effect_count = run->program->constant_effect_count[phase];
        return RUN_DONE;
    }
    begin_phase(run, phase);
    if (run->pc == NO_ENTRY) return RUN_DONE;
    if (run->out_of_memory) return finish(run, FAILURE_NO_MEMORY);
    return interpret(run);
}

enum run_state run_resume(struct run *run, bool admitted) {
    run->has_answer = true;
    run->answer = admitted;
    return interpret(run);
}

struct value run_expression(struct run *run) {
    begin_phase(run, PHASE_TOTAL);
    run->result = value_null();
    if (run->pc == NO_ENTRY) return run->result;
    if (run->out_of_memory) return value_error(FAILURE_NO_MEMORY);
    interpret(run);
    return run->result;
}
