// A compiled program: immutable, in the arena that it was compiled into, shared by all requests.
#ifndef WEIR_RUN_PROGRAM_H
#define WEIR_RUN_PROGRAM_H

#include "engine/base/level.h"
#include "engine/base/limits.h"
#include "engine/base/phase.h"
#include "engine/base/value.h"
#include "engine/lib/client.h"
#include "engine/lib/functions.h"
#include "engine/limit/lease.h"
#include "engine/run/effect.h"

enum message_kind {
#define MESSAGE(name, field, phases) MESSAGE_##name,
#include "engine/tbl/messages.h"
#undef MESSAGE
    MESSAGE_TOTAL
};

enum field {
#define FIELD(name, path, type, phases, how, origin, header, meaning) FIELD_##name,
#include "engine/tbl/fields.h"
#undef FIELD
    FIELD_TOTAL
};

// How a field's value comes about; see tbl/fields.h.
enum field_how {
    HOW_HEADERS,
    HOW_PARTS,
    HOW_PSEUDO,
    HOW_COMPUTED,
    HOW_OWN,
    HOW_FETCHED,
    HOW_MEASURED,
    HOW_STATE
};

// Places of fields whose values are kept: those that are computed, and those of the host.
#define MEMO_HEADERS(name)
#define MEMO_PARTS(name)
#define MEMO_PSEUDO(name)
#define MEMO_OWN(name)
#define MEMO_STATE(name)
#define MEMO_ABSENT(name)
#define FIELD(name, path, type, phases, how, origin, header, meaning) MEMO_##how(name)
enum computed_field {
#define MEMO_COMPUTED(name) COMPUTED_##name,
#define MEMO_FETCHED(name)
#define MEMO_MEASURED(name)
#include "engine/tbl/fields.h"
    COMPUTED_TOTAL
#undef MEMO_COMPUTED
#undef MEMO_FETCHED
#undef MEMO_MEASURED
};

enum fetched_field {
#define MEMO_COMPUTED(name)
#define MEMO_FETCHED(name) FETCHED_##name,
#define MEMO_MEASURED(name) FETCHED_##name,
#include "engine/tbl/fields.h"
    FETCHED_TOTAL
#undef MEMO_COMPUTED
#undef MEMO_FETCHED
#undef MEMO_MEASURED
};
#undef FIELD
#undef MEMO_HEADERS
#undef MEMO_PARTS
#undef MEMO_PSEUDO
#undef MEMO_OWN
#undef MEMO_STATE
#undef MEMO_ABSENT

// What actions change beside headers.
enum place_verb { VERB_SET = 1, VERB_ADD = 2, VERB_DEFAULT = 4, VERB_REMOVE = 8 };

enum place {
    PLACE_NONE, // a header
#define PLACE(name, field, verbs) PLACE_##name,
#include "engine/tbl/places.h"
#undef PLACE
    PLACE_TOTAL
};

struct place_row {
    uint16_t field; // enum field
    uint8_t verbs;  // enum place_verb
};

extern const struct place_row place_rows[PLACE_TOTAL];

enum opcode {
#define OP(name, a, b, c, meaning) OP_##name,
#include "engine/tbl/opcodes.h"
#undef OP
#define TEST(name, x, y, cost, condition, meaning) OP_IF_##name, OP_UNLESS_##name,
#include "engine/tbl/tests.h"
#undef TEST
    OP_TOTAL
};

struct instruction {
    uint16_t op; // enum opcode
    uint16_t a;
    uint16_t b;
    uint16_t c;
};

// An operand that reads: a register, or a constant or header slot where one of these bits is set.
enum { OPERAND_CONSTANT = 0x8000, OPERAND_SLOT = 0x4000, OPERAND_INDEX = 0x3fff };

// A function that a call may mean, and what it takes.
struct candidate {
    uint16_t function; // enum function
    uint8_t kinds[FUNCTION_ARGUMENTS];
};

// Calls of the same functions share a site.
struct call_site {
    function_body *body; // of the first candidate
    const struct candidate *candidates;
    uint8_t candidate_count;
    uint8_t count;  // arguments
    uint8_t result; // enum type
};

// Where an instruction that fails goes on; the register gets the error.
struct handler {
    uint16_t target;
    uint16_t error_register;
};

// A header with a constant name that the program reads.
struct slot_row {
    slice name; // lower case
    uint8_t message;
    bool original; // as received, whatever rules edited: what lets see
    bool indexed;  // some index depends on it
};

struct rule_row {
    slice name; // with the prefix of its groups
    uint8_t phase;
    bool restricts;
    bool applies_on_error; // a failed condition counts as true
    bool shadow;           // counted and logged, changes nothing
};

enum limiter_word {
#define LIMITER_WORD(option, name, word) LIMITER_##option##_##name,
#include "engine/tbl/limiter_words.h"
#undef LIMITER_WORD
    LIMITER_WORD_TOTAL
};

enum limiter_counter {
#define LIMITER_COUNTER(name, suffix) LIMITER_COUNTER_##name,
#include "engine/tbl/limiter_counters.h"
#undef LIMITER_COUNTER
    LIMITER_COUNTER_TOTAL
};

// What `count` counts.
struct counter_row {
    slice name;
    bool labels; // some rule counts it by a value
};

// A remote rate-limit service.
struct service_row {
    slice name;
    slice cluster; // of the proxy's configuration
    slice domain;
    uint32_t timeout; // milliseconds
};

// Numbers of a limiter that a request gives: bits of limiter_row.given, in this order in the list.
enum { GIVEN_RATE = 1, GIVEN_PERIOD = 2, GIVEN_BURST = 4, GIVEN_PENALTY = 8 };

enum { NO_LET = 0xffff };

struct limiter_row {
    slice name;
    slice key;                // of its state: product, name, namespace, shape
    uint64_t identity;        // a hash of that, for tables of many limiters
    struct limit_terms terms; // what is known when the rules are compiled
    struct limit_shape shape; // of its slots
    uint64_t penalty;         // ns; 0: none
    uint32_t parts;           // of the key; 0: one count for all
    uint16_t let;             // gives the list of what `given` says and of the parts; or NO_LET
    uint16_t service;         // scope cluster
    uint8_t given;            // GIVEN_… bits
    uint8_t scope;            // enum limiter_word, all of these
    uint8_t on_absent;
    uint8_t on_full;
    uint8_t headers;
    uint8_t answer;
    uint8_t on_error;
    bool leases;  // workers may take tokens ahead and remember refusals
    bool shadows; // some shadow rule asks it
};

// Slots of shadow rules are numbered from here on.
enum { SHADOW_SLOTS = 1 << 30 };

// What `cap` does where a body that nobody measured becomes too long: code of its own.
struct cap_row {
    uint32_t entry;
    uint32_t rule;
};

// Bodies go by their message: of the request, of the response.
enum { BODY_TOTAL = MESSAGE_RESPONSE + 1 };

struct let_row {
    slice name;
    uint32_t entry;
    uint8_t type;  // enum type
    uint8_t depth; // lets that it waits for at once; found by the verifier
};

struct index_row; // run/index.h

// A phase that no rule uses has no entry.
enum { NO_ENTRY = 0xffffffff };

struct program {
    const struct instruction *code;
    const uint16_t *handler_of; // per instruction: 1 + index of its handler, or 0
    uint32_t code_count;
    const struct handler *handlers;
    uint32_t handler_count;
    const struct value *constants;
    uint32_t constant_count;
    const struct call_site *sites;
    uint32_t site_count;
    const uint8_t *inputs; // enum type of each value that the caller gives: the first registers
    uint32_t input_count;
    struct regex_pool *pool;        // of all patterns; NULL without any
    const struct effect *prepared;  // header edits of constant names and values
    const uint32_t *prepared_bytes; // of all names and values before each, and before the end
    uint32_t prepared_count;
    const struct slot_row *slots;
    uint32_t slot_count;
    const uint16_t *slot_table; // open addressing by folded hash: 1 + slot, or 0
    uint32_t slot_table_mask;
    const struct rule_row *rules;
    uint32_t rule_count;
    const struct limiter_row *limiters;
    uint32_t limiter_count;
    const struct counter_row *counters;
    uint32_t counter_count;
    const struct service_row *services;
    uint32_t service_count;
    const struct cap_row *caps;
    uint32_t cap_count;
    bool limit_headers; // some limiter speaks to clients
    bool limit_leases;  // some limiter keeps leases
    bool shadow_rules;
    bool decision_header; // responses tell which rule replied
    struct let_row *lets;
    uint32_t let_count;
    uint32_t group_count;
    const struct index_row *indexes; // of levels with many members
    uint32_t index_count;
    uint32_t index_words;            // of bits of all their members
    uint32_t registers;              // of each block
    uint32_t let_depth;              // deepest of all lets; found by the verifier
    uint32_t entry[PHASE_TOTAL + 1]; // the last one: an expression of its own (OP_RESULT)
    // Code that tells at the headers which rules of request_body, or of response_body, may apply
    // (OP_NEEDS_BODY).
    uint32_t body_gate[BODY_TOTAL];
    // Per phase: 1 + the last rule that restricts, 0 when none does.
    uint16_t last_restricting[PHASE_TOTAL];
    // The same of rules that restrict or set something of the request: a client's own value must not
    // go by where there is no memory to replace it.
    uint16_t last_guarding[PHASE_TOTAL];
    // Bits of the messages to gather as that phase begins; trailers as they come, for both phases
    // of bodies.
    uint8_t gathers[PHASE_TOTAL];
    bool edits[MESSAGE_TOTAL]; // some rule changes that message's headers
    // Per phase: the effects, where they are the same for every stream; else NULL.
    const struct effect *constant_effects[PHASE_TOTAL];
    uint32_t constant_effect_count[PHASE_TOTAL];
    slice name_space;
    uint32_t steps;      // of one phase of one request
    uint32_t memory;     // bytes, of one request
    uint32_t body_limit; // bytes of a body that rules see
    bool hold_headers;   // a request's headers are held until its body rules have run
    struct trust trust;
    slice jwt; // the key of claims in the metadata of Envoy's jwt_authn
    enum level log_level;
};

struct field_row {
    const char *path;
    const char *header; // HOW_PSEUDO, _PARTS, _COMPUTED: the header that it is made of, or NULL
    uint8_t type;
    uint8_t phases; // enum phase_bits
    uint8_t how;
    uint8_t origin; // enum message_kind, MESSAGE_TOTAL for none
    uint8_t memo;   // enum computed_field or fetched_field, where it has one
};

extern const struct field_row field_rows[FIELD_TOTAL];

// Names of phases and levels.
extern const char *const phase_names[PHASE_TOTAL + 1];
extern const char *const level_names[LEVEL_TOTAL];

#endif
