// Outcomes of a configuration: rules, no rules, refused, or no memory to tell.
#include "plugin/configure.h"

#include "engine/bundled.h"
#include "plugin/host.h"
#include "plugin/memory.h"

enum { PROGRAM_BLOCK = 16 << 10, TEXT_BLOCK = 4 << 10 };

struct attempt {
    struct arena texts; // configuration, name, report
    struct arena keep;  // the program's
    struct text report;
    slice name;
    slice configuration;
    struct program *program;
    enum engine_outcome outcome;
};

// Metric names and keys have room for so much of a plugin's name.
static slice plugin_name(struct arena *arena) {
    slice name;
    host_property(arena, slice_of("plugin_name"), &name);
    if (name.length == 0) host_property(arena, slice_of("plugin_root_id"), &name);
    if (name.length == 0) name = slice_of("weir");
    return slice_cut(name, 0, name.length < LIMIT_NAMESPACE ? name.length : LIMIT_NAMESPACE);
}

#ifdef WEIR_FAULTS
static bool asks_for(slice configuration, const char *fault) {
    return slice_find(configuration, slice_of("\"weir_fault\"")) >= 0 &&
           slice_find(configuration, slice_of(fault)) >= 0;
}

static void force_faults(slice configuration) {
    bool always = asks_for(configuration, "\"no_memory\"");
    bool update = asks_for(configuration, "\"no_memory_on_update\"");
    if (always || (update && vm.configured)) memory_fail(true);
}
#else
static void force_faults(slice configuration) {
    (void)configuration;
}
#endif

static bool find_secret(void *self, slice name, slice *value) {
    return host_environment(self, name, value);
}

static void compile(struct attempt *attempt, size_t length) {
    attempt->outcome = ENGINE_NO_MEMORY;
    if (!host_configuration(&attempt->texts, length, &attempt->configuration)) return;
    force_faults(attempt->configuration);
    struct engine_input input = {.configuration = attempt->configuration,
                                 .name = attempt->name,
                                 .find = bundled_find,
                                 .environment = &attempt->texts,
                                 .secret = find_secret,
                                 .secrets_must_exist = !vm.configured};
    attempt->outcome = engine_compile(&input, &memory_allocator, &attempt->keep, &attempt->report,
                                      &attempt->program);
}

static void say(struct attempt *attempt, enum level level, const char *what) {
    struct text line;
    text_init(&line, &attempt->texts);
    text_add_string(&line, "weir ");
    text_add_visible(&line, attempt->name, LIMIT_NAME);
    text_add_string(&line, ": ");
    text_add_string(&line, what);
    host_log(level, line.failed ? slice_of(what) : text_slice(&line));
}

static void swap_in(struct root *root, struct loaded *loaded) {
    struct loaded *before = root->loaded;
    root->loaded = loaded;
    vm_release(before);
}

static struct loaded *loaded_before(slice name) {
    for (struct root *root = vm.roots; root != NULL; root = root->next) {
        bool same = root->loaded != NULL && root->loaded->program != NULL &&
                    slice_equal(root->loaded->plugin, name);
        if (same) return root->loaded;
    }
    return NULL;
}

// With its last block of memory gone the module still answers: this stands for a loaded program.
static struct loaded unavailable = {.users = 1};

static void keep_going(struct attempt *attempt, struct root *root) {
    struct loaded *before = loaded_before(attempt->name);
    say(attempt, LEVEL_CRITICAL,
        before != NULL ? "no memory for the new rules: the old ones go on"
                       : "no memory for the rules: every request is answered with 503");
    uint32_t counter = vm_metric_id(attempt->name, (struct counter_name){.suffix = "no_memory"});
    if (counter != 0) host_count(counter, 1);
    if (before == NULL) before = &unavailable;
    vm_use(before);
    swap_in(root, before);
}

static void load(struct attempt *attempt, struct root *root) {
    struct loaded *loaded = vm_load(&attempt->keep, attempt->program, attempt->name);
    if (loaded == NULL) {
        keep_going(attempt, root);
        return;
    }
    attempt->keep.newest = NULL; // `loaded` owns it now
    host_tick_every(COUNT_PERIOD);
    swap_in(root, loaded);
}

static void load_nothing(struct attempt *attempt, struct root *root) {
    swap_in(root, NULL);
    if (vm.said_no_rules) return;
    vm.said_no_rules = true;
    say(attempt, LEVEL_WARN, "no rules are configured: every request passes");
}

static bool finish(struct attempt *attempt, struct root *root) {
    switch (attempt->outcome) {
    case ENGINE_REFUSED:
        say(attempt, LEVEL_ERROR, "the configuration is refused:");
        host_log_lines(LEVEL_ERROR, text_slice(&attempt->report));
        return false;
    case ENGINE_NO_MEMORY: keep_going(attempt, root); return true;
    case ENGINE_OK: break;
    }
    if (attempt->program == NULL) {
        load_nothing(attempt, root);
    } else {
        load(attempt, root);
    }
    vm.configured = true;
    return true;
}

bool configure_root(uint32_t id, size_t length) {
    struct attempt attempt = {0};
    arena_init(&attempt.texts, &memory_allocator, TEXT_BLOCK, SIZE_MAX);
    arena_init(&attempt.keep, &memory_allocator, PROGRAM_BLOCK, SIZE_MAX);
    text_init(&attempt.report, &attempt.texts);
    attempt.name = plugin_name(&attempt.texts);
    struct root *root = vm_add_root(id);
    // Without a root its streams are strangers: they are refused, and nothing passes unseen.
    if (root == NULL) vm.lost_a_stream = true;
    if (root != NULL) compile(&attempt, length);
    memory_fail(false);
    bool accepted = root == NULL || finish(&attempt, root);
    memory_serve(NULL);
    arena_free(&attempt.texts);
    arena_free(&attempt.keep);
    return accepted;
}
