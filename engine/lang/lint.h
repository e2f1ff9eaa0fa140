// Lints: what rules may say and hardly mean. Each is a row of tbl/lints.h; a comment
// `// weir:ignore W0101` silences one for its line, or, alone on a line, for the next.
#ifndef WEIR_LANG_LINT_H
#define WEIR_LANG_LINT_H

#include "engine/lang/check_program.h"

enum lint {
#define LINT(name, code, message, finds) LINT_##name,
#include "engine/tbl/lints.h"
#undef LINT
    LINT_TOTAL
};

// The hooks: of the tree as it was parsed, and of rules that were checked without an error.
void lint_tree(struct unit *unit);
void lint_rules(struct unit *unit);

// False where it is ignored, or said already.
bool lint_report(struct unit *unit, enum lint lint, const struct span *span,
                 const slice *arguments);
// Of the one that was reported last.
void lint_help(struct unit *unit, const char *form, const slice *arguments);
void lint_other(struct unit *unit, const struct span *span, const char *label);

// The parts.
void lint_names(struct unit *unit);
void lint_shown(struct unit *unit);
void lint_conditions(struct unit *unit);
void lint_order(struct unit *unit);
void lint_routes(struct unit *unit);
void lint_secrets(struct unit *unit);

// Comments.
void lint_read_ignores(struct unit *unit);
void lint_unused_ignores(struct unit *unit);
bool lint_is_ignored(struct unit *unit, enum lint lint, const struct span *span);
uint16_t lint_code(enum lint lint);

// Calls `use` for every expression that the items of the unit hold, outermost ones only, with the
// prefix of the groups around it; parsed trees, or checked ones.
typedef void lint_use(struct unit *unit, slice prefix, const struct expr *expr, void *self);
void lint_each_expr(struct unit *unit, lint_use *use, void *self);

// The same of actions and their `else`.
typedef void lint_act(struct unit *unit, slice prefix, const struct action *action, void *self);
void lint_each_action(struct unit *unit, slice prefix, const struct action *actions, lint_act *act,
                      void *self);

// What a test is about: a field, or a header of the request.
enum subject_sort { SORT_NONE, SORT_RAW, SORT_PATH, SORT_NAME };

struct subject {
    const struct expr *expr; // where it is read
    slice header;            // in lower case; empty for what is no header
    uint32_t field;          // enum field
    bool optional;
    enum subject_sort sort;
};

struct subject lint_subject(const struct unit *unit, const struct expr *expr);

// Whether a pattern is held to both ends of the text, as far as one pass can tell.
bool lint_anchored(slice pattern);

// Whether a text is a domain's name without a dot in front.
bool lint_is_domain(slice text);

// Whether the expression asks if the header is there, or sees all its values.
enum lint_question { ASKS_PRESENCE, ASKS_VALUES };
bool lint_asks(const struct unit *unit, const struct expr *expr, slice header,
               enum lint_question question);

#endif
