// Actions: targets, values, replies, limits; constants are held against the header gate now.
#include "engine/lang/check_program.h"
#include "engine/lib/header.h"
#include "engine/lib/json.h"
#include "engine/lib/location.h"
#include "engine/run/redirect.h"

const struct action_row action_rows[ACTION_TOTAL] = {
#define ACTION(name, word, phases, restricts, final)                                               \
    [ACTION_##name] = {word, phases, restricts, final},
#include "engine/tbl/actions.h"
#undef ACTION
};

static bool check_phase(struct check *check, const struct action *action, enum phase phase) {
    const struct action_row *row = &action_rows[action->kind];
    if ((row->phases >> phase & 1) == 0) {
        check_report(check, ERROR_ACTION_PHASE, &action->span,
                     (slice[]){slice_of(row->word), slice_of(phase_names[phase])});
        if (phase == PHASE_LOG) {
            diag_help(check->unit->diagnostics,
                      "the stream is over then: nothing of it can be changed, answered or held up",
                      NULL);
        }
        return false;
    }
    return true;
}

static bool not_a_target(struct check *check, const struct expr *target) {
    check_report(check, ERROR_NOT_A_TARGET, &target->span, NULL);
    diag_help(check->unit->diagnostics,
              "targets are headers, request.cookies[…], request.query_params[…], and request.path, "
              "url_path, query, host and method in phase request; headers and response.code in "
              "phase response; request.body and response.body in their own phases",
              NULL);
    return false;
}

static bool check_header_name(struct check *check, const struct expr *where, slice name,
                              bool response, bool removing) {
    bool pseudo = name.length > 0 && name.at[0] == ':';
    if (!pseudo && !header_name_valid(name)) {
        check_report_header(check, name, &where->span);
        return false;
    }
    if (header_target_allowed(name, response, removing)) return true;
    check_report(check, ERROR_HEADER_TARGET, &where->span, &name);
    const char *place = pseudo ? check_place_of(name) : NULL;
    if (place != NULL) {
        diag_help(check->unit->diagnostics, "write {0}", (slice[]){slice_of(place)});
    }
    if (!removing && header_target_allowed(name, response, true)) {
        diag_help(check->unit->diagnostics, "it may be removed", NULL);
    }
    return false;
}

bool check_target_phase(struct check *check, const struct expr *target, slice shown,
                        enum phase phase, enum phase own, bool held) {
    const char *help =
        held ? "write `on {0}`, or hold the headers back: weir.hold_headers" : "write `on {0}`";
    if (phase == own) return true;
    check_report(check, ERROR_TARGET_PHASE, &target->span,
                 (slice[]){shown, slice_of(phase_names[phase])});
    diag_help(check->unit->diagnostics, help, (slice[]){slice_of(phase_names[own])});
    return false;
}

// Names to remove in a list: it must be known, so that no request decides how many go.
static bool check_name_list(struct check *check, const struct expr *list, bool response) {
    if (list->kind != EXPR_LITERAL) {
        slice what = slice_of("a list of names");
        check_report(check, ERROR_NOT_CONSTANT, &list->span, &what);
        return false;
    }
    for (uint32_t i = 0; i < list->literal.length; i++) {
        struct value name = list->literal.as.items[i];
        if (name.kind != TYPE_STRING) {
            check_report(
                check, ERROR_NOT_STRING, &list->span,
                (slice[]){slice_of("a header's name"), slice_of(type_name((enum type)name.kind))});
            return false;
        }
        if (!check_header_name(check, list, value_text(name), response, true)) return false;
    }
    return true;
}

static bool check_target(struct check *check, const struct action *action, enum phase phase) {
    struct expr *target = action->target;
    bool form = (target->kind == EXPR_INDEX || target->kind == EXPR_SELECT) && !target->optional;
    struct expr *from = target->first;
    bool headers = form && (slice_is(check_source(check, from->span), "request.headers") ||
                            slice_is(check_source(check, from->span), "response.headers"));
    if (!headers) return not_a_target(check, target);
    bool response = slice_is(check_source(check, from->span), "response.headers");
    slice shown = check_source(check, from->span);
    enum phase own = response ? PHASE_RESPONSE : PHASE_REQUEST;
    bool held = !response && phase == PHASE_REQUEST_BODY;
    if (held && check->unit->config->settings.hold_headers) own = phase;
    if (!check_target_phase(check, target, shown, phase, own, held)) return false;
    if (check_expr(check, from) == TYPE_NONE) return false;
    if (target->kind == EXPR_SELECT) {
        return check_header_name(check, target, target->name, response,
                                 action->kind == ACTION_REMOVE);
    }
    struct expr *name = from->next;
    enum type type = check_expr(check, name);
    if (action->kind == ACTION_REMOVE && type == TYPE_LIST) {
        return check_name_list(check, name, response);
    }
    if (type == TYPE_NONE || !check_is(check, name, TYPE_STRING, "a header's name")) return false;
    if (name->kind != EXPR_LITERAL) return true;
    return check_header_name(check, name, value_text(name->literal), response,
                             action->kind == ACTION_REMOVE);
}

static bool check_constant_value(struct check *check, struct span span, struct value value) {
    if (value.kind == TYPE_LIST) {
        for (uint32_t i = 0; i < value.length; i++) {
            if (!check_constant_value(check, span, value.as.items[i])) return false;
        }
        return true;
    }
    if (value.kind == TYPE_OPTIONAL) {
        return value.length == 0 || check_constant_value(check, span, *value.as.items);
    }
    if (value.kind != TYPE_STRING) {
        check_report(
            check, ERROR_NOT_STRING, &span,
            (slice[]){slice_of("a header's value"), slice_of(type_name((enum type)value.kind))});
        return false;
    }
    if (value.length > LIMIT_HEADER_VALUE) {
        check_report(
            check, ERROR_HEADER_TOO_LONG, &span,
            (slice[]){check_number(check, LIMIT_HEADER_VALUE), check_number(check, value.length)});
        return false;
    }
    if (header_value_valid(value_text(value))) return true;
    check_report(check, ERROR_HEADER_VALUE, &span, NULL);
    return false;
}

// The one place where a secret may go.
static bool check_value_of(struct check *check, const struct action *action, enum phase phase) {
    struct expr *value = action->value;
    bool sink = action->kind == ACTION_SET && phase == PHASE_REQUEST;
    if (!sink) return check_header_value(check, value);
    enum type type = check_expr(check, value);
    return type == TYPE_SECRET || (type != TYPE_NONE && check_header_shape(check, value));
}

static void check_edit(struct check *check, struct action *action, enum phase phase) {
    if (check_place_edit(check, action, phase)) return;
    if (check_is_body(check, action->target)) {
        check_body_edit(check, action, phase);
        return;
    }
    if (!check_target(check, action, phase)) return;
    if (action->value == NULL || !check_value_of(check, action, phase)) return;
    if (action->value->kind != EXPR_LITERAL || action->value->literal.kind == TYPE_SECRET) return;
    check_constant_value(check, action->value->span, action->value->literal);
}

// The constant entries of a reply's headers; what is not constant is checked when it runs. `key` is
// the map's first key as it was written, before the map was folded.
static void check_constant_headers(struct check *check, const struct expr *key) {
    for (; key != NULL; key = key->next->next) {
        const struct expr *value = key->next;
        bool name = key->kind == EXPR_LITERAL;
        if (name && key->literal.kind != TYPE_STRING) {
            check_report(check, ERROR_NOT_STRING, &key->span,
                         (slice[]){slice_of("a header's name"),
                                   slice_of(type_name((enum type)key->literal.kind))});
            continue;
        }
        if (name && !check_header_name(check, key, value_text(key->literal), true, false)) continue;
        if (value->kind == EXPR_LITERAL) check_constant_value(check, value->span, value->literal);
    }
}

// `json` of a constant: its length is known.
static void check_constant_json(struct check *check, const struct expr *expr) {
    struct text text;
    text_init(&text, check->unit->arena);
    if (expr->kind != EXPR_LITERAL || !json_write(&text, expr->literal)) return;
    if (text.length <= LIMIT_REPLY_BODY) return;
    check_report(
        check, ERROR_REPLY_TOO_LONG, &expr->span,
        (slice[]){check_number(check, LIMIT_REPLY_BODY), check_number(check, text.length)});
}

static void check_json(struct check *check, struct expr *expr) {
    enum type type = check_expr(check, expr);
    if (type == TYPE_NONE) return;
    if (type != TYPE_HEADERS) {
        if (check_holdable(check, expr)) check_constant_json(check, expr);
        return;
    }
    check_report(check, ERROR_NO_OVERLOAD, &expr->span,
                 (slice[]){slice_of("json"), slice_of(type_name(type))});
}

static void check_body(struct check *check, struct expr *expr) {
    enum type type = check_body_text(check, expr, "`json …` sends a value as JSON");
    if (type == TYPE_NONE) return;
    bool known = expr->kind == EXPR_LITERAL && type != TYPE_DYN;
    if (!known || expr->literal.length <= LIMIT_REPLY_BODY) return;
    check_report(check, ERROR_REPLY_TOO_LONG, &expr->span,
                 (slice[]){check_number(check, LIMIT_REPLY_BODY),
                           check_number(check, expr->literal.length)});
}

static void check_grpc_status(struct check *check, struct expr *status) {
    check_expr(check, status);
    check_integral(status);
    if (!check_expr_is(check, status, TYPE_INT, "a gRPC status")) return;
    bool constant = status->kind == EXPR_LITERAL && status->literal.kind == TYPE_INT;
    if (!constant || (status->literal.as.integer >= 0 && status->literal.as.integer <= 16)) return;
    check_report(check, ERROR_RATE_RANGE, &status->span,
                 (slice[]){slice_of("a gRPC status"), slice_of("0 to 16"),
                           check_source(check, status->span)});
}

// Of a redirect; the header gate is the same as for all headers.
static void check_place(struct check *check, const struct reply_part *part) {
    static const char *const what[REPLY_PART_TOTAL] = {
        [REPLY_PART_TO] = "a redirect's address",  [REPLY_PART_SCHEME] = "a redirect's scheme",
        [REPLY_PART_HOST] = "a redirect's host",   [REPLY_PART_PATH] = "a redirect's path",
        [REPLY_PART_QUERY] = "a redirect's query",
    };
    struct expr *value = part->value;
    if (!check_expr_is(check, value, TYPE_STRING, what[part->kind])) return;
    if (value->kind != EXPR_LITERAL || value->literal.kind != TYPE_STRING) return;
    if (!check_constant_value(check, value->span, value->literal)) return;
    slice text = value_text(value->literal);
    const char *wanted = NULL;
    if (part->kind == REPLY_PART_TO && text.length == 0) wanted = "longer than nothing";
    if (part->kind == REPLY_PART_SCHEME && !location_scheme_valid(text)) wanted = "http or https";
    if (part->kind == REPLY_PART_HOST && !location_host_valid(text))
        wanted = "letters, digits and `.-_:[]`";
    if (wanted == NULL) return;
    check_report(
        check, ERROR_RATE_RANGE, &value->span,
        (slice[]){slice_of(what[part->kind]), slice_of(wanted), check_source(check, value->span)});
}

static void check_part(struct check *check, const struct reply_part *part) {
    const struct expr *first;
    switch (part->kind) {
    case REPLY_PART_BODY: check_body(check, part->value); break;
    case REPLY_PART_JSON: check_json(check, part->value); break;
    case REPLY_PART_HEADERS:
        first = part->value->kind == EXPR_MAP ? part->value->first : NULL;
        if (!check_expr_is(check, part->value, TYPE_MAP, "a reply's headers")) return;
        check_constant_headers(check, first);
        break;
    case REPLY_PART_GRPC_STATUS: check_grpc_status(check, part->value); break;
    case REPLY_PART_DETAILS: check_expr_is(check, part->value, TYPE_STRING, "details"); break;
    default: check_place(check, part); break;
    }
}

static void check_status_range(struct check *check, const struct expr *status, bool redirect) {
    int64_t code = status->literal.as.integer;
    if (redirect && !redirect_status_valid(code)) {
        check_report(check, ERROR_RATE_RANGE, &status->span,
                     (slice[]){slice_of("a redirect's status"),
                               slice_of("301, 302, 303, 307 or 308"),
                               check_source(check, status->span)});
    } else if (code < 200 || code > 599) {
        check_report(check, ERROR_STATUS_RANGE, &status->span,
                     (slice[]){check_source(check, status->span)});
    }
}

static void check_status(struct check *check, struct expr *status, bool redirect) {
    enum type type = check_expr(check, status);
    if (type == TYPE_NONE) return;
    bool constant = status->kind == EXPR_LITERAL;
    check_integral(status);
    type = (enum type)status->type;
    if (type != TYPE_INT && type != TYPE_DYN) {
        check_report(check, ERROR_WRONG_TYPE, &status->span,
                     (slice[]){slice_of("a status"), slice_of("int"), slice_of(type_name(type))});
        return;
    }
    if (constant && type == TYPE_INT) check_status_range(check, status, redirect);
}

static void check_reply(struct check *check, const struct action *action) {
    if (action->status != NULL) {
        check_status(check, action->status, action->kind == ACTION_REDIRECT);
    }
    for (const struct reply_part *part = action->parts; part != NULL; part = part->next) {
        check_part(check, part);
    }
}

// ---- limiters

static struct unit_limiter *find_limiter(struct check *check, const struct action *action) {
    struct unit *unit = check->unit;
    uint32_t found = names_resolve(&unit->limiter_names, check->prefix, action->name);
    if (found != NAME_NONE) return &unit->limiters[found];
    check_report(check, ERROR_UNKNOWN_LIMITER, &action->name_span, &action->name);
    slice nearest = diag_nearest(action->name, unit->limiter_names.list, unit->limiter_names.count);
    if (nearest.length > 0) diag_help(unit->diagnostics, "did you mean `{0}`?", &nearest);
    return NULL;
}

static bool is_remote(const struct unit_limiter *limiter) {
    return limiter->words[OPTION_SCOPE] == LIMITER_SCOPE_CLUSTER;
}

static void report_service(struct check *check, const struct action *action,
                           const struct unit_limiter *limiter, const char *what) {
    check_report(check, ERROR_SERVICE_COUNTS, &action->span,
                 (slice[]){limiter->name, slice_of(what)});
}

// What its terms read must be there; a refund reads nothing.
static void check_limiter_phase(struct check *check, const struct action *action,
                                const struct unit_limiter *limiter, enum phase phase) {
    const struct unit_let *let = &limiter->let;
    if ((let->phases >> phase & 1) != 0) return;
    check_report(check, ERROR_LIMITER_PHASE, &action->name_span,
                 (slice[]){limiter->name, slice_of(field_rows[let->weakest].path),
                           slice_of(phase_names[phase])});
}

// A cost that is known: 0 to 2^53, and for `limit` not above what can be there.
static void check_constant_cost(struct check *check, const struct expr *cost,
                                const struct unit_limiter *limiter, bool asks) {
    uint64_t natural = cost->literal.as.natural;
    bool number = cost->literal.kind == TYPE_INT || cost->literal.kind == TYPE_UINT;
    uint64_t most = limit_capacity(&limiter->terms);
    if (!number || natural > LIMIT_RATE) {
        check_report_range(check, cost, "a cost", "a whole number from 0 to 9007199254740992");
        return;
    }
    if (!asks || most == 0 || natural <= most) return;
    check_report(check, ERROR_COST_ABOVE, &cost->span,
                 (slice[]){check_number(check, natural), limiter->name, check_number(check, most)});
}

static void check_cost(struct check *check, struct expr *cost, const struct unit_limiter *limiter,
                       bool asks) {
    enum type type = check_expr(check, cost);
    if (type == TYPE_NONE) return;
    check_integral(cost);
    if (cost->kind == EXPR_LITERAL) {
        check_constant_cost(check, cost, limiter, asks);
        return;
    }
    type = (enum type)cost->type;
    bool number = type == TYPE_INT || type == TYPE_UINT || type == TYPE_DOUBLE || type == TYPE_DYN;
    if (number) return;
    check_report(check, ERROR_WRONG_TYPE, &cost->span,
                 (slice[]){slice_of("a cost"), slice_of("an int"), slice_of(type_name(type))});
}

static void check_ban(struct check *check, struct expr *time) {
    if (!check_expr_is(check, time, TYPE_DURATION, "the time of a ban")) return;
    bool negative = time->kind == EXPR_LITERAL && time->literal.as.integer < 0;
    if (!negative) return;
    check_report_range(check, time, "the time of a ban", "0s or more");
}

// Whether the block that `action` ends holds its limiter before.
static bool is_in_block(struct check *check, const struct action *block,
                        const struct action *action) {
    struct unit *unit = check->unit;
    uint32_t number = names_resolve(&unit->limiter_names, check->prefix, action->name);
    for (const struct action *at = block; at != NULL && at != action; at = at->next) {
        if (names_resolve(&unit->limiter_names, check->prefix, at->name) == number) return true;
    }
    return false;
}

static void check_remote(struct check *check, const struct action *action,
                         const struct unit_limiter *limiter, const struct unit_rule *rule) {
    bool request = rule->phase == PHASE_REQUEST || rule->phase == PHASE_REQUEST_BODY;
    struct text text;
    text_init(&text, check->unit->arena);
    text_add_string(&text, "be used by `");
    text_add_string(&text, action_rows[action->kind].word);
    text_add_char(&text, '`');
    if (action->kind != ACTION_LIMIT) {
        check_report(check, ERROR_SERVICE_COUNTS, &action->span,
                     (slice[]){limiter->name, text_slice(&text)});
    } else if (!request) {
        report_service(check, action, limiter, "be asked when the request is over");
    } else if (rule->shadow) {
        report_service(check, action, limiter, "be asked in a shadow rule");
    }
}

// limit, charge, refund, ban. `block`: the first `limit` of those in a row.
static void check_on_limiter(struct check *check, struct action *action, const struct action *block,
                             const struct unit_rule *rule) {
    struct unit_limiter *limiter = find_limiter(check, action);
    if (limiter == NULL) return;
    bool limit = action->kind == ACTION_LIMIT;
    limiter->changed |= !limit;
    limiter->shadows |= rule->shadow;
    if (is_remote(limiter)) check_remote(check, action, limiter, rule);
    if (action->kind != ACTION_REFUND) check_limiter_phase(check, action, limiter, rule->phase);
    if (action->cost != NULL) check_cost(check, action->cost, limiter, limit);
    if (action->kind == ACTION_BAN) check_ban(check, action->value);
    if (!limit || !is_in_block(check, block, action)) return;
    check_report(check, ERROR_LIMITER_TWICE, &action->name_span, &limiter->name);
}

static void check_level(struct check *check, const struct action *action) {
    for (uint32_t i = 0; i < LEVEL_TOTAL; i++) {
        if (slice_is(action->name, level_names[i])) return;
    }
    slice names[LEVEL_TOTAL];
    for (uint32_t i = 0; i < LEVEL_TOTAL; i++)
        names[i] = slice_of(level_names[i]);
    check_report(check, ERROR_UNKNOWN_WORD, &action->name_span,
                 (slice[]){action->name, slice_of("trace, debug, info, warn, error, critical")});
    slice nearest = diag_nearest(action->name, names, LEVEL_TOTAL);
    if (nearest.length > 0) {
        diag_help(check->unit->diagnostics, "did you mean `{0}`?", &nearest);
    }
}

static void check_name_length(struct check *check, const struct action *action) {
    if (action->name.length <= LIMIT_NAME) return;
    check_report(check, ERROR_NAME_TOO_LONG, &action->name_span,
                 (slice[]){action->name, check_number(check, LIMIT_NAME)});
}

static void check_count(struct check *check, const struct action *action) {
    check_name_length(check, action);
    if (action->value == NULL) return;
    enum type type = check_expr(check, action->value);
    bool good = type == TYPE_NONE || type == TYPE_STRING || type == TYPE_BOOL || type == TYPE_INT ||
                type == TYPE_UINT || type == TYPE_DYN;
    if (good) return;
    check_report(check, ERROR_WRONG_TYPE, &action->value->span,
                 (slice[]){slice_of("what `count` counts by"),
                           slice_of("a string, bool, int or uint"), slice_of(type_name(type))});
}

static void check_action(struct check *check, struct action *action, const struct action *block,
                         const struct unit_rule *rule) {
    switch (action->kind) {
    case ACTION_SET:
    case ACTION_ADD:
    case ACTION_DEFAULT:
    case ACTION_REMOVE: check_edit(check, action, rule->phase); break;
    case ACTION_DENY:
    case ACTION_RESPOND:
    case ACTION_REDIRECT: check_reply(check, action); break;
    case ACTION_SKIP:
        if (rule->group == NAME_NONE) check_report(check, ERROR_SKIP_OUTSIDE, &action->span, NULL);
        break;
    case ACTION_REQUIRE: check_condition(check, action->value); break;
    case ACTION_LIMIT:
    case ACTION_CHARGE:
    case ACTION_REFUND:
    case ACTION_BAN: check_on_limiter(check, action, block, rule); break;
    case ACTION_CAP: check_cap(check, action); break;
    case ACTION_COUNT: check_count(check, action); break;
    case ACTION_LOG:
        check_level(check, action);
        check_expr_is(check, action->value, TYPE_STRING, "a log line");
        break;
    case ACTION_TAG:
        check_name_length(check, action);
        check_expr_is(check, action->value, TYPE_STRING, "a tag");
        break;
    default: break;
    }
}

void check_actions(struct check *check, struct action *actions, const struct unit_rule *rule) {
    const struct action *block = NULL; // the first of limits in a row
    const struct diagnostics *diagnostics = check->unit->diagnostics;
    for (struct action *action = actions; action != NULL && diagnostics->count <= LIMIT_DIAGNOSTICS;
         action = action->next) {
        bool limit = action->kind == ACTION_LIMIT;
        if (!limit) block = NULL;
        if (limit && block == NULL) block = action;
        if (check_phase(check, action, rule->phase)) check_action(check, action, block, rule);
        check_actions(check, action->otherwise, rule);
    }
}
