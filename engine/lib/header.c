// The bytes of names and values, and the table of headers that are not for rules.
#include "engine/lib/header.h"

#include "engine/base/limits.h"

static bool is_token_byte(char c) {
    static const char marks[] = "!#$%&'*+-.^_`|~";
    char lower = ascii_lower(c);
    if ((lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9')) return true;
    return memchr(marks, c, sizeof marks - 1) != NULL;
}

bool header_name_valid(slice name) {
    if (name.length == 0 || name.length > LIMIT_HEADER_NAME) return false;
    for (uint32_t i = 0; i < name.length; i++) {
        if (!is_token_byte(name.at[i])) return false;
    }
    return true;
}

bool header_value_valid(slice value) {
    for (uint32_t i = 0; i < value.length; i++) {
        uint8_t byte = (uint8_t)value.at[i];
        if ((byte < 0x20 && byte != '\t') || byte == 0x7f) return false;
    }
    return true;
}

enum form { FORM_EXACT, FORM_PREFIX };
enum message { MESSAGE_ANY, MESSAGE_REQUEST };

struct target_row {
    const char *name; // lower case
    uint8_t length;
    uint8_t form;
    uint8_t message;
    bool may_set;
    bool may_remove;
};

static const struct target_row targets[] = {
#define HEADER_TARGET(form, name, message, set, remove)                                            \
    {name, sizeof(name) - 1, FORM_##form, MESSAGE_##message, set, remove},
#include "engine/tbl/header_targets.h"
#undef HEADER_TARGET
};

// Lengths differ for most rows, so few names are compared at all.
static bool row_matches(const struct target_row *row, slice name) {
    if (name.length < row->length) return false;
    if (row->form == FORM_EXACT && name.length != row->length) return false;
    return slice_equal_folded(slice_cut(name, 0, row->length), slice_from(row->name, row->length));
}

bool header_target_allowed(slice name, bool response, bool removing) {
    for (uint32_t i = 0; i < LEN(targets); i++) {
        const struct target_row *row = &targets[i];
        if (response && row->message == MESSAGE_REQUEST) continue;
        if (row_matches(row, name)) return removing ? row->may_remove : row->may_set;
    }
    return true;
}
