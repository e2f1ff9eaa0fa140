// Actions on bodies: `set` of one, and `cap`.
#include "engine/lang/check_program.h"

// What a body may be made of; TYPE_NONE where it is not.
enum type check_body_text(struct check *check, struct expr *expr, const char *help) {
    enum type type = check_expr(check, expr);
    bool text = type == TYPE_STRING || type == TYPE_BYTES || type == TYPE_DYN;
    if (text || type == TYPE_NONE) return type;
    check_report(
        check, ERROR_WRONG_TYPE, &expr->span,
        (slice[]){slice_of("a body"), slice_of("a string or bytes"), slice_of(type_name(type))});
    diag_help(check->unit->diagnostics, help, NULL);
    return TYPE_NONE;
}

static bool is_body(struct check *check, const struct expr *target, bool response) {
    return slice_is(check_source(check, target->span), response ? "response.body" : "request.body");
}

bool check_is_body(struct check *check, const struct expr *target) {
    return is_body(check, target, false) || is_body(check, target, true);
}

// A body that replaces another; unlike a reply's it may be as long as any text.
void check_body_edit(struct check *check, struct action *action, enum phase phase) {
    struct expr *target = action->target;
    enum phase own = is_body(check, target, true) ? PHASE_RESPONSE_BODY : PHASE_REQUEST_BODY;
    if (action->kind != ACTION_SET) {
        check_report(check, ERROR_NOT_A_TARGET, &target->span, NULL);
        diag_help(check->unit->diagnostics, "a body is replaced as a whole: `set`", NULL);
        return;
    }
    if (!check_target_phase(check, target, check_source(check, target->span), phase, own, false))
        return;
    if (check_expr(check, target) == TYPE_NONE) return;
    check_body_text(check, action->value, "json(…) makes a text of a value");
}

// A cap may be decided while the body streams, and the headers have gone by then.
static void check_otherwise(struct check *check, const struct action *action) {
    for (; action != NULL; action = action->next) {
        bool edits = action->kind <= ACTION_REMOVE || action->kind == ACTION_REROUTE;
        if (edits) {
            slice word = slice_of(action_rows[action->kind].word);
            check_report(check, ERROR_CAP_ELSE, &action->span, &word);
            diag_help(check->unit->diagnostics,
                      "the headers may have gone to the upstream when the body gets too long",
                      NULL);
        }
        check_otherwise(check, action->otherwise);
    }
}

void check_cap(struct check *check, struct action *action) {
    check_otherwise(check, action->otherwise);
    struct expr *most = action->value;
    if (!is_body(check, action->target, false)) {
        check_report(check, ERROR_NOT_A_TARGET, &action->target->span, NULL);
        diag_help(check->unit->diagnostics, "`cap` is of request.body", NULL);
        return;
    }
    if (check_expr(check, most) == TYPE_NONE) return;
    check_integral(most);
    if (!check_expr_is(check, most, TYPE_INT, "a cap")) return;
    bool constant = most->kind == EXPR_LITERAL && most->literal.kind == TYPE_INT;
    if (!constant || most->literal.as.integer >= 0) return;
    check_report(
        check, ERROR_RATE_RANGE, &most->span,
        (slice[]){slice_of("a cap"), slice_of("0 or more"), check_source(check, most->span)});
}
