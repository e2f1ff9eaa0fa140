// One stream through a program: begin once, load what the program gathers, run each phase, resume
// where it waited. Everything lives in the stream's arena, whose owner resets it at the end.
#ifndef WEIR_RUN_RUN_H
#define WEIR_RUN_RUN_H

#include "engine/base/arena.h"
#include "engine/limit/over_limit.h"
#include "engine/run/effect.h"
#include "engine/run/program.h"

enum run_state {
    RUN_DONE,
    RUN_PENDING, // a service is to be asked run.question: run_resume
};

enum store_answer {
    STORE_OK,
    STORE_CONFLICT, // swap: somebody else was first
    STORE_FAILED,   // no state can be had
};

// What the engine asks of its host. `self` is the host's own.
struct run_host {
    void *self;
    // The bytes of a limiter's slot, none when there are none yet; the engine may change them, and
    // they are valid until the phase ends.
    enum store_answer (*slot_get)(void *self, const struct limiter_row *limiter, uint32_t slot,
                                  slice *bytes, uint32_t *version);
    // Replaces the bytes that were read under that version.
    enum store_answer (*slot_swap)(void *self, const struct limiter_row *limiter, uint32_t slot,
                                   slice bytes, uint32_t version);
    // This worker's LIMIT_LEASES rows for the program; NULL: there are none.
    struct limit_lease *(*leases)(void *self);
    // What services refused; NULL: nothing is remembered.
    struct over_limit *(*over_limit)(void *self);
    // The seed of all keys of the proxy, which nobody can guess; false when it cannot be had.
    bool (*seed)(void *self, char seed[16]);
    // Monotonic nanoseconds; asked at most once a phase.
    uint64_t (*clock)(void *self);
    // Nanoseconds since 1970 UTC; asked at most once a phase.
    uint64_t (*wall_clock)(void *self);
    // For random() and uuid(); NULL: there is none.
    uint64_t (*random)(void *self);
    // A field of kind HOW_FETCHED or HOW_MEASURED, and source.address; false when it is absent. One
    // of type DYN is a map, or BYTES of the message that lib/metadata.h reads.
    bool (*fetch)(void *self, enum field field, struct value *out);
    // What filters left with the stream under that name, or `upstream` with the connection to the
    // upstream; false when there is none. NULL: there never is.
    bool (*state)(void *self, bool upstream, slice name, slice *value);
};

// What a rate-limit service is asked.
struct limit_question {
    const struct limiter_row *limiter;
    const slice *parts; // of the key, as text: limiter->parts of them
    uint64_t cost;
    struct limit_terms terms;
};

// And what it says.
struct limit_answer {
    bool good; // it did answer
    bool over; // the request is over the limit
    bool told; // `remaining` says something: the service has a limit for the key
    uint64_t remaining;
    uint64_t reset; // ns until the limit begins anew; 0: it did not say
};

struct message {
    const struct header_line *lines; // with the edits so far
    uint32_t count;
    struct header_line *edited; // `lines` once there is an edit
    uint32_t capacity;          // of `edited`
    const struct header_line *received;
    uint32_t received_count;
    bool loaded;
};

// A parameter of the query or a cookie, as its header has it: without the separator before it.
struct piece {
    slice text;
    slice name; // as rules see it
    bool apart; // of a line of its own, or made by a rule
};

struct pieces {
    struct piece *at;
    uint32_t count;
    uint32_t capacity;
    bool open;    // they are those of the header as it is
    bool changed; // the header is still without their edits
};

// Of `spare` of a slot's value, which is a string, empty when the header is absent.
enum { SLOT_PRESENT = 1, SLOT_REPEATED = 2 };

struct limit_use;
struct index_state; // run/index.h

struct memo {
    struct value value; // NONE: not computed yet; ERROR: failed
};

// A field that the host was asked for.
struct fetched {
    struct value value;
    bool asked;
    bool found;
    uint8_t phase; // in which it was asked for
};

// The body of a request or of a response.
struct body {
    struct value received; // BYTES; NONE while it is not there
    struct value value;    // with the edits so far
    bool needed;           // some rule of its phase may apply: what run_body_gate found
    bool may_change;       // and one of those replaces it
    bool edited;           // `value` is no longer what was received
    bool lost;             // it will not be had
    bool fixed;            // the message has none that could be replaced
    uint32_t rule;         // lost: the first rule that must refuse for want of it, or NO_RULE
};

// A `cap` that waits for bytes of the request's body.
struct cap {
    struct cap *next;
    uint64_t most;
    uint32_t index; // of program.caps
    bool failed;    // rule_failed of its rule
};

struct frame {
    uint32_t pc;
    uint32_t base;
    uint16_t let;
};

struct run {
    const struct program *program;
    const struct run_host *host;
    struct arena *arena;
    struct call call; // for functions; the steps that are left

    // Kept for the whole stream.
    struct value *slots; // joined values by slot; see SLOT_PRESENT
    struct memo *lets;
    struct memo *groups;
    struct value *registers;
    struct frame *frames;
    slice decision_rule; // what ended the request side; empty while nothing did
    slice decision_action;
    bool out_of_memory;
    slice decision_limiter; // that refused it; empty when none did
    int64_t decision_remaining;
    const struct limit_use *refuser; // the same, or NULL
    const struct reply *sent;        // what ended the request side, or NULL
    struct limit_use **uses;         // by limiter, those of shadow rules behind the others
    struct limit_use *first_use;     // in the order of use
    struct limit_use **last_use;
    bool has_edited;     // something is in `edited`
    bool client_trusted; // of COMPUTED_CLIENT_IP: it is no stand-in
    struct body bodies[BODY_TOTAL];
    struct cap *first_cap; // those that wait, in the order of the text
    struct cap **last_cap;
    const struct limit_use *hashed; // the last that made its key
    struct index_state *index_states;
    uint64_t *index_bits; // of members that may have something to do
    uint32_t index_edits; // of headers that some index depends on

    // Of the phase that runs.
    enum phase phase;
    const struct effect *effects;
    uint32_t effect_count;
    struct effect *effect_buffer; // what `effects` is while a phase is interpreted
    uint32_t effect_capacity;
    uint32_t pc;
    uint32_t base; // first register of the current frame
    uint32_t frame_count;
    uint32_t rule;
    bool rule_failed; // its condition failed and counts as true
    bool late;        // a cap's own code runs, behind its phase
    bool has_now;
    bool has_time;
    bool has_answer;
    struct limit_answer answer;
    uint64_t now;
    uint64_t time;                  // of day
    struct limit_question question; // RUN_PENDING
    struct limit_use *block;        // limits that are decided together
    struct limit_use **block_end;
    uint32_t block_number;     // counted from 1 in the stream
    struct limit_use *asking;  // of the block: the one whose service is asked
    struct limit_use *refused; // of the rule's last block: the one that refused
    uint32_t headers_added;
    uint32_t headers_bytes;
    struct reply *reply;
    struct reply *standing; // in phase response: what takes the response's place
    uint32_t standing_rule;
    uint8_t exempt;      // bit 0: for rules; bit 1: for shadow rules
    struct value result; // of OP_RESULT
    int64_t spent;       // steps of the last comparison that walked over values

    // Kept for the whole stream, too.
    struct message messages[MESSAGE_TOTAL];
    struct memo computed[COMPUTED_TOTAL]; // by run/fields.c, of messages as they were received
    struct memo edited[COMPUTED_TOTAL];   // the same where rules have edited them
    struct fetched *fetched;              // FETCHED_TOTAL of them; NULL while none was asked for
    struct pieces pieces[2];              // of the request's query and of its cookies
    bool unsettled;                       // some of them are changed
    uint32_t unsettled_rule;              // the first rule that did it

    // Not cleared: the last word when there is no memory for another.
    struct effect spare_effect;
    struct reply spare_reply;
};

// False when the arena refuses; the run must not be used then.
bool run_begin(struct run *run, const struct program *program, const struct run_host *host,
               struct arena *arena);

// Gives a message its headers, as received; names and values must live as long as the stream.
// False when the arena refuses.
bool run_load(struct run *run, enum message_kind message, const struct header_line *lines,
              uint32_t count);

// A message that was loaded has become another one on its way out; lets see it as it was received.
// The lines are not NULL, and nothing edits them any more.
bool run_replace(struct run *run, enum message_kind message, struct header_line *lines,
                 uint32_t count);

// Runs one phase; the effects are then in run->effects, valid until the next phase. A phase without
// rules gives none. Running out of steps or memory is an effect too, never a failure.
enum run_state run_phase(struct run *run, enum phase phase);

// Goes on with the answer to run->question.
enum run_state run_resume(struct run *run, const struct limit_answer *answer);

// The stream is over, however it ended: what limiters hold for it is given back. The effects are
// counts.
void run_end(struct run *run);

// Bodies: `of` is MESSAGE_REQUEST or MESSAGE_RESPONSE.

// Behind phase request, or response: whether the body must be waited for, because a rule of the
// phase of bodies may apply as far as the headers tell; run->bodies[of].needed then. Has effects,
// as a phase has, where steps or memory run out.
void run_body_gate(struct run *run, enum message_kind of);

// Whether the headers tell that no complete body within the limit will come.
bool run_body_is_out_of_reach(const struct run *run, enum message_kind of);

// The complete body, for its phase; it must live as long as the stream. `fixed`: the host has none
// that rules could replace.
void run_load_body(struct run *run, enum message_kind of, slice body, bool fixed);

// The body is waited for; the effects are headers that would be wrong of another body.
void run_await_body(struct run *run, enum message_kind of);

// In place of the body's phase where it will not be had: the effects are errors of the rules that
// it was waited for and, on the request's side, the refusal where one of them restricts.
void run_lose_body(struct run *run, enum message_kind of);

// The first cap that so many bytes of the request's body are too many for, which then waits no
// more; NULL when there is none.
struct cap *run_take_cap(struct run *run, uint64_t bytes);

// What it does, like a phase.
enum run_state run_cap(struct run *run, const struct cap *cap);

// Evaluates the program's expression (an entry with OP_RESULT). The value is an ERROR when it
// failed or ran out of steps (FAILURE_STEPS).
struct value run_expression(struct run *run);

// The joined value of a header as edited; false when it is absent. For hosts and tests.
bool run_header(const struct run *run, enum message_kind message, slice name, slice *value);

#endif
