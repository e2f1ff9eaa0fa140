// Between the host's callbacks and the engine's effects. No rule semantics.
#include "plugin/exchange.h"

#include "plugin/host.h"
#include "plugin/memory.h"

static enum store_answer counter_get(void *self, const struct limiter_row *limiter, slice *state,
                                     uint32_t *version) {
    struct stream *stream = self;
    if (!limiter->worker) return host_shared_get(&stream->arena, limiter->key, state, version);
    size_t index = (size_t)(limiter - stream->loaded->program->limiters);
    const struct worker_cell *cell = stream->loaded->cells[index];
    *state = slice_from(cell->state, cell->length);
    return STORE_OK;
}

// A worker runs one request at a time: nothing can come between its get and its swap.
static enum store_answer counter_swap(void *self, const struct limiter_row *limiter, slice state,
                                      uint32_t version) {
    struct stream *stream = self;
    if (!limiter->worker) return host_shared_swap(limiter->key, state, version);
    size_t index = (size_t)(limiter - stream->loaded->program->limiters);
    struct worker_cell *cell = stream->loaded->cells[index];
    memcpy(cell->state, state.at, state.length);
    cell->length = state.length;
    return STORE_OK;
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

void exchange_refuse(const char *details) {
    struct reply reply = {.status = 503, .grpc_status = -1, .details = slice_of(details)};
    host_reply(NULL, &reply);
}

static bool begin(struct stream *stream) {
    if (stream->begun) return true;
    stream->host = (struct run_host){.self = stream,
                                     .counter_get = counter_get,
                                     .counter_swap = counter_swap,
                                     .clock = read_clock,
                                     .wall_clock = read_wall_clock,
                                     .random = next_random};
    stream->begun = run_begin(&stream->run, stream->loaded->program, &stream->host, &stream->arena);
    return stream->begun;
}

static void gather(struct stream *stream, enum phase phase) {
    struct run *run = &stream->run;
    uint8_t wanted = stream->loaded->program->gathers[phase];
    for (uint32_t message = 0; message <= MESSAGE_RESPONSE; message++) {
        struct header_line *lines;
        uint32_t count;
        if ((wanted >> message & 1) == 0) continue;
        if (host_headers(&stream->arena, (enum message_kind)message, &lines, &count)) {
            run_load(run, (enum message_kind)message, lines, count);
        } else {
            run->out_of_memory = true;
        }
    }
}

static void count(struct loaded *loaded, const struct effect *effect) {
    uint32_t rule = effect->rule == NO_RULE ? loaded->program->rule_count : effect->rule;
    loaded->counters[rule * COUNTER_TOTAL + effect->counter].ahead++;
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
    case EFFECT_LOG:
    case EFFECT_ERROR: write_log(stream, effect); break;
    case EFFECT_COUNT: count(stream->loaded, effect); break;
    }
}

// No memory to begin with: what restricts must not be passed by.
static bool go_on_without(const struct stream *stream, enum phase phase) {
    if (stream->loaded->program->last_restricting[phase] == 0) return true;
    exchange_refuse("weir.memory");
    return false;
}

// What came of a phase that has ended, or waits and has no effects yet. Whether the stream goes on.
static bool finish(struct stream *stream, enum run_state state) {
    uint32_t effects = state == RUN_DONE ? stream->run.effect_count : 0;
    bool goes_on = state == RUN_DONE;
    for (uint32_t i = 0; i < effects; i++) {
        const struct effect *effect = &stream->run.effects[i];
        apply(stream, effect);
        if (effect->kind == EFFECT_REPLY) goes_on = false;
    }
    memory_serve(NULL);
    return goes_on;
}

bool exchange_phase(struct stream *stream, enum phase phase) {
    const struct program *program = stream->loaded->program;
    if (program->entry[phase] == NO_ENTRY && program->gathers[phase] == 0) return true;
    if (!begin(stream)) return go_on_without(stream, phase);
    gather(stream, phase);
    return finish(stream, run_phase(&stream->run, phase));
}

void exchange_resume(struct stream *stream, const struct rate_answer *answer) {
    bool admitted = answer != NULL && !answer->over;
    if (finish(stream, run_resume(&stream->run, admitted))) host_continue_request();
}
