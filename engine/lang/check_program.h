// Statements: what the items of a unit may say, beyond the types of their expressions.
#ifndef WEIR_LANG_CHECK_PROGRAM_H
#define WEIR_LANG_CHECK_PROGRAM_H

#include "engine/lang/check.h"

// Checks and annotates every item; errors are reported.
void check_program(struct unit *unit);

void check_limiter(struct unit *unit, struct unit_limiter *limiter);

// The actions of a rule and of their `else`, in its phase.
void check_actions(struct check *check, struct action *actions, enum phase phase);

// Facts of tbl/actions.h.
struct action_row {
    const char *word;
    uint8_t phases;
    bool restricts;
    bool final;
    bool built;
};

extern const struct action_row action_rows[ACTION_TOTAL];

#endif
