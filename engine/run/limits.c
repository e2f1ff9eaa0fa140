// The order of a block: what is in memory is checked, then charged; then services are asked one by
// one, in the order of the text.
#include "engine/run/limits.h"

#include "engine/base/text.h"
#include "engine/lib/json.h"
#include "engine/run/effects.h"

void limits_begin(struct run *run) {
    run->block = run->asking = NULL;
    run->block_end = &run->block;
    run->block_number++;
}

// Once a block, whatever the code says: a list that meets itself has no end.
static void join_block(struct run *run, struct limit_use *use, uint64_t cost,
                       enum failure failure) {
    if (use->block_number == run->block_number) return;
    use->block_number = run->block_number;
    use->cost = cost;
    use->failure = failure;
    use->charged = use->fresh = use->asked = use->local = false;
    use->before = use->taken;
    use->next_in_block = NULL;
    *run->block_end = use;
    run->block_end = &use->next_in_block;
}

enum failure limits_add(struct run *run, uint32_t limiter, struct value cost, struct value terms) {
    uint64_t tokens;
    struct limit_use *use;
    enum failure failure = limiter_cost(cost, &tokens);
    if (failure == FAILURE_NONE) failure = limiter_use(run, limiter, terms, &use);
    if (failure == FAILURE_NONE) join_block(run, use, tokens, FAILURE_NONE);
    return failure;
}

// Its terms are never known: it stands in the block to refuse.
enum failure limits_add_failed(struct run *run, uint32_t limiter, enum failure why) {
    struct limit_use *use = arena_take(run->arena, sizeof *use);
    if (use == NULL) return FAILURE_NO_MEMORY;
    use->row = &run->program->limiters[limiter];
    use->index = limiter;
    join_block(run, use, 0, why);
    return FAILURE_NONE;
}

static bool is_remote(const struct limit_use *use) {
    return use->row->scope == LIMITER_SCOPE_CLUSTER && !use->local;
}

// Neither counts nor refuses.
static bool is_idle(const struct limit_use *use) {
    return use->charged || (use->absent && use->row->on_absent == LIMITER_ON_ABSENT_SKIP);
}

// What `on_error` says where there is no answer: whether the request may go on.
static enum failure without_answer(struct run *run, struct limit_use *use, bool *admits) {
    *admits = use->row->on_error == LIMITER_ON_ERROR_ALLOW;
    use->judged = use->fresh = false;
    use->charged = *admits;
    enum failure failure = limiter_count(run, use, LIMITER_COUNTER_ERRORS);
    return failure == FAILURE_NONE ? effect_error(run, FAILURE_COUNTER) : failure;
}

static struct over_limit_key key_of(const struct limit_use *use) {
    return (struct over_limit_key){{use->own_key.words[0], use->own_key.words[1]}};
}

// Whether a service refused the key and its window has not ended.
static bool remembers(struct run *run, struct limit_use *use) {
    uint64_t until;
    const struct over_limit *table = run->host->over_limit(run->host->self);
    uint64_t now = limiter_now(run);
    if (table == NULL || !over_limit_holds(table, key_of(use), use->cost, now, &until))
        return false;
    use->verdict = (struct limit_verdict){.retry_after = until - now, .reset = until - now};
    return true;
}

static enum failure check_one(struct run *run, struct limit_use *use, bool *admits) {
    *admits = use->failure == FAILURE_NONE;
    if (!*admits) return effect_error(run, use->failure);
    if (is_idle(use)) return FAILURE_NONE;
    *admits = !use->absent;
    if (use->absent) return FAILURE_NONE;
    if (is_remote(use)) {
        use->judged = remembers(run, use);
        *admits = !use->judged;
        return FAILURE_NONE;
    }
    enum limiter_answer answer = limiter_judge(run, use);
    if (answer == LIMITER_FAILS) return without_answer(run, use, admits);
    *admits = answer == LIMITER_ADMITS;
    return FAILURE_NONE;
}

static enum failure charge_one(struct run *run, struct limit_use *use, bool *admits) {
    *admits = true;
    if (is_idle(use) || is_remote(use)) return FAILURE_NONE;
    enum limiter_answer answer = limiter_take(run, use);
    if (answer == LIMITER_FAILS) return without_answer(run, use, admits);
    *admits = use->charged = answer == LIMITER_ADMITS;
    return FAILURE_NONE;
}

typedef enum failure step(struct run *run, struct limit_use *use, bool *admits);

// The first use that does not pass is run->refused.
static enum failure each(struct run *run, step *pass) {
    for (struct limit_use *use = run->block; use != NULL; use = use->next_in_block) {
        bool admits;
        enum failure failure = pass(run, use, &admits);
        if (failure != FAILURE_NONE) return failure;
        if (admits) continue;
        run->refused = use;
        return FAILURE_NONE;
    }
    return FAILURE_NONE;
}

// Only what this block took; clients are told of what is left then.
static void undo(struct run *run) {
    for (struct limit_use *use = run->block; use != NULL; use = use->next_in_block) {
        if (use->charged) {
            limiter_refund(run, use, use->taken - use->before);
        } else if (use->fresh && use->verdict.allowed) {
            use->verdict.remaining += use->cost;
        }
    }
}

// A key that is over the limit may be kept out for a while.
static void punish(struct run *run, struct limit_use *use) {
    bool over = use->judged && !use->verdict.allowed && use->penalty > 0;
    if (!over || run->now < use->place.level.ban) return;
    if (limiter_ban(run, use, use->penalty) != LIMITER_ADMITS) return;
    if (use->verdict.retry_after < use->penalty) use->verdict.retry_after = use->penalty;
}

static enum failure count_block(struct run *run) {
    enum failure failure = FAILURE_NONE;
    bool shadow = run->program->rules[run->rule].shadow;
    if (run->refused != NULL) {
        return limiter_count(run, run->refused,
                             shadow ? LIMITER_COUNTER_SHADOW : LIMITER_COUNTER_LIMITED);
    }
    for (struct limit_use *use = run->block; use != NULL && failure == FAILURE_NONE && !shadow;
         use = use->next_in_block) {
        if (use->charged) failure = limiter_count(run, use, LIMITER_COUNTER_ALLOWED);
    }
    return failure;
}

static enum failure finish(struct run *run, enum limits_outcome *outcome) {
    if (run->refused != NULL) {
        undo(run);
        punish(run, run->refused);
    }
    enum failure failure = count_block(run);
    *outcome = run->refused == NULL ? LIMITS_ADMIT : LIMITS_REFUSE;
    limits_begin(run);
    return failure;
}

// ---- services

// The service's verdict, or what `on_error` makes of none.
static enum failure take_answer(struct run *run, struct limit_use *use, bool *admits) {
    const struct limit_answer *answer = &run->answer;
    if (!answer->good && use->row->on_error == LIMITER_ON_ERROR_LOCAL) {
        use->local = true;
        enum failure failure = limiter_count(run, use, LIMITER_COUNTER_ERRORS);
        if (failure == FAILURE_NONE) failure = check_one(run, use, admits);
        return failure == FAILURE_NONE && *admits ? charge_one(run, use, admits) : failure;
    }
    if (!answer->good) return without_answer(run, use, admits);
    uint64_t reset = answer->reset == 0 ? UINT64_MAX : answer->reset;
    use->charged = true;
    use->judged = answer->told || answer->over;
    use->verdict = (struct limit_verdict){.allowed = !answer->over,
                                          .remaining = answer->remaining,
                                          .retry_after = answer->over ? reset : 0,
                                          .reset = reset};
    *admits = !answer->over;
    struct over_limit *table = run->host->over_limit(run->host->self);
    if (answer->over && answer->reset != 0 && table != NULL) {
        uint64_t now = limiter_now(run);
        over_limit_add(table, key_of(use), use->cost, now + answer->reset, now);
    }
    return FAILURE_NONE;
}

// Texts as they are, other values as JSON has them, less the quotation marks.
static slice part_text(struct run *run, struct value part) {
    struct text text;
    while (part.kind == TYPE_OPTIONAL)
        part = *part.as.items; // none would be absent
    if (part.kind == TYPE_STRING) return value_text(part);
    text_init(&text, run->arena);
    if (!json_write(&text, part)) return value_text(part);
    slice json = text_slice(&text);
    bool quoted = json.length >= 2 && json.at[0] == '"';
    return quoted ? slice_cut(json, 1, json.length - 1) : json;
}

static const slice *part_texts(struct run *run, const struct limit_use *use) {
    slice *texts = arena_array(run->arena, use->row->parts, sizeof *texts);
    for (uint32_t i = 0; texts != NULL && i < use->row->parts; i++)
        texts[i] = part_text(run, use->parts[i]);
    return run->arena->failed ? NULL : texts;
}

static enum failure ask_services(struct run *run, enum limits_outcome *outcome) {
    struct limit_use *use = run->asking;
    bool admits = true;
    enum failure failure = FAILURE_NONE;
    if (run->has_answer) {
        run->has_answer = false;
        failure = take_answer(run, use, &admits);
        use = admits ? use->next_in_block : use;
    }
    for (; failure == FAILURE_NONE && admits && use != NULL; use = use->next_in_block) {
        if (is_idle(use) || !is_remote(use)) continue;
        run->asking = use;
        const slice *parts = part_texts(run, use);
        if (parts == NULL) return FAILURE_NO_MEMORY;
        run->question = (struct limit_question){use->row, parts, use->cost, use->terms};
        *outcome = LIMITS_WAIT;
        return FAILURE_NONE;
    }
    if (failure != FAILURE_NONE) return failure;
    if (!admits) run->refused = use;
    return finish(run, outcome);
}

enum failure limits_decide(struct run *run, enum limits_outcome *outcome) {
    enum failure failure;
    if (run->asking != NULL) return ask_services(run, outcome);
    run->refused = NULL;
    failure = each(run, check_one);
    if (failure == FAILURE_NONE && run->refused == NULL) failure = each(run, charge_one);
    if (failure != FAILURE_NONE) return failure;
    if (run->refused != NULL) return finish(run, outcome);
    run->asking = run->block;
    return ask_services(run, outcome);
}

// ---- changes

static enum limiter_answer change(struct run *run, uint16_t op, struct limit_use *use,
                                  uint64_t amount) {
    if (op == OP_BAN) return limiter_ban(run, use, amount);
    if (op == OP_CHARGE) return limiter_charge(run, use, amount);
    return limiter_refund(run, use, amount);
}

enum failure limits_change(struct run *run, struct instruction i, struct value amount,
                           struct value terms) {
    struct limit_use *use;
    uint64_t number = UINT64_MAX;
    enum failure failure = FAILURE_NONE;
    // What was not used has taken nothing.
    if (i.op == OP_REFUND && limiter_used(run, i.a) == NULL) return FAILURE_NONE;
    if (i.op == OP_BAN) {
        failure = limiter_time(amount, &number);
    } else if (amount.kind != TYPE_NULL || i.op == OP_CHARGE) {
        failure = limiter_cost(amount, &number);
    }
    if (failure == FAILURE_NONE) failure = limiter_use(run, i.a, terms, &use);
    if (failure != FAILURE_NONE) return failure;
    if (change(run, i.op, use, number) == LIMITER_ADMITS) return FAILURE_NONE;
    failure = limiter_count(run, use, LIMITER_COUNTER_ERRORS);
    return failure == FAILURE_NONE ? effect_error(run, FAILURE_COUNTER) : failure;
}

struct value limits_left(const struct run *run, uint32_t limiter) {
    const struct limit_use *use = run->uses[limiter];
    bool known = use != NULL && use->judged;
    return value_int(known ? (int64_t)use->verdict.remaining : -1);
}
