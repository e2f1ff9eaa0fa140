// pluginConfig: the rule texts, the settings, and the user's data. Reads and checks; compiles no
// rules. Everything it holds lives in the arena or in the text it was read from.
#ifndef WEIR_CONF_CONFIG_H
#define WEIR_CONF_CONFIG_H

#include "engine/base/diag.h"
#include "engine/base/level.h"
#include "engine/base/value.h"
#include "engine/conf/json_index.h"

// `weir.trust`: the caller by what proxies in front say. Without any of it, by the peer.
struct trust_settings {
    uint32_t hops;
    struct value networks; // a LIST of strings, each a network or an address; or NONE
    slice header;          // in lower case; or empty
};

struct settings {
    slice namespace_;    // 1 to LIMIT_NAMESPACE of [A-Za-z0-9_.-]; empty: the plugin's own name
    uint64_t steps;      // of one phase of one request
    uint32_t memory;     // bytes of one request's arena
    uint32_t body_limit; // bytes, at most `memory`
    uint32_t max_keys;   // of a limiter that does not say so itself
    struct trust_settings trust;
    enum level log_level;
    bool hold_headers;    // a request's headers are held until its body rules have run
    bool shadow;          // all rules are shadow rules
    bool decision_header; // responses tell which rule replied
    slice jwt; // the key of claims in the metadata of Envoy's jwt_authn
};

// One rule text, decoded.
struct config_text {
    slice text;
    uint32_t source; // `rules`, or `rules[N]` from 0 where they are a list
    uint32_t node;   // where the string stands in the JSON
};

struct config {
    bool empty; // no rule text holds a byte: everything passes through
    struct config_text *texts;
    uint32_t text_count;
    struct settings settings;

    struct json_index index; // of the JSON; the object itself is node CONFIG_ROOT
    struct value *values;    // one per node; that of CONFIG_ROOT is `data`
    struct value data;       // MAP: what rules see as `config`
    slice data_json;         // the same as source text, less white space
};

enum { CONFIG_ROOT = 0 };

// Reads pluginConfig, whose text must outlive the config. Of no bytes, or of white space alone,
// it makes a config without rules and data. False when anything was reported (in source `config`)
// or the arena refused (diagnostics->out_of_memory).
bool config_read(struct arena *arena, struct diagnostics *diagnostics, slice text,
                 struct config *out);

// Reads a text that is the user's data and perhaps settings, with no rules. The member `rules` is
// passed over, so a whole pluginConfig will do.
bool config_read_data(struct arena *arena, struct diagnostics *diagnostics, slice text,
                      slice source_name, struct config *out);

// The member `key` of a node of the user's data, as `config.a.b` walks it from CONFIG_ROOT; or
// JSON_NONE, also where the node is no object.
uint32_t config_child(const struct config *config, uint32_t node, slice key);

// Appends the source text of a node of the user's data: json(config), json(config.a.b).
void config_json(const struct config *config, uint32_t node, struct text *out);

#endif
