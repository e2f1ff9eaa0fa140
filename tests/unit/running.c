// Compiler, run and fake host together.
#include "tests/unit/running.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/bundled.h"

static void *take_block(void *self, size_t bytes) {
    struct failing *failing = self;
    if (failing->left == 0) return NULL;
    if (failing->left != UINT32_MAX) failing->left--;
    failing->taken++;
    failing->held++;
    return malloc(bytes);
}

static void give_block(void *self, void *block) {
    struct failing *failing = self;
    failing->held--;
    free(block);
}

void failing_init(struct failing *failing, uint32_t left) {
    *failing = (struct failing){.left = left};
    failing->allocator = (struct allocator){take_block, give_block, failing};
}

void running_init(struct running *running) {
    *running = (struct running){0};
    failing_init(&running->compiling, UINT32_MAX);
    failing_init(&running->keeping, UINT32_MAX);
    failing_init(&running->serving, UINT32_MAX);
    arena_init(&running->keep, &running->keeping.allocator, 4096, SIZE_MAX);
    arena_init(&running->host_arena, &running->keeping.allocator, 4096, SIZE_MAX);
    arena_init(&running->stream, &running->serving.allocator, 4096, SIZE_MAX);
    text_init(&running->report, &running->keep);
    fake_host_init(&running->host, &running->host_arena);
}

void running_end(struct running *running) {
    arena_free(&running->stream);
    arena_free(&running->host_arena);
    arena_free(&running->keep);
    assert_int_equal(running->compiling.held, 0);
    assert_int_equal(running->keeping.held, 0);
    assert_int_equal(running->serving.held, 0);
}

enum engine_outcome running_compile(struct running *running, const char *rules, const char *data) {
    struct engine_input input = {.configuration = slice_of(data),
                                 .name = slice_of("n"),
                                 .find = bundled_find,
                                 .no_index = running->no_index};
    return engine_compile_rules(&input, slice_of("t.weir"), slice_of(rules),
                                &running->compiling.allocator, &running->keep, &running->report,
                                &running->program);
}

void running_must_compile(struct running *running, const char *rules, const char *data) {
    if (running_compile(running, rules, data) == ENGINE_OK) return;
    fail_msg("%.*s", (int)running->report.length, running->report.at);
}

bool running_begin(struct running *running, size_t block_bytes) {
    arena_free(&running->stream);
    arena_init(&running->stream, &running->serving.allocator, block_bytes,
               running->program->memory);
    return run_begin(&running->run, running->program, &running->host.face, &running->stream);
}

enum run_state running_phase(struct running *running, enum phase phase,
                             const struct header_line *lines, uint32_t count) {
    enum message_kind kind = phase == PHASE_REQUEST ? MESSAGE_REQUEST : MESSAGE_RESPONSE;
    if (running->program->gathers[phase] >> kind & 1) run_load(&running->run, kind, lines, count);
    return run_phase(&running->run, phase);
}

void running_reset(struct running *running) {
    arena_reset(&running->stream);
}

static void add_line(struct text *out, const char *word, const struct effect *effect) {
    text_add_string(out, word);
    text_add_string(out, effect->message == MESSAGE_REQUEST ? " request " : " response ");
    text_add(out, effect->name);
    if (effect->kind != EFFECT_HEADER_REMOVE) {
        text_add_string(out, ": ");
        text_add(out, effect->value);
    }
}

static void add_reply(struct text *out, const struct reply *reply) {
    text_add_string(out, "reply ");
    text_add_uint(out, reply->status);
    text_add_char(out, ' ');
    text_add(out, reply->details);
    text_add_string(out, " body ");
    text_add(out, reply->body);
    for (uint32_t i = 0; i < reply->header_count; i++) {
        text_add_string(out, " header ");
        text_add(out, reply->headers[i].name);
        text_add_string(out, ": ");
        text_add(out, reply->headers[i].value);
    }
}

static void add_body(struct text *out, const struct effect *effect) {
    text_add_string(out, effect->message == MESSAGE_REQUEST ? "set request body "
                                                            : "set response body ");
    text_add(out, effect->value);
}

static void add_count(struct text *out, const struct program *program,
                      const struct effect *effect) {
    struct counter_name name = engine_counter_name(program, engine_counter(program, effect));
    text_add_string(out, name.kind == NULL ? "count " : "count limiter.");
    text_add(out, name.name);
    text_add_char(out, '.');
    text_add_string(out, name.suffix);
}

static void add_effect(struct text *out, const struct program *program,
                       const struct effect *effect) {
    switch ((enum effect_kind)effect->kind) {
    case EFFECT_HEADER_SET: add_line(out, "set", effect); break;
    case EFFECT_HEADER_ADD: add_line(out, "add", effect); break;
    case EFFECT_HEADER_REMOVE: add_line(out, "remove", effect); break;
    case EFFECT_REPLY: add_reply(out, effect->reply); break;
    case EFFECT_COUNT:
    case EFFECT_LIMIT_COUNT: add_count(out, program, effect); break;
    case EFFECT_TAG:
        text_add_string(out, "tag ");
        text_add(out, effect->name);
        text_add_string(out, " = ");
        text_add(out, effect->value);
        break;
    case EFFECT_REROUTE: text_add_string(out, "reroute"); break;
    case EFFECT_BODY_SET: add_body(out, effect); break;
    case EFFECT_NAMED_COUNT:
    case EFFECT_LABEL_COUNT:
        text_add_string(out, "count count.");
        text_add(out, program->counters[effect->rule].name);
        text_add_char(out, ' ');
        if (effect->kind == EFFECT_LABEL_COUNT) text_add(out, effect->value);
        break;
    case EFFECT_LOG:
    case EFFECT_ERROR:
        text_add_string(out, "log ");
        text_add_string(out, level_names[effect->level]);
        text_add_char(out, ' ');
        engine_log_line(out, program, effect, 0);
        break;
    }
    text_add_char(out, '\n');
}

slice running_effects(struct running *running) {
    struct text out;
    text_init(&out, &running->host_arena);
    for (uint32_t i = 0; i < running->run.effect_count; i++)
        add_effect(&out, running->program, &running->run.effects[i]);
    return text_slice(&out);
}

const struct reply *running_reply(const struct running *running) {
    const struct reply *reply = NULL;
    for (uint32_t i = 0; i < running->run.effect_count; i++) {
        const struct effect *effect = &running->run.effects[i];
        if (effect->kind == EFFECT_REPLY) reply = effect->reply;
    }
    return reply;
}
