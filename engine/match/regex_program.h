// What a compiled regex holds; for the files of the regex engine only.
#ifndef WEIR_MATCH_REGEX_PROGRAM_H
#define WEIR_MATCH_REGEX_PROGRAM_H

#include "engine/base/arena.h"

enum regex_op {
    REGEX_FAIL,   // instruction 0 of every program
    REGEX_BYTE,   // a byte low … high, then out; `more`: the next instruction is another choice
    REGEX_SPLIT,  // out first, then other
    REGEX_JUMP,   // out
    REGEX_SAVE,   // the position goes into slot `other`
    REGEX_ASSERT, // every bit of `other` must hold here
    REGEX_MATCH,
};

// Bits of `other` in ASSERT, seen in the direction in which the program reads.
enum {
    REGEX_BEGIN_TEXT = 1,
    REGEX_END_TEXT = 2,
    REGEX_BEGIN_LINE = 4,
    REGEX_END_LINE = 8,
    REGEX_WORD_EDGE = 16,
    REGEX_NO_WORD_EDGE = 32,
};

// What is known of the place before a byte.
enum { REGEX_AT_BEGIN = 1, REGEX_AFTER_NEWLINE = 2, REGEX_AFTER_WORD = 4 };

enum { REGEX_END = 256 }; // in place of a byte: the end of the text

struct regex_inst {
    uint8_t op; // enum regex_op
    bool more;
    uint8_t low;
    uint8_t high;
    uint16_t out;
    uint16_t other;
};

struct regex_program {
    const struct regex_inst *code;
    uint16_t count;
    uint16_t start;
    bool backward; // reads the text from its end: a match is then the longest one
};

enum { REGEX_LITERAL_MOST = 16 };

// Bytes to look for.
struct regex_literal {
    uint8_t length;
    uint8_t rare; // which of the bytes is thought to be the rarest
    char bytes[REGEX_LITERAL_MOST];
};

struct regex {
    struct regex_program programs[2]; // forward and backward; the latter may have no code
    uint8_t classes_of[256]; // class of a byte; bytes of a class are the same to the programs
    uint16_t classes;
    uint16_t groups; // without the whole match
    const slice *names;
    bool anchored;                 // every match begins at the beginning of the text
    bool anchored_end;             // `reverse` matches from the end of the text only
    uint8_t context;               // the bits of REGEX_AT_BEGIN … that the programs ask for
    bool whole;                    // `prefix` is all there is
    struct regex_literal prefix;   // every match begins with it; length 0: nothing is known
    struct regex_literal required; // every match holds it
    const uint32_t *starts;        // of regex_filter; NULL: matches may begin with too much
};

static inline bool regex_is_word(uint32_t byte) {
    uint32_t lower = byte | 0x20;
    return (byte < 256 && lower - 'a' < 26) || byte - '0' < 10 || byte == '_';
}

static inline uint8_t regex_context_after(uint32_t byte) {
    return (uint8_t)((byte == '\n' ? REGEX_AFTER_NEWLINE : 0) |
                     (regex_is_word(byte) ? REGEX_AFTER_WORD : 0));
}

// What is known of a place by the byte behind it.
static inline uint8_t regex_context_at(slice text, uint32_t at) {
    return at == 0 ? REGEX_AT_BEGIN : regex_context_after((uint8_t)text.at[at - 1]);
}

// The assertions that hold between what the context says and the next byte (or REGEX_END).
static inline uint32_t regex_holds(uint8_t context, uint32_t byte) {
    bool begin = (context & REGEX_AT_BEGIN) != 0;
    bool edge = ((context & REGEX_AFTER_WORD) != 0) != regex_is_word(byte);
    return (begin ? REGEX_BEGIN_TEXT : 0u) |
           (begin || (context & REGEX_AFTER_NEWLINE) ? REGEX_BEGIN_LINE : 0u) |
           (byte == REGEX_END ? REGEX_END_TEXT : 0u) |
           (byte == REGEX_END || byte == '\n' ? REGEX_END_LINE : 0u) |
           (edge ? REGEX_WORD_EDGE : REGEX_NO_WORD_EDGE);
}

#endif
