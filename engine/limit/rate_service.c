// nanopb walks the messages; here are the texts, which it takes by callback, and what makes an
// answer credible.
#include "engine/limit/rate_service.h"

#include <pb_decode.h>
#include <pb_encode.h>

#include "engine/base/text.h"
#include "engine/base/utf8.h"
#include "rate_service.pb.h"

#define SECOND UINT64_C(1000000000)

enum { CODE_OK = 1, CODE_OVER_LIMIT = 2 };

void rate_question_limit(struct rate_question *question, uint64_t rate, uint64_t period) {
    static const uint32_t seconds[] = {1, 60, 3600, 86400};
    question->has_limit = false;
    if (rate > UINT32_MAX) return;
    for (uint32_t i = 0; i < LEN(seconds); i++) {
        if (period != seconds[i] * SECOND) continue;
        question->has_limit = true;
        question->limit = (uint32_t)rate;
        question->unit = i + 1;
    }
}

static slice well_formed(struct arena *arena, slice text) {
    int64_t bad = utf8_find_invalid(text);
    if (bad < 0) return text;
    struct text good;
    text_init(&good, arena);
    for (; bad >= 0; bad = utf8_find_invalid(text)) {
        text_add(&good, slice_cut(text, 0, (uint32_t)bad));
        text_add_string(&good, "\xef\xbf\xbd");
        text = slice_cut(text, (uint32_t)bad + 1, text.length);
    }
    text_add(&good, text);
    return text_slice(&good); // a refusal shows in the arena
}

static bool write_text(pb_ostream_t *stream, const pb_field_t *field, void *const *argument) {
    const slice *text = *argument;
    return pb_encode_tag_for_field(stream, field) &&
           pb_encode_string(stream, (const pb_byte_t *)text->at, text->length);
}

static pb_callback_t text_writer(const slice *text) {
    return (pb_callback_t){.funcs.encode = write_text, .arg = (void *)(uintptr_t)text};
}

static bool write_entries(pb_ostream_t *stream, const pb_field_t *field, void *const *argument) {
    const struct rate_question *question = *argument;
    for (uint32_t i = 0; i < question->entry_count; i++) {
        RateLimitDescriptor_Entry entry = {.key = text_writer(&question->entries[i].key),
                                           .value = text_writer(&question->entries[i].value)};
        bool written = pb_encode_tag_for_field(stream, field) &&
                       pb_encode_submessage(stream, RateLimitDescriptor_Entry_fields, &entry);
        if (!written) return false;
    }
    return true;
}

static bool write_message(struct arena *arena, const RateLimitRequest *request, slice *bytes) {
    size_t size = 0;
    if (!pb_get_encoded_size(&size, RateLimitRequest_fields, request)) return false;
    char *at = arena_take_raw(arena, size);
    if (at == NULL) return false;
    pb_ostream_t stream = pb_ostream_from_buffer((pb_byte_t *)at, size);
    *bytes = slice_from(at, (uint32_t)size);
    return pb_encode(&stream, RateLimitRequest_fields, request);
}

// The request's field where it has the number, since older services know no other.
static void set_hits(RateLimitRequest *request, uint64_t hits) {
    if (hits > 0 && hits <= UINT32_MAX) {
        request->hits_addend = (uint32_t)hits;
    } else {
        request->descriptor.has_hits_addend = true;
        request->descriptor.hits_addend.value = hits;
    }
}

bool rate_question_write(struct arena *arena, const struct rate_question *question, slice *bytes) {
    struct rate_question clean = *question;
    struct rate_entry *entries = arena_array(arena, question->entry_count, sizeof *entries);
    if (entries == NULL) return false;
    for (uint32_t i = 0; i < question->entry_count; i++) {
        entries[i].key = well_formed(arena, question->entries[i].key);
        entries[i].value = well_formed(arena, question->entries[i].value);
    }
    if (arena->failed) return false;
    clean.entries = entries;
    RateLimitRequest request = {.domain = text_writer(&clean.domain), .has_descriptor = true};
    request.descriptor.entries.funcs.encode = write_entries;
    request.descriptor.entries.arg = &clean;
    request.descriptor.has_limit = question->has_limit;
    request.descriptor.limit.requests_per_unit = question->limit;
    request.descriptor.limit.unit = question->unit;
    set_hits(&request, question->hits);
    return write_message(arena, &request, bytes);
}

static bool read_reset(const Duration *duration, uint64_t *reset) {
    if (duration->seconds < 0 || duration->nanos < 0) return false;
    uint64_t seconds = (uint64_t)duration->seconds, nanos = (uint64_t)duration->nanos;
    if (nanos >= SECOND) return false;
    bool beyond = seconds >= RATE_RESET_MOST / SECOND;
    *reset = beyond ? RATE_RESET_MOST : seconds * SECOND + nanos;
    return true;
}

static bool read_status(const RateLimitResponse_DescriptorStatus *status,
                        struct rate_answer *answer) {
    if (status->code > CODE_OVER_LIMIT) return false;
    answer->has_limit = status->has_current_limit;
    answer->limit = status->current_limit.requests_per_unit;
    answer->remaining = status->limit_remaining;
    answer->has_reset = status->has_duration_until_reset;
    return !answer->has_reset || read_reset(&status->duration_until_reset, &answer->reset);
}

bool rate_answer_read(slice bytes, uint64_t hits, struct rate_answer *answer) {
    *answer = (struct rate_answer){0};
    if (bytes.length == 0 || bytes.length > RATE_ANSWER_MOST) return false;
    RateLimitResponse response = RateLimitResponse_init_zero;
    pb_istream_t stream = pb_istream_from_buffer((const pb_byte_t *)bytes.at, bytes.length);
    if (!pb_decode(&stream, RateLimitResponse_fields, &response)) return false;
    uint32_t code = response.overall_code;
    if (code != CODE_OK && code != CODE_OVER_LIMIT) return false;
    if (response.statuses_count > 0 && !read_status(&response.statuses[0], answer)) return false;
    bool used_up = hits == 0 && answer->has_limit && answer->remaining == 0;
    answer->over = code == CODE_OVER_LIMIT || used_up;
    return true;
}
