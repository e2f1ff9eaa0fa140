// The VM's tables, as lists: a proxy has few plugins, and what is hot is found once at load time.
#include "plugin/vm.h"

#include "plugin/host.h"
#include "plugin/memory.h"

// One VM is one instance of the module: its only global besides the arena that serves the host.
struct vm vm;

static bool is_table_of(const struct worker_table *table, const struct limiter_row *limiter,
                        uint32_t bytes) {
    return table->bytes == bytes &&
           slice_equal(slice_from(table->key, table->key_length), limiter->key);
}

static struct worker_table *find_table(const struct limiter_row *limiter, uint32_t bytes) {
    struct worker_table *table = vm.tables;
    while (table != NULL && !is_table_of(table, limiter, bytes))
        table = table->next;
    return table;
}

static struct worker_table *new_table(const struct limiter_row *limiter, uint32_t bytes) {
    struct worker_table *table = memory_allocator.take(NULL, sizeof *table + limiter->key.length);
    char *slots = table == NULL ? NULL : memory_allocator.take(NULL, bytes);
    if (slots == NULL) {
        memory_allocator.give(NULL, table);
        return NULL;
    }
    *table = (struct worker_table){
        .next = vm.tables, .bytes = bytes, .slots = slots, .key_length = limiter->key.length};
    memcpy(table->key, limiter->key.at, limiter->key.length);
    memset(slots, 0, bytes);
    vm.tables = table;
    return table;
}

// Slots of shadow rules stand behind the others.
static struct worker_table *use_table(const struct limiter_row *limiter) {
    uint32_t slots = limiter->shape.slots * (limiter->shadows ? 2 : 1);
    uint32_t bytes = slots * limit_slot_bytes(limiter->shape.ways);
    struct worker_table *table = find_table(limiter, bytes);
    if (table == NULL) table = new_table(limiter, bytes);
    if (table != NULL) table->users++;
    return table;
}

static void release_table(struct worker_table *table) {
    if (table == NULL || --table->users > 0) return;
    struct worker_table **link = &vm.tables;
    while (*link != table)
        link = &(*link)->next;
    *link = table->next;
    memory_allocator.give(NULL, table->slots);
    memory_allocator.give(NULL, table);
}

static void release_tables(struct loaded *loaded) {
    uint32_t count = loaded->program == NULL ? 0 : loaded->program->limiter_count;
    for (uint32_t i = 0; i < count && loaded->tables != NULL; i++)
        release_table(loaded->tables[i]);
}

static bool use_limiter(struct loaded *loaded, uint32_t number) {
    const struct limiter_row *limiter = &loaded->program->limiters[number];
    if (limiter->scope != LIMITER_SCOPE_WORKER) return true;
    loaded->tables[number] = use_table(limiter);
    return loaded->tables[number] != NULL;
}

// For the life of the VM: an update forgets nothing.
static bool use_over_limit(void) {
    if (vm.over_limit != NULL) return true;
    vm.over_limit = memory_allocator.take(NULL, sizeof *vm.over_limit);
    if (vm.over_limit == NULL) return false;
    memset(vm.over_limit, 0, sizeof *vm.over_limit);
    return true;
}

static bool use_limiters(struct loaded *loaded) {
    if (loaded->program->service_count > 0 && !use_over_limit()) return false;
    for (uint32_t i = 0; i < loaded->program->limiter_count; i++) {
        if (!use_limiter(loaded, i)) return false;
    }
    return true;
}

static struct vm_labels *new_labels(slice key) {
    struct vm_labels *labels = memory_allocator.take(NULL, sizeof *labels + key.length);
    if (labels == NULL) return NULL;
    memset(labels, 0, sizeof *labels);
    labels->next = vm.labels;
    labels->key_length = key.length;
    memcpy(labels->key, key.at, key.length);
    vm.labels = labels;
    return labels;
}

static struct vm_labels *use_labels(slice name_space, slice name) {
    char key[LIMIT_NAMESPACE + 1 + LIMIT_NAME];
    char *end = slice_put(key, name_space);
    *end++ = '.'; // stands in no counter's name
    end = slice_put(end, name);
    slice wanted = slice_from(key, (uint32_t)(end - key));
    for (struct vm_labels *labels = vm.labels; labels != NULL; labels = labels->next) {
        if (slice_equal(slice_from(labels->key, labels->key_length), wanted)) return labels;
    }
    return new_labels(wanted);
}

static bool use_counters(struct loaded *loaded) {
    const struct program *program = loaded->program;
    for (uint32_t i = 0; i < program->counter_count; i++) {
        if (!program->counters[i].labels) continue;
        loaded->labels[i] = use_labels(program->name_space, program->counters[i].name);
        if (loaded->labels[i] == NULL) return false;
    }
    return true;
}

static bool take_tables(struct loaded *loaded) {
    const struct program *program = loaded->program;
    struct arena *arena = &loaded->arena;
    size_t rules = (size_t)program->rule_count + 1;
    size_t limiters = program->limiter_count;
    loaded->tables = arena_array(arena, limiters, sizeof(struct worker_table *));
    if (program->limit_leases) {
        loaded->leases = arena_array(arena, LIMIT_LEASES, sizeof *loaded->leases);
    }
    loaded->quiet = arena_array(arena, rules * QUIET_KINDS, sizeof *loaded->quiet);
    loaded->counters = arena_array(arena, engine_counters(program), sizeof *loaded->counters);
    loaded->labels = arena_array(arena, program->counter_count, sizeof(struct vm_labels *));
    return !arena->failed && use_counters(loaded) && use_limiters(loaded);
}

struct loaded *vm_load(struct arena *arena, const struct program *program, slice plugin) {
    struct loaded *loaded = arena_take(arena, sizeof *loaded);
    if (loaded == NULL) return NULL;
    loaded->users = 1;
    loaded->program = program;
    loaded->plugin = arena_copy(arena, plugin);
    loaded->arena = *arena;
    if (loaded->plugin.at == NULL) return NULL;
    if (program == NULL || take_tables(loaded)) return loaded;
    release_tables(loaded);
    *arena = loaded->arena;
    return NULL;
}

void vm_use(struct loaded *loaded) {
    loaded->users++;
}

void vm_release(struct loaded *loaded) {
    if (loaded == NULL || --loaded->users > 0) return;
    vm_flush(loaded);
    release_tables(loaded);
    struct arena arena = loaded->arena; // `loaded` lies in it
    arena_free(&arena);
}

static void add_part(struct text *text, slice part) {
    for (uint32_t i = 0; i < part.length; i++) {
        char c = part.at[i];
        bool kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        text_add_char(text, kept ? c : '_');
    }
}

static struct vm_metric *find_metric(slice name) {
    for (struct vm_metric *metric = vm.metrics; metric != NULL; metric = metric->next) {
        if (slice_equal(slice_from(metric->name, metric->name_length), name)) return metric;
    }
    return NULL;
}

static uint32_t define_metric(slice name) {
    struct vm_metric *metric = find_metric(name);
    if (metric != NULL) return metric->id;
    metric = memory_allocator.take(NULL, sizeof *metric + name.length);
    if (metric == NULL) return 0;
    *metric = (struct vm_metric){.next = vm.metrics, .name_length = name.length};
    memcpy(metric->name, name.at, name.length);
    metric->id = host_counter(name);
    vm.metrics = metric;
    return metric->id;
}

enum { METRIC_NAME = 2 * LIMIT_NAME + 256 };

uint32_t vm_metric_id(slice name_space, struct counter_name name) {
    struct arena arena;
    struct text text;
    arena_init(&arena, &memory_allocator, METRIC_NAME * 2, METRIC_NAME * 4);
    text_init(&text, &arena);
    text_add_string(&text, "weir.");
    add_part(&text, name_space);
    text_add_char(&text, '.');
    if (name.kind != NULL) {
        text_add_string(&text, name.kind);
        text_add_char(&text, '.');
    }
    add_part(&text, name.name);
    if (name.name.length > 0 && name.suffix != NULL) text_add_char(&text, '.');
    if (name.suffix != NULL) text_add_string(&text, name.suffix);
    uint32_t id = text.failed ? 0 : define_metric(text_slice(&text));
    arena_free(&arena);
    return id;
}

static void flush_counter(const struct program *program, struct counter_name name,
                          struct counter *counter) {
    if (counter->id == 0) counter->id = vm_metric_id(program->name_space, name);
    if (counter->id != 0) host_count(counter->id, counter->ahead);
    counter->ahead = 0;
}

static void flush_labels(const struct program *program, uint32_t named, struct vm_labels *labels) {
    for (uint32_t i = 0; i <= LIMIT_LABELS; i++) {
        if (labels->counters[i].ahead == 0) continue;
        flush_counter(program, engine_label_name(program, named, &labels->labels, i),
                      &labels->counters[i]);
    }
}

void vm_flush(struct loaded *loaded) {
    if (!loaded->counted) return;
    loaded->counted = false;
    for (uint32_t i = 0; i < engine_counters(loaded->program); i++) {
        if (loaded->counters[i].ahead == 0) continue;
        flush_counter(loaded->program, engine_counter_name(loaded->program, i),
                      &loaded->counters[i]);
    }
    for (uint32_t i = 0; i < loaded->program->counter_count; i++) {
        if (loaded->labels[i] != NULL) flush_labels(loaded->program, i, loaded->labels[i]);
    }
}

// ---- the seed

enum { SEED_MAGIC = 0x64656573, SEED_TRIES = 16 };

// As it is stored: the magic number tells it from what others may have put there.
struct stored_seed {
    uint32_t magic;
    uint32_t version;
    char seed[16];
};

static bool read_seed(slice bytes, char seed[16]) {
    struct stored_seed stored;
    if (bytes.length != sizeof stored) return false;
    memcpy(&stored, bytes.at, sizeof stored);
    if (stored.magic != SEED_MAGIC || stored.version != 1) return false;
    memcpy(seed, stored.seed, sizeof stored.seed);
    return true;
}

static enum store_answer draw_seed(slice key, uint32_t version) {
    struct stored_seed drawn = {.magic = SEED_MAGIC, .version = 1};
    uint64_t halves[2] = {host_random(), host_random()};
    memcpy(drawn.seed, halves, sizeof drawn.seed);
    return host_shared_swap(key, slice_from((const char *)&drawn, sizeof drawn), version);
}

// The first worker that swaps one in decides for all.
static bool find_seed(struct arena *arena, char seed[16]) {
    slice key = slice_of("weir.seed");
    for (uint32_t i = 0; i < SEED_TRIES; i++) {
        slice bytes;
        uint32_t version;
        if (host_shared_get(arena, key, &bytes, &version) != STORE_OK) return false;
        if (read_seed(bytes, seed)) return true;
        if (draw_seed(key, version) == STORE_FAILED) return false;
    }
    return false;
}

bool vm_seed(struct arena *arena, char seed[16]) {
    if (!vm.has_seed) vm.has_seed = find_seed(arena, vm.seed);
    memcpy(seed, vm.seed, sizeof vm.seed);
    return vm.has_seed;
}

struct root *vm_root(uint32_t id) {
    for (struct root *root = vm.roots; root != NULL; root = root->next) {
        if (root->id == id) return root;
    }
    return NULL;
}

struct root *vm_add_root(uint32_t id) {
    struct root *root = vm_root(id);
    if (root != NULL) return root;
    root = memory_allocator.take(NULL, sizeof *root);
    if (root == NULL) return NULL;
    *root = (struct root){.next = vm.roots, .id = id};
    vm.roots = root;
    return root;
}

void vm_remove_root(uint32_t id) {
    for (struct root **link = &vm.roots; *link != NULL; link = &(*link)->next) {
        struct root *root = *link;
        if (root->id != id) continue;
        *link = root->next;
        vm_release(root->loaded);
        memory_allocator.give(NULL, root);
        return;
    }
}
