// Printing with the C library: only tests do that.
#include "tests/differential/show.h"

#include <inttypes.h>
#include <stdio.h>

static void show_text(const char *prefix, slice text) {
    printf("%s\"", prefix);
    for (uint32_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.at[i];
        bool plain = c >= ' ' && c != 0x7f && c != '"' && c != '\\' && (c < 0x80 || *prefix != 'b');
        printf(plain ? "%c" : "\\x%02x", c);
    }
    putchar('"');
}

static void show_items(struct value value) {
    bool map = value.kind == TYPE_MAP;
    for (uint32_t i = 0; i < value_held(value); i++) {
        if (i > 0) printf(map && i % 2 == 1 ? ": " : ", ");
        show_value(value.as.items[i]);
    }
}

void show_value(struct value value) {
    switch ((enum type)value.kind) {
    case TYPE_NULL: printf("null"); break;
    case TYPE_BOOL: printf(value.as.boolean ? "true" : "false"); break;
    case TYPE_INT: printf("%" PRId64, value.as.integer); break;
    case TYPE_UINT: printf("%" PRIu64 "u", value.as.natural); break;
    case TYPE_DOUBLE: printf("double(%.17g)", value.as.real); break;
    case TYPE_STRING: show_text("", value_text(value)); break;
    case TYPE_BYTES: show_text("b", value_text(value)); break;
    case TYPE_DURATION: printf("duration of %" PRId64 " ns", value.as.integer); break;
    case TYPE_TIMESTAMP:
        printf("timestamp at %" PRId64 ".%09" PRIu32, value.as.integer, value.length);
        break;
    case TYPE_LIST:
    case TYPE_MAP:
    case TYPE_OPTIONAL:
        printf(value.kind == TYPE_LIST ? "[" : value.kind == TYPE_MAP ? "{" : "optional(");
        show_items(value);
        printf(value.kind == TYPE_LIST ? "]" : value.kind == TYPE_MAP ? "}" : ")");
        break;
    case TYPE_ERROR: printf("error: %s", failure_words((enum failure)value.as.integer)); break;
    default:
        show_text(type_name((enum type)value.kind),
                  value_is_text(value) ? value_text(value) : slice_of(""));
        break;
    }
}

static void show_input(const struct generated_input *input) {
    char type[160];
    kind_print(input->kind, type, sizeof type);
    printf("    %s %s%s = ", input->name, type, input->dynamic ? " (declared dyn)" : "");
    show_value(input->value);
    putchar('\n');
}

void show_case(const struct compare *compare, slice text, const struct generated_input *inputs,
               uint32_t count) {
    printf("    %.*s\n", (int)text.length, text.at);
    for (uint32_t i = 0; i < count; i++) {
        if (slice_find(text, slice_of(inputs[i].name)) >= 0) show_input(&inputs[i]);
    }
    printf("    evaluator: ");
    show_value(compare->value);
    putchar('\n');
    for (uint32_t way = 0; way < COMPARE_WAYS; way++) {
        const struct compare_result *result = &compare->results[way];
        if (!result->asked) continue;
        printf("    %s: ", compare_way_names[way]);
        if (result->refused) {
            printf("refused: %.*s", (int)result->message.length, result->message.at);
        } else {
            show_value(result->value);
        }
        printf("   [%s]\n", compare_verdict_names[result->verdict]);
    }
}

uint64_t show_hash_text(uint64_t hash, slice text) {
    for (uint32_t i = 0; i < text.length; i++)
        hash = (hash ^ (unsigned char)text.at[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static uint64_t hash_number(uint64_t hash, uint64_t number) {
    for (uint32_t i = 0; i < 64; i += 8)
        hash = (hash ^ (number >> i & 0xff)) * UINT64_C(0x100000001b3);
    return hash;
}

uint64_t show_hash(uint64_t hash, struct value value) {
    uint64_t bits = value.as.natural;
    hash = hash_number(hash, value.kind);
    switch ((enum type)value.kind) {
    case TYPE_NULL: return hash;
    case TYPE_BOOL: return hash_number(hash, value.as.boolean);
    case TYPE_DOUBLE: return hash_number(hash, value.as.real != value.as.real ? 1 : bits);
    case TYPE_TIMESTAMP: return hash_number(hash_number(hash, bits), value.length);
    case TYPE_INT:
    case TYPE_UINT:
    case TYPE_ERROR:
    case TYPE_DURATION: return hash_number(hash, bits);
    default: break;
    }
    hash = hash_number(hash, value.length);
    if (value_is_text(value)) return show_hash_text(hash, value_text(value));
    for (uint32_t i = 0; i < value_held(value); i++)
        hash = show_hash(hash, value.as.items[i]);
    return hash;
}
