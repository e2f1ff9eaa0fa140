// What rules do, as data: header edits behind the header gate, replies, log lines, counts.
#ifndef WEIR_RUN_EFFECTS_H
#define WEIR_RUN_EFFECTS_H

#include "engine/run/run.h"

// All of these give FAILURE_NO_MEMORY when the arena refuses, and change nothing when they fail.
// Errors of header edits are counted and logged here: the rule goes on.

// set, add, remove: `value` is a string or a list of strings (a line each; for `set` an empty list
// removes, for `add` it does nothing). What has not passed the header gate yet passes it here and
// nowhere later: no CR, LF, NUL or invalid name gets by (RFC 9110 sections 5.1 and 5.5).
struct header_edit {
    enum effect_kind kind;
    enum message_kind message;
    slice name;
    struct value value;
    bool name_passed; // a valid name in lower case that rules may change
    bool value_passed;
};

enum failure effect_header(struct run *run, const struct header_edit *edit);

// Drops all headers of a message whose names match the pattern, in lower case: `*` is any run.
// Those that rules may not remove stay.
enum failure effect_remove_all(struct run *run, enum message_kind message, slice pattern);

// Any run of bytes for each `*` of the pattern; in any case unless `exact`, the pattern in lower
// case.
bool effect_name_matches(slice name, slice pattern, bool exact);

// One edit in place of all before it of that header, which has passed its gate.
enum failure effect_instead(struct run *run, enum effect_kind kind, enum message_kind message,
                            slice name, slice value);

enum failure effect_reroute(struct run *run);

// The whole body of that message.
enum failure effect_body(struct run *run, enum message_kind message, slice body);

// The same for `count` prepared edits of one message.
enum failure effect_prepared(struct run *run, uint32_t first, uint32_t count);

// Takes back all edits of that message, its body among them.
void effect_drop_edits(struct run *run, enum message_kind message);

// One more effect, whatever the arena says: where it has no room, all those before it are lost.
struct effect *effect_surely(struct run *run, enum effect_kind kind);

// Effects that are made already, as they are.
enum failure effect_copies(struct run *run, const struct effect *effects, uint32_t count);

enum failure effect_log(struct run *run, enum level level, slice line);
enum failure effect_count(struct run *run, enum rule_counter counter);

// A value for access logs; written so that it cannot forge a line of theirs.
enum failure effect_tag(struct run *run, slice name, slice value);

enum failure effect_limit_count(struct run *run, uint32_t limiter, enum limiter_counter counter);

// What `count` names, and by a value: its bytes outside [A-Za-z0-9_] become `_`, and nothing
// becomes `none`. FAILURE_NO_OVERLOAD for what is no string, bool or integer.
enum failure effect_named_count(struct run *run, uint32_t counter);
enum failure effect_label_count(struct run *run, uint32_t counter, struct value by);

// A header of the response that weir itself sets, behind all rules.
enum failure effect_answer(struct run *run, slice name, slice value);

// An error of the current rule: counted, and logged with its words.
enum failure effect_error(struct run *run, enum failure error);

// A reply is begun, gets its parts, and is sent; sending takes back the edits of the request, which
// goes nowhere, and keeps the decision.
enum failure reply_begin(struct run *run, enum reply_kind kind, int64_t status);
enum failure reply_body(struct run *run, struct value body);
enum failure reply_json(struct run *run, struct value json);
enum failure reply_headers(struct run *run, struct value map);
enum failure reply_grpc(struct run *run, int64_t status);
enum failure reply_details(struct run *run, slice details);
enum failure reply_send(struct run *run);

// What all ways to send a reply have in common: its details, no body where its status has none, and
// the count.
enum failure reply_finish(struct run *run);

// The same of a shadow rule: counted and logged as what would have happened. It sends nothing.
enum failure reply_shadow(struct run *run);

// Whether a reply brings a header of that name, which is in lower case.
bool reply_has(const struct reply *reply, slice name);

// The phase ends because steps or memory are used up: a 503 where restricting rules are left, else
// a line in the log. Never fails.
void effect_exhausted(struct run *run, enum failure why);

#endif
