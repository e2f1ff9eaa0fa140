// What the native tool needs of test files (NAME_test.weir) beside engine.h: their rules as a
// program, their steps as data, and expressions over an exchange; and what programs cost. The
// plugin knows nothing of it.
#ifndef WEIR_TESTING_H
#define WEIR_TESTING_H

#include "engine/engine.h"

// A test file compiled with one configuration; owns its memory.
struct testing;

// An expression of a test file.
struct expr;

enum testing_step_kind {
    TESTING_SEND,
    TESTING_CONFIG,
    TESTING_LET,
    TESTING_EXPECT,
    TESTING_WAIT,
};

// Each part NULL where it is not given; the URL always is.
struct testing_send {
    slice method;
    int64_t worker; // from 1
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

struct testing_step {
    enum testing_step_kind kind;
    struct span span;
    struct testing_send send;
    slice name;          // LET
    struct expr *value;  // LET, EXPECT, WAIT
    slice configuration; // CONFIG: its JSON, behind as many lines and columns as in the file
};

// What expressions see of the exchange before them.
struct testing_message {
    const struct header_line *received; // what lets see
    uint32_t received_count;
    const struct header_line *lines; // with the edits of rules
    uint32_t count;
};

struct testing_view {
    const struct run_host *host; // its `fetch` gives the fields that only tests have
    struct testing_message messages[MESSAGE_TOTAL];
    slice request_body;
    slice response_body;
    slice decision_rule;
    slice decision_action;
    slice decision_limiter;
    int64_t decision_remaining;
};

// Compiles the file `name`. The user's data is input->configuration, or the file's own `config`
// where that is empty. Diagnostics go to `report`; *out is set with ENGINE_OK only, and is given
// back by testing_close. All texts must outlive it.
enum engine_outcome testing_open(const struct engine_input *input, slice name, slice text,
                                 const struct allocator *allocator, struct text *report,
                                 struct testing **out);
void testing_close(struct testing *testing);

// Checks all of a test file, the steps of its tests and every configuration in them included.
enum engine_outcome testing_check(const struct engine_input *input, slice name, slice text,
                                  const struct allocator *allocator, struct text *report);

// For engine_input.lints.
extern const struct lint_hooks testing_lints;

// Appends the size of a program and the most steps that its rules, lets and phases may take, as
// lines for people; nothing without a program. `name` is that of the file. False when the
// allocator refuses.
bool testing_costs(const struct program *program, slice name, const struct allocator *allocator,
                   struct text *report);

struct program *testing_program(const struct testing *testing);
uint32_t testing_count(const struct testing *testing);
slice testing_title(const struct testing *testing, uint32_t test, struct span *span);

// The step of that number from 0; false behind the last one.
bool testing_step(struct testing *testing, uint32_t test, uint32_t number,
                  struct testing_step *out);

// Makes the name of a `let` known to the expressions evaluated later; of the texts in it nothing
// is copied. False for headers and errors, which are no values, and when the arena refuses.
bool testing_bind(struct testing *testing, slice name, struct value value);

// The value of an expression; an ERROR of enum failure when it fails. What it makes lives in
// `keep`. ENGINE_REFUSED with diagnostics when it does not compile; nothing may be evaluated
// after that.
enum engine_outcome testing_evaluate(struct testing *testing, struct expr *expr,
                                     const struct testing_view *view, struct arena *keep,
                                     struct text *report, struct value *out);

// The operands of a chain of `&&`, or the expression itself. To be asked for before the expression
// is evaluated, which may fold it; at most `most`.
uint32_t testing_members(struct expr *expr, struct expr **members, uint32_t most);

// The parts whose values explain the value of an expression: fields, headers, calls, names; no
// literals. Asked for like the members.
uint32_t testing_parts(struct expr *expr, struct expr **parts, uint32_t most);

// Source text of an expression, and its place.
slice testing_source(const struct testing *testing, const struct expr *expr);
struct span testing_span(const struct expr *expr);

// Appends `FILE:LINE:COL`.
void testing_place(const struct testing *testing, struct span span, struct text *out);

// Appends a timestamp as a string literal: "2026-03-01T12:00:00Z".
void testing_write_timestamp(struct text *out, struct value timestamp);

#endif
