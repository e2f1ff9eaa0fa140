// A host in memory: shared counters with versions, a clock that is moved by hand, counts, logs.
// For the tool's tests of rules and for unit tests, which can make it fail on purpose.
#ifndef WEIR_TOOLS_FAKE_HOST_H
#define WEIR_TOOLS_FAKE_HOST_H

#include "engine/engine.h"

// One slot of a limiter. `version` grows with every swap, as Envoy's shared data counts.
struct fake_cell {
    slice key;
    uint32_t slot;
    uint32_t worker; // 0: shared by all
    uint32_t version;
    slice state;
    struct fake_cell *next;
};

// What one worker keeps ahead.
struct fake_leases {
    uint32_t worker;
    struct limit_lease rows[LIMIT_LEASES];
    struct fake_leases *next;
};

struct fake_count {
    slice name;
    int64_t count;
};

struct fake_host {
    struct run_host face; // what a run is given; its `self` is this host
    struct arena *arena;  // all that the host keeps
    uint64_t now;         // ns
    uint64_t chance;      // state of random numbers
    uint32_t worker;      // whose thread runs, from 1
    struct fake_cell *cells;
    struct fake_leases *leases; // of the program that is loaded
    struct fake_count *counts;
    uint32_t count_count;
    uint32_t count_capacity;
    slice *logs;
    uint32_t log_count;
    uint32_t log_capacity;
    struct value fetched[FIELD_TOTAL]; // NONE where the host has no such field
    bool failed;                       // the arena refused something

    // Faults for unit tests.
    uint32_t conflicts; // so many swaps answer STORE_CONFLICT first
    bool unavailable;   // every get answers STORE_FAILED
    uint32_t gets;      // asked so far
    uint32_t swaps;
};

void fake_host_init(struct fake_host *host, struct arena *arena);

// Adds to a counter; with 0 it only comes into being.
void fake_host_count(struct fake_host *host, slice name, int64_t more);

// What a rule left with the stream for access logs; rules read it in filter_state.
void fake_host_tag(struct fake_host *host, slice name, slice value);

// Copies the line.
void fake_host_log(struct fake_host *host, slice line);

// All counters as a map of name to int, all lines as a list of strings.
struct value fake_host_counts(struct fake_host *host);
struct value fake_host_logs(struct fake_host *host);

#endif
