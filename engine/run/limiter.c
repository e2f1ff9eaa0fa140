// Visits are compare-and-swap: a swap that fails means that another one succeeded, so the retries
// are bounded by what others admit.
#include "engine/run/limiter.h"

#include "engine/lib/hash.h"
#include "engine/run/effects.h"

// ---- terms and keys

uint64_t limiter_now(struct run *run) {
    if (!run->has_now) run->now = run->host->clock(run->host->self);
    run->has_now = true;
    return run->now;
}

static bool read_whole(struct value value, uint64_t *whole) {
    return value_whole(value, LIMIT_RATE, whole);
}

enum failure limiter_cost(struct value value, uint64_t *cost) {
    return read_whole(value, cost) ? FAILURE_NONE : FAILURE_LIMIT;
}

enum failure limiter_time(struct value value, uint64_t *time) {
    *time = value.as.natural;
    bool good = value.kind == TYPE_DURATION && value.as.integer >= 0;
    return good ? FAILURE_NONE : FAILURE_LIMIT;
}

// The numbers that the request gives, in the order of their bits; how many there were, or 0 with a
// failure.
static enum failure read_given(struct limit_use *use, const struct value *items, uint32_t *count) {
    uint8_t given = use->row->given;
    bool good = true;
    *count = 0;
    if (given & GIVEN_RATE) good = read_whole(items[(*count)++], &use->terms.rate) && good;
    if (given & GIVEN_PERIOD) {
        good = limiter_time(items[(*count)++], &use->terms.period) == FAILURE_NONE && good;
    }
    if (given & GIVEN_BURST) {
        good = read_whole(items[(*count)++], &use->terms.burst) && good;
    } else if (given & GIVEN_RATE && use->terms.burst == 0) {
        use->terms.burst = use->terms.rate;
    }
    if (given & GIVEN_PENALTY) {
        good = limiter_time(items[(*count)++], &use->penalty) == FAILURE_NONE && good;
    }
    return good && limit_terms_valid(&use->terms) ? FAILURE_NONE : FAILURE_LIMIT;
}

static bool is_absent(struct value part) {
    if (part.kind == TYPE_OPTIONAL) return part.length == 0 || is_absent(*part.as.items);
    return part.kind == TYPE_NULL || (value_is_text(part) && part.length == 0);
}

// Limiters of one key are often asked together. Texts of the same place are the same.
static bool hashed_before(const struct run *run, struct limit_use *use) {
    const struct limit_use *last = run->hashed;
    uint32_t count = use->row->parts;
    bool same = last != NULL && last->row->parts == count &&
                memcmp(last->parts, use->parts, count * sizeof *use->parts) == 0;
    if (same) use->key = last->key;
    return same;
}

static enum failure read_key(struct run *run, struct limit_use *use, const struct value *parts) {
    const struct limiter_row *row = use->row;
    char seed[16];
    for (uint32_t i = 0; i < row->parts; i++) {
        if (!is_absent(parts[i])) continue;
        use->absent = true;
        return FAILURE_NONE;
    }
    use->parts = parts;
    if (!hashed_before(run, use)) {
        if (!run->host->seed(run->host->self, seed)) return FAILURE_COUNTER;
        enum failure failure = hash_key(&run->call, seed, parts, row->parts, use->key.words);
        if (failure != FAILURE_NONE) return failure;
    }
    run->hashed = use;
    use->slot = (uint32_t)use->key.words[0] & (row->shape.slots - 1);
    return FAILURE_NONE;
}

static enum failure read_terms(struct run *run, struct limit_use *use, struct value terms) {
    uint32_t count = 0;
    if (use->row->let == NO_LET) return FAILURE_NONE;
    uint32_t wanted = use->row->parts + (uint32_t)__builtin_popcount(use->row->given);
    if (terms.kind != TYPE_LIST || terms.length != wanted) return FAILURE_LIMIT;
    enum failure failure = read_given(use, terms.as.items, &count);
    if (failure != FAILURE_NONE) return failure;
    return use->row->parts == 0 ? FAILURE_NONE : read_key(run, use, terms.as.items + count);
}

static struct limit_use *new_use(struct run *run, uint32_t limiter) {
    const struct limiter_row *row = &run->program->limiters[limiter];
    struct limit_use *use = arena_take(run->arena, sizeof *use);
    if (use == NULL) return NULL;
    use->row = row;
    use->index = limiter;
    use->terms = row->terms;
    use->penalty = row->penalty;
    return use;
}

static bool in_shadow(const struct run *run) {
    return run->rule != NO_RULE && run->program->rules[run->rule].shadow;
}

static struct limit_use **place_of(const struct run *run, uint32_t limiter) {
    return &run->uses[limiter + (in_shadow(run) ? run->program->limiter_count : 0)];
}

struct limit_use *limiter_used(const struct run *run, uint32_t limiter) {
    return *place_of(run, limiter);
}

enum failure limiter_use(struct run *run, uint32_t limiter, struct value terms,
                         struct limit_use **out) {
    struct limit_use **kept = place_of(run, limiter);
    *out = *kept;
    if (*kept != NULL) return FAILURE_NONE;
    struct limit_use *use = new_use(run, limiter);
    if (use == NULL) return FAILURE_NO_MEMORY;
    enum failure failure = read_terms(run, use, terms);
    if (failure != FAILURE_NONE) return failure;
    if (in_shadow(run)) use->slot += SHADOW_SLOTS;
    uint64_t identity = use->row->identity;
    use->own_key = (struct limit_key){
        {use->key.words[0] ^ identity, use->key.words[1] ^ word_rotated(identity, 32)}};
    *run->last_use = use;
    run->last_use = &use->next;
    *out = *kept = use;
    return FAILURE_NONE;
}

enum failure limiter_count(struct run *run, const struct limit_use *use,
                           enum limiter_counter counter) {
    return effect_limit_count(run, use->index, counter);
}

// ---- leases

// NULL where the limiter keeps none.
static struct limit_lease *find_lease(struct run *run, const struct limit_use *use) {
    if (!use->row->leases || use->slot >= SHADOW_SLOTS) return NULL;
    struct limit_lease *rows = run->host->leases(run->host->self);
    return rows == NULL ? NULL : limit_lease_row(rows, LIMIT_LEASES, &use->own_key);
}

static bool ask_lease(struct run *run, struct limit_use *use) {
    struct limit_lease *lease = use->lease = find_lease(run, use);
    use->asked = lease != NULL && limit_lease_ask(lease, &use->own_key, &use->terms,
                                                  limiter_now(run), use->cost, &use->verdict);
    if (use->asked) use->judged = use->fresh = true;
    return use->asked;
}

// ---- visits

static bool is_own(const struct limit_use *use, slice bytes) {
    return limit_slot_matches(bytes, &use->row->shape, use->row->scope != LIMITER_SCOPE_WORKER);
}

// Bytes that are no state of this limiter's become an empty one.
static bool take_over(struct run *run, struct limit_use *use, slice bytes) {
    const struct limit_shape *shape = &use->row->shape;
    use->stored = (struct limit_slot *)(uintptr_t)bytes.at;
    if (is_own(use, bytes)) return true;
    if (bytes.length != limit_slot_bytes(shape->ways)) {
        use->stored = arena_take_raw(run->arena, limit_slot_bytes(shape->ways));
    }
    if (use->stored == NULL) return false;
    limit_slot_clear(use->stored, shape);
    return true;
}

static bool read_state(const struct run *run, struct limit_use *use, slice *bytes) {
    const struct run_host *host = run->host;
    *bytes = (slice){NULL, 0};
    return host->slot_get(host->self, use->row, use->slot, bytes, &use->version) == STORE_OK;
}

// The key's place in the state that was read.
static bool find_place(struct run *run, struct limit_use *use, slice bytes) {
    if (!take_over(run, use, bytes)) return false;
    bool keep = use->row->on_full == LIMITER_ON_FULL_DENY;
    limit_slot_find(use->stored, &use->terms, &use->key, limiter_now(run), keep, &use->place);
    return true;
}

static bool visit(struct run *run, struct limit_use *use) {
    slice bytes;
    return read_state(run, use, &bytes) && find_place(run, use, bytes);
}

static enum store_answer put(struct run *run, struct limit_use *use) {
    const struct run_host *host = run->host;
    limit_slot_put(use->stored, &use->terms, &use->key, &use->place);
    if (use->row->scope != LIMITER_SCOPE_WORKER) limit_slot_seal(use->stored);
    slice bytes = slice_from((const char *)use->stored, limit_slot_bytes(use->row->shape.ways));
    enum store_answer answer =
        host->slot_swap(host->self, use->row, use->slot, bytes, use->version);
    if (answer == STORE_OK && use->place.evicts) {
        limiter_count(run, use, LIMITER_COUNTER_EVICTED_LIVE);
    }
    return answer;
}

static struct limit_verdict full_slot(const struct run *run, const struct limit_use *use) {
    struct limit_verdict verdict = {.retry_after = 1000000000};
    uint64_t until = use->place.entry->until;
    bool leases = use->terms.algorithm == LIMIT_ALGORITHM_CONCURRENT;
    if (!leases && until > run->now) verdict.retry_after = until - run->now;
    return verdict;
}

// A key that is banned has nothing, whatever its level holds, until the ban ends.
static void shut(struct limit_verdict *verdict, uint64_t time) {
    verdict->remaining = 0;
    if (verdict->reset < time) verdict->reset = time;
}

// What the lease still holds goes back first: the level is then as if it had not been taken.
static void judge_place(struct run *run, struct limit_use *use) {
    struct limit_lease *lease = use->lease;
    uint64_t back = lease == NULL ? 0 : limit_lease_left(lease, &use->own_key, &use->terms);
    use->back = back;
    if (back > 0) limit_level_refund(&use->terms, &use->place.level, back, 0);
    use->verdict = limit_level_judge(&use->terms, &use->place.level, run->now, use->cost);
    if (use->place.full) use->verdict = full_slot(run, use);
    if (run->now < use->place.level.ban) shut(&use->verdict, use->place.level.ban - run->now);
    use->judged = use->fresh = true;
    if (use->verdict.allowed || lease == NULL) return;
    limit_lease_refused(lease, &use->own_key, &use->terms, run->now, use->cost, LIMIT_LEASE_TIME,
                        &use->verdict);
}

// A stream that holds its slot already is not counted twice.
static bool holds_already(const struct limit_use *use) {
    return use->terms.algorithm == LIMIT_ALGORITHM_CONCURRENT && use->taken > 0;
}

enum limiter_answer limiter_judge(struct run *run, struct limit_use *use) {
    if (holds_already(use)) return LIMITER_ADMITS;
    if (!ask_lease(run, use)) {
        if (!visit(run, use)) return LIMITER_FAILS;
        judge_place(run, use);
    }
    return use->verdict.allowed ? LIMITER_ADMITS : LIMITER_REFUSES;
}

// What was taken from a window that is over now is not given back to the one that follows.
static void note_taken(struct limit_use *use, uint64_t cost, uint64_t stamp) {
    bool window = use->terms.algorithm == LIMIT_ALGORITHM_FIXED_WINDOW ||
                  use->terms.algorithm == LIMIT_ALGORITHM_SLIDING_WINDOW;
    if (window && stamp != use->stamp) use->taken = use->before = 0;
    use->taken += cost;
    use->stamp = stamp;
}

// Takes the cost, and ahead of later requests what the lease may have. The row is looked up anew:
// another limiter of the block, judged before, may have taken the free one that both found.
static enum store_answer take_once(struct run *run, struct limit_use *use) {
    struct limit_lease *lease = use->lease = find_lease(run, use);
    uint64_t ahead = 0;
    if (lease != NULL) {
        ahead =
            limit_lease_ahead(lease, &use->own_key, &use->terms, run->now, use->verdict.remaining);
    }
    // Nothing changes where nothing is taken or given back.
    if (use->cost + ahead + use->back == 0) return STORE_OK;
    limit_level_take(&use->terms, &use->place.level, use->cost + ahead);
    enum store_answer answer = put(run, use);
    if (answer != STORE_OK) return answer;
    note_taken(use, use->cost, use->place.level.time);
    if (lease != NULL) {
        limit_lease_visited(lease, &use->own_key, &use->terms, run->now, ahead, &use->verdict);
    }
    return STORE_OK;
}

enum limiter_answer limiter_take(struct run *run, struct limit_use *use) {
    if (holds_already(use)) return LIMITER_ADMITS;
    if (use->asked) {
        limit_lease_take(use->lease, use->cost);
        note_taken(use, use->cost, 0);
        return LIMITER_ADMITS;
    }
    for (uint32_t lost = 0; lost < LIMIT_SWAPS; lost++) {
        enum store_answer answer = take_once(run, use);
        if (answer == STORE_OK) return LIMITER_ADMITS;
        if (answer != STORE_CONFLICT) return LIMITER_FAILS;
        limiter_count(run, use, LIMITER_COUNTER_CAS_RETRY);
        if (!visit(run, use)) return LIMITER_FAILS;
        judge_place(run, use);
        if (!use->verdict.allowed) return LIMITER_REFUSES;
    }
    return LIMITER_FAILS;
}

// ---- changes that ask nothing

enum change { CHANGE_CHARGE, CHANGE_REFUND, CHANGE_BAN };

static void change_level(struct run *run, struct limit_use *use, enum change change,
                         uint64_t amount) {
    struct limit_level *level = &use->place.level;
    uint64_t until = amount > UINT64_MAX - run->now ? UINT64_MAX : run->now + amount;
    switch (change) {
    case CHANGE_CHARGE: limit_level_take(&use->terms, level, amount); break;
    case CHANGE_REFUND: limit_level_refund(&use->terms, level, amount, use->stamp); break;
    case CHANGE_BAN:
        if (until > level->ban) level->ban = until;
        break;
    }
}

// What clients are told is left after the change; a refusal stays what it was.
static void look_again(const struct run *run, struct limit_use *use) {
    if (!use->judged || !use->verdict.allowed) return;
    use->verdict = limit_level_judge(&use->terms, &use->place.level, run->now, 0);
    use->verdict.allowed = true;
}

// What is given back went with its state where another one stands there now: a configuration came
// between that counts otherwise, and its counts stay. So it did with a place that others have.
static enum limiter_answer change_state(struct run *run, struct limit_use *use, enum change change,
                                        uint64_t amount) {
    bool back = change == CHANGE_REFUND;
    for (uint32_t lost = 0; lost < LIMIT_SWAPS; lost++) {
        slice bytes;
        if (!read_state(run, use, &bytes)) return LIMITER_FAILS;
        if (back && !is_own(use, bytes)) return LIMITER_ADMITS;
        if (!find_place(run, use, bytes)) return LIMITER_FAILS;
        if (use->place.full) return back ? LIMITER_ADMITS : LIMITER_FAILS;
        change_level(run, use, change, amount);
        enum store_answer answer = put(run, use);
        if (answer == STORE_OK) look_again(run, use);
        if (answer == STORE_OK) return LIMITER_ADMITS;
        if (answer != STORE_CONFLICT) return LIMITER_FAILS;
        limiter_count(run, use, LIMITER_COUNTER_CAS_RETRY);
    }
    return LIMITER_FAILS;
}

enum limiter_answer limiter_charge(struct run *run, struct limit_use *use, uint64_t cost) {
    if (use->absent || cost == 0) return LIMITER_ADMITS;
    enum limiter_answer answer = change_state(run, use, CHANGE_CHARGE, cost);
    if (answer == LIMITER_ADMITS) note_taken(use, cost, use->place.level.time);
    return answer;
}

enum limiter_answer limiter_refund(struct run *run, struct limit_use *use, uint64_t cost) {
    uint64_t back = cost < use->taken ? cost : use->taken;
    if (back == 0) return LIMITER_ADMITS;
    use->taken -= back;
    bool leased = use->asked && use->lease != NULL;
    if (leased && limit_lease_give(use->lease, &use->own_key, &use->terms, back)) {
        use->verdict.remaining += back;
        return LIMITER_ADMITS;
    }
    return change_state(run, use, CHANGE_REFUND, back);
}

enum limiter_answer limiter_ban(struct run *run, struct limit_use *use, uint64_t time) {
    if (use->absent || time == 0) return LIMITER_ADMITS;
    return change_state(run, use, CHANGE_BAN, time);
}

// Beside what the request may use: it may have used that up, and still gives back what it holds. A
// visit takes a slot's bytes, and there may be LIMIT_SWAPS of them.
enum { END_MEMORY = 64 << 10 };

void limiter_end(struct run *run) {
    run->has_now = false;
    run->arena->limit += END_MEMORY;
    for (struct limit_use *use = run->first_use; use != NULL; use = use->next) {
        if (use->terms.algorithm != LIMIT_ALGORITHM_CONCURRENT || use->taken == 0) continue;
        limiter_refund(run, use, use->taken);
    }
}
