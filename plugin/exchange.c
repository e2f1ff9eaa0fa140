// Between the host's callbacks and the engine's effects. No rule semantics.
#include "plugin/exchange.h"

#include "plugin/attributes.h"
#include "plugin/host.h"
#include "plugin/memory.h"
#include "plugin/remote.h"

static size_t index_of(const struct stream *stream, const struct limiter_row *limiter) {
    return (size_t)(limiter - stream->loaded->program->limiters);
}

// Slots of shadow rules stand behind the others.
static slice worker_slot(const struct stream *stream, const struct limiter_row *limiter,
                         uint32_t slot) {
    const struct worker_table *table = stream->loaded->tables[index_of(stream, limiter)];
    uint32_t bytes = limit_slot_bytes(limiter->shape.ways);
    if (slot >= SHADOW_SLOTS) slot = slot - SHADOW_SLOTS + limiter->shape.slots;
    return slice_from(table->slots + (size_t)slot * bytes, bytes);
}

// The limiter's key and the slot's number. One request runs at a time.
static slice shared_key(const struct limiter_row *limiter, uint32_t slot) {
    static char key[2 * LIMIT_NAME + LIMIT_NAMESPACE];
    char *end = slice_put(key, limiter->key);
    memcpy(end, &slot, sizeof slot);
    return slice_from(key, limiter->key.length + (uint32_t)sizeof slot);
}

static enum store_answer slot_get(void *self, const struct limiter_row *limiter, uint32_t slot,
                                  slice *bytes, uint32_t *version) {
    struct stream *stream = self;
    if (limiter->scope != LIMITER_SCOPE_WORKER) {
        return host_shared_get(&stream->arena, shared_key(limiter, slot), bytes, version);
    }
    *bytes = worker_slot(stream, limiter, slot);
    return STORE_OK;
}

// What a worker keeps has been changed in place: nothing can come between its get and its swap.
static enum store_answer slot_swap(void *self, const struct limiter_row *limiter, uint32_t slot,
                                   slice bytes, uint32_t version) {
    (void)self;
    if (limiter->scope == LIMITER_SCOPE_WORKER) return STORE_OK;
    return host_shared_swap(shared_key(limiter, slot), bytes, version);
}

static struct limit_lease *find_leases(void *self) {
    const struct stream *stream = self;
    return stream->loaded->leases;
}

static struct over_limit *find_over_limit(void *self) {
    (void)self;
    return vm.over_limit;
}

static bool find_seed(void *self, char seed[16]) {
    struct stream *stream = self;
    return vm_seed(&stream->arena, seed);
}

static uint64_t read_clock(void *self) {
    (void)self;
    return host_clock();
}

static uint64_t read_wall_clock(void *self) {
    (void)self;
    return host_wall_clock();
}

static uint64_t next_random(void *self) {
    (void)self;
    return host_random();
}

// Kept by the run.
static bool fetch(void *self, enum field field, struct value *out) {
    struct stream *stream = self;
    return attribute_fetch(&stream->arena, field, out);
}

static bool find_state(void *self, bool upstream, slice name, slice *value) {
    struct stream *stream = self;
    return attribute_state(&stream->arena, upstream, name, value);
}

void exchange_refuse(const char *details) {
    struct reply reply = {.status = 503, .grpc_status = -1, .details = slice_of(details)};
    host_reply(NULL, &reply);
}

static bool begin(struct stream *stream) {
    if (stream->begun) return true;
    stream->host = (struct run_host){.self = stream,
                                     .slot_get = slot_get,
                                     .slot_swap = slot_swap,
                                     .leases = find_leases,
                                     .over_limit = find_over_limit,
                                     .seed = find_seed,
                                     .clock = read_clock,
                                     .wall_clock = read_wall_clock,
                                     .random = next_random,
                                     .fetch = fetch,
                                     .state = find_state};
    stream->begun = run_begin(&stream->run, stream->loaded->program, &stream->host, &stream->arena);
    return stream->begun;
}

// A response that a rule's reply took the place of is gathered once more: no callback brought it.
static void gather_one(struct stream *stream, enum message_kind message) {
    struct run *run = &stream->run;
    struct header_line *lines;
    uint32_t count;
    bool replaced = message == MESSAGE_RESPONSE && stream->replaced;
    if (run->messages[message].loaded && !replaced) return;
    if (!host_headers(&stream->arena, message, &lines, &count)) {
        run->out_of_memory = true;
    } else if (run->messages[message].loaded) {
        if (count > 0) run_replace(run, message, lines, count);
    } else {
        run_load(run, message, lines, count);
    }
}

static void gather(struct stream *stream, enum phase phase) {
    uint8_t wanted = stream->loaded->program->gathers[phase];
    for (uint32_t message = 0; message <= MESSAGE_RESPONSE; message++) {
        if (wanted >> message & 1) gather_one(stream, (enum message_kind)message);
    }
}

static void count(struct loaded *loaded, const struct effect *effect) {
    loaded->counters[engine_counter(loaded->program, effect)].ahead++;
    loaded->counted = true;
}

static void count_label(struct loaded *loaded, const struct effect *effect) {
    struct vm_labels *labels = loaded->labels[effect->rule];
    labels->counters[labels_find(&labels->labels, effect->value)].ahead++;
    loaded->counted = true;
}

static void write_log(struct stream *stream, const struct effect *effect) {
    const struct program *program = stream->loaded->program;
    uint32_t rule = effect->rule == NO_RULE ? program->rule_count : effect->rule;
    uint32_t kind = effect->kind == EFFECT_ERROR ? QUIET_ERRORS : QUIET_RULES;
    uint32_t left_out = 0;
    struct quiet *quiet = &stream->loaded->quiet[rule * QUIET_KINDS + kind];
    if (!quiet_admits(quiet, host_clock(), &left_out)) return;
    struct text line;
    text_init(&line, &stream->arena);
    engine_log_line(&line, program, effect, left_out);
    if (!line.failed) host_log((enum level)effect->level, text_slice(&line));
}

static void apply(struct stream *stream, const struct effect *effect) {
    enum message_kind message = (enum message_kind)effect->message;
    switch ((enum effect_kind)effect->kind) {
    case EFFECT_HEADER_SET: host_set_header(message, effect->name, effect->value); break;
    case EFFECT_HEADER_ADD: host_add_header(message, effect->name, effect->value); break;
    case EFFECT_HEADER_REMOVE: host_remove_header(message, effect->name); break;
    case EFFECT_REPLY: host_reply(&stream->arena, effect->reply); break;
    case EFFECT_REROUTE: host_reroute(&stream->arena); break;
    case EFFECT_LOG:
    case EFFECT_ERROR: write_log(stream, effect); break;
    case EFFECT_LABEL_COUNT: count_label(stream->loaded, effect); break;
    case EFFECT_TAG: host_tag(effect->name, effect->value); break;
    case EFFECT_COUNT:
    case EFFECT_NAMED_COUNT:
    case EFFECT_LIMIT_COUNT: count(stream->loaded, effect); break;
    }
}

static bool restricts(const struct program *program, enum phase phase) {
    return program->last_restricting[phase] > 0;
}

// No memory to begin with: what restricts must not be passed by. Behind the request's headers a
// body is not looked at any more.
static bool go_on_without(struct stream *stream, enum phase phase) {
    const struct program *program = stream->loaded->program;
    bool body = phase == PHASE_REQUEST && restricts(program, PHASE_REQUEST_BODY);
    bool passes = !restricts(program, phase) && !body;
    if (passes || stream->refused) return true;
    stream->refused = true;
    exchange_refuse("weir.memory");
    return false;
}

// False after a reply.
static bool apply_all(struct stream *stream) {
    bool goes_on = true;
    for (uint32_t i = 0; i < stream->run.effect_count; i++) {
        const struct effect *effect = &stream->run.effects[i];
        apply(stream, effect);
        if (effect->kind == EFFECT_REPLY) goes_on = false;
    }
    if (!goes_on && stream->run.phase == PHASE_RESPONSE) stream->replaced = true;
    return goes_on;
}

// Of a stream that is over, where a reply would take the proxy down.
static void apply_passive(struct stream *stream) {
    for (uint32_t i = 0; i < stream->run.effect_count; i++) {
        const struct effect *effect = &stream->run.effects[i];
        if (effect->kind >= EFFECT_FIRST_PASSIVE) apply(stream, effect);
    }
}

static bool finish(struct stream *stream, enum run_state state);

static bool run_body(struct stream *stream, size_t length) {
    struct run *run = &stream->run;
    slice body;
    stream->awaits_body = false;
    if (host_request_body(&stream->arena, length, &body)) {
        run_load_body(run, body);
    } else {
        run->out_of_memory = true;
    }
    return finish(stream, run_phase(run, PHASE_REQUEST_BODY));
}

static bool lose_body(struct stream *stream) {
    stream->awaits_body = false;
    run_lose_body(&stream->run);
    return apply_all(stream);
}

// Nothing of a body that no rule can apply to is held.
static bool go_on_to_body(struct stream *stream) {
    struct run *run = &stream->run;
    if (stream->loaded->program->body_gate == NO_ENTRY) return true;
    run_body_gate(run);
    if (!apply_all(stream)) return false;
    if (!run->needs_body) return true;
    if (stream->ends) return run_body(stream, 0);
    if (run_body_is_out_of_reach(run)) return lose_body(stream);
    stream->awaits_body = true;
    return true;
}

// What a phase leaves behind is applied when it is over, and only then the next one may run. Where
// no service can be asked its limiter decides by itself.
static bool finish(struct stream *stream, enum run_state state) {
    static const struct limit_answer none = {.good = false};
    while (state == RUN_PENDING) {
        if (!stream->answered && remote_ask(stream)) return false;
        state = run_resume(&stream->run, &none);
    }
    if (!apply_all(stream)) return false;
    return stream->run.phase == PHASE_REQUEST ? go_on_to_body(stream) : true;
}

static bool run_headers(struct stream *stream, enum phase phase) {
    const struct program *program = stream->loaded->program;
    bool tells = program->limit_headers || program->decision_header;
    bool told = phase == PHASE_RESPONSE && tells && stream->begun;
    if (program->entry[phase] == NO_ENTRY && program->gathers[phase] == 0 && !told) return true;
    if (!begin(stream)) return go_on_without(stream, phase);
    gather(stream, phase);
    return finish(stream, run_phase(&stream->run, phase));
}

bool exchange_request(struct stream *stream, bool ends) {
    stream->ends = ends;
    bool goes_on = run_headers(stream, PHASE_REQUEST);
    memory_serve(NULL);
    return goes_on;
}

// An upstream may answer while the end of the request still waits for a service: then there is no
// more time to wait.
static bool end_waiting(struct stream *stream) {
    static const struct limit_answer none = {.good = false};
    stream->answered = true;
    if (!stream->waits) return true;
    remote_forget(stream);
    return finish(stream, run_resume(&stream->run, &none));
}

bool exchange_response(struct stream *stream) {
    bool goes_on = end_waiting(stream) && run_headers(stream, PHASE_RESPONSE);
    memory_serve(NULL);
    return goes_on;
}

bool exchange_request_body(struct stream *stream, size_t length, bool ends) {
    if (!stream->awaits_body) return true;
    stream->body_length = length;
    bool over = length > stream->loaded->program->body_limit;
    if (!over && !ends) return false;
    bool goes_on = over ? lose_body(stream) : run_body(stream, length);
    memory_serve(NULL);
    return goes_on;
}

bool exchange_request_trailers(struct stream *stream) {
    return exchange_request_body(stream, stream->body_length, true);
}

void exchange_resume(struct stream *stream, const struct limit_answer *answer) {
    if (finish(stream, run_resume(&stream->run, answer))) host_continue_request();
    memory_serve(NULL);
}

// Without memory to begin with there is nothing to refuse any more: its rules are left out.
void exchange_log(struct stream *stream) {
    static const struct limit_answer none = {.good = false};
    bool again = stream->logged;
    stream->logged = true;
    if (again || stream->loaded->program->entry[PHASE_LOG] == NO_ENTRY) return;
    remote_forget(stream);
    if (!begin(stream)) return;
    gather(stream, PHASE_LOG);
    enum run_state state = run_phase(&stream->run, PHASE_LOG);
    while (state == RUN_PENDING)
        state = run_resume(&stream->run, &none);
    apply_passive(stream);
    memory_serve(NULL);
}

void exchange_end(struct stream *stream) {
    if (!stream->begun || stream->run.first_use == NULL) return;
    run_end(&stream->run);
    apply_passive(stream);
    memory_serve(NULL);
}
