// All numbers of a limiter come from one verdict, in seconds rounded up: never too early.
#include "engine/run/advice.h"

#include "engine/base/text.h"
#include "engine/run/effects.h"

// So many limiters are told of, the tightest.
enum { SECOND = 1000000000, TOLD_MOST = 8 };

// Integers of structured fields have 15 digits (RFC 9651 section 3.3.1).
static const uint64_t integer_most = UINT64_C(999999999999999);

static uint64_t seconds(uint64_t nanoseconds) {
    return nanoseconds == 0 ? 0 : (nanoseconds - 1) / SECOND + 1;
}

// As the clients see it: what is not their concern says nothing.
static bool speaks(const struct limit_use *use, enum limiter_word style) {
    return use->judged && use->slot < SHADOW_SLOTS && use->row->headers == style;
}

static bool is_window(const struct limit_use *use) {
    return use->terms.algorithm != LIMIT_ALGORITHM_CONCURRENT;
}

// A service need not say it.
static bool has_reset(const struct limit_use *use) {
    return is_window(use) && use->verdict.reset != UINT64_MAX;
}

// Whether `x` leaves less room: a refusal, then the smaller part that is left, then the later
// reset.
static bool is_tighter(const struct limit_use *x, const struct limit_use *y) {
    if (x->verdict.allowed != y->verdict.allowed) return !x->verdict.allowed;
    double left = (double)x->verdict.remaining / (double)limit_capacity(&x->terms);
    double other = (double)y->verdict.remaining / (double)limit_capacity(&y->terms);
    if (left != other) return left < other;
    return x->verdict.reset > y->verdict.reset;
}

// The tightest behind `last` (NULL: of all); ties in the order of use.
static const struct limit_use *next_of(const struct run *run, enum limiter_word style,
                                       const struct limit_use *last) {
    const struct limit_use *found = NULL;
    bool seen = false; // `last`, in the order of use
    for (const struct limit_use *use = run->first_use; use != NULL; use = use->next) {
        if (use == last) seen = true;
        if (use == last || !speaks(use, style)) continue;
        bool behind = last == NULL || is_tighter(last, use) || (seen && !is_tighter(use, last));
        if (behind && (found == NULL || is_tighter(use, found))) found = use;
    }
    return found;
}

static void add_number(struct text *text, const char *name, uint64_t number) {
    text_add_string(text, name);
    text_add_uint(text, number < integer_most ? number : integer_most);
}

static void add_name(struct text *text, const struct limit_use *use) {
    if (text->length > 0) text_add_string(text, ", ");
    text_add_char(text, '"');
    text_add(text, use->row->name);
    text_add_char(text, '"');
}

// A window is whole seconds: of a shorter or uneven one, what it allows in so many.
static uint64_t quota(const struct limit_use *use, uint64_t window) {
    unsigned __int128 quota = (unsigned __int128)use->terms.rate * window * SECOND;
    quota /= use->terms.period;
    return quota > integer_most ? integer_most : (uint64_t)quota;
}

static void add_policy(struct text *text, const struct limit_use *use) {
    uint64_t window = seconds(use->terms.period);
    add_name(text, use);
    if (is_window(use)) {
        add_number(text, ";q=", quota(use, window));
        add_number(text, ";w=", window);
    } else {
        add_number(text, ";q=", use->terms.rate);
        text_add_string(text, ";qu=\"concurrent-requests\"");
    }
}

static void add_state(struct text *text, const struct limit_use *use) {
    add_name(text, use);
    add_number(text, ";r=", use->verdict.remaining);
    if (has_reset(use)) add_number(text, ";t=", seconds(use->verdict.reset));
}

static enum failure set_header(struct run *run, const char *name, const struct text *text) {
    if (text->failed) return FAILURE_NO_MEMORY;
    // The rule that refused has said it itself.
    if (run->sent != NULL && reply_has(run->sent, slice_of(name))) return FAILURE_NONE;
    return effect_answer(run, slice_of(name), text_slice(text));
}

static enum failure draft_headers(struct run *run) {
    struct text policy, state;
    const struct limit_use *use = next_of(run, LIMITER_HEADERS_DRAFT, NULL);
    if (use == NULL) return FAILURE_NONE;
    text_init(&policy, run->arena);
    for (uint32_t i = 0; use != NULL && i < TOLD_MOST; i++) {
        add_policy(&policy, use);
        use = next_of(run, LIMITER_HEADERS_DRAFT, use);
    }
    enum failure failure = set_header(run, "ratelimit-policy", &policy);
    text_init(&state, run->arena);
    use = next_of(run, LIMITER_HEADERS_DRAFT, NULL);
    for (uint32_t i = 0; use != NULL && i < TOLD_MOST; i++) {
        add_state(&state, use);
        use = next_of(run, LIMITER_HEADERS_DRAFT, use);
    }
    return failure == FAILURE_NONE ? set_header(run, "ratelimit", &state) : failure;
}

static enum failure number_header(struct run *run, const char *name, uint64_t number) {
    struct text text;
    text_init(&text, run->arena);
    text_add_uint(&text, number);
    return set_header(run, name, &text);
}

static enum failure x_headers(struct run *run) {
    const struct limit_use *use = next_of(run, LIMITER_HEADERS_X, NULL);
    if (use == NULL) return FAILURE_NONE;
    enum failure failure = number_header(run, "x-ratelimit-limit", limit_capacity(&use->terms));
    if (failure != FAILURE_NONE) return failure;
    failure = number_header(run, "x-ratelimit-remaining", use->verdict.remaining);
    if (failure != FAILURE_NONE || !has_reset(use)) return failure;
    return number_header(run, "x-ratelimit-reset", seconds(use->verdict.reset));
}

static enum failure retry_header(struct run *run) {
    const struct limit_use *use = run->refuser;
    bool told = use != NULL && use->judged && use->row->headers != LIMITER_HEADERS_NONE &&
                use->verdict.retry_after != UINT64_MAX;
    return told ? number_header(run, "retry-after", seconds(use->verdict.retry_after))
                : FAILURE_NONE;
}

enum failure advice_headers(struct run *run) {
    enum failure failure = draft_headers(run);
    if (failure == FAILURE_NONE) failure = x_headers(run);
    return failure == FAILURE_NONE ? retry_header(run) : failure;
}

static enum failure problem(struct run *run, struct reply *reply) {
    struct text text;
    struct header_line *line = arena_take(run->arena, sizeof *line);
    text_init(&text, run->arena);
    text_add_string(&text, "{\"type\":\"https://iana.org/assignments/http-problem-types"
                           "#quota-exceeded\",\"title\":\"Quota exceeded\",\"status\":");
    text_add_uint(&text, reply->status);
    text_add_string(&text, ",\"violated-policies\":[\"");
    text_add(&text, run->refused->row->name);
    text_add_string(&text, "\"]}");
    if (text.failed || line == NULL) return FAILURE_NO_MEMORY;
    *line = (struct header_line){slice_of("content-type"), slice_of("application/problem+json")};
    reply->headers = line;
    reply->header_count = 1;
    reply->body = text_slice(&text);
    return FAILURE_NONE;
}

enum failure advice_body(struct run *run, struct reply *reply) {
    bool asked = run->refused != NULL && run->refused->row->answer == LIMITER_ANSWER_PROBLEM;
    reply->body = slice_of("too many requests");
    return asked ? problem(run, reply) : FAILURE_NONE;
}
