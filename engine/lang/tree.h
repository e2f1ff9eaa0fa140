// The tree of rule texts: what the grammar builds and the checker reads. It lives in the compile
// arena and is gone after compilation. Names and texts point into the sources or the arena.
#ifndef WEIR_LANG_TREE_H
#define WEIR_LANG_TREE_H

#include "engine/base/diag.h"
#include "engine/base/phase.h"
#include "engine/base/value.h"

enum action_kind {
#define ACTION(name, word, phases, restricts, final) ACTION_##name,
#include "engine/tbl/actions.h"
#undef ACTION
    ACTION_TOTAL
};

enum clause_kind {
#define CLAUSE(name, word) CLAUSE_##name,
#include "engine/tbl/clauses.h"
#undef CLAUSE
    CLAUSE_TOTAL
};

enum reply_part_kind {
#define REPLY_PART(name, word) REPLY_PART_##name,
#include "engine/tbl/reply_parts.h"
#undef REPLY_PART
    REPLY_PART_TOTAL
};

enum operator{
#define OPERATOR(name, text) OPERATOR_##name,
#include "engine/tbl/operators.h"
#undef OPERATOR
    OPERATOR_TOTAL
};

enum expr_kind {
    EXPR_LITERAL,  // literal
    EXPR_NAME,     // name; `rooted` for `.name`
    EXPR_SELECT,   // children: operand; name. `optional` for `a.?b`
    EXPR_INDEX,    // children: operand, index. `optional` for `a[?b]`
    EXPR_CALL,     // name; children: the receiver where `receiver`, then the arguments
    EXPR_LIST,     // children: elements; an element's `optional_entry` for `[?x]`
    EXPR_MAP,      // children: key, value, key, value …; a key's `optional_entry` for `{?k: v}`
    EXPR_OPERATOR, // operator; children: its operands, all of a chain of `||`, `&&`, `+`
    EXPR_FAILURE,  // index: enum failure, that it always fails with; made by the checker
};

struct shape;
struct overloads;

struct expr {
    uint8_t kind;     // enum expr_kind
    uint8_t operator; // enum operator, for EXPR_OPERATOR
    bool optional;
    bool optional_entry; // beside `optional`: `[?a.?b]` has both
    bool receiver;
    bool rooted;
    bool parenthesised; // never merged into a chain, never the literal of a leading minus
    bool magnitude;     // an int literal of 2^63, good only behind a minus
    uint8_t type;       // enum type that the machine is sure of, set by the checker
    bool varies;        // set by the checker: not the same for all requests
    bool raises;        // set by the checker: a variable whose value may be an error
    uint16_t height;    // 1 for a leaf
    uint16_t binding;   // set by the checker: enum binding_kind
    uint32_t index;     // set by the checker: field, macro, let, variable or constant number
    uint32_t least; // set by the checker: the outermost variable of which it depends, or NAME_NONE
    uint32_t count; // children
    const struct shape *shape; // set by the checker: its type in full
    struct span span;
    slice name;
    struct span name_span; // of the selector or function
    union {
        struct value literal;              // LITERAL
        const struct overloads *overloads; // a call of BIND_FUNCTION
        const uint32_t *block;             // the list of a cel.block(): its items' variables
    };
    struct expr *first; // children, in order
    struct expr *next;  // the sibling behind this one
};

// A list of expressions behind `next`.
struct exprs {
    struct expr *first;
    struct expr *last;
    uint32_t count;
};

struct clause {
    enum clause_kind kind;
    struct span span; // of its word
    slice word;       // ON, ON_ERROR: the word behind it
    struct span word_span;
    struct expr *value; // WHEN, SAMPLE
    struct expr *by;    // SAMPLE
    struct clause *next;
};

struct option {
    slice name;
    struct span span;
    struct exprs values;
    struct option *next;
};

struct reply_part {
    enum reply_part_kind kind;
    struct span span; // of its word
    struct expr *value;
    struct reply_part *next;
};

struct action {
    enum action_kind kind;
    struct span span;    // of its word
    struct expr *target; // SET ADD DEFAULT REMOVE CAP
    uint8_t place;       // of `target`, set by the checker: enum place
    slice name;          // LIMIT CHARGE REFUND BAN: the limiter; LOG: the level; COUNT, TAG
    struct span name_span;
    struct expr *value;       // SET ADD DEFAULT REQUIRE LOG TAG, COUNT by, CAP at, BAN for
    struct expr *cost;        // LIMIT CHARGE REFUND
    struct expr *status;      // DENY RESPOND REDIRECT; NULL for the default
    struct reply_part *parts; // DENY RESPOND REDIRECT
    bool has_otherwise;       // `else` stands there
    struct action *otherwise; // REQUIRE LIMIT CAP: the actions of `else`
    uint16_t height;          // `else` inside `else`: 0 without one; at most LIMIT_NESTING
    struct action *next;
};

enum step_kind { STEP_SEND, STEP_CONFIG, STEP_LET, STEP_EXPECT, STEP_WAIT };

// What `send` and its `upstream` may carry; each NULL where it is not given.
struct exchange {
    slice method;
    struct expr *url;
    struct expr *headers;
    struct expr *body;
    struct expr *trailers;
    struct expr *from;
    struct expr *with;
    struct expr *upstream_status;
    struct expr *upstream_headers;
    struct expr *upstream_body;
    struct expr *upstream_trailers;
};

struct step {
    enum step_kind kind;
    struct span span;
    int64_t worker; // SEND: from 1; 1 where not given
    struct exchange exchange;
    slice name;         // LET
    struct expr *value; // CONFIG, LET, EXPECT, WAIT
    struct step *next;
};

enum item_kind {
    ITEM_INCLUDE,
    ITEM_LET,
    ITEM_LIMITER,
    ITEM_SERVICE,
    ITEM_GROUP,
    ITEM_RULE,
    ITEM_CONFIG, // test files only
    ITEM_TEST,   // test files only
};

struct item {
    enum item_kind kind;
    struct span span; // of its first word
    slice name;       // the name; INCLUDE: the decoded file name; TEST: its decoded title
    struct span name_span;
    struct expr *value;     // LET, CONFIG
    struct expr *rate;      // LIMITER
    struct expr *period;    // LIMITER; NULL for `concurrent`
    struct option *options; // LIMITER, SERVICE
    struct clause *clauses; // GROUP, RULE
    struct item *items;     // GROUP
    struct action *actions; // RULE
    struct step *steps;     // TEST
    uint16_t height;        // groups inside groups: 0 for what is none; at most LIMIT_NESTING
    struct item *next;
};

#endif
