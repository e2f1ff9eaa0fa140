// The edits of the response become lines of the reply that takes its place.
#include "engine/run/reply.h"

#include "engine/run/effects.h"
#include "engine/run/limiter.h"

const char *reply_word(const struct reply *reply) {
    static const char *const words[REPLY_KIND_TOTAL] = {
        [REPLY_DENY] = "deny",
        [REPLY_RESPOND] = "respond",
        [REPLY_LIMIT] = "deny",
        [REPLY_REDIRECT] = "redirect",
    };
    return words[reply->kind];
}

bool reply_is_given(const struct run *run) {
    if (run->phase != PHASE_RESPONSE) return false;
    return run->standing != NULL || run->decision_rule.length > 0;
}

enum failure reply_instead(struct run *run) {
    if (reply_is_given(run)) return FAILURE_NONE;
    enum failure failure = reply_finish(run);
    if (failure != FAILURE_NONE) return failure;
    run->standing = run->reply;
    run->standing_rule = run->rule;
    run->refuser = run->refused;
    run->sent = run->reply;
    return FAILURE_NONE;
}

// A pseudo-header is of the response that goes nowhere.
static bool is_edit(const struct effect *effect) {
    return effect->kind <= EFFECT_HEADER_REMOVE && effect->message == MESSAGE_RESPONSE &&
           effect->name.length > 0 && effect->name.at[0] != ':';
}

static uint32_t without(struct header_line *lines, uint32_t count, slice name) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!slice_equal(lines[i].name, name)) lines[kept++] = lines[i];
    }
    return kept;
}

static void take_edits(struct run *run, struct reply *reply) {
    uint32_t count = reply->header_count;
    struct header_line *lines =
        arena_array(run->arena, (size_t)count + run->effect_count, sizeof *lines);
    if (lines == NULL) return;
    if (count > 0) memcpy(lines, reply->headers, count * sizeof *lines);
    for (uint32_t i = 0; i < run->effect_count; i++) {
        const struct effect *effect = &run->effects[i];
        if (!is_edit(effect)) continue;
        if (effect->kind != EFFECT_HEADER_ADD) count = without(lines, count, effect->name);
        if (effect->kind == EFFECT_HEADER_REMOVE) continue;
        lines[count++] = (struct header_line){effect->name, effect->value};
    }
    reply->headers = lines;
    reply->header_count = count;
}

// The rule that replied, or why none did.
static slice decider(const struct run *run) {
    if (run->standing == NULL) return run->decision_rule;
    if (run->standing_rule == NO_RULE) return run->standing->details;
    return run->program->rules[run->standing_rule].name;
}

void reply_tell(struct run *run) {
    slice rule = decider(run);
    if (rule.length > 0) effect_answer(run, slice_of("x-weir-decision"), rule);
}

// Rules of the phase still see what the request's side decided.
static void keep_decision(struct run *run) {
    const struct limit_use *refuser = run->refuser;
    bool of_rule = run->standing_rule != NO_RULE;
    run->decision_rule = decider(run);
    run->decision_action = slice_of(reply_word(run->standing));
    if (!of_rule || refuser == NULL) return;
    run->decision_limiter = refuser->row->name;
    run->decision_remaining = (int64_t)refuser->verdict.remaining;
}

void reply_stand(struct run *run) {
    take_edits(run, run->standing);
    effect_drop_edits(run, MESSAGE_RESPONSE);
    keep_decision(run);
    effect_surely(run, EFFECT_REPLY)->reply = run->standing;
}
