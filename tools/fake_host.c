// Lists in an arena: a test has few counters and lines.
#include "tools/fake_host.h"

static const uint64_t START = UINT64_C(1000) * 1000000000; // as after some uptime, never 0

static uint32_t worker_of(const struct fake_host *host, const struct limiter_row *limiter) {
    return limiter->scope == LIMITER_SCOPE_WORKER ? host->worker : 0;
}

static struct fake_cell *find_cell(struct fake_host *host, const struct limiter_row *limiter,
                                   uint32_t slot) {
    uint32_t worker = worker_of(host, limiter);
    struct fake_cell *cell = host->cells;
    while (cell != NULL &&
           !(cell->worker == worker && cell->slot == slot && slice_equal(cell->key, limiter->key)))
        cell = cell->next;
    return cell;
}

static enum store_answer slot_get(void *self, const struct limiter_row *limiter, uint32_t slot,
                                  slice *bytes, uint32_t *version) {
    struct fake_host *host = self;
    host->gets++;
    if (host->unavailable) return STORE_FAILED;
    const struct fake_cell *cell = find_cell(host, limiter, slot);
    *bytes = cell == NULL ? (slice){NULL, 0} : arena_copy(host->arena, cell->state);
    *version = cell == NULL ? 0 : cell->version;
    return cell != NULL && bytes->at == NULL ? STORE_FAILED : STORE_OK;
}

static struct fake_cell *add_cell(struct fake_host *host, const struct limiter_row *limiter,
                                  uint32_t slot) {
    struct fake_cell *cell = arena_take(host->arena, sizeof *cell);
    if (cell == NULL) return NULL;
    cell->key = arena_copy(host->arena, limiter->key);
    cell->slot = slot;
    cell->worker = worker_of(host, limiter);
    cell->next = host->cells;
    host->cells = cell;
    return cell;
}

static enum store_answer slot_swap(void *self, const struct limiter_row *limiter, uint32_t slot,
                                   slice bytes, uint32_t version) {
    struct fake_host *host = self;
    host->swaps++;
    struct fake_cell *cell = find_cell(host, limiter, slot);
    if (host->conflicts > 0) {
        host->conflicts--;
        return STORE_CONFLICT;
    }
    if (version != (cell == NULL ? 0 : cell->version)) return STORE_CONFLICT;
    if (cell == NULL) cell = add_cell(host, limiter, slot);
    slice copy = arena_copy(host->arena, bytes);
    if (cell == NULL || copy.at == NULL) return STORE_FAILED;
    cell->state = copy;
    cell->version++;
    return STORE_OK;
}

static struct limit_lease *leases(void *self) {
    struct fake_host *host = self;
    for (struct fake_leases *at = host->leases; at != NULL; at = at->next) {
        if (at->worker == host->worker) return at->rows;
    }
    struct fake_leases *made = arena_take(host->arena, sizeof *made);
    if (made == NULL) return NULL;
    made->worker = host->worker;
    made->next = host->leases;
    host->leases = made;
    return made->rows;
}

static struct over_limit *no_memory_of_services(void *self) {
    (void)self;
    return NULL;
}

static bool read_seed(void *self, char seed[16]) {
    (void)self;
    memcpy(seed, "weir fake seed 1", 16);
    return true;
}

static uint64_t read_clock(void *self) {
    const struct fake_host *host = self;
    return host->now;
}

// A day of 2026, so that tests of times are the same every day.
static uint64_t read_wall_clock(void *self) {
    const struct fake_host *host = self;
    return UINT64_C(1767225600) * 1000000000 + (host->now - START);
}

// SplitMix64: the same numbers in every run of a test.
static uint64_t next_random(void *self) {
    struct fake_host *host = self;
    host->chance += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t mixed = (host->chance ^ host->chance >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ mixed >> 31;
}

static bool fetch(void *self, enum field field, struct value *out) {
    const struct fake_host *host = self;
    *out = host->fetched[field];
    return out->kind != TYPE_NONE;
}

static bool find_state(void *self, bool upstream, slice name, slice *value) {
    const struct fake_host *host = self;
    struct value all = host->fetched[upstream ? FIELD_UPSTREAM_FILTER_STATE : FIELD_FILTER_STATE];
    for (uint32_t i = 0; all.kind == TYPE_MAP && i < all.length; i++) {
        if (!slice_equal(value_text(all.as.items[2 * i]), name)) continue;
        *value = value_text(all.as.items[2 * i + 1]);
        return true;
    }
    return false;
}

void fake_host_init(struct fake_host *host, struct arena *arena) {
    *host = (struct fake_host){.arena = arena, .now = START, .worker = 1};
    host->face = (struct run_host){.self = host,
                                   .slot_get = slot_get,
                                   .slot_swap = slot_swap,
                                   .leases = leases,
                                   .over_limit = no_memory_of_services,
                                   .seed = read_seed,
                                   .clock = read_clock,
                                   .wall_clock = read_wall_clock,
                                   .random = next_random,
                                   .fetch = fetch,
                                   .state = find_state};
}

// Room for one more row of `bytes`; NULL when the arena refuses, which is noted.
static void *reserve(struct fake_host *host, void *rows, uint32_t count, uint32_t *capacity,
                     size_t bytes) {
    if (count < *capacity) return rows;
    uint32_t grown = *capacity == 0 ? 16 : *capacity * 2;
    void *more = arena_array(host->arena, grown, bytes);
    if (more == NULL) {
        host->failed = true;
        return NULL;
    }
    if (count > 0) memcpy(more, rows, count * bytes);
    *capacity = grown;
    return more;
}

static void add_count(struct fake_host *host, slice name, int64_t more) {
    struct fake_count *counts =
        reserve(host, host->counts, host->count_count, &host->count_capacity, sizeof *host->counts);
    slice copy = arena_copy(host->arena, name);
    if (copy.at == NULL) host->failed = true;
    if (counts == NULL || copy.at == NULL) return;
    host->counts = counts;
    counts[host->count_count++] = (struct fake_count){copy, more};
}

void fake_host_count(struct fake_host *host, slice name, int64_t more) {
    for (uint32_t i = 0; i < host->count_count; i++) {
        if (!slice_equal(host->counts[i].name, name)) continue;
        host->counts[i].count += more;
        return;
    }
    add_count(host, name, more);
}

void fake_host_log(struct fake_host *host, slice line) {
    slice *logs =
        reserve(host, host->logs, host->log_count, &host->log_capacity, sizeof *host->logs);
    slice copy = arena_copy(host->arena, line);
    if (copy.at == NULL) host->failed = true;
    if (logs == NULL || copy.at == NULL) return;
    host->logs = logs;
    logs[host->log_count++] = copy;
}

static struct value collection(struct fake_host *host, enum type kind, uint32_t length,
                               struct value **items) {
    uint32_t count = kind == TYPE_MAP ? 2 * length : length;
    *items = arena_array(host->arena, count, sizeof **items);
    if (*items == NULL) {
        host->failed = true;
        length = 0;
    }
    return (struct value){.kind = (uint8_t)kind, .depth = 1, .length = length, .as.items = *items};
}

// Under the name that the proxy gives it; one of that name is replaced.
static slice tag_name(struct fake_host *host, slice name) {
    struct text text;
    text_init(&text, host->arena);
    text_add_string(&text, "wasm.");
    text_add(&text, name);
    if (text.failed) host->failed = true;
    return text_slice(&text);
}

void fake_host_tag(struct fake_host *host, slice name, slice value) {
    struct value *state = &host->fetched[FIELD_FILTER_STATE];
    uint32_t before = state->kind == TYPE_MAP ? state->length : 0;
    struct value *items = arena_array(host->arena, 2 * ((size_t)before + 1), sizeof *items);
    slice full = tag_name(host, name);
    slice copy = arena_copy(host->arena, value);
    if (items == NULL || copy.at == NULL) host->failed = true;
    if (host->failed) return;
    items[0] = value_string(full);
    items[1] = value_string(copy);
    if (before > 0) memcpy(items + 2, state->as.items, 2 * before * sizeof *items);
    *state = (struct value){.kind = TYPE_MAP, .depth = 1, .length = before + 1, .as.items = items};
}

struct value fake_host_counts(struct fake_host *host) {
    struct value *items;
    struct value map = collection(host, TYPE_MAP, host->count_count, &items);
    for (uint32_t i = 0; i < map.length; i++) {
        items[2 * i] = value_string(host->counts[i].name);
        items[2 * i + 1] = value_int(host->counts[i].count);
    }
    return map;
}

struct value fake_host_logs(struct fake_host *host) {
    struct value *items;
    struct value list = collection(host, TYPE_LIST, host->log_count, &items);
    for (uint32_t i = 0; i < list.length; i++)
        items[i] = value_string(host->logs[i]);
    return list;
}
