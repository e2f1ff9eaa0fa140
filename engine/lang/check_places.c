// Targets beside headers: what each takes, and constants against its gate.
#include "engine/lang/check_program.h"
#include "engine/lib/place.h"

static const struct field_row *field_of(enum place place) {
    return &field_rows[place_rows[place].field];
}

// `request.path`, or one of `request.cookies`.
static enum place find_place(const struct check *check, const struct expr *target) {
    bool within = (target->kind == EXPR_INDEX || target->kind == EXPR_SELECT) && !target->optional;
    for (uint32_t i = PLACE_NONE + 1; i < PLACE_TOTAL; i++) {
        const struct field_row *field = field_of((enum place)i);
        bool parts = field->how == HOW_PARTS;
        const struct expr *named = parts && within ? target->first : target;
        bool whole = !parts || within;
        if (whole && slice_is(check_source(check, named->span), field->path)) return (enum place)i;
    }
    return PLACE_NONE;
}

static bool check_place_phase(struct check *check, const struct action *action, enum phase phase) {
    const struct field_row *field = field_of((enum place)action->place);
    enum phase own = field->origin == MESSAGE_RESPONSE ? PHASE_RESPONSE : PHASE_REQUEST;
    if (phase == own) return true;
    check_report(check, ERROR_TARGET_PHASE, &action->target->span,
                 (slice[]){slice_of(field->path), slice_of(phase_names[phase])});
    diag_help(check->unit->diagnostics, "write `on {0}`", (slice[]){slice_of(phase_names[own])});
    return false;
}

static bool check_place_verb(struct check *check, const struct action *action) {
    static const uint8_t verbs[ACTION_TOTAL] = {[ACTION_SET] = VERB_SET,
                                                [ACTION_ADD] = VERB_ADD,
                                                [ACTION_DEFAULT] = VERB_DEFAULT,
                                                [ACTION_REMOVE] = VERB_REMOVE};
    if (place_rows[action->place].verbs & verbs[action->kind]) return true;
    check_report(check, ERROR_PLACE_VERB, &action->span,
                 (slice[]){slice_of(action_rows[action->kind].word),
                           slice_of(field_of((enum place)action->place)->path)});
    return false;
}

static bool report_constant(struct check *check, struct span span, const char *what,
                            const char *wanted) {
    check_report(check, ERROR_RATE_RANGE, &span,
                 (slice[]){slice_of(what), slice_of(wanted), check_source(check, span)});
    return false;
}

static bool check_place_name(struct check *check, const struct action *action) {
    struct expr *target = action->target;
    bool cookie = action->place == PLACE_COOKIES;
    slice name = target->name;
    struct span span = target->span;
    if (check_expr(check, target->first) == TYPE_NONE) return false;
    if (target->kind == EXPR_INDEX) {
        struct expr *index = target->first->next;
        span = index->span;
        if (!check_expr_is(check, index, TYPE_STRING, "a name")) return false;
        if (index->kind != EXPR_LITERAL) return true;
        name = value_text(index->literal);
    }
    if (action->kind == ACTION_REMOVE) return true;
    if (cookie && !place_cookie_name_valid(name)) {
        return report_constant(check, span, "a cookie's name",
                               "letters, digits and ``!#$%&'*+-.^_`|~``");
    }
    bool good = cookie || (name.length > 0 && name.length <= LIMIT_HEADER_NAME &&
                           place_parameter_valid(name));
    return good || report_constant(check, span, "a parameter's name",
                                   "1 to 256 bytes, without control bytes");
}

// ---- values

static const char *wanted_of(enum place place) {
    switch (place) {
    case PLACE_PATH: return "a path from `/` on, of visible ASCII but `#`";
    case PLACE_URL_PATH: return "a path from `/` on, of visible ASCII but `?` and `#`";
    case PLACE_QUERY: return "a query, of visible ASCII but `#`";
    case PLACE_QUERY_PARAMS: return "a text without control bytes";
    case PLACE_COOKIES: return "a text without `;`, control bytes, and blanks at an end";
    case PLACE_HOST: return "a host, with its port if it has one";
    case PLACE_METHOD: return "a method, neither CONNECT nor HEAD";
    default: return "200 to 599, neither 204 nor 304";
    }
}

static bool is_good_text(struct check *check, enum place place, slice text) {
    switch (place) {
    case PLACE_PATH: return slice_is(text, "*") || place_path_valid(text);
    case PLACE_URL_PATH: return place_url_path_valid(text);
    case PLACE_QUERY: return place_query_valid(text);
    case PLACE_QUERY_PARAMS: return place_parameter_valid(text);
    case PLACE_COOKIES: return place_cookie_value_valid(text);
    case PLACE_HOST: return place_host_valid(check->unit->arena, text);
    default: return place_method_valid(text);
    }
}

static bool is_good(struct check *check, enum place place, struct value value) {
    if (value.kind == TYPE_LIST) {
        for (uint32_t i = 0; i < value.length; i++) {
            if (!is_good(check, place, value.as.items[i])) return false;
        }
        return true;
    }
    if (value.kind == TYPE_OPTIONAL) {
        return value.length == 0 || is_good(check, place, *value.as.items);
    }
    if (place == PLACE_CODE) return value.kind == TYPE_INT && place_code_valid(value.as.integer);
    return value.kind == TYPE_STRING && is_good_text(check, place, value_text(value));
}

static bool check_length(struct check *check, struct span span, struct value value) {
    if (value.kind == TYPE_LIST || value.kind == TYPE_OPTIONAL) {
        for (uint32_t i = 0; i < value.length; i++) {
            if (!check_length(check, span, value.as.items[i])) return false;
        }
        return true;
    }
    if (value.kind != TYPE_STRING || value.length <= LIMIT_HEADER_VALUE) return true;
    check_report(
        check, ERROR_HEADER_TOO_LONG, &span,
        (slice[]){check_number(check, LIMIT_HEADER_VALUE), check_number(check, value.length)});
    return false;
}

// What has no names takes one value, as it is or in an optional.
static bool check_one(struct check *check, enum place place, struct expr *value) {
    enum type type = place == PLACE_CODE ? TYPE_INT : TYPE_STRING;
    if (check_expr(check, value) == TYPE_NONE) return false;
    if (type == TYPE_INT) check_integral(value);
    const struct shape *shape = shape_resolve(value->shape);
    if (shape->kind == TYPE_OPTIONAL) shape = shape_resolve(shape->parameters[0]);
    enum type found = shape_type(shape);
    if (found == type || found == TYPE_DYN) return true;
    check_report(check, ERROR_WRONG_TYPE, &value->span,
                 (slice[]){slice_of(field_of(place)->path), slice_of(type_name(type)),
                           check_shown(check, value->shape)});
    return false;
}

static void check_place_value(struct check *check, enum place place, struct expr *value) {
    bool parts = field_of(place)->how == HOW_PARTS;
    bool good = parts ? check_header_value(check, value) : check_one(check, place, value);
    if (!good || value->kind != EXPR_LITERAL) return;
    if (!check_length(check, value->span, value->literal)) return;
    if (is_good(check, place, value->literal)) return;
    const char *what = place == PLACE_COOKIES ? "a cookie" : "a parameter";
    report_constant(check, value->span, parts ? what : field_of(place)->path, wanted_of(place));
}

const char *check_place_of(slice header) {
    for (uint32_t i = PLACE_NONE + 1; i < PLACE_TOTAL; i++) {
        const struct field_row *field = field_of((enum place)i);
        if (slice_is(header, field->header)) return field->path;
    }
    return NULL;
}

bool check_place_edit(struct check *check, struct action *action, enum phase phase) {
    enum place place = find_place(check, action->target);
    action->place = (uint8_t)place;
    if (place == PLACE_NONE) return false;
    if (!check_place_phase(check, action, phase) || !check_place_verb(check, action)) return true;
    bool parts = field_of(place)->how == HOW_PARTS;
    if (parts && !check_place_name(check, action)) return true;
    if (action->value != NULL) check_place_value(check, place, action->value);
    return true;
}
