// Parameters and cookies are edited as pieces of their header's text: what no rule touches keeps
// its bytes and its place. The text is made anew when somebody asks for it, and at the end.
#include "engine/run/places.h"

#include "engine/base/text.h"
#include "engine/lib/functions.h"
#include "engine/lib/place.h"
#include "engine/run/effects.h"
#include "engine/run/fields.h"
#include "engine/run/message.h"
#include "engine/run/parts.h"

const struct place_row place_rows[PLACE_TOTAL] = {
#define PLACE(name, field, verbs) [PLACE_##name] = {FIELD_##field, verbs},
#include "engine/tbl/places.h"
#undef PLACE
};

static const struct field_row *field_of(enum place place) {
    return &field_rows[place_rows[place].field];
}

static struct pieces *pieces_of(struct run *run, enum message_kind parts) {
    return &run->pieces[parts == MESSAGE_COOKIES];
}

static slice path_now(const struct run *run) {
    slice path = {NULL, 0};
    run_header(run, MESSAGE_REQUEST, slice_of(":path"), &path);
    return path;
}

static slice method_now(const struct run *run) {
    slice method = {NULL, 0};
    run_header(run, MESSAGE_REQUEST, slice_of(":method"), &method);
    return method;
}

// Where the query's mark is, or the end.
static uint32_t mark_of(slice path) {
    const char *mark = path.length == 0 ? NULL : memchr(path.at, '?', path.length);
    return mark == NULL ? path.length : (uint32_t)(mark - path.at);
}

// One effect for a header, in place of those before it.
static enum failure put(struct run *run, enum place place, enum effect_kind kind, slice value) {
    const struct field_row *field = field_of(place);
    enum message_kind message = (enum message_kind)field->origin;
    slice name = slice_of(field->header);
    if (!message_edit(run, kind, message, name, value)) return FAILURE_NO_MEMORY;
    return effect_instead(run, kind, message, name, value);
}

// ---- pieces

static enum failure open_pieces(struct run *run, enum message_kind parts, struct pieces *pieces) {
    if (pieces->open) return FAILURE_NONE;
    const struct message *request = &run->messages[MESSAGE_REQUEST];
    struct parts_walk walk = {.parts = parts, .lines = request->lines, .count = request->count};
    uint64_t bytes;
    uint32_t count = parts_count(walk, &bytes) + LIMIT_HEADERS_ADDED;
    if (!call_charge(&run->call, 2 * bytes)) return FAILURE_STEPS;
    struct piece *at = arena_raw_array(run->arena, count, sizeof *at);
    if (at == NULL) return FAILURE_NO_MEMORY;
    *pieces = (struct pieces){.at = at, .capacity = count, .open = true};
    for (; parts_next(&walk, &at[pieces->count].text); pieces->count++) {
        struct piece *piece = &at[pieces->count];
        piece->apart = walk.begins;
        if (!parts_name(run->arena, parts, piece->text, &piece->name)) {
            pieces->open = false;
            return FAILURE_NO_MEMORY;
        }
    }
    return FAILURE_NONE;
}

static bool is_named(const struct piece *piece, const struct place_edit *edit) {
    if (edit->pattern) return effect_name_matches(piece->name, edit->name, true);
    return slice_equal(piece->name, edit->name);
}

// All but the first `spared` of that name.
static bool drop_pieces(struct pieces *pieces, const struct place_edit *edit, uint32_t spared) {
    uint32_t kept = 0, before = pieces->count;
    for (uint32_t i = 0; i < before; i++) {
        bool goes = is_named(&pieces->at[i], edit);
        if (goes && spared > 0) {
            spared--;
            goes = false;
        }
        if (!goes) pieces->at[kept++] = pieces->at[i];
    }
    pieces->count = kept;
    return kept < before;
}

static enum failure add_encoded(struct run *run, struct text *text, slice part) {
    struct value plain = value_string(part), encoded = {0};
    enum failure failure = encode_url(&run->call, &plain, &encoded);
    if (failure == FAILURE_NONE) text_add(text, value_text(encoded));
    return failure;
}

static enum failure make_piece(struct run *run, const struct place_edit *edit, slice value,
                               struct piece *out) {
    struct text text;
    bool encodes = edit->place == PLACE_QUERY_PARAMS;
    enum failure failure = FAILURE_NONE;
    text_init(&text, run->arena);
    if (encodes) failure = add_encoded(run, &text, edit->name);
    if (!encodes) text_add(&text, edit->name);
    text_add_char(&text, '=');
    if (encodes && failure == FAILURE_NONE) failure = add_encoded(run, &text, value);
    if (!encodes) text_add(&text, value);
    if (failure != FAILURE_NONE) return failure;
    if (text.failed) return FAILURE_NO_MEMORY;
    *out = (struct piece){.text = text_slice(&text), .name = edit->name, .apart = true};
    return FAILURE_NONE;
}

// In the place of the first of its name, else behind all others.
static enum failure put_piece(struct run *run, struct pieces *pieces, const struct place_edit *edit,
                              slice value, bool replaces) {
    uint32_t at = replaces ? 0 : pieces->count;
    while (at < pieces->count && !is_named(&pieces->at[at], edit))
        at++;
    if (at == pieces->capacity) return FAILURE_NO_MEMORY;
    enum failure failure = make_piece(run, edit, value, &pieces->at[at]);
    if (failure == FAILURE_NONE && at == pieces->count) pieces->count++;
    return failure;
}

static uint32_t value_count(struct value value) {
    return value.kind == TYPE_LIST ? value.length : 1;
}

static struct value value_at(struct value value, uint32_t index) {
    return value.kind == TYPE_LIST ? value.as.items[index] : value;
}

// Against what a phase may add in all.
static enum failure take_room(struct run *run, uint32_t count, uint64_t bytes) {
    bool fits = (uint64_t)run->headers_added + count <= LIMIT_HEADERS_ADDED &&
                run->headers_bytes + bytes <= LIMIT_HEADERS_BYTES;
    if (!fits) return FAILURE_HEADER_COUNT;
    run->headers_added += count;
    run->headers_bytes += (uint32_t)bytes;
    return FAILURE_NONE;
}

static enum failure check_part(const struct place_edit *edit, struct value value) {
    if (value.kind != TYPE_STRING) return FAILURE_NO_OVERLOAD;
    slice text = value_text(value);
    bool cookie = edit->place == PLACE_COOKIES;
    bool good = cookie ? place_cookie_value_valid(text) : place_parameter_valid(text);
    return good && text.length <= LIMIT_HEADER_VALUE ? FAILURE_NONE : FAILURE_PLACE;
}

static bool part_name_good(const struct place_edit *edit) {
    slice name = edit->name;
    if (edit->place == PLACE_COOKIES) return place_cookie_name_valid(name);
    return name.length > 0 && name.length <= LIMIT_HEADER_NAME && place_parameter_valid(name);
}

// Parameters are of a path: without one there is nothing that they could be added to.
static bool has_room_for(const struct run *run, const struct place_edit *edit) {
    return edit->place != PLACE_QUERY_PARAMS || slice_starts(path_now(run), slice_of("/"));
}

// Every value of the action is checked before the first takes effect.
static enum failure check_parts(struct run *run, const struct place_edit *edit) {
    uint32_t count = value_count(edit->value);
    uint64_t bytes = 0;
    if (!has_room_for(run, edit)) return FAILURE_NO_PATH;
    if (!part_name_good(edit)) return FAILURE_PLACE;
    for (uint32_t i = 0; i < count; i++) {
        enum failure failure = check_part(edit, value_at(edit->value, i));
        if (failure != FAILURE_NONE) return failure;
        bytes += edit->name.length + value_at(edit->value, i).length;
    }
    return take_room(run, count, bytes);
}

static enum failure remove_parts(struct run *run, struct pieces *pieces,
                                 const struct place_edit *edit) {
    if (!call_charge(&run->call, 8 * (uint64_t)pieces->count)) return FAILURE_STEPS;
    if (!drop_pieces(pieces, edit, 0)) return FAILURE_NONE;
    pieces->changed = true;
    return FAILURE_NONE;
}

static enum failure put_parts(struct run *run, struct pieces *pieces,
                              const struct place_edit *edit) {
    uint32_t count = value_count(edit->value);
    bool set = edit->kind == EFFECT_HEADER_SET;
    if (set && !call_charge(&run->call, 16 * (uint64_t)pieces->count)) return FAILURE_STEPS;
    for (uint32_t i = 0; i < count; i++) {
        slice value = value_text(value_at(edit->value, i));
        enum failure failure = put_piece(run, pieces, edit, value, set && i == 0);
        if (failure != FAILURE_NONE) return failure;
        if (set && i == 0) drop_pieces(pieces, edit, 1);
        pieces->changed = true;
    }
    return FAILURE_NONE;
}

static enum failure change_parts(struct run *run, const struct place_edit *edit) {
    enum message_kind parts = edit->place == PLACE_COOKIES ? MESSAGE_COOKIES : MESSAGE_QUERY;
    struct pieces *pieces = pieces_of(run, parts);
    enum failure failure = open_pieces(run, parts, pieces);
    if (failure != FAILURE_NONE) return failure;
    if (edit->kind == EFFECT_HEADER_REMOVE) return remove_parts(run, pieces, edit);
    failure = check_parts(run, edit);
    bool nothing = failure == FAILURE_NONE && value_count(edit->value) == 0;
    if (failure == FAILURE_NONE && !nothing) return put_parts(run, pieces, edit);
    // What a failed `set` would have replaced must not survive.
    if (edit->kind != EFFECT_HEADER_SET) return failure;
    enum failure removed = remove_parts(run, pieces, edit);
    return failure == FAILURE_NONE ? removed : failure;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

static void add_cookie(struct text *text, const struct piece *piece) {
    slice cookie = piece->text;
    bool first = text->length == 0;
    while ((first || piece->apart) && cookie.length > 0 && is_blank(cookie.at[0]))
        cookie = slice_cut(cookie, 1, cookie.length);
    if (!first) text_add_string(text, piece->apart ? "; " : ";");
    text_add(text, cookie);
}

static bool settle_pieces(struct run *run, enum message_kind parts) {
    struct pieces *pieces = pieces_of(run, parts);
    bool cookies = parts == MESSAGE_COOKIES;
    struct text text;
    if (!pieces->changed) return true;
    text_init(&text, run->arena);
    slice path = path_now(run);
    if (!cookies) text_add(&text, slice_cut(path, 0, mark_of(path)));
    for (uint32_t i = 0; i < pieces->count; i++) {
        if (cookies) {
            add_cookie(&text, &pieces->at[i]);
            continue;
        }
        text_add_char(&text, i == 0 ? '?' : '&');
        text_add(&text, pieces->at[i].text);
    }
    if (text.failed) return false;
    struct pieces kept = *pieces; // still the pieces of that text
    enum effect_kind kind =
        cookies && pieces->count == 0 ? EFFECT_HEADER_REMOVE : EFFECT_HEADER_SET;
    enum place place = cookies ? PLACE_COOKIES : PLACE_QUERY_PARAMS;
    if (put(run, place, kind, text_slice(&text)) != FAILURE_NONE) return false;
    *pieces = kept;
    pieces->changed = false;
    return true;
}

bool places_settle(struct run *run) {
    if (!run->unsettled) return true;
    run->unsettled = false;
    bool settled = settle_pieces(run, MESSAGE_QUERY) && settle_pieces(run, MESSAGE_COOKIES);
    run->unsettled = !settled;
    return settled;
}

void places_forget(struct run *run, slice name) {
    for (uint32_t parts = MESSAGE_QUERY; parts <= MESSAGE_COOKIES; parts++) {
        bool changed = slice_equal_folded(name, slice_of(parts_header((enum message_kind)parts)));
        if (changed) pieces_of(run, (enum message_kind)parts)->open = false;
    }
}

// ---- what has no names

static enum failure join(struct run *run, slice before, slice mark, slice behind, slice *out) {
    struct text text;
    text_init(&text, run->arena);
    text_add(&text, before);
    text_add(&text, mark);
    text_add(&text, behind);
    *out = text_slice(&text);
    return text.failed ? FAILURE_NO_MEMORY : FAILURE_NONE;
}

static enum failure make_path(struct run *run, enum place place, slice value, slice *out) {
    slice path = path_now(run);
    slice query = slice_cut(path, mark_of(path), path.length);
    slice url_path = slice_cut(path, 0, mark_of(path));
    bool star = slice_is(value, "*") && slice_is(method_now(run), "OPTIONS");
    *out = value;
    if (path.length == 0) return FAILURE_NO_PATH;
    if (place == PLACE_PATH) return star || place_path_valid(value) ? FAILURE_NONE : FAILURE_PLACE;
    if (place == PLACE_URL_PATH) {
        if (!place_url_path_valid(value)) return FAILURE_PLACE;
        return join(run, value, slice_of(""), query, out);
    }
    if (!slice_starts(path, slice_of("/"))) return FAILURE_NO_PATH;
    if (!place_query_valid(value)) return FAILURE_PLACE;
    return join(run, url_path, slice_of(value.length > 0 ? "?" : ""), value, out);
}

// `*` is a path of OPTIONS only.
static bool method_changes(const struct run *run, slice method) {
    bool star = slice_is(path_now(run), "*") && !slice_is(method, "OPTIONS");
    return place_method_valid(method) && !star && place_method_valid(method_now(run));
}

static enum failure check_text(struct run *run, enum place place, slice value, slice *out) {
    if (value.length > LIMIT_HEADER_VALUE) return FAILURE_PLACE;
    *out = value;
    switch (place) {
    case PLACE_HOST: return place_host_valid(run->arena, value) ? FAILURE_NONE : FAILURE_PLACE;
    case PLACE_METHOD: return method_changes(run, value) ? FAILURE_NONE : FAILURE_PLACE;
    default: return make_path(run, place, value, out);
    }
}

static bool integer_of(struct value value, int64_t *out) {
    bool whole = value.kind == TYPE_DOUBLE && value.as.real >= 200 && value.as.real <= 599 &&
                 (double)(int64_t)value.as.real == value.as.real;
    if (value.kind == TYPE_INT) *out = value.as.integer;
    if (whole) *out = (int64_t)value.as.real;
    return value.kind == TYPE_INT || whole;
}

// The response to CONNECT begins a tunnel, or does not.
static enum failure set_code(struct run *run, struct value value) {
    int64_t code = 0;
    struct value now = {0};
    if (!integer_of(value, &code)) return FAILURE_NO_OVERLOAD;
    enum failure failure = field_value(run, FIELD_RESPONSE_CODE, false, &now);
    if (failure != FAILURE_NONE) return failure;
    bool good = place_code_valid(code) && place_code_changes(now.as.integer) &&
                !slice_is(method_now(run), "CONNECT");
    if (!good) return FAILURE_CODE;
    char *digits = arena_take_raw(run->arena, 3);
    if (digits == NULL) return FAILURE_NO_MEMORY;
    for (uint32_t i = 3; i-- > 0; code /= 10)
        digits[i] = (char)('0' + code % 10);
    return put(run, PLACE_CODE, EFFECT_HEADER_SET, slice_from(digits, 3));
}

static enum failure set_text(struct run *run, enum place place, struct value value) {
    slice text = {NULL, 0};
    if (value.kind != TYPE_STRING) return FAILURE_NO_OVERLOAD;
    enum failure failure = check_text(run, place, value_text(value), &text);
    if (failure == FAILURE_NONE) failure = take_room(run, 1, value.length);
    return failure == FAILURE_NONE ? put(run, place, EFFECT_HEADER_SET, text) : failure;
}

static enum failure remove_query(struct run *run) {
    slice path = path_now(run);
    if (mark_of(path) == path.length) return FAILURE_NONE;
    return put(run, PLACE_QUERY, EFFECT_HEADER_SET, slice_cut(path, 0, mark_of(path)));
}

// One value; a list or an optional of it will do. None of it changes nothing.
static enum failure change_whole(struct run *run, const struct place_edit *edit) {
    bool query = edit->place == PLACE_QUERY;
    if (!places_settle(run)) return FAILURE_NO_MEMORY;
    if (edit->kind == EFFECT_HEADER_REMOVE) return remove_query(run);
    if (value_count(edit->value) == 0) return query ? remove_query(run) : FAILURE_NONE;
    enum failure failure = FAILURE_PLACE;
    struct value value = value_at(edit->value, 0);
    bool one = value_count(edit->value) == 1;
    if (one && edit->place == PLACE_CODE) failure = set_code(run, value);
    if (one && edit->place != PLACE_CODE) failure = set_text(run, edit->place, value);
    bool lost = failure != FAILURE_NONE && failure != FAILURE_NO_MEMORY;
    if (!lost || !query) return failure;
    enum failure removed = remove_query(run);
    return removed == FAILURE_NONE ? failure : removed;
}

// Of an optional, what it holds; none is as good as an empty list.
static struct value held_value(struct value value) {
    if (value.kind != TYPE_OPTIONAL) return value;
    if (value.length > 0) return *value.as.items;
    return (struct value){.kind = TYPE_LIST, .depth = 1};
}

// Whether the program reads that header straight out of its slot.
static bool settles_now(const struct run *run, enum place place) {
    return message_has_slot(run->program, MESSAGE_REQUEST, slice_of(field_of(place)->header));
}

static enum failure change(struct run *run, const struct place_edit *edit) {
    bool parts = field_of(edit->place)->how == HOW_PARTS;
    if (!parts) return change_whole(run, edit);
    enum failure failure = change_parts(run, edit);
    const struct pieces *pieces = &run->pieces[edit->place == PLACE_COOKIES];
    if (!pieces->changed) return failure;
    if (!run->unsettled) run->unsettled_rule = run->rule;
    run->unsettled = true;
    bool settled = !settles_now(run, edit->place) || places_settle(run);
    return settled ? failure : FAILURE_NO_MEMORY;
}

enum failure place_change(struct run *run, const struct place_edit *edit) {
    struct place_edit held = *edit;
    held.value = held_value(edit->value);
    enum failure failure = change(run, &held);
    bool ends = failure == FAILURE_NO_MEMORY || failure == FAILURE_STEPS;
    return failure == FAILURE_NONE || ends ? failure : effect_error(run, failure);
}
