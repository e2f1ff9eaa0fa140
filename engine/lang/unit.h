// The program as one list: every include followed, every item named and numbered in file order.
// What later stages share while they compile lives here.
#ifndef WEIR_LANG_UNIT_H
#define WEIR_LANG_UNIT_H

#include "engine/conf/config.h"
#include "engine/lang/names.h"
#include "engine/lang/overload.h"
#include "engine/lang/tree.h"
#include "engine/run/program.h"
#include "grammar/parse.h"

struct unit;

// Finds the text of an included file: `from` names the including source. The text must outlive
// the compilation. False when there is none.
struct file_finder {
    void *self;
    bool (*find)(void *self, slice name, slice from, slice *found_name, slice *text);
};

// Finds secrets by name; the values must outlive the compilation.
struct secret_finder {
    void *self;
    bool (*find)(void *self, slice name, slice *value);
    bool must_exist; // one that is not there is an error; else each use of it fails
};

// What is asked of the tree before it is checked, and of the rules after. Only the tool asks, so
// that the module has none of it.
struct lint_hooks {
    void (*tree)(struct unit *unit);
    void (*rules)(struct unit *unit);
};

// A variable of a macro, or an input of an expression that stands alone.
struct unit_variable {
    slice name;
    const struct shape *shape;
    bool input;     // its register is its number
    bool can_fail;  // its value may be an error, which using it raises
    uint8_t type;   // enum type that the machine is sure of
    uint16_t place; // its register, given when it is emitted
    uint16_t error; // can_fail: the register of its error
};

struct unit_let {
    const struct item *item;
    slice name;
    slice prefix;     // of its groups, with the last dot
    uint32_t ordinal; // its place in the order of all items
    uint8_t type;     // enum type that the machine is sure of; NONE when it has errors
    const struct shape *shape;
    uint8_t phases;  // where its fields exist
    uint8_t weakest; // enum field: one that limits the phases
    uint8_t depth;   // lets that it waits for at once
    bool constant;   // item->value is a literal now
    uint32_t number; // in the program, when not constant
    uint8_t reads;   // messages, by bit; known when it is emitted
};

enum limiter_option {
#define LIMITER_OPTION(name, word, argument, algorithms) OPTION_##name,
#include "engine/tbl/limiter_options.h"
#undef LIMITER_OPTION
    OPTION_TOTAL
};

struct unit_limiter {
    const struct item *item;
    slice name;
    slice prefix;
    uint32_t ordinal;
    struct unit_let let;      // of the terms that requests give: phases, depth, number, reads
    struct limit_terms terms; // 0 where a request gives it
    uint64_t penalty;
    struct expr *given[4]; // rate, period, burst, penalty that a request gives, in this order
    struct expr *parts;    // of the key
    uint32_t part_count;
    uint64_t max_keys;
    uint32_t service;
    uint8_t words[OPTION_TOTAL]; // enum limiter_word, of the options that take one
    bool changed;                // some action charges, refunds or bans
    bool shadows;                // some shadow rule asks it
};

struct unit_service {
    const struct item *item;
    slice name;
    slice prefix;
    uint32_t ordinal;
    slice cluster;
    slice domain;
    uint64_t timeout; // ns
};

struct unit_group {
    const struct item *item;
    slice prefix;    // as its members see it
    uint32_t parent; // or NAME_NONE
    uint32_t ordinal;
    uint32_t last;     // ordinal behind all of it
    struct expr *when; // NULL when it has none
    const struct clause *sample;
    uint8_t first_phase;  // the earliest phase of its rules; PHASE_TOTAL without rules
    uint8_t phases;       // of all its rules, bits
    bool first;           // at most the first of its rules that holds runs
    bool shadow;          // and so are all its rules
    const bool *on_error; // whether its rules apply on an error; NULL where they decide
    uint32_t after;       // label behind it in the phase that is being emitted
};

struct unit_rule {
    const struct item *item;
    slice name;
    slice prefix;
    uint32_t group; // innermost, or NAME_NONE
    uint32_t ordinal;
    struct expr *when;
    const struct clause *sample; // NULL when it has none
    enum phase phase;
    bool restricts;
    bool applies_on_error;
    bool shadow;
};

struct unit {
    struct arena *arena;   // of the compilation
    struct arena *scratch; // reset by whoever needs it for one step
    struct diagnostics *diagnostics;
    const struct config *config;
    const struct file_finder *finder;
    struct secret_finder secrets;
    struct parse parse;

    struct names let_names;
    struct names limiter_names;
    struct names service_names;
    struct names rule_names;
    struct names group_names;
    struct names files;  // included so far
    uint64_t text_bytes; // of all texts so far
    struct unit_let *lets;
    struct unit_limiter *limiters;
    struct unit_service *services;
    struct unit_rule *rules;
    struct unit_group *groups;
    uint32_t let_capacity;
    uint32_t limiter_capacity;
    uint32_t service_capacity;
    uint32_t rule_capacity;
    uint32_t group_capacity;
    uint32_t ordinal;
    uint32_t folded; // bytes made by constant folding
    struct shapes shapes;
    struct overload_index functions; // made when it is first needed
    const slice *declared;           // functions that are known without a body
    uint32_t declared_count;
    struct unit_variable *variables;
    uint32_t variable_count;
    uint32_t variable_capacity;
    uint32_t input_count;           // the first variables are inputs
    bool refused;                   // over a hard limit: nothing more is collected
    bool no_index;                  // rules are tried one by one
    const struct lint_hooks *lints; // NULL without
    struct diagnostics warnings;    // of them; its places are of `diagnostics`
    struct lint_ignores *ignores;   // comments that silence them
    uint32_t own_source;            // the last one that was not included
};

// Prepares a unit; nothing is parsed yet.
void unit_init(struct unit *unit, struct arena *arena, struct arena *scratch,
               struct diagnostics *diagnostics, const struct config *config,
               const struct file_finder *finder);

// Parses the source and collects its items; errors are reported.
void unit_add_source(struct unit *unit, uint32_t source);

// A new variable; its number, or NAME_NONE without memory.
uint32_t unit_add_variable(struct unit *unit, slice name, const struct shape *shape);

// Collects parsed items: for test files, whose other items are the tool's.
void unit_add_items(struct unit *unit, const struct item *items, uint32_t source);

#endif
