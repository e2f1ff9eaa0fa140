// Effects of actions, kept in a growing array of the stream's arena.
#include "engine/run/effects.h"

#include "engine/base/text.h"
#include "engine/lib/functions.h"
#include "engine/lib/header.h"
#include "engine/lib/json.h"
#include "engine/run/advice.h"
#include "engine/run/message.h"
#include "engine/run/places.h"
#include "engine/run/redirect.h"
#include "engine/run/reply.h"

static bool grow_effects(struct run *run) {
    uint32_t capacity = run->effect_capacity == 0 ? 16 : run->effect_capacity * 2;
    struct effect *grown = arena_take_raw(run->arena, capacity * sizeof *grown);
    if (grown == NULL) return false;
    if (run->effect_count > 0) {
        memcpy(grown, run->effect_buffer, run->effect_count * sizeof *grown);
    }
    run->effects = run->effect_buffer = grown;
    run->effect_capacity = capacity;
    return true;
}

// The next effect, to be filled in; NULL when the arena refuses.
static struct effect *add_effect(struct run *run, enum effect_kind kind) {
    if (run->effect_count == run->effect_capacity && !grow_effects(run)) return NULL;
    struct effect *effect = &run->effect_buffer[run->effect_count++];
    *effect = (struct effect){.kind = (uint8_t)kind, .rule = run->rule};
    return effect;
}

static bool is_lower(slice name) {
    for (uint32_t i = 0; i < name.length; i++) {
        if (ascii_lower(name.at[i]) != name.at[i]) return false;
    }
    return true;
}

// As the host spells names; {NULL, 0} when the arena refuses.
static slice lower_name(struct run *run, slice name) {
    if (is_lower(name)) return name;
    char *lower = arena_take_raw(run->arena, name.length);
    for (uint32_t i = 0; lower != NULL && i < name.length; i++)
        lower[i] = ascii_lower(name.at[i]);
    return (slice){lower, name.length};
}

// Of an optional, what it holds; none is as good as no line.
static struct value held_value(struct value value) {
    if (value.kind != TYPE_OPTIONAL) return value;
    if (value.length > 0) return *value.as.items;
    return (struct value){.kind = TYPE_LIST, .depth = 1};
}

static uint32_t value_count(struct value value) {
    return value.kind == TYPE_LIST ? value.length : 1;
}

static struct value value_at(struct value value, uint32_t index) {
    return value.kind == TYPE_LIST ? value.as.items[index] : value;
}

// Every value of the action is checked before the first takes effect.
static enum failure check_values(const struct run *run, slice name, struct value value,
                                 bool passed) {
    uint64_t bytes = run->headers_bytes;
    if ((uint64_t)run->headers_added + value_count(value) > LIMIT_HEADERS_ADDED) {
        return FAILURE_HEADER_COUNT;
    }
    for (uint32_t i = 0; i < value_count(value); i++) {
        struct value item = value_at(value, i);
        if (item.kind != TYPE_STRING && item.kind != TYPE_SECRET) return FAILURE_NO_OVERLOAD;
        bool valid =
            passed || (item.length <= LIMIT_HEADER_VALUE && header_value_valid(value_text(item)));
        if (!valid) return FAILURE_HEADER_VALUE;
        bytes += name.length + item.length;
    }
    return bytes > LIMIT_HEADERS_BYTES ? FAILURE_HEADER_COUNT : FAILURE_NONE;
}

static enum failure add_edit(struct run *run, enum effect_kind kind, enum message_kind message,
                             slice name, slice value) {
    struct effect *effect = add_effect(run, kind);
    if (effect == NULL) return FAILURE_NO_MEMORY;
    effect->message = (uint8_t)message;
    effect->name = name;
    effect->value = value;
    return FAILURE_NONE;
}

static enum failure edit_line(struct run *run, enum effect_kind kind, enum message_kind message,
                              slice name, slice value) {
    if (kind != EFFECT_HEADER_REMOVE) {
        run->headers_added++;
        run->headers_bytes += name.length + value.length;
    }
    if (!message_edit(run, kind, message, name, value)) return FAILURE_NO_MEMORY;
    return add_edit(run, kind, message, name, value);
}

static enum failure pass_name(struct run *run, const struct header_edit *edit, slice *name) {
    bool response = edit->message == MESSAGE_RESPONSE;
    bool removes = edit->kind == EFFECT_HEADER_REMOVE;
    bool allowed = header_name_valid(*name) && header_target_allowed(*name, response, removes);
    if (!allowed) return FAILURE_HEADER_NAME;
    *name = lower_name(run, *name);
    return name->at == NULL ? FAILURE_NO_MEMORY : FAILURE_NONE;
}

static enum failure edit_checked(struct run *run, const struct header_edit *edit) {
    static const slice nothing = {NULL, 0};
    slice name = edit->name;
    struct value value = held_value(edit->value);
    enum failure failure = edit->name_passed ? FAILURE_NONE : pass_name(run, edit, &name);
    if (failure != FAILURE_NONE) return failure;
    if (edit->kind == EFFECT_HEADER_REMOVE) {
        return edit_line(run, edit->kind, edit->message, name, nothing);
    }
    failure = check_values(run, name, value, edit->value_passed);
    uint32_t count = value_count(value);
    bool removes = edit->kind == EFFECT_HEADER_SET && (failure != FAILURE_NONE || count == 0);
    if (removes) {
        enum failure removed = edit_line(run, EFFECT_HEADER_REMOVE, edit->message, name, nothing);
        return failure == FAILURE_NONE ? removed : failure;
    }
    for (uint32_t i = 0; failure == FAILURE_NONE && i < count; i++) {
        enum effect_kind kind = i == 0 ? edit->kind : EFFECT_HEADER_ADD;
        failure = edit_line(run, kind, edit->message, name, value_text(value_at(value, i)));
    }
    return failure;
}

enum failure effect_header(struct run *run, const struct header_edit *edit) {
    enum failure failure = edit_checked(run, edit);
    if (failure == FAILURE_NONE || failure == FAILURE_NO_MEMORY) return failure;
    return effect_error(run, failure);
}

// Goes back to the last `*` only: an earlier one could not match more.
bool effect_name_matches(slice name, slice pattern, bool exact) {
    uint32_t at = 0, in = 0, star = UINT32_MAX, behind = 0;
    while (at < name.length) {
        bool any = in < pattern.length && pattern.at[in] == '*';
        char byte = exact ? name.at[at] : ascii_lower(name.at[at]);
        bool same = in < pattern.length && byte == pattern.at[in];
        if (!any && !same && star == UINT32_MAX) return false;
        if (any) {
            star = in++;
            behind = at;
        } else if (same) {
            in++;
            at++;
        } else {
            in = star + 1;
            at = ++behind;
        }
    }
    while (in < pattern.length && pattern.at[in] == '*')
        in++;
    return in == pattern.length;
}

enum failure effect_remove_all(struct run *run, enum message_kind message, slice pattern) {
    static const slice nothing = {NULL, 0};
    const struct message *from = &run->messages[message];
    if (!call_charge(&run->call, 8 * (uint64_t)from->count)) return FAILURE_STEPS;
    if (!places_settle(run)) return FAILURE_NO_MEMORY;
    for (uint32_t i = 0; i < from->count;) {
        slice name = from->lines[i].name;
        bool goes = effect_name_matches(name, pattern, false) &&
                    header_target_allowed(name, message == MESSAGE_RESPONSE, true);
        if (!goes) {
            i++;
            continue;
        }
        enum failure failure = edit_line(run, EFFECT_HEADER_REMOVE, message, name, nothing);
        if (failure != FAILURE_NONE) return failure;
    }
    return FAILURE_NONE;
}

static bool is_edit_of(const struct effect *effect, enum message_kind message, slice name) {
    return effect->kind <= EFFECT_HEADER_REMOVE && effect->message == message &&
           slice_equal(effect->name, name);
}

enum failure effect_instead(struct run *run, enum effect_kind kind, enum message_kind message,
                            slice name, slice value) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < run->effect_count; i++) {
        bool stays = !is_edit_of(&run->effects[i], message, name);
        if (stays) run->effect_buffer[kept++] = run->effects[i];
    }
    run->effect_count = kept;
    return add_edit(run, kind, message, name, value);
}

enum failure effect_body(struct run *run, enum message_kind message, slice body) {
    return add_edit(run, EFFECT_BODY_SET, message, (slice){NULL, 0}, body);
}

enum failure effect_reroute(struct run *run) {
    return add_effect(run, EFFECT_REROUTE) == NULL ? FAILURE_NO_MEMORY : FAILURE_NONE;
}

// One by one where rules read the message or a limit is near: each has its own error then.
static enum failure edit_each(struct run *run, uint32_t first, uint32_t count) {
    enum failure failure = FAILURE_NONE;
    for (uint32_t i = first; failure == FAILURE_NONE && i < first + count; i++) {
        const struct effect *prepared = &run->program->prepared[i];
        struct header_edit edit = {.kind = (enum effect_kind)prepared->kind,
                                   .message = (enum message_kind)prepared->message,
                                   .name = prepared->name,
                                   .value = value_string(prepared->value),
                                   .name_passed = true,
                                   .value_passed = true};
        failure = effect_header(run, &edit);
    }
    return failure;
}

enum failure effect_copies(struct run *run, const struct effect *effects, uint32_t count) {
    while (run->effect_capacity - run->effect_count < count) {
        if (!grow_effects(run)) return FAILURE_NO_MEMORY;
    }
    memcpy(&run->effect_buffer[run->effect_count], effects, count * sizeof *effects);
    run->effect_count += count;
    return FAILURE_NONE;
}

enum failure effect_prepared(struct run *run, uint32_t first, uint32_t count) {
    const struct program *program = run->program;
    const struct effect *prepared = &program->prepared[first];
    uint32_t bytes = program->prepared_bytes[first + count] - program->prepared_bytes[first];
    bool plain = !run->messages[prepared->message].loaded &&
                 run->headers_added + count <= LIMIT_HEADERS_ADDED &&
                 run->headers_bytes + bytes <= LIMIT_HEADERS_BYTES;
    if (!plain) return edit_each(run, first, count);
    if (effect_copies(run, prepared, count) != FAILURE_NONE) return FAILURE_NO_MEMORY;
    run->headers_added += count;
    run->headers_bytes += bytes;
    return FAILURE_NONE;
}

static enum failure add_line(struct run *run, enum effect_kind kind, enum level level, slice line) {
    if (level < run->program->log_level) return FAILURE_NONE;
    struct effect *effect = add_effect(run, kind);
    if (effect == NULL) return FAILURE_NO_MEMORY;
    effect->level = (uint8_t)level;
    effect->value = line;
    return FAILURE_NONE;
}

enum failure effect_log(struct run *run, enum level level, slice line) {
    return add_line(run, EFFECT_LOG, level, line);
}

enum failure effect_tag(struct run *run, slice name, slice value) {
    struct text text;
    text_init(&text, run->arena);
    text_add_escaped(&text, value, LIMIT_TAG);
    struct effect *effect = text.failed ? NULL : add_effect(run, EFFECT_TAG);
    if (effect == NULL) return FAILURE_NO_MEMORY;
    effect->name = name;
    effect->value = text_slice(&text);
    return FAILURE_NONE;
}

enum failure effect_count(struct run *run, enum rule_counter counter) {
    struct effect *effect = add_effect(run, EFFECT_COUNT);
    if (effect == NULL) return FAILURE_NO_MEMORY;
    effect->counter = (uint8_t)counter;
    return FAILURE_NONE;
}

enum failure effect_limit_count(struct run *run, uint32_t limiter, enum limiter_counter counter) {
    struct effect *effect = add_effect(run, EFFECT_LIMIT_COUNT);
    if (effect == NULL) return FAILURE_NO_MEMORY;
    effect->counter = (uint8_t)counter;
    effect->rule = limiter;
    return FAILURE_NONE;
}

enum failure effect_named_count(struct run *run, uint32_t counter) {
    struct effect *effect = add_effect(run, EFFECT_NAMED_COUNT);
    if (effect == NULL) return FAILURE_NO_MEMORY;
    effect->rule = counter;
    return FAILURE_NONE;
}

static bool is_word_byte(char c) {
    char lower = ascii_lower(c);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static enum failure make_label(struct run *run, struct value by, slice *label) {
    bool scalar = by.kind == TYPE_BOOL || by.kind == TYPE_INT || by.kind == TYPE_UINT;
    if (by.kind != TYPE_STRING && !scalar) return FAILURE_NO_OVERLOAD;
    struct text text;
    text_init(&text, run->arena);
    if (scalar && !json_write(&text, by)) return FAILURE_NO_MEMORY;
    *label = scalar ? text_slice(&text) : value_text(by);
    if (label->length == 0) *label = slice_of("none");
    uint32_t length = label->length < LIMIT_LABEL ? label->length : LIMIT_LABEL;
    char *copy = arena_take_raw(run->arena, length);
    if (copy == NULL) return FAILURE_NO_MEMORY;
    for (uint32_t i = 0; i < length; i++)
        copy[i] = is_word_byte(label->at[i]) ? label->at[i] : '_';
    *label = slice_from(copy, length);
    return FAILURE_NONE;
}

enum failure effect_label_count(struct run *run, uint32_t counter, struct value by) {
    slice label;
    enum failure failure = make_label(run, by, &label);
    if (failure != FAILURE_NONE) return failure;
    struct effect *effect = add_effect(run, EFFECT_LABEL_COUNT);
    if (effect == NULL) return FAILURE_NO_MEMORY;
    effect->rule = counter;
    effect->value = label;
    return FAILURE_NONE;
}

enum failure effect_answer(struct run *run, slice name, slice value) {
    struct effect *effect = add_effect(run, EFFECT_HEADER_SET);
    if (effect == NULL) return FAILURE_NO_MEMORY;
    effect->message = MESSAGE_RESPONSE;
    effect->name = name;
    effect->value = value;
    return FAILURE_NONE;
}

enum failure effect_error(struct run *run, enum failure error) {
    enum failure failure = effect_count(run, COUNTER_ERRORS);
    if (failure != FAILURE_NONE) return failure;
    return add_line(run, EFFECT_ERROR, LEVEL_WARN, slice_of(failure_words(error)));
}

enum failure reply_begin(struct run *run, enum reply_kind kind, int64_t status) {
    bool redirect = kind == REPLY_REDIRECT;
    bool good = redirect ? redirect_status_valid(status) : status >= 200 && status <= 599;
    if (!good) return FAILURE_STATUS_RANGE;
    struct reply *reply = arena_take(run->arena, sizeof *reply);
    if (reply == NULL) return FAILURE_NO_MEMORY;
    reply->kind = kind;
    reply->status = (uint32_t)status;
    reply->grpc_status = status == 429 ? 8 : -1; // RESOURCE_EXHAUSTED, else Envoy maps the status
    run->reply = reply;
    if (kind == REPLY_LIMIT) return advice_body(run, reply);
    reply->body = slice_of(kind == REPLY_DENY ? "denied" : "");
    return FAILURE_NONE;
}

enum failure reply_body(struct run *run, struct value body) {
    if (body.kind != TYPE_STRING && body.kind != TYPE_BYTES) return FAILURE_NO_OVERLOAD;
    if (body.length > LIMIT_REPLY_BODY) return FAILURE_REPLY_TOO_LONG;
    run->reply->body = value_text(body);
    return FAILURE_NONE;
}

bool reply_has(const struct reply *reply, slice name) {
    for (uint32_t i = 0; i < reply->header_count; i++) {
        if (slice_equal(reply->headers[i].name, name)) return true;
    }
    return false;
}

static enum failure reply_lines(struct run *run, uint32_t more, struct header_line **out) {
    struct reply *reply = run->reply;
    uint32_t count = reply->header_count + more;
    struct header_line *lines = arena_array(run->arena, count, sizeof *lines);
    if (lines == NULL && count > 0) return FAILURE_NO_MEMORY;
    if (reply->header_count > 0) {
        memcpy(lines, reply->headers, reply->header_count * sizeof *lines);
    }
    *out = lines;
    return FAILURE_NONE;
}

enum failure reply_json(struct run *run, struct value json) {
    struct value body = {0};
    enum failure failure = convert_json(&run->call, &json, &body);
    if (failure == FAILURE_NONE) failure = reply_body(run, body);
    slice name = slice_of("content-type");
    if (failure != FAILURE_NONE || reply_has(run->reply, name)) return failure;
    struct header_line *lines;
    failure = reply_lines(run, 1, &lines);
    if (failure != FAILURE_NONE) return failure;
    lines[run->reply->header_count++] = (struct header_line){name, slice_of("application/json")};
    run->reply->headers = lines;
    return FAILURE_NONE;
}

static enum failure check_entry(struct run *run, struct value key, struct value value,
                                uint32_t *count, uint64_t *bytes) {
    if (key.kind != TYPE_STRING) return FAILURE_NO_OVERLOAD;
    slice name = value_text(key);
    value = held_value(value);
    if (!header_name_valid(name) || !header_target_allowed(name, true, false)) {
        return FAILURE_HEADER_NAME;
    }
    enum failure failure = check_values(run, name, value, false);
    if (failure != FAILURE_NONE) return failure;
    *count += value_count(value);
    for (uint32_t i = 0; i < value_count(value); i++) {
        *bytes += name.length + value_at(value, i).length;
    }
    bool fits = *count <= LIMIT_HEADERS_ADDED && *bytes <= LIMIT_HEADERS_BYTES;
    return fits ? FAILURE_NONE : FAILURE_HEADER_COUNT;
}

enum failure reply_headers(struct run *run, struct value map) {
    if (map.kind != TYPE_MAP) return FAILURE_NO_OVERLOAD;
    uint32_t more = 0;
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < map.length; i++) {
        enum failure failure =
            check_entry(run, map.as.items[2 * i], map.as.items[2 * i + 1], &more, &bytes);
        if (failure != FAILURE_NONE) return failure;
    }
    struct header_line *lines;
    enum failure failure = reply_lines(run, more, &lines);
    if (failure != FAILURE_NONE) return failure;
    uint32_t at = run->reply->header_count;
    for (uint32_t i = 0; i < map.length; i++) {
        slice name = lower_name(run, value_text(map.as.items[2 * i]));
        if (name.at == NULL) return FAILURE_NO_MEMORY;
        struct value value = held_value(map.as.items[2 * i + 1]);
        for (uint32_t j = 0; j < value_count(value); j++) {
            lines[at++] = (struct header_line){name, value_text(value_at(value, j))};
        }
    }
    run->reply->headers = lines;
    run->reply->header_count = at;
    return FAILURE_NONE;
}

enum failure reply_grpc(struct run *run, int64_t status) {
    if (status < 0 || status > 16) return FAILURE_STATUS_RANGE;
    run->reply->grpc_status = (int32_t)status;
    return FAILURE_NONE;
}

enum { DETAILS_LENGTH = 200 };

// Details stand in access logs: one word of visible ASCII.
enum failure reply_details(struct run *run, slice details) {
    uint32_t length = details.length < DETAILS_LENGTH ? details.length : DETAILS_LENGTH;
    char *copy = arena_take_raw(run->arena, DETAILS_LENGTH);
    if (copy == NULL) return FAILURE_NO_MEMORY;
    for (uint32_t i = 0; i < length; i++) {
        bool visible = details.at[i] > 0x20 && details.at[i] < 0x7f;
        copy[i] = visible ? details.at[i] : '_';
    }
    run->reply->details = (slice){copy, length};
    return FAILURE_NONE;
}

static enum failure default_details(struct run *run) {
    static const char *const words[REPLY_KIND_TOTAL] = {
        [REPLY_DENY] = "weir.deny:",
        [REPLY_RESPOND] = "weir.respond:",
        [REPLY_LIMIT] = "weir.limit:",
        [REPLY_REDIRECT] = "weir.redirect:",
    };
    struct text text;
    text_init(&text, run->arena);
    text_add_string(&text, run->rule_failed ? "weir.error:" : words[run->reply->kind]);
    text_add(&text, run->program->rules[run->rule].name);
    if (text.failed) return FAILURE_NO_MEMORY;
    return reply_details(run, text_slice(&text));
}

void effect_drop_edits(struct run *run, enum message_kind message) {
    uint32_t kept = 0;
    if (message == MESSAGE_REQUEST) run->unsettled = false;
    for (uint32_t i = 0; i < run->effect_count; i++) {
        const struct effect *effect = &run->effects[i];
        if (effect->kind <= EFFECT_BODY_SET && effect->message == message) continue;
        run->effect_buffer[kept++] = *effect;
    }
    run->effect_count = kept;
}

enum failure reply_finish(struct run *run) {
    struct reply *reply = run->reply;
    enum failure failure = FAILURE_NONE;
    if (run->rule_failed || reply->details.length == 0) failure = default_details(run);
    bool bodiless = reply->status == 204 || reply->status == 304;
    if (bodiless) reply->body = (slice){NULL, 0};
    bool counts = failure == FAILURE_NONE && reply->kind != REPLY_RESPOND;
    return counts ? effect_count(run, COUNTER_DENIED) : failure;
}

enum failure reply_send(struct run *run) {
    enum failure failure = reply_finish(run);
    if (failure != FAILURE_NONE) return failure;
    struct effect *effect = add_effect(run, EFFECT_REPLY);
    if (effect == NULL) return FAILURE_NO_MEMORY;
    effect->reply = run->reply;
    effect_drop_edits(run, MESSAGE_REQUEST);
    run->decision_rule = run->program->rules[run->rule].name;
    run->decision_action = slice_of(reply_word(run->reply));
    run->refuser = run->refused;
    run->sent = run->reply;
    if (run->refuser == NULL) return FAILURE_NONE;
    run->decision_limiter = run->refuser->row->name;
    run->decision_remaining = (int64_t)run->refuser->verdict.remaining;
    return FAILURE_NONE;
}

enum failure reply_shadow(struct run *run) {
    static const char *const would[REPLY_KIND_TOTAL] = {
        [REPLY_DENY] = "denied",
        [REPLY_RESPOND] = "responded",
        [REPLY_LIMIT] = "denied",
        [REPLY_REDIRECT] = "redirected",
    };
    struct text text;
    const struct reply *reply = run->reply;
    enum failure failure = effect_count(run, COUNTER_SHADOW);
    if (failure != FAILURE_NONE) return failure;
    text_init(&text, run->arena);
    text_add_string(&text, "would have ");
    text_add_string(&text, would[reply->kind]);
    text_add_char(&text, ' ');
    text_add_uint(&text, reply->status);
    if (run->refused != NULL) {
        text_add_string(&text, ", limiter ");
        text_add(&text, run->refused->row->name);
    }
    return text.failed ? FAILURE_NO_MEMORY : effect_log(run, LEVEL_WARN, text_slice(&text));
}

// Of rules that guard something, by what ran out.
static bool guarding_rules_left(const struct run *run, enum failure why) {
    const struct program *program = run->program;
    if (run->late) return program->rules[run->rule].restricts;
    uint32_t last = why == FAILURE_STEPS ? program->last_restricting[run->phase]
                                         : program->last_guarding[run->phase];
    return run->rule == NO_RULE ? last > 0 : run->rule < last;
}

struct effect *effect_surely(struct run *run, enum effect_kind kind) {
    struct effect *effect = add_effect(run, kind);
    if (effect != NULL) return effect;
    run->spare_effect = (struct effect){.kind = (uint8_t)kind, .rule = run->rule};
    run->effects = run->effect_buffer = &run->spare_effect;
    run->effect_count = run->effect_capacity = 1;
    return &run->spare_effect;
}

void effect_exhausted(struct run *run, enum failure why) {
    slice name = slice_of(why == FAILURE_STEPS ? "weir.steps" : "weir.memory");
    effect_surely(run, EFFECT_COUNT)->counter = COUNTER_ERRORS;
    struct effect *log = effect_surely(run, EFFECT_ERROR);
    log->level = LEVEL_WARN;
    log->value = slice_of(failure_words(why));
    bool too_late = run->phase > PHASE_RESPONSE || reply_is_given(run);
    if (too_late || !guarding_rules_left(run, why)) return;
    run->spare_reply =
        (struct reply){.kind = REPLY_DENY, .status = 503, .grpc_status = -1, .details = name};
    if (run->phase == PHASE_RESPONSE) {
        run->standing = &run->spare_reply;
        run->standing_rule = NO_RULE;
        return;
    }
    effect_surely(run, EFFECT_REPLY)->reply = &run->spare_reply;
    effect_drop_edits(run, MESSAGE_REQUEST);
    run->decision_rule = name;
    run->decision_action = slice_of("deny");
}
