// The VM's tables, as lists: a proxy has few plugins, and what is hot is found once at load time.
#include "plugin/vm.h"

#include "plugin/host.h"
#include "plugin/memory.h"

// One VM is one instance of the module: its only global besides the arena that serves the host.
struct vm vm;

static struct worker_cell *find_cell(slice key) {
    for (struct worker_cell *cell = vm.cells; cell != NULL; cell = cell->next) {
        if (slice_equal(slice_from(cell->key, cell->key_length), key)) return cell;
    }
    return NULL;
}

static struct worker_cell *use_cell(slice key) {
    struct worker_cell *cell = find_cell(key);
    if (cell == NULL) {
        cell = memory_allocator.take(NULL, sizeof *cell + key.length);
        if (cell == NULL) return NULL;
        *cell = (struct worker_cell){.next = vm.cells, .key_length = key.length};
        memcpy(cell->key, key.at, key.length);
        vm.cells = cell;
    }
    cell->users++;
    return cell;
}

static void release_cell(struct worker_cell *cell) {
    if (cell == NULL || --cell->users > 0) return;
    struct worker_cell **link = &vm.cells;
    while (*link != cell)
        link = &(*link)->next;
    *link = cell->next;
    memory_allocator.give(NULL, cell);
}

static void release_cells(struct loaded *loaded) {
    uint32_t count = loaded->program == NULL ? 0 : loaded->program->limiter_count;
    for (uint32_t i = 0; i < count && loaded->cells != NULL; i++)
        release_cell(loaded->cells[i]);
}

static bool use_cells(struct loaded *loaded) {
    const struct program *program = loaded->program;
    for (uint32_t i = 0; i < program->limiter_count; i++) {
        const struct limiter_row *limiter = &program->limiters[i];
        if (!limiter->worker) continue;
        loaded->cells[i] = use_cell(limiter->key);
        if (loaded->cells[i] == NULL) return false;
    }
    return true;
}

static bool take_tables(struct loaded *loaded) {
    const struct program *program = loaded->program;
    struct arena *arena = &loaded->arena;
    size_t rules = (size_t)program->rule_count + 1;
    loaded->cells = arena_array(arena, program->limiter_count, sizeof(struct worker_cell *));
    loaded->quiet = arena_array(arena, rules * QUIET_KINDS, sizeof *loaded->quiet);
    loaded->counters = arena_array(arena, rules * COUNTER_TOTAL, sizeof *loaded->counters);
    return !arena->failed && use_cells(loaded);
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
    release_cells(loaded);
    *arena = loaded->arena;
    return NULL;
}

void vm_use(struct loaded *loaded) {
    loaded->users++;
}

void vm_release(struct loaded *loaded) {
    if (loaded == NULL || --loaded->users > 0) return;
    vm_flush(loaded);
    release_cells(loaded);
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

uint32_t vm_metric_id(slice name_space, slice name, slice suffix) {
    struct arena arena;
    struct text text;
    arena_init(&arena, &memory_allocator, METRIC_NAME * 2, METRIC_NAME * 4);
    text_init(&text, &arena);
    text_add_string(&text, "weir.");
    add_part(&text, name_space);
    if (name.length > 0) text_add_char(&text, '.');
    add_part(&text, name);
    text_add_char(&text, '.');
    text_add(&text, suffix);
    uint32_t id = text.failed ? 0 : define_metric(text_slice(&text));
    arena_free(&arena);
    return id;
}

static void flush_counter(const struct program *program, uint32_t rule, uint32_t kind,
                          struct counter *counter) {
    static const char *const suffixes[COUNTER_TOTAL] = {
        [COUNTER_MATCHED] = "matched", [COUNTER_DENIED] = "denied", [COUNTER_ERRORS] = "errors"};
    if (counter->ahead == 0) return;
    if (counter->id == 0) {
        slice name = rule == program->rule_count ? (slice){NULL, 0} : program->rules[rule].name;
        counter->id = vm_metric_id(program->name_space, name, slice_of(suffixes[kind]));
    }
    if (counter->id != 0) host_count(counter->id, counter->ahead);
    counter->ahead = 0;
}

void vm_flush(struct loaded *loaded) {
    if (!loaded->counted) return;
    loaded->counted = false;
    for (uint32_t rule = 0; rule <= loaded->program->rule_count; rule++) {
        for (uint32_t kind = 0; kind < COUNTER_TOTAL; kind++) {
            struct counter *counter = &loaded->counters[rule * COUNTER_TOTAL + kind];
            flush_counter(loaded->program, rule, kind, counter);
        }
    }
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
