// The tree's nodes as the grammar makes them: counted, with spans and heights. What a node means
// is the checker's matter.
#ifndef WEIR_GRAMMAR_BUILD_H
#define WEIR_GRAMMAR_BUILD_H

#include "grammar/brackets.h"
#include "grammar/parse.h"

// The lists whose elements can be left out after an error in one.
enum recovery {
    RECOVERY_NONE,
    RECOVERY_ITEMS,
    RECOVERY_CLAUSES,
    RECOVERY_OPTIONS,
    RECOVERY_ACTIONS,
    RECOVERY_STEPS,
};

// An expression that may go on as a flat chain of one operator.
struct chain {
    struct expr *expr;
    struct expr *last; // its last operand; NULL where it is no chain yet
};

struct rate {
    struct expr *count;
    struct expr *period; // NULL for `concurrent`
};

struct otherwise {
    bool given;
    struct action *actions;
};

// Lists behind `next`.
struct items {
    struct item *first;
    struct item *last;
};

struct clauses {
    struct clause *first;
    struct clause *last;
};

struct options {
    struct option *first;
    struct option *last;
};

struct actions {
    struct action *first;
    struct action *last;
    bool broken; // behind the last one stood something else: nothing is said about what follows
};

struct parts {
    struct reply_part *first;
    struct reply_part *last;
};

struct steps {
    struct step *first;
    struct step *last;
};

// An int literal of 2^63, which only a minus makes good.
struct magnitude {
    struct expr *literal;
    struct magnitude *next;
};

// The state of one text.
struct build {
    struct parse *parse;
    uint32_t source;
    slice text;
    enum parse_goal goal;
    struct lexer lexer;
    struct brackets brackets;
    struct magnitude *magnitudes; // the last one first
    enum recovery recovery;       // set by the grammar: an error was met, this list goes on
    bool retry;                   // a brace after `when` is to be read again, as a block
    uint32_t retry_at;            // where it begins
    bool broken;                  // a syntax error was met
    bool stopped;                 // no memory, too many nodes, too deep: nothing more is read
    // Stands in for a node that cannot be had, so that the grammar's actions need no checks:
    // it is never linked.
    union {
        struct expr expr;
        struct clause clause;
        struct option option;
        struct reply_part part;
        struct action action;
        struct step step;
        struct item item;
    } spare;
};

void build_stop(struct build *build, enum error error, const struct token *at, uint32_t limit);
// As for diag_report: NULL where the message has no arguments.
void build_report(struct build *build, enum error error, const struct span *span,
                  const slice *arguments);
void build_report_token(struct build *build, enum error error, const struct token *at,
                        const slice *arguments);
void build_report_deep(struct build *build, const struct span *span);

// No more errors are kept: their arguments need not be made.
bool build_is_full(const struct build *build);

struct span build_span(const struct build *build, const struct token *token);
slice build_text(const struct build *build, const struct token *token);

// A counted node of the union above; never NULL.
void *build_node(struct build *build, size_t bytes);

// Lists of expressions: one of them, and two that append.
struct exprs build_one(struct build *build, struct expr *expr);
void build_more(struct build *build, struct exprs *list, struct expr *expr);
void build_join(struct build *build, struct exprs *list, const struct exprs *more);
struct expr *build_entry(struct expr *expr); // `?` stands before it

// Expressions. Spans reach from the first token to the last.
struct expr *build_literal(struct build *build, const struct token *token, enum type type);
struct expr *build_name(struct build *build, const struct token *first, const struct token *name);
struct expr *build_call(struct build *build, const struct token *first, const struct token *name,
                        const struct exprs *arguments, const struct token *last);
struct expr *build_method(struct build *build, struct expr *receiver, const struct token *name,
                          const struct exprs *arguments, const struct token *last);
struct expr *build_select(struct build *build, struct expr *operand, const struct token *name,
                          bool optional);
struct expr *build_index(struct build *build, struct expr *operand, struct expr *index,
                         bool optional, const struct token *last);
struct expr *build_list(struct build *build, const struct token *first,
                        const struct exprs *elements, const struct token *last);
struct expr *build_map(struct build *build, const struct token *first, const struct exprs *entries,
                       const struct token *last);
struct expr *build_parentheses(struct build *build, const struct token *first, struct expr *expr,
                               const struct token *last);
struct expr *build_prefix(struct build *build, enum operator operator, const struct token * sign,
                          struct expr *operand);
struct expr *build_binary(struct build *build, enum operator operator, struct expr * left,
                          struct expr *right);
struct expr *build_choice(struct build *build, struct expr *condition, struct expr *yes,
                          struct expr *no);
void build_chain(struct build *build, enum operator operator, struct chain * chain,
                 struct expr *right);

// Reports the int literals of 2^63 that no minus took. What is broken may have lost its minus.
void build_finish(struct build *build);

// A string literal's text, for names that are strings.
slice build_string(struct build *build, const struct token *token);

#endif
