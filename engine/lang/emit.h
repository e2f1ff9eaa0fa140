// The emitter: instructions, constants, header slots, labels and handlers of one program under
// construction, and the code of expressions and rules.
#ifndef WEIR_LANG_EMIT_H
#define WEIR_LANG_EMIT_H

#include "engine/lang/check.h"
#include "engine/run/index.h"

enum { NO_HANDLER = 0, LABEL_OPEN = 0xffffffff };

// A constant that was prepared, and what of.
struct made_constant {
    const struct prepared_row *row;
    struct value from;
    uint32_t operand;
};

// A `cap` whose code is to follow.
struct emit_cap {
    const struct action *action;
    struct cap_row row;
    bool failing; // of the rule, as below
};

struct emit {
    struct unit *unit;
    struct arena *arena; // of the program: everything here goes into it
    bool failed;         // the arena refused
    bool too_large;      // over a limit of the program
    const char *over;    // the things of which there are too many, and how many there may be
    uint32_t most;
    struct span where; // of the name of what is being emitted

    struct instruction *code;
    uint16_t *handler_of;
    uint32_t code_count;
    uint32_t code_capacity;
    struct handler *handlers; // target: a label until the block ends
    uint32_t handler_count;
    uint32_t handler_capacity;
    struct value *constants;
    const void **origins;     // per constant: where its items or text stood before the copy
    uint32_t *constant_table; // open addressing, twice the capacity
    uint32_t constant_bytes;
    uint32_t constant_items;
    uint32_t constant_count;
    uint32_t constant_capacity;
    struct slot_row *slots;
    uint32_t slot_count;
    uint32_t slot_capacity;
    struct counter_row *counters;
    uint32_t counter_count;
    uint32_t counter_capacity;
    struct emit_cap *caps;
    uint32_t cap_count;
    uint32_t cap_capacity;
    struct call_site *sites;
    uint32_t site_count;
    uint32_t site_capacity;
    struct made_constant *made;
    uint32_t made_count;
    uint32_t made_capacity;
    struct index_row *indexes;
    uint32_t index_count;
    uint32_t index_capacity;
    uint32_t index_words;    // of the bits of all
    uint32_t index_entries;  // of all
    size_t prepared_held;    // bytes of memory
    struct effect *prepared; // header edits of constants
    uint32_t prepared_count;
    uint32_t prepared_capacity;
    uint32_t *labels; // of the block: instruction, or LABEL_OPEN
    uint32_t label_count;
    uint32_t label_capacity;

    // Of the block under construction.
    uint32_t block_start;
    uint32_t block_handlers; // handlers before it
    uint32_t block_indexes;  // and indexes
    uint16_t handler;        // 1 + index of the handler in force
    uint32_t next_register;
    uint32_t placed;         // where a label was placed last
    uint32_t most_registers; // of all blocks
    bool has_patterns;       // a constant is a compiled pattern
    bool in_let;             // headers are read as they were received
    uint8_t reads;           // messages read, by bit
    bool edits[MESSAGE_TOTAL];
    slice prefix;   // of the rule's groups
    bool shadow;    // the rule is one
    uint32_t rule;  // its number
    bool failing;   // it restricts, and its condition may fail
    uint32_t after; // label behind the rule, where it held
    uint32_t skip;  // label behind its group
    enum phase phase;
    uint8_t exempts; // bits of OP_IF_EXEMPT's `a`: some rule of the phase before may exempt
};

void emit_init(struct emit *emit, struct unit *unit, struct arena *arena);

// One block: registers, labels and handlers of its own.
void emit_begin_block(struct emit *emit);
void emit_end_block(struct emit *emit);

uint32_t emit_here(const struct emit *emit);
void emit_op(struct emit *emit, enum opcode op, uint32_t a, uint32_t b, uint32_t c);

// A label is placed once, behind all jumps to it.
uint32_t emit_label(struct emit *emit);
void emit_place(struct emit *emit, uint32_t label);

// From here on errors go to the label, with the error in that register; the handler that was in
// force before, to be given to emit_restore.
uint16_t emit_handle(struct emit *emit, uint32_t label, uint32_t error_register);
void emit_restore(struct emit *emit, uint16_t handler);

uint32_t emit_register(struct emit *emit);

// So many in a row; the first.
uint32_t emit_registers(struct emit *emit, uint32_t count);

// Notes that the program goes over a limit; false.
bool emit_too_large(struct emit *emit, uint32_t most, const char *things);

// Room for one more row in `rows`; false when the arena refuses.
bool emit_reserve(struct emit *emit, void **rows, uint32_t count, uint32_t *capacity, size_t bytes);

// An operand for the value, copied into the program.
uint32_t emit_constant(struct emit *emit, struct value value);
uint32_t emit_slot(struct emit *emit, enum message_kind message, slice name);

// One header edit of a constant name (as the host spells it) and value, behind those before it.
void emit_prepared(struct emit *emit, enum effect_kind kind, enum message_kind message, slice name,
                   slice value);

// The value of the expression as an operand: a constant, a header slot, or a register.
uint32_t emit_value(struct emit *emit, const struct expr *expr);

// The value into that register.
void emit_to(struct emit *emit, const struct expr *expr, uint32_t into);

// The value as an operand of that type, with a check when it runs where it is not known.
uint32_t emit_value_of(struct emit *emit, const struct expr *expr, enum type type);

// Goes to the label when the condition is `when`, else on.
void emit_branch(struct emit *emit, const struct expr *expr, uint32_t label, bool when);

// A condition as a value: true and false where its jumps end.
void emit_truth(struct emit *emit, const struct expr *expr, uint32_t into);

// A call; a macro; `all` and `exists` as conditions, false for anything else.
void emit_call(struct emit *emit, const struct expr *expr, uint32_t into);
void emit_macro(struct emit *emit, const struct expr *expr, uint32_t into);
bool emit_macro_branch(struct emit *emit, const struct expr *expr, uint32_t label, bool when);

// Sorts a list by the keys in another.
void emit_sort(struct emit *emit, uint32_t list, uint32_t keys, uint32_t into);

// The message of a HEADERS field, or MESSAGE_TOTAL; notes that it is read.
enum message_kind emit_message(const struct expr *expr);
void emit_read(struct emit *emit, uint32_t message);

// What a field is made of.
void emit_read_field(struct emit *emit, uint32_t field);

// The slot of a header with a constant name, or of a field that is one; false when it has none.
bool emit_find_slot(struct emit *emit, const struct expr *expr, uint32_t *slot);

// set, add, default, remove of what is no header: action->place.
void emit_place_edit(struct emit *emit, const struct action *action);

// Limits in a row, from `first` on, decided as one; the last of them. `refuse` emits what follows
// when `action` is the one that refuses.
const struct action *emit_limits(struct emit *emit, const struct action *first,
                                 void (*refuse)(struct emit *emit, const struct action *action));

// One part of a key into that register; one that is missing is null.
void emit_key_part(struct emit *emit, const struct expr *part, uint32_t into);

// charge, refund, ban.
void emit_limiter_change(struct emit *emit, const struct action *action);

// The let of a limiter whose terms requests give: the list of its numbers and of its key's parts.
void emit_limiter_let(struct emit *emit, struct unit_limiter *limiter, struct let_row *row);

// Code between begin and end that may fail: its error lands behind `emit_catch`.
struct guard {
    uint32_t failed; // label
    uint32_t done;
    uint32_t error; // register
    uint16_t before;
};

struct guard emit_guard(struct emit *emit);

// What follows, up to emit_guarded, runs only after an error; emit_catch alone counts nothing.
void emit_catch(struct emit *emit, struct guard guard);
void emit_guarded(struct emit *emit, struct guard guard);

// The same as emit_catch, for an action's error: counted and logged.
void emit_catch_error(struct emit *emit, struct guard guard);

// deny, respond, with all that they send.
void emit_reply(struct emit *emit, const struct action *action);

// The same for redirect; one that leads nowhere is a refusal.
void emit_redirect(struct emit *emit, const struct action *action);

// A reply that is complete goes out: it ends the phase; in phase response, and in a shadow rule, it
// ends the rule.
void emit_send(struct emit *emit);

// Actions of a rule, and the program's phases.
void emit_phase(struct emit *emit, enum phase phase);

// startsWith, endsWith and contains as tests, OP_TOTAL for anything else.
enum opcode emit_method_test(const struct expr *expr);

// Whether one of the functions may give another value each time.
bool emit_by_chance(const struct overloads *overloads);

// Rules and groups side by side in a phase, which an index may choose from. The members of a group
// without a condition belong to the siblings around it.
struct siblings {
    uint32_t index;   // NAME_NONE: all members are gone to
    uint32_t members; // so far
};

// They begin: those from `rule` and `group` on, up to the ordinal `end`.
struct siblings emit_siblings(struct emit *emit, enum phase phase, uint32_t rule, uint32_t group,
                              uint32_t end);
void emit_siblings_end(struct emit *emit, const struct siblings *siblings);

// A member begins; it is over, or left from here.
void emit_member(struct emit *emit, struct siblings *siblings);
void emit_next(struct emit *emit, const struct siblings *siblings);

// A group's condition, evaluated where it is not known yet.
void emit_group_condition(struct emit *emit, uint32_t group);

// Whether it has one.
bool group_has_condition(const struct unit_group *group);

// Whether the condition of that group, or of one around it, can fail: its rules then have to know.
bool group_can_fail(const struct unit *unit, uint32_t group);

// What can be told of the rules of a phase of bodies without the body (program.body_gate).
void emit_body_gate(struct emit *emit, struct program *program, enum phase phase,
                    enum message_kind of, uint8_t reads[PHASE_TOTAL]);

// cap. What follows where the body becomes too long while it streams is a block of its own: of all
// caps so far; the messages that they read.
void emit_cap(struct emit *emit, const struct action *action);
uint8_t emit_caps(struct emit *emit, struct program *program);

// The actions of a rule or of an `else`.
void emit_actions(struct emit *emit, const struct action *actions);

// set of a body.
bool sets_body(const struct action *action);
void emit_body(struct emit *emit, const struct action *action);

#endif
