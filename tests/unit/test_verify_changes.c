// Compiled programs changed by chance: the verifier refuses them, or they run in bounds to an end.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/expression.h"
#include "tests/unit/verifying.h"

#define LINE(name, value) {{name, sizeof(name) - 1}, {value, sizeof(value) - 1}}

// What is changed by chance: rules with their `config`, or one expression of the inputs below.
struct original {
    const char *text;
    const char *data; // NULL: an expression
};

static const struct original originals[] = {
    {"limiter l { 3 per 1s  headers none }\n"
     "let p = request.clean_path\n"
     "let q = p + request.headers[\"x-a\"]\n"
     "group g when q.startsWith(\"/a\") || int(request.headers[\"x-n\"]) > 3 {\n"
     "  rule r when request.headers[q] == \"\" || p in config.list {\n"
     "    set request.headers[\"x-c\"] = [q, p]\n"
     "    limit l else respond 200 json {\"path\": p, \"n\": [1, size(q)]} headers {\"x-n\": p}\n"
     "    default request.headers[\"x-a\"] = string(config.map[p])\n"
     "  }\n"
     "}\n"
     "rule s when request.headers[\"x-n\"] == \"7\" { log warn q  deny 400 body q details p }\n"
     "rule t on response when response.code >= 500 && !(\"x-up\" in response.headers) {\n"
     "  add response.headers[\"x-d\"] = json({\"code\": response.code + 1, \"q\": q})\n"
     "}\n",
     "{\"list\": [\"/a\", 1], \"map\": {\"/a\": 1.5}}"},
    {"let q = request.path\n"
     "rule r0 when request.headers[\"x-n\"] == \"4\" { deny }\n"
     "rule r1 when request.headers[\"x-n\"] == \"5\" { set request.headers[\"x-n\"] = \"8\" }\n"
     "rule r2 when request.headers[\"x-n\"] == \"6\" { log warn q }\n"
     "rule r3 when request.headers[\"x-n\"] == \"7\" { add request.headers[\"x-d\"] = q }\n"
     "rule r4 when request.headers[\"x-n\"] == \"8\" { deny }\n"
     "rule r5 when request.headers[\"x-n\"] == \"9\" { set request.headers[\"x-n\"] = \"8\" }\n"
     "rule r6 when request.headers[\"x-n\"] == \"10\" { log warn q }\n"
     "rule r7 when request.headers[\"x-n\"] == \"11\" { add request.headers[\"x-d\"] = q }\n"
     "rule r8 when request.headers[\"x-n\"] == \"12\" { deny }\n"
     "rule r9 when request.headers[\"x-n\"] == \"13\" { set request.headers[\"x-n\"] = \"8\" }\n"
     "rule r10 when request.headers[\"x-n\"] == \"14\" { log warn q }\n"
     "rule r11 when request.headers[\"x-n\"] == \"15\" { add request.headers[\"x-d\"] = q }\n"
     "rule r12 when request.headers[\"x-n\"] == \"16\" { deny }\n"
     "rule r13 when request.headers[\"x-n\"] == \"17\" { set request.headers[\"x-n\"] = \"8\" }\n"
     "rule r14 when request.headers[\"x-n\"] == \"18\" { log warn q }\n"
     "rule r15 when request.headers[\"x-n\"] == \"19\" { add request.headers[\"x-d\"] = q }\n"
     "group g when request.headers[\"x-n\"] in [\"7\", \"8\"] { rule y { set "
     "request.headers[\"x-e\"] = q } }\n",
     "{}"},
    {"let user = request.json.user\n"
     "group g when request.json.a == 1 || int(request.headers[\"x-n\"]) > 3 {\n"
     "  rule a on request_body when user == \"ada\" && request.path == \"/a\" { deny 400 body user "
     "}\n"
     "  rule b on request_body when !(client.ip == peer.ip) { log warn client.prefix }\n"
     "  rule c on response when client.trusted { set response.headers[\"x-c\"] = source.address }\n"
     "}\n",
     "{}"},
    {"let user = request.json.user\n"
     "rule a when int(request.headers[\"x-n\"]) > 3 {\n"
     "  cap request.body at int(request.headers[\"x-n\"]) else { cap request.body at 9 }\n"
     "  cap request.body at 7 else deny 400 body request.path\n"
     "}\n"
     "rule b on request_body when user == \"ada\" { set request.body = json(request.json) + user "
     "}\n"
     "rule c on response_body when request.trailers[\"x\"] == \"\" {\n"
     "  set response.body = json({\"user\": response.json.user, \"of\": "
     "response.trailers[\"x\"]})\n"
     "}\n",
     "{}"},
    {"let names = request.headers.filter(n, n.startsWith(\"x\")).map(n, n + \"=\" + "
     "request.headers[n])\n"
     "let sizes = config.words.map(w, size(w) > 1, size(w))\n"
     "rule all when config.list.all(a, config.words.exists(b, type(a) != int || a > size(b))) {\n"
     "  set request.headers[\"x-c\"] = names\n"
     "  set request.headers[\"x-d\"] = cel.bind(v, names.join(\",\"), v + \"-\" + v)\n"
     "}\n"
     "rule one when config.words.exists_one(w, w == request.headers[\"x-a\"]) || sizes == [1] {\n"
     "  deny 400 json config.words.transformMap(i, w, w.size() + i)\n"
     "}\n"
     "rule entries on response when config.map.exists(k, v, k.contains(\"a\") && v > 1) {\n"
     "  set response.headers[\"x-e\"] = json(config.words.transformMapEntry(i, w, {w: i}))\n"
     "  set response.headers[\"x-f\"] = json(config.list.sortBy(x, string(x)))\n"
     "}\n",
     "{\"list\": [3, \"a\", 9], \"words\": [\"one\", \"a\", \"three\"], \"map\": {\"/a\": 1.5}}"},
    {"let id = request.headers[?\"x-id\"].orValue(request.headers[\"x-a\"])\n"
     "let user = config.users[?id].or(config.users[?\"two\"])\n"
     "rule known when user.hasValue() && user.optMap(u, u.rate > 1).orValue(false) {\n"
     "  set request.headers[\"x-c\"] = user.value().name\n"
     "  set request.headers[\"x-d\"] = json([?user, ?config.?none.?more])\n"
     "}\n"
     "rule map when {?\"a\": user.optFlatMap(u, u.?name), \"b\": id}.size() == 2 {\n"
     "  log warn request.headers.values(\"x-a\").first().orValue(\"none\")\n"
     "  deny 403 json request.headers.to_map() headers {\"x-n\": string(size(id))}\n"
     "}\n",
     "{\"users\": {\"one\": {\"rate\": 5, \"name\": \"n\"}, \"two\": {\"rate\": 0.5}}}"},
    {"l.map(x, l.filter(y, y < x).map(z, z * d)).exists(m, m.size() > 1 && m[0] != i) ||\n"
     "cel.bind(t, o.optMap(x, x + s).orValue(s), t.startsWith(s) ? m[t] == d : {t: l}[t][0] == 1)",
     NULL},
    {"[?o, s].transformMap(i, x, [i, x]).all(k, v, v[0] == k && k in m) &&\n"
     "l.transformList(i, x, x > 1, x / i).sortBy(x, -x) != [] && size(string(d)) + l[i % 3] > 2 "
     "&&\n"
     "timestamp(i).getHours(\"Europe/Berlin\") > i && math.greatest(l[0], i, 2) < i + d",
     NULL},
};

#define VARIABLE(name, type) {{name, sizeof(name) - 1}, {type, sizeof(type) - 1}}

static const struct expression_variable variables[] = {
    VARIABLE("l", "list(int)"),        VARIABLE("d", "dyn"), VARIABLE("s", "string"),
    VARIABLE("o", "optional(string)"), VARIABLE("i", "int"), VARIABLE("m", "map(dyn, dyn)"),
};

static const struct value three[] = {{.kind = TYPE_INT, .as.integer = 1},
                                     {.kind = TYPE_INT, .as.integer = 2},
                                     {.kind = TYPE_INT, .as.integer = 3}};
static const struct value text = {.kind = TYPE_STRING, .length = 1, .as.text = "s"};
static const struct value pair[] = {{.kind = TYPE_STRING, .length = 2, .as.text = "ss"},
                                    {.kind = TYPE_INT, .as.integer = 2}};
static const struct value inputs[LEN(variables)] = {
    {.kind = TYPE_LIST, .depth = 1, .length = 3, .as.items = three},
    {.kind = TYPE_INT, .as.integer = 2},
    {.kind = TYPE_STRING, .length = 1, .as.text = "s"},
    {.kind = TYPE_OPTIONAL, .depth = 1, .length = 1, .as.items = &text},
    {.kind = TYPE_INT, .as.integer = 5},
    {.kind = TYPE_MAP, .depth = 1, .length = 1, .as.items = pair},
};

static const struct header_line request[] = {LINE(":method", "GET"), LINE(":path", "/b/../a?x=1"),
                                             LINE("x-a", "one"), LINE("x-a", "two"),
                                             LINE("x-n", "7")};
static const struct header_line response[] = {LINE(":status", "503"), LINE("server", "x")};

static uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static uint32_t random_below(uint64_t *state, uint32_t end) {
    return (uint32_t)((next_random(state) >> 16) % end);
}

// Small numbers and those already in use are the dangerous ones.
static uint16_t random_operand(uint64_t *state, const struct program *program) {
    switch (random_below(state, 6)) {
    case 0: return (uint16_t)random_below(state, 8);
    case 1: return (uint16_t)random_below(state, program->registers + 1);
    case 2: return K(random_below(state, program->constant_count + 1));
    case 3: return H(random_below(state, program->slot_count + 1));
    case 4: return (uint16_t)random_below(state, program->code_count + 2);
    default: return (uint16_t)next_random(state);
    }
}

// A program's parts that are changed, each in memory of its own size.
struct changed {
    struct program program;
    struct instruction *code;
    uint16_t *handler_of;
    struct handler *handlers;
};

static void copy_changed(struct changed *changed, const struct program *from) {
    memcpy(changed->code, from->code, from->code_count * sizeof *from->code);
    memcpy(changed->handler_of, from->handler_of, from->code_count * sizeof *from->handler_of);
    if (from->handler_count == 0) return;
    memcpy(changed->handlers, from->handlers, from->handler_count * sizeof *from->handlers);
}

static struct changed begin_changed(const struct program *from) {
    struct changed changed = {.program = *from};
    changed.code = malloc(from->code_count * sizeof *changed.code);
    changed.handler_of = malloc(from->code_count * sizeof *changed.handler_of);
    changed.handlers = malloc((from->handler_count + 1) * sizeof *changed.handlers);
    assert_true(changed.code != NULL && changed.handler_of != NULL && changed.handlers != NULL);
    changed.program.code = changed.code;
    changed.program.handler_of = changed.handler_of;
    changed.program.handlers = changed.handlers;
    changed.program.steps = 1000;
    return changed;
}

static void end_changed(struct changed *changed) {
    free(changed->code);
    free(changed->handler_of);
    free(changed->handlers);
}

// The next of the loops' instructions from a random place on, or whatever is there.
static struct instruction *random_loop(uint64_t *state, struct changed *changed) {
    uint32_t count = changed->program.code_count;
    uint32_t from = random_below(state, count);
    for (uint32_t i = 0; i < count; i++) {
        struct instruction *at = &changed->code[(from + i) % count];
        if (at->op == OP_EACH || at->op == OP_EACH_PAIR || at->op == OP_LOOP) return at;
    }
    return &changed->code[from];
}

// A walk moves by a register, goes over something else, ends elsewhere, or ends another's round.
static void mutate_loop(uint64_t *state, struct changed *changed) {
    struct instruction *at = random_loop(state, changed);
    switch (random_below(state, 5)) {
    case 0: at->a++; break;
    case 1: at->a--; break;
    case 2: at->b = random_operand(state, &changed->program); break;
    case 3: at->c = (uint16_t)random_below(state, changed->program.code_count); break;
    default: at->op = at->op == OP_EACH ? OP_EACH_PAIR : OP_EACH; break;
    }
}

static void mutate_handlers(uint64_t *state, struct changed *changed, uint32_t at) {
    const struct program *program = &changed->program;
    changed->handler_of[at] = (uint16_t)random_below(state, program->handler_count + 2);
    if (program->handler_count == 0) return;
    struct handler *handler = &changed->handlers[random_below(state, program->handler_count)];
    switch (random_below(state, 3)) {
    case 0: handler->target = random_operand(state, program); break;
    case 1: handler->error_register = (uint16_t)random_below(state, program->registers + 1); break;
    default: break;
    }
}

static void mutate(uint64_t *state, struct changed *changed) {
    uint32_t place = random_below(state, changed->program.code_count);
    uint32_t other = random_below(state, changed->program.code_count);
    struct instruction *at = &changed->code[place];
    struct instruction was = *at;
    switch (random_below(state, 8)) {
    case 0: at->op = (uint16_t)random_below(state, OP_TOTAL + 1); break;
    case 1: at->a = random_operand(state, &changed->program); break;
    case 2: at->b = random_operand(state, &changed->program); break;
    case 3: at->c = random_operand(state, &changed->program); break;
    case 4: mutate_handlers(state, changed, place); break;
    case 5: mutate_loop(state, changed); break;
    case 6: *at = changed->code[other]; break;
    default: *at = changed->code[other]; changed->code[other] = was;
    }
}

static void run_body(struct running *running, enum message_kind of) {
    struct run *run = &running->run;
    const struct cap *cap;
    run_body_gate(run, of);
    running_effects(running);
    run_lose_body(run, of);
    running_effects(running);
    run_await_body(run, of);
    running_effects(running);
    while (of == MESSAGE_REQUEST && (cap = run_take_cap(run, UINT64_MAX)) != NULL) {
        run_cap(run, cap);
        running_effects(running);
    }
    run_load_body(run, of, slice_of("{\"a\": 1, \"user\": \"ada\"}"), false);
}

static void run_changed(struct running *running) {
    const struct program *program = running->program;
    if (!running_begin(running, 32)) return;
    if (program->entry[PHASE_TOTAL] != NO_ENTRY) {
        memcpy(running->run.registers, inputs, program->input_count * sizeof *inputs);
        run_expression(&running->run);
        return;
    }
    for (uint32_t phase = 0; phase < PHASE_TOTAL; phase++) {
        bool first = phase == PHASE_REQUEST;
        running_phase(running, (enum phase)phase, first ? request : response,
                      first ? LEN(request) : LEN(response));
        running_effects(running);
        if (first) run_body(running, MESSAGE_REQUEST);
        if (phase == PHASE_RESPONSE) run_body(running, MESSAGE_RESPONSE);
    }
}

static void compile_expression(struct running *running, const char *source) {
    struct expression_options options = {.variables = variables, .variable_count = LEN(variables)};
    struct diagnostics diagnostics;
    struct expression expression;
    diag_init(&diagnostics, &running->keep);
    bool compiled =
        expression_compile(&running->keep, slice_of(source), &options, &diagnostics, &expression);
    diag_render_all(&diagnostics, &running->report);
    if (!compiled) fail_msg("%.*s", (int)running->report.length, running->report.at);
    running->program = expression.program;
}

enum { MUTATIONS = 200000 };

static void change_one(const struct original *original, uint32_t mutations, uint64_t *state) {
    struct running running;
    uint32_t accepted = 0;
    const char *why;
    running_init(&running);
    if (original->data == NULL) {
        compile_expression(&running, original->text);
    } else {
        running_must_compile(&running, original->text, original->data);
    }
    const struct program good = *running.program;
    struct changed changed = begin_changed(&good);
    running.program = &changed.program;
    for (uint32_t i = 0; i < mutations; i++) {
        copy_changed(&changed, &good);
        for (uint32_t more = 0; more <= i % 3; more++)
            mutate(state, &changed);
        if (verifying_outcome(&changed.program, &why) != VERIFY_OK) continue;
        accepted++;
        run_changed(&running);
        arena_reset(&running.host_arena);
        fake_host_init(&running.host, &running.host_arena);
    }
    print_message("%u of %u accepted\n", accepted, mutations);
    assert_in_range(accepted, mutations / 50, mutations / 2);
    end_changed(&changed);
    running_end(&running);
}

static void changed_programs_are_refused_or_run(void **unused) {
    (void)unused;
    uint64_t state = 88172645463325252u;
    for (uint32_t i = 0; i < LEN(originals); i++)
        change_one(&originals[i], MUTATIONS / LEN(originals), &state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changed_programs_are_refused_or_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
