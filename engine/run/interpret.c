// The interpreter: one loop over verified instructions. An instruction that fails writes nothing
// and goes to its handler; running out of steps or memory ends the phase.
#include "engine/base/bytes.h"
#include "engine/lib/arith.h"
#include "engine/lib/compare.h"
#include "engine/lib/optional.h"
#include "engine/run/advice.h"
#include "engine/run/body.h"
#include "engine/run/collection.h"
#include "engine/run/effects.h"
#include "engine/run/fields.h"
#include "engine/run/index.h"
#include "engine/run/limits.h"
#include "engine/run/message.h"
#include "engine/run/parts.h"
#include "engine/run/places.h"
#include "engine/run/redirect.h"
#include "engine/run/reply.h"
#include "engine/run/run.h"
#include "engine/run/sample.h"

static size_t aligned(size_t bytes) {
    return (bytes + 7) & ~(size_t)7;
}

bool run_begin(struct run *run, const struct program *program, const struct run_host *host,
               struct arena *arena) {
    memset(run, 0, offsetof(struct run, spare_effect));
    run->program = program;
    run->host = host;
    run->arena = arena;
    run->call = (struct call){
        .arena = arena, .self = host->self, .random = host->random, .pool = program->pool};
    // One piece for all of it.
    size_t registers = (size_t)program->registers * (program->let_depth + 1) * sizeof(struct value);
    size_t slots = (size_t)program->slot_count * sizeof(struct value);
    size_t lets = (size_t)program->let_count * sizeof(struct memo);
    size_t groups = (size_t)program->group_count * sizeof(struct memo);
    size_t frames = (size_t)program->let_depth * sizeof(struct frame);
    size_t states = (size_t)program->index_count * sizeof(struct index_state);
    size_t bits = (size_t)program->index_words * sizeof(uint64_t);
    size_t uses = (size_t)program->limiter_count * sizeof(struct limit_use *) *
                  (program->shadow_rules ? 2 : 1);
    size_t all = aligned(registers + slots + lets + groups + frames) + states + bits + uses;
    char *at = arena_take(arena, all);
    if (at == NULL) return false;
    run->registers = (struct value *)(void *)at;
    run->slots = (struct value *)(void *)(at += registers);
    run->lets = (struct memo *)(void *)(at += slots);
    run->groups = (struct memo *)(void *)(at += lets);
    run->frames = (struct frame *)(void *)(at += groups);
    run->index_states = (struct index_state *)(void *)(at += aligned(frames));
    run->index_bits = (uint64_t *)(void *)(at += states);
    run->uses = (struct limit_use **)(void *)(at + bits);
    run->last_use = &run->first_use;
    run->last_cap = &run->first_cap;
    run->decision_remaining = -1;
    for (uint32_t i = 0; i < program->slot_count; i++)
        run->slots[i].kind = TYPE_STRING;
    return true;
}

// Who is exempt: bits of run.exempt.
enum { EXEMPT_SHADOW = 2, EXEMPT_ALL = 3 };

// Where operands are read from, by their two highest bits.
struct operands {
    const struct value *from[4];
};

static struct operands operands_of(const struct run *run) {
    const struct value *constants = run->program->constants;
    bool many = run->program->constant_count > OPERAND_SLOT;
    return (struct operands){{run->registers + run->base, run->slots, constants,
                              many ? constants + OPERAND_SLOT : NULL}};
}

static inline struct value read(const struct operands *operands, uint16_t operand) {
    return operands->from[operand >> 14][operand & OPERAND_INDEX];
}

// ---- loops

// The next item or entry of a list or map; false behind the last.
static inline bool step(struct value *registers, struct value over, bool pair) {
    uint64_t at = registers[0].as.natural;
    if (at >= over.length) return false;
    bool map = over.kind == TYPE_MAP;
    registers[0].as.natural = at + 1;
    if (pair) {
        registers[1] = map ? over.as.items[2 * at] : value_int((int64_t)at);
        registers[2] = over.as.items[map ? 2 * at + 1 : at];
    } else {
        registers[1] = over.as.items[map ? 2 * at : at];
    }
    return true;
}

// ---- calls

static bool takes(const struct candidate *candidate, const struct value *arguments,
                  uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        uint8_t wanted = candidate->kinds[i];
        if (wanted != TYPE_DYN && wanted != arguments[i].kind) return false;
    }
    return true;
}

static enum failure call_any(struct run *run, const struct call_site *site,
                             const struct value *arguments, struct value *out) {
    run->call.count = site->count;
    for (uint32_t i = 0; i < site->candidate_count; i++) {
        const struct candidate *candidate = &site->candidates[i];
        if (!takes(candidate, arguments, site->count)) continue;
        return function_rows[candidate->function].body(&run->call, arguments, out);
    }
    return FAILURE_NO_OVERLOAD;
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
    uint32_t message = headers.length & HEADERS_MESSAGE;
    // A message has few lines, a query may have thousands of parameters.
    uint32_t walked = parts_are(message) ? 8 * run->messages[message].count : 0;
    if (!call_charge(&run->call, walked)) return FAILURE_STEPS;
    *present = message_find(run, (enum message_kind)message,
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

static enum failure compute_header(struct run *run, struct instruction i, struct value headers,
                                   struct value name, struct value *out) {
    bool present = false;
    if (!places_settle(run)) return FAILURE_NO_MEMORY;
    if (i.op == OP_HEADER_NAMES) return message_names(run, headers.length, out);
    if (i.op == OP_HEADER_MAP) return message_map(run, headers.length, out);
    if (i.op == OP_HEADER_VALUES) {
        return message_values(run, headers.length, value_text(name), out);
    }
    enum failure failure = header_named(run, headers, value_text(name), out, &present);
    if (failure != FAILURE_NONE || i.op == OP_HEADER_NAMED) return failure;
    if (i.op == OP_HEADER_IN) {
        *out = value_bool(present);
        return FAILURE_NONE;
    }
    struct value held = *out;
    *out = value_optional(NULL);
    return present ? optional_make(run->arena, held, out) : FAILURE_NONE;
}

static enum failure compute_field(struct run *run, struct instruction i, struct value *out) {
    if (i.op == OP_FIELD) return field_value(run, (enum field)i.b, i.c == 1, out);
    bool found = false;
    enum failure failure = field_found(run, (enum field)i.b, &found);
    *out = value_bool(found);
    return failure;
}

// A part of a limiter's key that is not there is no error: `on_absent` says what it is.
static enum failure absent_part(enum failure failure, struct value *out) {
    if (failure != FAILURE_NO_SUCH_KEY && failure != FAILURE_NO_VALUE) return failure;
    *out = value_null();
    return FAILURE_NONE;
}

// Of one instruction that computes a value: everything that can fail or takes more than a line.
__attribute__((noinline)) static enum failure
compute(struct run *run, struct instruction i, const struct operands *operands, struct value *out) {
    struct arena *arena = run->arena;
    const struct value *registers = operands->from[0];
    const struct call_site *sites = run->program->sites;
    struct value x, y;
    switch (i.op) {
    case OP_LIST: return collection_list(run, &registers[i.b], i.c, out);
    case OP_MAP: return collection_map(run, &registers[i.b], i.c, out);
    case OP_CALL_ANY: return call_any(run, &sites[i.b], &registers[i.c], out);
    case OP_FIELD:
    case OP_FIELD_THERE: return compute_field(run, i, out);
    case OP_FAIL: return (enum failure)i.b;
    case OP_SAMPLE: return sample_draw(run, &registers[i.b], out);
    case OP_LIMIT_LEFT: *out = limits_left(run, i.b); return FAILURE_NONE;
    default: break;
    }
    x = read(operands, i.b);
    switch (i.op) {
    case OP_CHECK: return check_type(x, i.c, out);
    case OP_NEGATE_INT:
    case OP_NEGATE_ANY: return arith_negate(x, out);
    case OP_LIMIT_ABSENT: return absent_part((enum failure)x.as.integer, out);
    case OP_OPTIONAL_OF: return optional_make(arena, x, out);
    case OP_BUILD: return collection_build(run, x, out);
    case OP_BUILT_LIST: return collection_built(run, x, false, out);
    case OP_BUILT_MAP: return collection_built(run, x, true, out);
    case OP_APPEND:
    case OP_APPEND_OPTIONAL:
    case OP_APPEND_MAP: return collection_add(run, i.op, registers[i.a], x, x);
    case OP_HEADER_NAMES:
    case OP_HEADER_MAP: return compute_header(run, i, x, x, out);
    default: break;
    }
    y = read(operands, i.c);
    switch (i.op) {
    case OP_SELECT:
    case OP_INDEX: return collection_index(run, x, y, out);
    case OP_OPTIONAL_SELECT:
    case OP_OPTIONAL_INDEX: return collection_index_optional(run, x, y, out);
    case OP_HAS: return collection_has(run, x, y, out);
    case OP_HOLDS: return collection_holds(run, x, y, out);
    case OP_APPEND_ENTRY: return collection_add(run, i.op, registers[i.a], x, y);
    case OP_DIVIDE_INT: return arith_typed(ARITH_DIVIDE, x, y, out);
    case OP_MODULO_INT: return arith_typed(ARITH_MODULO, x, y, out);
    case OP_ADD_ANY: return arith_any(arena, ARITH_ADD, x, y, out);
    case OP_SUBTRACT_ANY: return arith_any(arena, ARITH_SUBTRACT, x, y, out);
    case OP_MULTIPLY_ANY: return arith_any(arena, ARITH_MULTIPLY, x, y, out);
    case OP_DIVIDE_ANY: return arith_any(arena, ARITH_DIVIDE, x, y, out);
    case OP_MODULO_ANY: return arith_any(arena, ARITH_MODULO, x, y, out);
    case OP_LT_ANY: return order_any(x, y, false, out);
    case OP_LE_ANY: return order_any(x, y, true, out);
    default: break; // of headers; the verifier has refused everything else
    }
    return compute_header(run, i, x, y, out);
}

// Constants have passed the header gate in the verifier; everything else passes it now.
static enum failure edit_header(struct run *run, struct instruction i,
                                const struct operands *operands) {
    static const uint8_t edits[] = {EFFECT_HEADER_SET, EFFECT_HEADER_ADD, EFFECT_HEADER_REMOVE};
    struct header_edit edit = {.kind = (enum effect_kind)edits[i.op - OP_HEADER_SET],
                               .message = (enum message_kind)i.a,
                               .name = value_text(read(operands, i.b)),
                               .name_passed = (i.b & OPERAND_CONSTANT) != 0,
                               .value_passed = (i.c & OPERAND_CONSTANT) != 0};
    if (i.op != OP_HEADER_REMOVE) edit.value = read(operands, i.c);
    return effect_header(run, &edit);
}

static enum failure edit_place(struct run *run, struct instruction i,
                               const struct operands *operands) {
    static const uint8_t edits[] = {EFFECT_HEADER_SET, EFFECT_HEADER_ADD, EFFECT_HEADER_REMOVE};
    struct place_edit edit = {.kind = (enum effect_kind)edits[i.op - OP_PLACE_SET],
                              .place = (enum place)i.a,
                              .name = value_text(read(operands, i.b))};
    if (i.op == OP_PLACE_REMOVE) {
        edit.pattern = i.c == 1;
    } else {
        edit.value = read(operands, i.c);
    }
    return place_change(run, &edit);
}

// Of one instruction of an action; run->pc is behind it, or its target.
__attribute__((noinline)) static enum failure act(struct run *run, struct instruction i,
                                                  const struct operands *operands) {
    const struct value *registers = operands->from[0];
    bool applies = false;
    enum failure failure;
    switch (i.op) {
    case OP_RULE_INHERIT:
        if (run->groups[i.a].value.kind != TYPE_ERROR) return FAILURE_NONE;
        failure = fail_rule(run, (enum failure)run->groups[i.a].value.as.integer, &applies);
        if (!applies) run->pc = i.c;
        return failure;
    case OP_RULE_ERROR:
        failure = fail_rule(run, (enum failure)registers[i.a].as.integer, &applies);
        if (!applies) run->pc = i.c;
        return failure;
    case OP_GROUP_NEEDS_BODY: body_note_group(run, i.a); return FAILURE_NONE;
    case OP_NEEDS_BODY: return body_note_rule(run, i.a == 1);
    case OP_RULE_MATCH: // of a group whose condition failed nothing held
        return run->rule_failed ? FAILURE_NONE : effect_count(run, COUNTER_MATCHED);
    case OP_HEADER_SET:
    case OP_HEADER_ADD:
    case OP_HEADER_REMOVE: return edit_header(run, i, operands);
    case OP_HEADER_REMOVE_ALL:
        return effect_remove_all(run, (enum message_kind)i.a, value_text(read(operands, i.b)));
    case OP_PLACE_SET:
    case OP_PLACE_ADD:
    case OP_PLACE_REMOVE: return edit_place(run, i, operands);
    case OP_REROUTE: return effect_reroute(run);
    case OP_BODY_SET: return body_set(run, (enum message_kind)i.a, read(operands, i.b));
    case OP_CAP:
        failure = body_cap(run, i.a, read(operands, i.b).as.integer, &applies);
        if (failure == FAILURE_NONE && !applies) run->pc = i.c;
        return failure;
    case OP_HEADER_EDITS: return effect_prepared(run, i.a, i.b);
    case OP_ACTION_ERROR: return effect_error(run, (enum failure)registers[i.a].as.integer);
    case OP_REPLY: return reply_begin(run, (enum reply_kind)i.a, read(operands, i.b).as.integer);
    case OP_REPLY_BODY: return reply_body(run, read(operands, i.a));
    case OP_REPLY_JSON: return reply_json(run, read(operands, i.a));
    case OP_REPLY_HEADERS: return reply_headers(run, read(operands, i.a));
    case OP_REPLY_GRPC: return reply_grpc(run, read(operands, i.a).as.integer);
    case OP_REPLY_DETAILS: return reply_details(run, value_text(read(operands, i.a)));
    case OP_REPLY_TO: return redirect_to(run, value_text(read(operands, i.a)));
    case OP_REPLY_PARTS: return redirect_parts(run, &registers[i.a]);
    case OP_REPLY_INSTEAD: return reply_instead(run);
    case OP_REPLY_SHADOW: return reply_shadow(run);
    case OP_LOG: return log_line(run, i.a, read(operands, i.b));
    case OP_TAG:
        return effect_tag(run, value_text(read(operands, i.a)), value_text(read(operands, i.b)));
    case OP_COUNT: return effect_named_count(run, i.a);
    case OP_COUNT_BY: return effect_label_count(run, i.a, read(operands, i.b));
    case OP_LIMIT_ADD: return limits_add(run, i.a, read(operands, i.b), read(operands, i.c));
    case OP_LIMIT_FAILED:
        return limits_add_failed(run, i.a, (enum failure)registers[i.b].as.integer);
    case OP_CHARGE:
    case OP_REFUND:
    case OP_BAN: return limits_change(run, i, read(operands, i.b), read(operands, i.c));
    default: return reply_send(run); // OP_REPLY_SEND
    }
}

// Where a failure goes: to its handler, which gets the error; false ends the phase.
__attribute__((noinline)) static bool go_to_handler(struct run *run, uint32_t pc,
                                                    enum failure failure) {
    uint32_t index = run->program->handler_of[pc];
    bool ends = failure == FAILURE_NO_MEMORY || failure == FAILURE_STEPS;
    if (ends || index == 0) return false;
    struct handler handler = run->program->handlers[index - 1];
    run->registers[run->base + handler.error_register] = value_error(failure);
    run->pc = handler.target;
    return true;
}

__attribute__((noinline)) static enum run_state finish(struct run *run, enum failure failure) {
    if (failure == FAILURE_NONE) return RUN_DONE;
    if (run->phase == PHASE_TOTAL) {
        run->result = value_error(failure);
        return RUN_DONE;
    }
    effect_exhausted(run, failure);
    return RUN_DONE;
}

static inline bool same_text(struct value x, struct value y) {
    return x.length == y.length && same_bytes(x.as.text, y.as.text, x.length);
}

static inline bool starts_with(struct value x, struct value y) {
    return x.length >= y.length && same_bytes(x.as.text, y.as.text, y.length);
}

static inline bool ends_with(struct value x, struct value y) {
    return x.length >= y.length &&
           (y.length == 0 || same_bytes(x.as.text + (x.length - y.length), y.as.text, y.length));
}

// What is left may be less by the steps since it was noted: never more than twice the budget.
__attribute__((noinline)) static bool equal_any(struct run *run, struct value x, struct value y) {
    int64_t left = run->call.steps;
    bool equal = value_equal_within(x, y, &left);
    run->spent = run->call.steps - left;
    return equal;
}

__attribute__((noinline)) static bool in_any_list(struct run *run, struct value x,
                                                  struct value list) {
    int64_t left = run->call.steps;
    bool holds = list_holds_within(list, x, &left);
    run->spent = run->call.steps - left;
    return holds;
}

static inline bool in_list(struct run *run, struct value x, struct value list) {
    if (list.spare != 0 && x.kind == TYPE_STRING) {
        run->spent = 0;
        return index_find_text(list, value_text(x)) != NULL;
    }
    return in_any_list(run, x, list);
}

static bool in_map(struct run *run, struct value x, struct value map) {
    int64_t left = run->call.steps;
    bool holds = map_find_within(map, x, &left) != NULL;
    run->spent = run->call.steps - left;
    return holds;
}

static inline bool earlier(struct value x, struct value y) {
    if (x.as.integer != y.as.integer) return x.as.integer < y.as.integer;
    return x.length < y.length;
}

// Division of what fits into 32 bits takes half the time, and most does.
static inline bool divide(struct value x, struct value y, bool rest, int64_t *out) {
    uint64_t both = x.as.natural | y.as.natural;
    if (y.as.integer == 0 || (x.as.integer == INT64_MIN && y.as.integer == -1)) return false;
    if (both >> 32 != 0) {
        *out = rest ? x.as.integer % y.as.integer : x.as.integer / y.as.integer;
        return true;
    }
    uint32_t small = (uint32_t)x.as.natural;
    uint32_t by = (uint32_t)y.as.natural;
    *out = rest ? small % by : small / by;
    return true;
}

static enum run_state interpret(struct run *run) {
    const struct instruction *code = run->program->code;
    struct operands operands = operands_of(run);
    struct value *registers = run->registers + run->base;
    int64_t steps = run->call.steps;
    uint32_t pc = run->pc;
    for (;;) {
        struct instruction i = code[pc++];
        enum failure failure;
        struct value x, y;
        if (--steps < 0) {
            run->call.steps = steps;
            return finish(run, FAILURE_STEPS);
        }
        switch ((enum opcode)i.op) {
        case OP_MOVE: registers[i.a] = read(&operands, i.b); continue;
        case OP_ADD_INT:
            x = value_int(0);
            if (!__builtin_add_overflow(read(&operands, i.b).as.integer,
                                        read(&operands, i.c).as.integer, &x.as.integer)) {
                registers[i.a] = x;
                continue;
            }
            failure = FAILURE_OVERFLOW;
            break;
        case OP_SUBTRACT_INT:
            x = value_int(0);
            if (!__builtin_sub_overflow(read(&operands, i.b).as.integer,
                                        read(&operands, i.c).as.integer, &x.as.integer)) {
                registers[i.a] = x;
                continue;
            }
            failure = FAILURE_OVERFLOW;
            break;
        case OP_MULTIPLY_INT:
            x = value_int(0);
            if (!__builtin_mul_overflow(read(&operands, i.b).as.integer,
                                        read(&operands, i.c).as.integer, &x.as.integer)) {
                registers[i.a] = x;
                continue;
            }
            failure = FAILURE_OVERFLOW;
            break;
        case OP_DIVIDE_INT:
        case OP_MODULO_INT: {
            int64_t result;
            x = read(&operands, i.b);
            y = read(&operands, i.c);
            if (!divide(x, y, i.op == OP_MODULO_INT, &result)) goto slow;
            registers[i.a] = value_int(result);
            continue;
        }
        case OP_CALL: {
            const struct call_site *site = &run->program->sites[i.b];
            run->call.steps = steps;
            run->call.count = site->count;
            failure = site->body(&run->call, &registers[i.c], &run->result);
            steps = run->call.steps;
            if (failure != FAILURE_NONE) break;
            registers[i.a] = run->result;
            continue;
        }
        case OP_CONCAT:
            failure = arith_concat(run->arena, &registers[i.b], i.c, &run->result);
            if (failure != FAILURE_NONE) break;
            registers[i.a] = run->result;
            steps -= run->result.length / 64;
            continue;
        case OP_INDEX:
            x = read(&operands, i.b);
            y = read(&operands, i.c);
            if (x.kind != TYPE_LIST || y.kind != TYPE_INT || y.as.natural >= x.length) goto slow;
            registers[i.a] = x.as.items[y.as.natural];
            continue;
        case OP_ADD_DOUBLE:
            registers[i.a] =
                value_double(read(&operands, i.b).as.real + read(&operands, i.c).as.real);
            continue;
        case OP_SUBTRACT_DOUBLE:
            registers[i.a] =
                value_double(read(&operands, i.b).as.real - read(&operands, i.c).as.real);
            continue;
        case OP_MULTIPLY_DOUBLE:
            registers[i.a] =
                value_double(read(&operands, i.b).as.real * read(&operands, i.c).as.real);
            continue;
        case OP_DIVIDE_DOUBLE:
            registers[i.a] =
                value_double(read(&operands, i.b).as.real / read(&operands, i.c).as.real);
            continue;
        case OP_JUMP:
        case OP_LOOP: pc = i.c; continue;
        case OP_IF:
            if (read(&operands, i.a).as.boolean) pc = i.c;
            continue;
        case OP_UNLESS:
            if (!read(&operands, i.a).as.boolean) pc = i.c;
            continue;
        case OP_EACH:
        case OP_EACH_PAIR:
            x = read(&operands, i.b);
            failure = FAILURE_NO_OVERLOAD;
            if (x.kind != TYPE_LIST && x.kind != TYPE_MAP) break;
            if (!step(&registers[i.a], x, i.op == OP_EACH_PAIR)) pc = i.c;
            continue;
        case OP_UNWRAP:
            x = read(&operands, i.b);
            registers[i.a] = x.length > 0 ? *x.as.items : value_null();
            if (x.length == 0) pc = i.c;
            continue;
        case OP_CLEAR: registers[i.a] = value_error(FAILURE_NONE); continue;
        case OP_RAISE:
            failure = (enum failure)registers[i.a].as.integer;
            if (failure == FAILURE_NONE) continue;
            break;
        case OP_LET:
            x = run->lets[i.b].value;
            if (x.kind == TYPE_ERROR) {
                failure = (enum failure)x.as.integer;
                if (failure == FAILURE_NONE) failure = FAILURE_CONVERSION; // no value either way
                break;
            }
            if (x.kind != TYPE_NONE) {
                registers[i.a] = x;
                continue;
            }
            run->pc = pc;
            if (!enter_let(run, i.b)) {
                failure = FAILURE_STEPS;
                break;
            }
            pc = run->pc;
            registers = run->registers + run->base;
            operands.from[0] = registers;
            continue;
        case OP_LET_END:
        case OP_LET_FAILED:
            leave_let(run, i.b, read(&operands, i.a));
            pc = run->pc;
            registers = run->registers + run->base;
            operands.from[0] = registers;
            continue;
        case OP_RESULT:
            run->result = read(&operands, i.a);
            run->call.steps = steps;
            return RUN_DONE;
        case OP_GROUP_KNOWN:
            if (run->groups[i.a].value.kind != TYPE_NONE) pc = i.c;
            continue;
        case OP_GROUP_TRUE: run->groups[i.a].value = value_bool(true); continue;
        case OP_GROUP_FALSE: run->groups[i.a].value = value_bool(false); continue;
        case OP_GROUP_FAILED: run->groups[i.a].value = registers[i.b]; continue;
        case OP_GROUP_ENTER:
            x = run->groups[i.a].value;
            if (x.kind == TYPE_BOOL && !x.as.boolean) pc = i.c;
            continue;
        case OP_LOOK:
        case OP_NEXT:
            run->call.steps = steps;
            failure = i.op == OP_LOOK ? index_look(run, i.a) : FAILURE_NONE;
            if (failure == FAILURE_NONE) failure = index_next(run, i.a, i.b, &run->pc);
            steps = run->call.steps;
            if (failure != FAILURE_NONE) break;
            pc = run->pc;
            continue;
        case OP_RULE:
            run->rule = i.a;
            run->rule_failed = false;
            run->refused = NULL;
            continue;
        case OP_IF_FAILED:
            if (run->rule_failed) pc = i.c;
            continue;
        case OP_EXEMPT: run->exempt |= i.a == 0 ? EXEMPT_ALL : EXEMPT_SHADOW; continue;
        case OP_IF_EXEMPT:
            if (run->exempt >> i.a & 1) pc = i.c;
            continue;
        case OP_LIMIT: {
            enum limits_outcome outcome;
            run->call.steps = steps;
            run->pc = pc - 1;
            failure = limits_decide(run, &outcome);
            if (failure != FAILURE_NONE) break;
            if (outcome == LIMITS_WAIT) return RUN_PENDING;
            if (outcome == LIMITS_ADMIT) pc = i.c;
            continue;
        }
        case OP_LIMIT_OTHER:
            if (run->refused == NULL || run->refused->index != i.a) pc = i.c;
            continue;
        case OP_END: return RUN_DONE;
#define TEST(name, x_type, y_type, cost, condition, meaning)                                       \
    case OP_IF_##name:                                                                             \
    case OP_UNLESS_##name:                                                                         \
        x = read(&operands, i.a);                                                                  \
        y = read(&operands, i.b);                                                                  \
        if ((condition) == (i.op == OP_IF_##name)) pc = i.c;                                       \
        steps -= cost;                                                                             \
        continue;
#include "engine/tbl/tests.h"
#undef TEST
        case OP_GROUP_NEEDS_BODY:
        case OP_NEEDS_BODY:
        case OP_RULE_INHERIT:
        case OP_RULE_ERROR:
        case OP_RULE_MATCH:
        case OP_HEADER_SET:
        case OP_HEADER_ADD:
        case OP_HEADER_REMOVE:
        case OP_HEADER_REMOVE_ALL:
        case OP_PLACE_SET:
        case OP_PLACE_ADD:
        case OP_PLACE_REMOVE:
        case OP_REROUTE:
        case OP_BODY_SET:
        case OP_CAP:
        case OP_HEADER_EDITS:
        case OP_ACTION_ERROR:
        case OP_REPLY:
        case OP_REPLY_BODY:
        case OP_REPLY_JSON:
        case OP_REPLY_HEADERS:
        case OP_REPLY_GRPC:
        case OP_REPLY_DETAILS:
        case OP_REPLY_TO:
        case OP_REPLY_PARTS:
        case OP_REPLY_SEND:
        case OP_REPLY_INSTEAD:
        case OP_REPLY_SHADOW:
        case OP_LOG:
        case OP_COUNT:
        case OP_COUNT_BY:
        case OP_TAG:
        case OP_LIMIT_ADD:
        case OP_LIMIT_FAILED:
        case OP_CHARGE:
        case OP_REFUND:
        case OP_BAN:
            run->call.steps = steps;
            run->pc = pc;
            failure = act(run, i, &operands);
            steps = run->call.steps;
            if (failure != FAILURE_NONE) break;
            pc = run->pc;
            if (i.op == OP_REPLY_SEND) return RUN_DONE;
            continue;
        case OP_APPEND:
        case OP_APPEND_OPTIONAL:
        case OP_APPEND_ENTRY:
        case OP_APPEND_MAP:
            run->call.steps = steps;
            failure = compute(run, i, &operands, &run->result);
            steps = run->call.steps;
            if (failure != FAILURE_NONE) break;
            continue;
        slow:
        default: // all that `compute` knows
            run->call.steps = steps;
            failure = compute(run, i, &operands, &run->result);
            steps = run->call.steps;
            if (failure != FAILURE_NONE) break;
            registers[i.a] = run->result;
            steps -= value_steps(run->result);
            continue;
        }
        run->call.steps = steps;
        if (!go_to_handler(run, pc - 1, failure)) return finish(run, failure);
        pc = run->pc;
    }
}

static void begin_phase(struct run *run, uint32_t phase, uint32_t entry) {
    run->phase = (enum phase)phase;
    // The buffer of the phase before serves again; the spare effect is no buffer.
    if (run->effect_buffer == &run->spare_effect) {
        run->effect_buffer = NULL;
        run->effect_capacity = 0;
    }
    run->effects = run->effect_buffer;
    run->effect_count = 0;
    run->pc = entry;
    run->base = run->frame_count = 0;
    run->call.steps = run->program->steps;
    run->rule = NO_RULE;
    run->rule_failed = run->has_now = run->has_time = run->has_answer = run->late = false;
    run->headers_added = run->headers_bytes = 0;
    run->standing = NULL;
    run->exempt = 0;
    run->refused = NULL;
    limits_begin(run);
}

// Without memory for an edit of the request its rule has not run.
static void lose_edits(struct run *run) {
    run->unsettled = false;
    run->rule = run->unsettled_rule;
    effect_exhausted(run, FAILURE_NO_MEMORY);
}

// What clients are told of limits comes behind all rules; without memory they are told nothing.
static enum run_state done(struct run *run) {
    if (!places_settle(run)) lose_edits(run);
    if (run->phase == PHASE_RESPONSE && run->first_use != NULL && run->program->limit_headers) {
        advice_headers(run);
    }
    if (run->phase == PHASE_RESPONSE && run->program->decision_header) reply_tell(run);
    if (run->standing != NULL) reply_stand(run);
    return RUN_DONE;
}

// Limits that ran have something to add to a phase that is else the same for every stream.
static enum run_state constant_phase(struct run *run, enum phase phase) {
    const struct effect *effects = run->program->constant_effects[phase];
    uint32_t count = run->program->constant_effect_count[phase];
    bool limits = run->first_use != NULL && run->program->limit_headers;
    bool told = phase == PHASE_RESPONSE && (limits || run->program->decision_header);
    if (told) begin_phase(run, phase, NO_ENTRY);
    if (told && effect_copies(run, effects, count) == FAILURE_NONE) return done(run);
    run->phase = phase;
    run->effects = effects;
    run->effect_count = count;
    return RUN_DONE;
}

static enum run_state run_block(struct run *run, enum phase phase, uint32_t entry) {
    begin_phase(run, phase, entry);
    if (run->pc == NO_ENTRY) return done(run);
    if (run->out_of_memory) return finish(run, FAILURE_NO_MEMORY);
    return interpret(run) == RUN_DONE ? done(run) : RUN_PENDING;
}

enum run_state run_phase(struct run *run, enum phase phase) {
    if (run->program->constant_effects[phase] != NULL && !run->out_of_memory) {
        return constant_phase(run, phase);
    }
    return run_block(run, phase, run->program->entry[phase]);
}

void run_body_gate(struct run *run, enum message_kind of) {
    enum phase phase = of == MESSAGE_REQUEST ? PHASE_REQUEST_BODY : PHASE_RESPONSE_BODY;
    run->bodies[of].needed = run->bodies[of].may_change = false;
    run_block(run, phase, run->program->body_gate[of]);
}

// It belongs to phase request, which is over.
enum run_state run_cap(struct run *run, const struct cap *cap) {
    const struct cap_row *row = &run->program->caps[cap->index];
    begin_phase(run, PHASE_REQUEST, row->entry);
    run->late = true;
    run->rule = row->rule;
    run->rule_failed = cap->failed;
    if (run->out_of_memory) return finish(run, FAILURE_NO_MEMORY);
    return interpret(run);
}

enum run_state run_resume(struct run *run, const struct limit_answer *answer) {
    run->has_answer = true;
    run->has_now = run->has_time = false; // time has passed
    run->answer = *answer;
    return interpret(run) == RUN_DONE ? done(run) : RUN_PENDING;
}

void run_end(struct run *run) {
    begin_phase(run, PHASE_TOTAL, NO_ENTRY);
    limiter_end(run);
}

struct value run_expression(struct run *run) {
    run->phase = PHASE_TOTAL;
    run->pc = run->program->entry[PHASE_TOTAL];
    run->base = run->frame_count = 0;
    run->call.steps = run->program->steps;
    if (run->pc == NO_ENTRY) return value_null();
    if (run->out_of_memory) return value_error(FAILURE_NO_MEMORY);
    interpret(run);
    return run->result;
}
