// The emitter: instructions, constants, header slots, labels and handlers of one program under
// construction, and the code of expressions and rules.
#ifndef WEIR_LANG_EMIT_H
#define WEIR_LANG_EMIT_H

#include "engine/lang/check.h"

enum { NO_HANDLER = 0, LABEL_OPEN = 0xffffffff };

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
    struct effect *prepared; // header edits of constants
    uint32_t prepared_count;
    uint32_t prepared_capacity;
    uint32_t *labels; // of the block: instruction, or LABEL_OPEN
    uint32_t label_count;
    uint32_t label_capacity;

    // Of the block under construction.
    uint32_t block_start;
    uint32_t block_handlers; // handlers before it
    uint16_t handler;        // 1 + index of the handler in force
    uint32_t next_register;
    uint32_t placed;         // where a label was placed last
    uint32_t most_registers; // of all blocks
    bool in_let;             // headers are read as they were received
    uint8_t reads;           // messages read, by bit
    bool edits[MESSAGE_TOTAL];
    slice prefix; // of the rule's groups
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

// An operand for the value, copied into the program.
uint32_t emit_constant(struct emit *emit, struct value value);
uint32_t emit_slot(struct emit *emit, enum message_kind message, slice name);

// One header edit of a constant name (as the host spells it) and value, behind those before it.
void emit_prepared(struct emit *emit, enum effect_kind kind, enum message_kind message, slice name,
                   slice value);

// The value of the expression as an operand: a constant, or a register.
uint32_t emit_value(struct emit *emit, const struct expr *expr);

// The same with a check when it runs, where its type is not known.
uint32_t emit_value_of(struct emit *emit, const struct expr *expr, enum type type);

// Goes to the label when the condition is `when`, else on.
void emit_branch(struct emit *emit, const struct expr *expr, uint32_t label, bool when);

// The message of a HEADERS field, or MESSAGE_TOTAL.
enum message_kind emit_message(const struct expr *expr);

// Actions of a rule, and the program's phases.
void emit_phase(struct emit *emit, enum phase phase);

#endif
