// weir's engine as its hosts see it: the proxy-wasm plugin and the native tool include this and
// nothing else of the engine. Compile once (here), run many times (run/run.h).
#ifndef WEIR_ENGINE_H
#define WEIR_ENGINE_H

#include "engine/base/diag.h"
#include "engine/limit/rate_service.h"
#include "engine/run/labels.h"
#include "engine/run/quiet.h"
#include "engine/run/run.h"

#define WEIR_VERSION "0.1.0"

enum engine_outcome {
    ENGINE_OK,
    ENGINE_REFUSED,   // the configuration is wrong: report says why, the same words everywhere
    ENGINE_NO_MEMORY, // the allocator refused: says nothing about the configuration
};

// Finds the text of an included file; `from` names the including source. The text must outlive the
// compilation. False when there is none.
typedef bool engine_find(void *self, slice name, slice from, slice *found_name, slice *text);

// The value of secret(name), which must outlive the compilation; false when there is none.
typedef bool engine_secret(void *self, slice name, slice *value);

// Warnings about rules that compile, asked for by naming the hooks of testing.h.
struct lint_hooks;
struct engine_lints {
    const struct lint_hooks *hooks;
    uint32_t found;
};

struct engine_input {
    slice configuration; // pluginConfig as JSON, or nothing
    slice name;          // of the plugin: the namespace where the settings give none
    void *finder;        // `self` of find
    engine_find *find;
    void *environment; // `self` of secret
    engine_secret *secret;
    bool secrets_must_exist;    // one that is not there is an error; else each use of it fails
    struct engine_lints *lints; // NULL without
    bool no_index;              // rules are tried one by one: slower, and the same
};

// Compiles a pluginConfig. Deterministic: it depends on the input alone, so that a configuration
// which passes once passes everywhere. The program lives in `keep`, everything else is given back
// to the allocator. *program is NULL after ENGINE_OK where there are no rules. The diagnostics are
// added to `report` as rendered text.
enum engine_outcome engine_compile(const struct engine_input *input,
                                   const struct allocator *allocator, struct arena *keep,
                                   struct text *report, struct program **program);

// Compiles one rule text with `data` as the user's data: JSON, or nothing. The source is `name`.
enum engine_outcome engine_compile_rules(const struct engine_input *input, slice name, slice rules,
                                         const struct allocator *allocator, struct arena *keep,
                                         struct text *report, struct program **program);

// Of an envoy.config.core.v3.Node what fields can be read of, as a message. False where it is
// malformed, or the arena refuses.
bool engine_shorten_node(slice message, struct text *out);

// The log line of an EFFECT_LOG: `weir NAMESPACE RULE: TEXT`, escaped and cut, one line always.
// `left_out` lines of the kind before it were not written.
void engine_log_line(struct text *out, const struct program *program, const struct effect *effect,
                     uint32_t left_out);

// Counters of a program have numbers: those of rules, of no rule, of limiters, and named ones.
uint32_t engine_counters(const struct program *program);

// The number of an EFFECT_COUNT, EFFECT_LIMIT_COUNT or EFFECT_NAMED_COUNT.
uint32_t engine_counter(const struct program *program, const struct effect *effect);

// `[KIND.][NAME][.SUFFIX]` is its name, without the namespace.
struct counter_name {
    const char *kind;   // NULL: of a rule
    slice name;         // empty: of no rule
    const char *suffix; // NULL: of `count`, by no value
};

struct counter_name engine_counter_name(const struct program *program, uint32_t counter);

// The same for an EFFECT_LABEL_COUNT, whose values have numbers of their own (run/labels.h).
struct counter_name engine_label_name(const struct program *program, uint32_t named,
                                      const struct labels *labels, uint32_t label);

#endif
