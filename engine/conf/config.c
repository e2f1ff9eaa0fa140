// From the JSON of pluginConfig to rule texts, settings and data, with every fault reported.
#include "engine/conf/config.h"

#include "engine/base/limits.h"
#include "engine/conf/json_scan.h"
#include "engine/conf/json_tree.h"
#include "engine/lib/header.h"
#include "engine/match/cidr.h"

enum setting {
#define SETTING(name, text, kind) SETTING_##name,
#include "engine/tbl/settings.h"
#undef SETTING
    SETTING_TOTAL
};

static const slice setting_names[SETTING_TOTAL] = {
#define SETTING(name, text, kind) [SETTING_##name] = {text, sizeof text - 1},
#include "engine/tbl/settings.h"
#undef SETTING
};

static const slice level_words[LEVEL_TOTAL] = {
#define LEVEL(name, text) [LEVEL_##name] = {text, sizeof text - 1},
#include "engine/tbl/levels.h"
#undef LEVEL
};

// Members of pluginConfig that are weir's own.
static const slice own_keys[] = {{"rules", 5}, {"weir", 4}};

struct reader {
    struct arena *arena;
    struct diagnostics *diagnostics;
    struct config *config;
};

static slice number_text(struct reader *reader, uint64_t number) {
    struct text text;
    text_init(&text, reader->arena);
    text_add_uint(&text, number);
    if (text.failed) reader->diagnostics->out_of_memory = true;
    return text_slice(&text);
}

static slice form_text(struct reader *reader, const char *form, const slice *arguments) {
    struct text text;
    text_init(&text, reader->arena);
    text_add_form(&text, form, arguments);
    if (text.failed) reader->diagnostics->out_of_memory = true;
    return text_slice(&text);
}

static void report(struct reader *reader, enum error error, uint32_t node, const slice *arguments) {
    const struct json_index *index = &reader->config->index;
    struct span span = {index->nodes[node].start, index->nodes[node].end, index->source};
    diag_report(reader->diagnostics, error, &span, arguments);
}

static void report_key(struct reader *reader, enum error error, uint32_t node,
                       const slice *arguments) {
    const struct json_index *index = &reader->config->index;
    struct span span = {index->nodes[node].key_start, index->nodes[node].key_end, index->source};
    diag_report(reader->diagnostics, error, &span, arguments);
}

static void report_type(struct reader *reader, uint32_t node, slice name, const char *wanted) {
    report(reader, ERROR_CONFIG_TYPE, node, (slice[]){name, slice_of(wanted)});
}

static void suggest(struct reader *reader, slice wanted, const slice *names, uint32_t count) {
    slice nearest = diag_nearest(wanted, names, count);
    if (nearest.length > 0) diag_help(reader->diagnostics, "did you mean `{0}`?", &nearest);
}

// The index of `name` among the names, or `count`.
static uint32_t find_name(slice name, const slice *names, uint32_t count) {
    uint32_t at = 0;
    while (at < count && !slice_equal(name, names[at]))
        at++;
    return at;
}

static slice node_text(const struct reader *reader, uint32_t node) {
    return value_text(reader->config->values[node]);
}

static bool is_string(const struct reader *reader, uint32_t node) {
    return reader->config->index.nodes[node].kind == JSON_STRING;
}

static void add_text(struct reader *reader, uint32_t node, slice name, uint64_t *total) {
    struct config *config = reader->config;
    slice text = node_text(reader, node);
    bool fitted = *total <= LIMIT_RULE_TEXT;
    *total += text.length;
    if (*total > LIMIT_RULE_TEXT) {
        slice numbers[] = {number_text(reader, LIMIT_RULE_TEXT), number_text(reader, *total)};
        if (fitted) report(reader, ERROR_TEXT_TOO_LONG, node, numbers); // the first one over it
        return;
    }
    if (text.length > 0) config->empty = false;
    uint32_t source = diag_source(reader->diagnostics, name, text);
    config->texts[config->text_count++] = (struct config_text){text, source, node};
}

static void read_rule_list(struct reader *reader, uint32_t list) {
    const struct json_node *nodes = reader->config->index.nodes;
    uint64_t total = 0;
    uint32_t position = 0;
    for (uint32_t at = list + 1; at < nodes[list].next; at = nodes[at].next) {
        slice number = number_text(reader, position++);
        slice name = form_text(reader, "rules[{0}]", &number);
        if (is_string(reader, at)) {
            add_text(reader, at, name, &total);
        } else {
            report_type(reader, at, name, "a string");
        }
    }
}

static void read_rules(struct reader *reader, uint32_t node) {
    const struct json_node *at = &reader->config->index.nodes[node];
    if (at->kind != JSON_STRING && at->kind != JSON_ARRAY) {
        report_type(reader, node, own_keys[0], "a string or a list of strings");
        return;
    }
    uint32_t count = at->kind == JSON_STRING ? 1 : at->count;
    reader->config->texts = arena_array(reader->arena, count, sizeof *reader->config->texts);
    if (reader->config->texts == NULL) {
        reader->diagnostics->out_of_memory = true;
        return;
    }
    uint64_t total = 0;
    if (at->kind == JSON_ARRAY) {
        read_rule_list(reader, node);
    } else {
        add_text(reader, node, own_keys[0], &total);
    }
}

// A whole number from `least` to `most`, which are at most 2^53.
static uint64_t read_whole(struct reader *reader, uint32_t node, slice name, uint64_t least,
                           uint64_t most) {
    struct value value = reader->config->values[node];
    bool number = value.kind == TYPE_DOUBLE;
    bool large = number && (value.as.real < (double)least || value.as.real > (double)most);
    if (large) {
        slice arguments[] = {name, number_text(reader, least), number_text(reader, most)};
        report(reader, ERROR_CONFIG_RANGE, node, arguments);
        return least;
    }
    if (number && (double)(uint64_t)value.as.real == value.as.real) return (uint64_t)value.as.real;
    report_type(reader, node, name, "a whole number");
    return least;
}

static bool is_namespace(slice text) {
    if (text.length == 0 || text.length > LIMIT_NAMESPACE) return false;
    for (uint32_t i = 0; i < text.length; i++) {
        char c = text.at[i];
        char lower = ascii_lower(c);
        bool plain = (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9');
        if (!plain && c != '_' && c != '.' && c != '-') return false;
    }
    return true;
}

static void read_namespace(struct reader *reader, uint32_t node, slice name) {
    if (is_string(reader, node) && is_namespace(node_text(reader, node))) {
        reader->config->settings.namespace_ = node_text(reader, node);
        return;
    }
    slice most = number_text(reader, LIMIT_NAMESPACE);
    slice wanted =
        form_text(reader, "a string of 1 to {0} letters, digits, `_`, `.` and `-`", &most);
    report(reader, ERROR_CONFIG_TYPE, node, (slice[]){name, wanted});
}

static void read_jwt(struct reader *reader, uint32_t node, slice name) {
    bool good = is_string(reader, node) && node_text(reader, node).length > 0;
    if (good) {
        reader->config->settings.jwt = node_text(reader, node);
    } else {
        report_type(reader, node, name, "a string that is not empty");
    }
}

static void read_level(struct reader *reader, uint32_t node, slice name) {
    slice word = is_string(reader, node) ? node_text(reader, node) : slice_of(NULL);
    uint32_t level = find_name(word, level_words, LEVEL_TOTAL);
    if (level < LEVEL_TOTAL) {
        reader->config->settings.log_level = (enum level)level;
        return;
    }
    struct text wanted;
    text_init(&wanted, reader->arena);
    text_add_string(&wanted, "one of");
    for (uint32_t i = 0; i < LEVEL_TOTAL; i++) {
        text_add_string(&wanted, i == 0 ? " " : ", ");
        text_add(&wanted, level_words[i]);
    }
    if (wanted.failed) reader->diagnostics->out_of_memory = true;
    report(reader, ERROR_CONFIG_TYPE, node, (slice[]){name, text_slice(&wanted)});
    suggest(reader, word, level_words, LEVEL_TOTAL);
}

static void read_mode(struct reader *reader, uint32_t node, slice name) {
    static const slice modes[] = {{"enforce", 7}, {"shadow", 6}};
    slice word = is_string(reader, node) ? node_text(reader, node) : slice_of(NULL);
    uint32_t mode = find_name(word, modes, LEN(modes));
    reader->config->settings.shadow = mode == 1;
    if (mode < LEN(modes)) return;
    report_type(reader, node, name, "one of enforce, shadow");
    suggest(reader, word, modes, LEN(modes));
}

static bool read_flag(struct reader *reader, uint32_t node, slice name) {
    enum json_kind kind = reader->config->index.nodes[node].kind;
    bool flag = kind == JSON_TRUE || kind == JSON_FALSE;
    if (!flag) report_type(reader, node, name, "true or false");
    return kind == JSON_TRUE;
}

enum trust_key { TRUST_HOPS, TRUST_CIDRS, TRUST_HEADER, TRUST_KEYS };

static const slice trust_names[TRUST_KEYS] = {{"hops", 4}, {"cidrs", 5}, {"header", 6}};

static void read_networks(struct reader *reader, uint32_t node, slice name) {
    const struct cidr_set *set;
    struct value list = reader->config->values[node];
    uint32_t bad = 0;
    bool strings = list.kind == TYPE_LIST && list.length > 0;
    for (uint32_t i = 0; strings && i < list.length; i++)
        strings = list.as.items[i].kind == TYPE_STRING;
    if (!strings) {
        report_type(reader, node, name, "a list of one or more networks as strings");
        return;
    }
    enum failure failure = cidr_set_build(reader->arena, list, &set, &bad);
    if (failure == FAILURE_NO_MEMORY) reader->diagnostics->out_of_memory = true;
    if (failure == FAILURE_ADDRESS) {
        slice arguments[] = {name, number_text(reader, bad)};
        slice entry = form_text(reader, "{0}[{1}]", arguments);
        uint32_t at = node + 1 + bad; // strings have no nodes inside
        report_type(reader, at, entry, "a network or an address: \"10.0.0.0/8\", \"2001:db8::1\"");
    }
    reader->config->settings.trust.networks = list;
}

static void read_trust_header(struct reader *reader, uint32_t node, slice name) {
    slice text = is_string(reader, node) ? node_text(reader, node) : slice_of(NULL);
    char *lower = arena_take_raw(reader->arena, (size_t)text.length + 1);
    if (lower == NULL) {
        reader->diagnostics->out_of_memory = true;
        return;
    }
    for (uint32_t i = 0; i < text.length; i++)
        lower[i] = ascii_lower(text.at[i]);
    if (header_name_valid(text)) {
        reader->config->settings.trust.header = slice_from(lower, text.length);
    } else {
        report_type(reader, node, name, "the name of a header");
    }
}

// One way of three: together they could name two clients.
static void read_trust(struct reader *reader, uint32_t node, slice name) {
    const struct json_node *nodes = reader->config->index.nodes;
    if (nodes[node].kind != JSON_OBJECT || nodes[node].count != 1) {
        report_type(reader, node, name, "an object with one of hops, cidrs, header");
        return;
    }
    uint32_t at = node + 1;
    slice key = value_text(reader->config->values[node].as.items[0]);
    slice whole = form_text(reader, "weir.trust.{0}", &key);
    struct trust_settings *trust = &reader->config->settings.trust;
    switch (find_name(key, trust_names, TRUST_KEYS)) {
    case TRUST_HOPS:
        trust->hops = (uint32_t)read_whole(reader, at, whole, 0, LIMIT_TRUST_HOPS);
        return;
    case TRUST_CIDRS: read_networks(reader, at, whole); return;
    case TRUST_HEADER: read_trust_header(reader, at, whole); return;
    default: break;
    }
    slice shown = form_text(reader, "trust.{0}", &key);
    report_key(reader, ERROR_CONFIG_UNKNOWN, at, &shown);
    suggest(reader, key, trust_names, TRUST_KEYS);
}

static void read_known(struct reader *reader, enum setting setting, uint32_t node) {
    struct settings *settings = &reader->config->settings;
    slice name = form_text(reader, "weir.{0}", &setting_names[setting]);
    switch (setting) {
    case SETTING_NAMESPACE: read_namespace(reader, node, name); return;
    case SETTING_STEPS:
        settings->steps = read_whole(reader, node, name, 1, LIMIT_STEPS_MOST);
        return;
    case SETTING_MEMORY:
        settings->memory =
            (uint32_t)read_whole(reader, node, name, LIMIT_MEMORY_LEAST, LIMIT_MEMORY_MOST);
        return;
    case SETTING_MAX_KEYS:
        settings->max_keys = (uint32_t)read_whole(reader, node, name, 1, LIMIT_KEYS_MOST);
        return;
    case SETTING_BODY_LIMIT:
        settings->body_limit =
            (uint32_t)read_whole(reader, node, name, LIMIT_BODY_LEAST, LIMIT_BODY_MOST);
        return;
    case SETTING_TRUST: read_trust(reader, node, name); return;
    case SETTING_JWT: read_jwt(reader, node, name); return;
    case SETTING_LOG_LEVEL: read_level(reader, node, name); return;
    case SETTING_MODE: read_mode(reader, node, name); return;
    case SETTING_HOLD_HEADERS: settings->hold_headers = read_flag(reader, node, name); return;
    case SETTING_DECISION_HEADER: settings->decision_header = read_flag(reader, node, name); return;
    case SETTING_TOTAL: return;
    }
}

static void read_setting(struct reader *reader, slice key, uint32_t node) {
    uint32_t setting = find_name(key, setting_names, SETTING_TOTAL);
    if (setting == SETTING_TOTAL) {
        report_key(reader, ERROR_CONFIG_UNKNOWN, node, &key);
        suggest(reader, key, setting_names, SETTING_TOTAL);
    } else {
        read_known(reader, (enum setting)setting, node);
    }
}

// A body that no request has memory for is none that rules could see.
static void check_body_limit(struct reader *reader, uint32_t settings) {
    const struct settings *read = &reader->config->settings;
    uint32_t node = json_child(&reader->config->index, settings, setting_names[SETTING_BODY_LIMIT]);
    if (node == JSON_NONE || read->body_limit <= read->memory) return;
    slice arguments[] = {
        slice_of("weir.body_limit"), number_text(reader, LIMIT_BODY_LEAST),
        form_text(reader, "weir.memory, {0}", (slice[]){number_text(reader, read->memory)})};
    report(reader, ERROR_CONFIG_RANGE, node, arguments);
}

static void read_settings(struct reader *reader, uint32_t node) {
    const struct json_node *nodes = reader->config->index.nodes;
    if (nodes[node].kind != JSON_OBJECT) {
        report_type(reader, node, own_keys[1], "an object");
        return;
    }
    const struct value *members = reader->config->values[node].as.items;
    for (uint32_t at = node + 1; at < nodes[node].next; at = nodes[at].next, members += 2) {
        read_setting(reader, value_text(*members), at);
    }
    check_body_limit(reader, node);
}

static bool is_own(slice key) {
    return find_name(key, own_keys, LEN(own_keys)) < LEN(own_keys);
}

// Takes weir's own members out of the whole value, which is this reader's own until it returns.
static struct value data_of(struct value whole) {
    struct value *items = (struct value *)whole.as.items;
    struct value data = {.kind = TYPE_MAP, .depth = 1, .as.items = items};
    for (uint32_t i = 0; i < whole.length; i++) {
        if (is_own(value_text(items[i * 2]))) continue;
        uint32_t to = data.length++ * 2;
        items[to] = items[i * 2];
        items[to + 1] = items[i * 2 + 1];
        uint8_t depth = (uint8_t)(items[to + 1].depth + 1);
        if (depth > data.depth) data.depth = depth;
    }
    return data;
}

static bool take_data(struct reader *reader) {
    struct config *config = reader->config;
    config->values[CONFIG_ROOT] = data_of(config->values[CONFIG_ROOT]);
    config->data = config->values[CONFIG_ROOT];
    // Room at once, as the data is no longer than the text: growth would hold twice as much.
    uint32_t most = config->index.text.length;
    struct text json = {.arena = reader->arena, .capacity = most};
    json.at = arena_take_raw(reader->arena, most);
    if (json.at == NULL) return false;
    json_minify_without(&json, &config->index, CONFIG_ROOT, own_keys, LEN(own_keys));
    config->data_json = text_slice(&json);
    return !json.failed;
}

static bool is_blank(slice text) {
    for (uint32_t i = 0; i < text.length; i++) {
        char c = text.at[i];
        if (c != ' ' && c != '\t' && c != '\n' && c != '\r') return false;
    }
    return true;
}

// The JSON and its data; false when it was refused.
static bool open_json(struct reader *reader, slice text, slice source_name) {
    struct config *config = reader->config;
    *config = (struct config){.empty = true,
                              .settings = {.steps = LIMIT_STEPS_DEFAULT,
                                           .memory = LIMIT_MEMORY_DEFAULT,
                                           .max_keys = LIMIT_KEYS_DEFAULT,
                                           .body_limit = LIMIT_BODY_DEFAULT,
                                           .log_level = LEVEL_WARN,
                                           .jwt = slice_of("payload")}};
    if (is_blank(text)) text = slice_of("{}");
    uint32_t source = diag_source(reader->diagnostics, source_name, text);
    if (reader->diagnostics->out_of_memory) return false;
    if (!json_scan(reader->arena, reader->diagnostics, source, text, &config->index)) return false;
    if (config->index.nodes[CONFIG_ROOT].kind != JSON_OBJECT) {
        report(reader, ERROR_CONFIG_OBJECT, CONFIG_ROOT, NULL);
        return false;
    }
    bool held = json_tree_values(reader->arena, &config->index, &config->values);
    if (!held || !take_data(reader)) reader->diagnostics->out_of_memory = true;
    return !reader->diagnostics->out_of_memory;
}

bool config_read(struct arena *arena, struct diagnostics *diagnostics, slice text,
                 struct config *out) {
    struct reader reader = {arena, diagnostics, out};
    uint32_t reported = diagnostics->count;
    if (!open_json(&reader, text, slice_of("config"))) return false;
    uint32_t rules = json_child(&out->index, CONFIG_ROOT, own_keys[0]);
    uint32_t settings = json_child(&out->index, CONFIG_ROOT, own_keys[1]);
    if (rules != JSON_NONE) read_rules(&reader, rules);
    if (settings != JSON_NONE) read_settings(&reader, settings);
    return diagnostics->count == reported && !diagnostics->out_of_memory;
}

bool config_read_data(struct arena *arena, struct diagnostics *diagnostics, slice text,
                      slice source_name, struct config *out) {
    struct reader reader = {arena, diagnostics, out};
    uint32_t reported = diagnostics->count;
    if (!open_json(&reader, text, source_name)) return false;
    uint32_t settings = json_child(&out->index, CONFIG_ROOT, own_keys[1]);
    if (settings != JSON_NONE) read_settings(&reader, settings);
    return diagnostics->count == reported && !diagnostics->out_of_memory;
}

uint32_t config_child(const struct config *config, uint32_t node, slice key) {
    if (node == CONFIG_ROOT && is_own(key)) return JSON_NONE;
    return json_child(&config->index, node, key);
}

void config_json(const struct config *config, uint32_t node, struct text *out) {
    if (node == CONFIG_ROOT) {
        text_add(out, config->data_json);
    } else {
        json_minify(out, &config->index, node);
    }
}
