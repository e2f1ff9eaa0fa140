// Statements: what the items of a unit may say, beyond the types of their expressions.
#ifndef WEIR_LANG_CHECK_PROGRAM_H
#define WEIR_LANG_CHECK_PROGRAM_H

#include "engine/lang/check.h"

// Checks and annotates every item; errors are reported.
void check_program(struct unit *unit);

// `numbered`: lets so far; a limiter whose terms requests give has one of its own.
void check_limiter(struct unit *unit, struct unit_limiter *limiter, uint32_t *numbered);
bool limiter_let(const struct unit_limiter *limiter);

// Slots of its state: a power of two.
uint32_t limiter_slots(const struct unit_limiter *limiter);

// What limiters of scope worker take of each worker; when it is known who asks them.
void check_worker_memory(struct unit *unit);

void check_service(struct unit *unit, struct unit_service *service);

// The actions of a rule and of their `else`, in its phase.
void check_actions(struct check *check, struct action *actions, const struct unit_rule *rule);

// set, add, default, remove of what is no header; false where the target is none of these.
bool check_place_edit(struct check *check, struct action *action, enum phase phase);

// The first target that is made of that header, or NULL.
const char *check_place_of(slice header);
// Whether the target, as `shown`, may be changed in that phase; reports. `held`: it could be, were
// the headers held back.
bool check_target_phase(struct check *check, const struct expr *target, slice shown,
                        enum phase phase, enum phase own, bool held);

// What a body may be made of; TYPE_NONE where it is not, with that help.
enum type check_body_text(struct check *check, struct expr *expr, const char *help);

// Edits of bodies, and caps.
bool check_is_body(struct check *check, const struct expr *target);
void check_body_edit(struct check *check, struct action *action, enum phase phase);
void check_cap(struct check *check, struct action *action);

// Facts of tbl/actions.h.
struct action_row {
    const char *word;
    uint8_t phases;
    bool restricts;
    bool final;
};

extern const struct action_row action_rows[ACTION_TOTAL];

// Whether one of them, or of their `else`, is of that kind.
bool check_has_action(const struct action *actions, enum action_kind kind);

// Whether a checked target is a header of the request.
bool check_is_request_header(const struct expr *target);

// The request's header that a checked target names by a constant; else nothing.
slice check_edited_header(const struct expr *target);

#endif
