// Types and names of expressions: resolves what each name means, finds every type that can be
// known, and folds what is constant. The tree is annotated in place.
#ifndef WEIR_LANG_CHECK_H
#define WEIR_LANG_CHECK_H

#include "engine/lang/unit.h"

// What expr.binding says about expr.index.
enum binding_kind {
    BIND_NONE,
    BIND_FIELD,    // index: enum field
    BIND_LET,      // index: number of the unit's let
    BIND_HEADER,   // one header of the first child; expr.name: its name in lower case
    BIND_CONFIG,   // a literal out of `config`; index: its node in the JSON
    BIND_FUNCTION, // expr.overloads: the functions that it may mean
    BIND_MACRO,    // index: enum macro
    BIND_VARIABLE, // index: number of the unit's variable
    BIND_LIMITER,  // index: number of the unit's limiter: what it has left
};

enum macro {
#define MACRO(name, text, form, least, most, signature, example, meaning) MACRO_##name,
#include "engine/tbl/macros.h"
#undef MACRO
    MACRO_TOTAL
};

// Variables in sight, the innermost first.
struct scope_name {
    slice name;
    uint32_t variable;
    const struct scope_name *outer;
};

// A name that stands for a value: lets of test files.
struct known_value {
    slice name;
    struct value value;
};

// Where an expression stands.
struct check {
    struct unit *unit;
    slice prefix;         // of the groups around it
    uint32_t ordinal;     // names defined later are not visible
    uint8_t phases;       // bits: its fields must exist in all of them
    struct unit_let *let; // the let whose value it is: its phases are found, not asked for
    const struct known_value *known;
    uint32_t known_count;
    const struct scope_name *scope;
    slice container; // namespace in which names are looked up first
    bool unchecked;  // what is wrong fails when it runs
    bool untaken;    // in a branch that is never taken: no secret is asked for
    bool no_fields;  // weir's own names are not in sight
    bool alone;      // CEL to the letter: what always fails is no error before it runs
};

// The type of the expression as far as it is known, in full in expr->shape; TYPE_NONE after a
// report. expr->type is what the machine can rely on without looking.
enum type check_expr(struct check *check, struct expr *expr);

// The same for an operand of a type that is asked for: DYN passes, to be checked when it runs.
// `what` begins the message: "a rate", "the body".
bool check_expr_is(struct check *check, struct expr *expr, enum type type, const char *what);

// The same of an expression that is checked already.
bool check_is(struct check *check, const struct expr *expr, enum type type, const char *what);

// Whether string() makes a text of the type.
bool check_printable(enum type type);

// A name by which a header is read; pseudo-headers too. Reported where it is none.
bool check_header_read(struct check *check, slice name, const struct span *span);

// A copy in lower case: names of headers.
slice check_lower(struct check *check, slice name);

// Reports a name that is none, or is too long for one.
void check_report_header(struct check *check, slice name, const struct span *span);

// An integral number of `config` becomes the int that is wanted.
void check_integral(struct expr *expr);

// A condition: bool.
bool check_condition(struct check *check, struct expr *expr);

// A header's value: string, or a list of strings.
bool check_header_value(struct check *check, struct expr *expr);

// The same of an expression that is checked already.
bool check_header_shape(struct check *check, const struct expr *expr);

// `arguments`: as many as the error's message has.
void check_report(struct check *check, enum error error, const struct span *span,
                  const slice *arguments);
slice check_number(struct check *check, uint64_t number);

// A constant that is not in its range, which the words name.
void check_report_range(struct check *check, const struct expr *expr, const char *what,
                        const char *range);

// The source text of a span.
slice check_source(const struct check *check, struct span span);


// Whether running the expression can give an error.
bool expr_can_fail(const struct expr *expr);

// Used between the parts of the checker; NULL after a report.
const struct shape *check_name(struct check *check, struct expr *expr);
const struct shape *check_select(struct check *check, struct expr *expr);
const struct shape *check_index(struct check *check, struct expr *expr);
const struct shape *check_has(struct check *check, struct expr *expr);
const struct shape *check_call(struct check *check, struct expr *expr);
const struct shape *check_macro(struct check *check, struct expr *expr, enum macro macro);
const struct shape *check_operator(struct check *check, struct expr *expr);

// The macro of that call, or MACRO_TOTAL.
enum macro check_find_macro(struct check *check, const struct expr *expr);

// Whether what is read like headers is, or may be, something within one: parameters, cookies. Their
// names are any texts, told apart by case.
bool check_reads_parts(const struct check *check, const struct expr *headers);

// Refuses headers of which the host tells no list.
bool check_lists_headers(struct check *check, const struct expr *headers);

// The variable of that name in sight, or NAME_NONE.
uint32_t check_find_variable(const struct check *check, slice name);

// The dotted name that `expr` is, `a.b`, as `head.tail`; empty when it is none, or when its first
// word is a variable.
slice check_dotted(struct check *check, const struct expr *expr, slice tail);

// `config.?name`: the optional is known now, and of what type the value is or would be.
const struct shape *check_maybe_config(struct check *check, struct expr *expr);

// The let that a path with dots names: `group.name`; or NAME_NONE.
uint32_t check_find_group_let(struct check *check, const struct expr *expr);

// Calls `use` for every full name that a name may have in the container, the longest first, until
// it gives true.
bool check_qualify(struct check *check, slice name, bool rooted,
                   bool (*use)(struct check *check, slice full, void *self), void *self);

// Refuses `word` applied to operands of these shapes; `y` may be NULL.
const struct shape *check_no_overload(struct check *check, const struct span *span, slice word,
                                      const struct shape *x, const struct shape *y);

// A shape as authors read it.
slice check_shown(struct check *check, const struct shape *shape);

// Refuses headers where a value is kept.
bool check_holdable(struct check *check, const struct expr *value);

// Replaces an expression by its value where all its parts are literals and it does not fail.
void fold_expr(struct check *check, struct expr *expr);

// Makes a literal of the expression; its shape stays.
void fold_to(struct expr *expr, struct value value);

#endif
