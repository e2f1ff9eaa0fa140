// What lives in one VM beside its contexts: loaded programs, the worker's limiter states, the
// metrics by name. All workers have a VM of their own; an update keeps it.
#ifndef WEIR_PLUGIN_VM_H
#define WEIR_PLUGIN_VM_H

#include "engine/engine.h"

// All slots of a limiter of scope `worker`; shared by all programs that name it, so that an update
// keeps them, and given back with the last of them.
struct worker_table {
    struct worker_table *next;
    uint32_t users;
    uint32_t bytes;
    char *slots;
    uint32_t key_length;
    char key[];
};

// A counter of the proxy, by name; for the life of the VM, as the host's own are.
struct vm_metric {
    struct vm_metric *next;
    uint32_t id;
    uint32_t name_length;
    char name[];
};

// What was counted goes to the host each second: a request does not pay for it.
struct counter {
    uint32_t id; // 0: not defined yet
    uint32_t ahead;
};

enum { COUNT_PERIOD = 1000 }; // milliseconds

// What a named counter is counted by. For the life of the VM: metrics stay, and a new configuration
// must not begin with new ones.
struct vm_labels {
    struct vm_labels *next;
    struct labels labels;
    struct counter counters[LIMIT_LABELS + 1];
    uint32_t key_length;
    char key[]; // of namespace and name
};

enum { QUIET_RULES, QUIET_ERRORS, QUIET_KINDS };

// A program in use, by its root and by its streams; gone with the last of them. Without a program
// it answers every request with 503: the configuration could not be loaded for want of memory.
struct loaded {
    uint32_t users;
    struct arena arena;
    const struct program *program;
    struct worker_table **tables; // by limiter; NULL for those of another scope
    struct limit_lease *leases;   // LIMIT_LEASES; NULL where no limiter keeps any
    struct quiet *quiet;          // QUIET_KINDS a rule, and the last ones for no rule
    struct counter *counters;     // by engine_counter
    struct vm_labels **labels;    // by named counter; NULL for one that is counted by nothing
    bool counted;                 // some counter is ahead of the host's
    bool holds;                   // a body came for a request whose headers were held
    bool said_hold;               // that none comes
    slice plugin;                 // the plugin's name
};

// A configured plugin.
struct root {
    struct root *next;
    uint32_t id;
    struct loaded *loaded; // NULL: no rules, everything passes
};

struct vm {
    struct root *roots;
    struct worker_table *tables;
    struct vm_metric *metrics;
    struct vm_labels *labels;
    struct over_limit *over_limit; // what services refused; NULL while no program asks any
    slice node;                    // what rules can read of the proxy's; none yet where it is NULL
    char seed[16];                 // of the keys of limiters
    bool has_seed;
    bool configured;    // some configuration was loaded in this VM
    bool said_no_rules; // once a VM
    bool lost_a_stream; // no memory for one: unknown streams are refused from then on
};

extern struct vm vm;

// Takes over `*arena` when it succeeds; NULL when the allocator refuses. `program` may be NULL.
struct loaded *vm_load(struct arena *arena, const struct program *program, slice plugin);
void vm_use(struct loaded *loaded);
void vm_release(struct loaded *loaded);

// The counter `weir.NAMESPACE.[KIND.][NAME.]SUFFIX`; bytes outside [A-Za-z0-9_] of namespace and
// name become `_`. 0 when it cannot be had.
uint32_t vm_metric_id(slice name_space, struct counter_name name);

// The seed that all workers share: drawn by the first that needs it. False when it cannot be had.
bool vm_seed(struct arena *arena, char seed[16]);

// Hands what was counted to the host.
void vm_flush(struct loaded *loaded);

struct root *vm_root(uint32_t id);
struct root *vm_add_root(uint32_t id);
void vm_remove_root(uint32_t id);

#endif
