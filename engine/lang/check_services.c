// Services: where limiters of scope cluster are counted.
#include "engine/lang/check_program.h"

enum service_option {
#define SERVICE_OPTION(name, word, argument) SERVICE_##name,
#include "engine/tbl/service_options.h"
#undef SERVICE_OPTION
    SERVICE_TOTAL
};

static const char *const option_words[SERVICE_TOTAL] = {
#define SERVICE_OPTION(name, word, argument) word,
#include "engine/tbl/service_options.h"
#undef SERVICE_OPTION
};

static enum service_option find_option(struct check *check, const struct option *option) {
    slice names[SERVICE_TOTAL];
    for (uint32_t i = 0; i < SERVICE_TOTAL; i++) {
        names[i] = slice_of(option_words[i]);
        if (slice_equal(names[i], option->name)) return (enum service_option)i;
    }
    check_report(check, ERROR_UNKNOWN_SERVICE_OPTION, &option->span, &option->name);
    slice nearest = diag_nearest(option->name, names, SERVICE_TOTAL);
    if (nearest.length > 0) diag_help(check->unit->diagnostics, "did you mean `{0}`?", &nearest);
    return SERVICE_TOTAL;
}

static void check_kind(struct check *check, const struct option *option) {
    const struct expr *value = option->values.first;
    if (value->kind == EXPR_NAME && slice_is(value->name, "rls")) return;
    check_report(check, ERROR_UNKNOWN_WORD, &value->span,
                 (slice[]){check_source(check, value->span), slice_of("rls")});
}

static slice check_text(struct check *check, const struct option *option, const char *what) {
    struct expr *value = option->values.first;
    if (!check_expr_is(check, value, TYPE_STRING, what)) return (slice){NULL, 0};
    bool text = value->kind == EXPR_LITERAL && value->literal.kind == TYPE_STRING;
    if (text && value->literal.length > 0) return value_text(value->literal);
    if (text) {
        check_report_range(check, value, what, "at least one byte long");
    } else {
        check_report(check, ERROR_NOT_CONSTANT, &value->span, (slice[]){slice_of(what)});
    }
    return (slice){NULL, 0};
}

static void check_timeout(struct check *check, const struct option *option, uint64_t *timeout) {
    enum { MILLISECOND = 1000000 };
    struct expr *value = option->values.first;
    if (!check_expr_is(check, value, TYPE_DURATION, "`timeout`")) return;
    bool known = value->kind == EXPR_LITERAL && value->literal.kind == TYPE_DURATION;
    *timeout = known ? value->literal.as.natural : 0;
    if (known && *timeout >= MILLISECOND &&
        *timeout <= UINT64_C(1) * LIMIT_SERVICE_TIMEOUT * MILLISECOND) {
        return;
    }
    check_report_range(check, value, "`timeout`", "constant and between 1ms and 1m");
}

static void require(struct check *check, const struct unit_service *service,
                    const struct option *const *options, enum service_option kind) {
    if (options[kind] != NULL) return;
    check_report(check, ERROR_OPTION_MISSING, &service->item->name_span,
                 (slice[]){slice_of("a service"), slice_of(option_words[kind])});
}

void check_service(struct unit *unit, struct unit_service *service) {
    struct check check = {
        .unit = unit, .prefix = service->prefix, .ordinal = service->ordinal, .phases = IN_REQUEST};
    const struct option *options[SERVICE_TOTAL] = {NULL};
    service->timeout = 20 * 1000000;
    for (const struct option *option = service->item->options; option != NULL;
         option = option->next) {
        enum service_option kind = find_option(&check, option);
        if (kind == SERVICE_TOTAL) continue;
        options[kind] = option;
        if (option->values.count != 1) {
            check_report(&check, ERROR_ARGUMENT_COUNT, &option->span,
                         (slice[]){option->name, slice_of("one value"),
                                   check_number(&check, option->values.count)});
            continue;
        }
        switch (kind) {
        case SERVICE_KIND: check_kind(&check, option); break;
        case SERVICE_CLUSTER: service->cluster = check_text(&check, option, "`cluster`"); break;
        case SERVICE_DOMAIN: service->domain = check_text(&check, option, "`domain`"); break;
        default: check_timeout(&check, option, &service->timeout); break;
        }
    }
    require(&check, service, options, SERVICE_KIND);
    require(&check, service, options, SERVICE_CLUSTER);
    require(&check, service, options, SERVICE_DOMAIN);
}
