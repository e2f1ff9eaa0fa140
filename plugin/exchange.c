// Between the host's callbacks and the engine's effects. No rule semantics.
#include "plugin/exchange.h"

#include "plugin/attributes.h"
#include "plugin/hold.h"
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
    case EFFECT_BODY_SET: host_set_body(message, effect->value); break;
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

static bool guards(const struct program *program, enum phase phase) {
    return program->last_guarding[phase] > 0;
}

// No memory to begin with: what guards something must not be passed by. Behind the request's
// headers a body is not looked at any more.
static bool go_on_without(struct stream *stream, enum phase phase) {
    const struct program *program = stream->loaded->program;
    bool body = phase == PHASE_REQUEST && guards(program, PHASE_REQUEST_BODY);
    bool passes = !guards(program, phase) && !body;
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
static bool take_caps(struct stream *stream);

static const enum phase phase_of_body[BODY_TOTAL] = {
    [MESSAGE_REQUEST] = PHASE_REQUEST_BODY,
    [MESSAGE_RESPONSE] = PHASE_RESPONSE_BODY,
};

static bool run_body(struct stream *stream, enum message_kind of) {
    struct run *run = &stream->run;
    struct side *side = &stream->sides[of];
    slice body;
    side->awaits = false;
    if (host_body(&stream->arena, of, side->held, &body)) {
        run_load_body(run, of, body, !side->there);
    } else {
        run->out_of_memory = true;
    }
    return finish(stream, run_phase(run, phase_of_body[of]));
}

static bool lose_body(struct stream *stream, enum message_kind of) {
    stream->sides[of].awaits = false;
    run_lose_body(&stream->run, of);
    return apply_all(stream);
}

// What there is of a body that is waited for.
static bool take_body(struct stream *stream, enum message_kind of) {
    const struct side *side = &stream->sides[of];
    if (!side->awaits) return true;
    if (side->held > stream->loaded->program->body_limit) return lose_body(stream, of);
    return side->complete && run_body(stream, of);
}

// Some of a request's body may have come already, while a service was asked.
static bool await_body(struct stream *stream, enum message_kind of) {
    struct side *side = &stream->sides[of];
    bool holds = of == MESSAGE_REQUEST && stream->loaded->program->hold_headers;
    side->awaits = true;
    run_await_body(&stream->run, of);
    apply_all(stream);
    bool came = side->there || side->complete;
    if (came && of == MESSAGE_REQUEST && !take_caps(stream)) return false;
    if (came) return take_body(stream, of);
    if (holds) hold_begin(stream);
    return !holds;
}

// Nothing of a body that no rule can apply to is held. A response that has none by its nature may
// say of one what it likes; a request without one has an empty one.
static bool go_on_to_body(struct stream *stream, enum message_kind of) {
    struct run *run = &stream->run;
    bool ends = stream->sides[of].ends;
    if (stream->loaded->program->body_gate[of] == NO_ENTRY) return true;
    run_body_gate(run, of);
    if (!apply_all(stream)) return false;
    if (!run->bodies[of].needed) return true;
    if (ends && of == MESSAGE_REQUEST) return run_body(stream, of);
    if (run_body_is_out_of_reach(run, of)) return lose_body(stream, of);
    return ends ? run_body(stream, of) : await_body(stream, of);
}

// Behind the headers of a message comes its body; that of a request which is answered goes nowhere.
static bool go_on(struct stream *stream) {
    const struct run *run = &stream->run;
    bool request = run->phase == PHASE_REQUEST && !run->late && !stream->answered;
    if (request) return go_on_to_body(stream, MESSAGE_REQUEST);
    if (run->phase == PHASE_RESPONSE) return go_on_to_body(stream, MESSAGE_RESPONSE);
    return true;
}

// What a phase leaves behind is applied when it is over, and only then the next one may run. Where
// no service can be asked its limiter decides by itself.
static bool finish(struct stream *stream, enum run_state state) {
    static const struct limit_answer none = {.good = false};
    while (state == RUN_PENDING) {
        bool late = stream->answered || stream->run.late;
        if (!late && remote_ask(stream)) return false;
        state = run_resume(&stream->run, &none);
    }
    return apply_all(stream) && go_on(stream);
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
    stream->sides[MESSAGE_REQUEST].ends = ends;
    bool goes_on = run_headers(stream, PHASE_REQUEST);
    memory_serve(NULL);
    return goes_on;
}

// An upstream may answer while the end of the request still waits for a service: then there is no
// more time to wait, and it gets that end, which it may wait for itself.
static bool end_waiting(struct stream *stream) {
    static const struct limit_answer none = {.good = false};
    bool body = stream->run.phase == PHASE_REQUEST_BODY;
    stream->answered = true;
    if (!stream->waits) return true;
    remote_forget(stream);
    bool goes_on = finish(stream, run_resume(&stream->run, &none));
    if (goes_on && body) host_continue_request();
    return goes_on;
}

bool exchange_response(struct stream *stream, bool ends) {
    stream->sides[MESSAGE_RESPONSE].ends = ends;
    bool goes_on = end_waiting(stream) && run_headers(stream, PHASE_RESPONSE);
    memory_serve(NULL);
    return goes_on;
}

// Caps that what came of the body is too much for, in the order of the text.
static bool take_caps(struct stream *stream) {
    const struct side *side = &stream->sides[MESSAGE_REQUEST];
    const struct cap *cap;
    while ((cap = run_take_cap(&stream->run, side->passed + side->held)) != NULL) {
        if (!finish(stream, run_cap(&stream->run, cap))) return false;
    }
    return true;
}

// More of a message, or its end, has come. Where the proxy calls for bodies of requests whose
// headers are held, it does so while a service is asked, too.
static bool pass(struct stream *stream, enum message_kind of) {
    struct side *side = &stream->sides[of];
    bool request = of == MESSAGE_REQUEST;
    bool capped = request && stream->begun && stream->run.first_cap != NULL;
    if (request) hold_met(stream);
    if (request && stream->waits) return false;
    if ((capped && !take_caps(stream)) || !take_body(stream, of)) return false;
    side->passed += side->held;
    side->held = 0;
    return true;
}

bool exchange_body(struct stream *stream, enum message_kind of, size_t length, bool ends) {
    struct side *side = &stream->sides[of];
    side->there = true;
    side->held = length;
    side->complete = ends;
    bool goes_on = pass(stream, of);
    memory_serve(NULL);
    return goes_on;
}

static void gather_trailers(struct stream *stream, enum message_kind of) {
    enum message_kind trailers = (enum message_kind)(MESSAGE_REQUEST_TRAILERS + of);
    uint8_t wanted = stream->loaded->program->gathers[phase_of_body[of]];
    if ((wanted >> trailers & 1) != 0 && begin(stream)) gather_one(stream, trailers);
}

bool exchange_trailers(struct stream *stream, enum message_kind of) {
    stream->sides[of].complete = true;
    gather_trailers(stream, of);
    bool goes_on = pass(stream, of);
    memory_serve(NULL);
    return goes_on;
}

void exchange_resume(struct stream *stream, const struct limit_answer *answer) {
    bool goes_on = finish(stream, run_resume(&stream->run, answer));
    if (goes_on && stream->sides[MESSAGE_REQUEST].there) goes_on = pass(stream, MESSAGE_REQUEST);
    if (goes_on) host_continue_request();
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
