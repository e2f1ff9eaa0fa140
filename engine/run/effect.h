// Effects of rules: plain data, which a test compares, a tool prints and the plugin applies.
#ifndef WEIR_RUN_EFFECT_H
#define WEIR_RUN_EFFECT_H

#include "engine/base/slice.h"

enum reply_kind { REPLY_DENY, REPLY_RESPOND, REPLY_LIMIT, REPLY_REDIRECT, REPLY_KIND_TOTAL };

enum { NO_RULE = 0xffffffff };

// Effects are plain data, in the order in which the host applies them.
enum effect_kind {
    EFFECT_HEADER_SET,    // message, name, value: all lines of that name become one
    EFFECT_HEADER_ADD,    // message, name, value: one more line
    EFFECT_HEADER_REMOVE, // message, name
    EFFECT_BODY_SET,      // message, value: the whole body, complete as it is
    EFFECT_REPLY,         // reply; at most one a phase, the last effect on the message
    EFFECT_REROUTE,       // the request is routed anew
    EFFECT_LOG,           // level, rule, value: raw text, not yet escaped
    EFFECT_ERROR,         // the same about an evaluation that failed
    EFFECT_COUNT,         // counter, rule
    EFFECT_LIMIT_COUNT,   // counter (enum limiter_counter); rule: the limiter's index
    EFFECT_NAMED_COUNT,   // of `count`; rule: the index of what it counts
    EFFECT_LABEL_COUNT,   // the same by a value: letters, digits and `_`, at most LIMIT_LABEL
    EFFECT_TAG,           // name, value: escaped, at most LIMIT_TAG
};

// Those before it change the stream, which cannot be done any more when it is over.
enum { EFFECT_FIRST_PASSIVE = EFFECT_LOG };

// Of each rule: RULE_COUNTER(NAME, "suffix of its metric").
enum rule_counter {
#define RULE_COUNTER(name, suffix) COUNTER_##name,
#include "engine/tbl/rule_counters.h"
#undef RULE_COUNTER
    COUNTER_TOTAL
};

struct header_line {
    slice name;
    slice value;
};

struct reply {
    enum reply_kind kind;
    uint32_t status;
    int32_t grpc_status; // -1: none
    slice body;
    slice details;
    const struct header_line *headers;
    uint32_t header_count;
};

struct effect {
    uint8_t kind; // enum effect_kind
    uint8_t message;
    uint8_t level;
    uint8_t counter;
    uint32_t rule; // index, or NO_RULE
    union {
        slice name;
        const struct reply *reply;
    };
    slice value;
};

#endif
