// A limiter in one request: its terms, cost and key, kept from the first use on; and the visit to
// its state that takes, gives back or bans.
#ifndef WEIR_RUN_LIMITER_H
#define WEIR_RUN_LIMITER_H

#include "engine/run/run.h"

enum limiter_answer {
    LIMITER_ADMITS,
    LIMITER_REFUSES,
    LIMITER_FAILS, // no state, or LIMIT_SWAPS lost races: `on_error` decides
};

// All of it lives in the stream's arena.
struct limit_use {
    const struct limiter_row *row;
    struct limit_terms terms;
    struct limit_key key;
    struct limit_key own_key; // the same among those of other limiters
    uint64_t penalty;         // ns; 0: none
    uint32_t slot;
    bool absent; // a part of its key is: the limiter does not count
    bool judged; // `verdict` says something
    struct limit_verdict verdict;
    uint64_t taken;            // by this request, and not given back
    uint64_t stamp;            // time of the level that it was taken from
    const struct value *parts; // of the key: scope cluster
    uint32_t index;            // of the limiter
    struct limit_use *next;    // used later in this request

    // Of the block of limits that is being decided.
    struct limit_use *next_in_block;
    uint32_t block_number; // of the block that it is in, or was last
    uint64_t cost;
    enum failure failure; // its terms, key or cost failed: it refuses
    bool charged;
    uint64_t before;           // `taken` when the block began: what it took is above that
    bool fresh;                // `verdict` is of this block
    bool local;                // a service does not answer: the proxy counts
    bool asked;                // the lease answers
    struct limit_lease *lease; // the key's row, or one that it may have; NULL: none
    uint64_t back;             // tokens that its lease gives back with this visit

    // What the last visit read, good until the next one of this limiter.
    struct limit_slot *stored;
    struct limit_place place;
    uint32_t version;
};

// Monotonic ns; asked of the host at most once a phase.
uint64_t limiter_now(struct run *run);

// The limiter's use in this request; `terms`: null, or the list that its let gave. FAILURE_LIMIT
// where a number of them is out of range, FAILURE_NO_OVERLOAD where a part cannot be hashed.
enum failure limiter_use(struct run *run, uint32_t limiter, struct value terms,
                         struct limit_use **out);

// The same, or NULL where this request has not used it.
struct limit_use *limiter_used(const struct run *run, uint32_t limiter);

// A cost: an integer from 0 to LIMIT_RATE.
enum failure limiter_cost(struct value value, uint64_t *cost);

// A time in ns, from 0 on.
enum failure limiter_time(struct value value, uint64_t *time);

// Reads the state and judges `use->cost`; takes nothing.
enum limiter_answer limiter_judge(struct run *run, struct limit_use *use);

// Takes what limiter_judge allowed, judging again where another worker was first.
enum limiter_answer limiter_take(struct run *run, struct limit_use *use);

// Takes without asking, into debt where it must.
enum limiter_answer limiter_charge(struct run *run, struct limit_use *use, uint64_t cost);

// Gives back at most what this request took.
enum limiter_answer limiter_refund(struct run *run, struct limit_use *use, uint64_t cost);

// Refuses the key until `time` from now; the longest ban stands.
enum limiter_answer limiter_ban(struct run *run, struct limit_use *use, uint64_t time);

// Counts; the limiter's metrics.
enum failure limiter_count(struct run *run, const struct limit_use *use,
                           enum limiter_counter counter);

// The stream is over, however it ended: what is held is given back.
void limiter_end(struct run *run);

#endif
