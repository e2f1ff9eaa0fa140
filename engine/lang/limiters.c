// Rows of limiters, from what the checker found.
#include "engine/lang/limiters.h"

#include "engine/base/bytes.h"
#include "engine/lang/check_program.h"

// Another key is another state: its parts as they are written.
static uint32_t key_shape(const struct unit *unit, const struct unit_limiter *limiter) {
    uint32_t shape = limiter->part_count;
    for (const struct expr *part = limiter->parts; part != NULL; part = part->next) {
        slice text = unit->diagnostics->sources[part->span.source].text;
        shape = shape * 31 + slice_hash_folded(slice_cut(text, part->span.start, part->span.end));
    }
    return shape;
}

// Shared data is one space for all plugins of a proxy. No name of a limiter holds an `@`, so no two
// of a name and a namespace are one key. What is counted otherwise is counted elsewhere: while an
// update drains, the old rules and the new ones leave each other's counts alone.
static slice state_key(struct arena *keep, slice name_space, slice name,
                       const struct limit_shape *shape) {
    struct text text;
    text_init(&text, keep);
    text_add_string(&text, "weir.");
    text_add(&text, name);
    text_add_char(&text, '@');
    text_add(&text, name_space);
    text_add_char(&text, '#');
    text_add_uint(&text, shape->algorithm);
    text_add_char(&text, '.');
    text_add_uint(&text, shape->slots);
    text_add_char(&text, '.');
    text_add_uint(&text, shape->shape);
    return text_slice(&text);
}

static uint8_t given_bits(const struct unit_limiter *limiter) {
    uint8_t bits = 0;
    for (uint32_t i = 0; i < LEN(limiter->given); i++)
        bits |= (uint8_t)((limiter->given[i] != NULL) << i);
    return bits;
}

// Changes are seen by all workers at once only where none takes ahead.
static bool may_lease(const struct unit_limiter *limiter) {
    uint8_t scope = limiter->words[OPTION_SCOPE];
    bool bucket = limiter->terms.algorithm == LIMIT_ALGORITHM_TOKEN_BUCKET;
    bool penalty = limiter->penalty > 0 || limiter->given[3] != NULL;
    bool many = limiter->terms.burst == 0 || limit_lease_most(&limiter->terms) > 0;
    return scope == LIMITER_SCOPE_PROXY && bucket && many && !penalty && !limiter->changed;
}

static struct limiter_row make_row(const struct unit *unit, const struct unit_limiter *limiter,
                                   struct arena *keep, slice name_space) {
    bool keyed = limiter->part_count > 0;
    struct limit_shape shape = {.algorithm = (uint8_t)limiter->terms.algorithm,
                                .ways = keyed ? LIMIT_WAYS : 1,
                                .shape = key_shape(unit, limiter),
                                .slots = limiter_slots(limiter)};
    slice key = state_key(keep, name_space, limiter->name, &shape);
    return (struct limiter_row){
        .name = arena_copy(keep, limiter->name),
        .key = key,
        .identity = bytes_hash(key) * UINT64_C(0x9e3779b97f4a7c15),
        .terms = limiter->terms,
        .shape = shape,
        .penalty = limiter->penalty,
        .parts = limiter->part_count,
        .let = limiter_let(limiter) ? (uint16_t)limiter->let.number : NO_LET,
        .service = (uint16_t)limiter->service,
        .given = given_bits(limiter),
        .scope = limiter->words[OPTION_SCOPE],
        .on_absent = limiter->words[OPTION_ON_ABSENT],
        .on_full = limiter->words[OPTION_ON_FULL],
        .headers = limiter->words[OPTION_HEADERS],
        .answer = limiter->words[OPTION_ANSWER],
        .on_error = limiter->words[OPTION_ON_ERROR],
        .leases = may_lease(limiter),
        .shadows = limiter->shadows,
    };
}

static void compile_services(const struct unit *unit, struct arena *keep, struct program *program) {
    enum { MILLISECOND = 1000000 };
    uint32_t count = unit->service_names.count;
    struct service_row *rows = arena_array(keep, count, sizeof *rows);
    for (uint32_t i = 0; rows != NULL && i < count; i++) {
        const struct unit_service *service = &unit->services[i];
        rows[i] = (struct service_row){.name = arena_copy(keep, service->name),
                                       .cluster = arena_copy(keep, service->cluster),
                                       .domain = arena_copy(keep, service->domain),
                                       .timeout = (uint32_t)(service->timeout / MILLISECOND)};
    }
    program->services = rows;
    program->service_count = rows == NULL ? 0 : count;
}

void compile_limiters(const struct unit *unit, struct arena *keep, struct program *program) {
    uint32_t count = unit->limiter_names.count;
    struct limiter_row *rows = arena_array(keep, count, sizeof *rows);
    for (uint32_t i = 0; rows != NULL && i < count; i++) {
        rows[i] = make_row(unit, &unit->limiters[i], keep, program->name_space);
        program->limit_headers |= rows[i].headers != LIMITER_HEADERS_NONE;
        program->limit_leases |= rows[i].leases;
    }
    program->limiters = rows;
    program->limiter_count = rows == NULL ? 0 : count;
    compile_services(unit, keep, program);
}
