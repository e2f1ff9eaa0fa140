// Every hard limit of weir, once, each with its reason. Messages name them; tests sit at and over.
#ifndef WEIR_BASE_LIMITS_H
#define WEIR_BASE_LIMITS_H

enum {
    // Rule texts of one program together, bytes. A proxy keeps the configuration in memory for
    // every listener; larger sets belong into `config` data.
    LIMIT_RULE_TEXT = 1 << 20,
    // The whole pluginConfig, bytes: rules, escapes and the user's data.
    LIMIT_CONFIG_TEXT = 4 << 20,
    // Values in the pluginConfig: bounds the tree that cJSON builds (a `[0,0,…]` costs 40 bytes
    // of memory for 2 of text).
    LIMIT_CONFIG_VALUES = 200000,
    // Nesting of JSON, of expressions and of statements: every recursion over them is bounded by
    // it, and the module's stack is 128 KiB.
    LIMIT_NESTING = 64,
    // States of the parser; deep enough for LIMIT_NESTING levels of any construct.
    LIMIT_PARSER_STACK = 1024,
    // Nodes of the tree of all rule texts: the tree must fit the module's memory beside cJSON's.
    LIMIT_NODES = 200000,
    // Diagnostics kept of one run; more would only bury the first.
    LIMIT_DIAGNOSTICS = 100,
    // Rules, limiters and lets of a program: their numbers are operands of 16 bits.
    LIMIT_RULES = 4096,
    LIMIT_LIMITERS = 4096,
    LIMIT_LETS = 4096,
    LIMIT_GROUPS = 4096,
    // Instructions and constants of a program: jumps are 16 bits, constants 15.
    LIMIT_INSTRUCTIONS = 65536,
    LIMIT_CONSTANTS = 32768,
    // Bytes of strings, and items of lists and maps, that constants of one program may hold: what
    // is
    // folded must not grow beyond what was written (a let that doubles the one before).
    LIMIT_CONSTANT_BYTES = 8 << 20,
    LIMIT_CONSTANT_ITEMS = 1 << 19,
    // Bytes that constant folding may make out of smaller ones; beyond it, requests compute them.
    LIMIT_FOLDED_BYTES = 1 << 20,
    // Registers of one block of code.
    LIMIT_REGISTERS = 256,
    // Lets that wait for a let: frames of the interpreter.
    LIMIT_LET_DEPTH = 32,
    // Distinct constant header names that a program reads.
    LIMIT_HEADER_SLOTS = 4096,
    // Include files inside include files.
    LIMIT_INCLUDES = 64,
    // Steps of one phase of one request (setting `steps`): an instruction is one, and so are
    // each 64 bytes that an operation walks over.
    LIMIT_STEPS_DEFAULT = 100000,
    LIMIT_STEPS_MOST = 100000000,
    // Arena of one request, bytes (setting `memory`).
    LIMIT_MEMORY_DEFAULT = 256 << 10,
    LIMIT_MEMORY_LEAST = 64 << 10, // Envoy's own limit of 60 KiB of headers must fit
    LIMIT_MEMORY_MOST = 8 << 20,
    // A body that rules see, bytes (setting `body_limit`). Envoy holds 1 MiB of a stream by default
    // and answers 413 of itself beyond. What a limit of 0 would say is said by leaving out the rules.
    LIMIT_BODY_DEFAULT = 64 << 10,
    LIMIT_BODY_LEAST = 1,
    LIMIT_BODY_MOST = 1 << 20,
    // Proxies in front of this one (setting `trust`): no real chain is longer, and each is one more
    // entry that an attacker may write.
    LIMIT_TRUST_HOPS = 64,
    // Length of a string or bytes value made while a request runs.
    LIMIT_STRING = 1 << 20,
    // Headers that one phase may add or set, bytes of one value, and bytes of all: peers reset
    // connections at 100 headers or 60 KiB.
    LIMIT_HEADERS_ADDED = 64,
    LIMIT_HEADER_VALUE = 8 << 10,
    LIMIT_HEADERS_BYTES = 32 << 10,
    LIMIT_HEADER_NAME = 256,
    // Header lines of one message that rules see: Envoy refuses more than 100 by default.
    LIMIT_MESSAGE_LINES = 1024,
    // Body of a reply, bytes.
    LIMIT_REPLY_BODY = 64 << 10,
    // One line of the log, bytes after escaping.
    LIMIT_LOG_LINE = 1024,
    // Value of a tag, bytes after escaping: one of many in a line of an access log.
    LIMIT_TAG = 1024,
    // Name of a rule, limiter or let with its groups' prefix; namespace: both become metric names.
    LIMIT_NAME = 200,
    LIMIT_NAMESPACE = 200,
    // Parts of one limiter's key: each is a register and an entry of a descriptor.
    LIMIT_KEY_PARTS = 16,
    // Keys of one limiter: a place costs 64 bytes, of the proxy or of each worker.
    LIMIT_KEYS_DEFAULT = 65536,
    LIMIT_KEYS_MOST = 1 << 22,
    // Bytes that limiters of scope worker may keep in one worker: the module has 64 MiB, and an
    // update may hold two programs' worth for a while.
    LIMIT_WORKER_BYTES = 16 << 20,
    // Services of a program: one counts for any number of limiters.
    LIMIT_SERVICES = 64,
    // Milliseconds that a service may take to answer: a request waits so long.
    LIMIT_SERVICE_TIMEOUT = 60000,
    // Counters that `count` names in one program, values that one is counted by, and bytes of such
    // a value in a metric's name: the proxy keeps each metric for ever.
    LIMIT_COUNTERS = 256,
    LIMIT_LABELS = 64,
    LIMIT_LABEL = 64,
    // Swaps of a shared counter that may fail before `on_error` decides: each failure means that
    // another worker succeeded.
    LIMIT_SWAPS = 64,
    // Memory of all compiled patterns and sets of networks of one program: a module has 64 MiB.
    LIMIT_PREPARED_BYTES = 16 << 20,
    // Bytes of a regular expression; longer sets of words belong into `config` data.
    LIMIT_REGEX_PATTERN = 32 << 10,
    // Instructions of one regex: jumps are 15 bits and a flag, and a step of the slowest search may
    // look at each. RE2 stops at 87,000 of its own.
    LIMIT_REGEX_INSTRUCTIONS = 32767,
    // Counts of `{n,m}`, also multiplied where they are nested: what RE2 and Go accept.
    LIMIT_REGEX_REPEAT = 1000,
    // Parentheses inside parentheses, as Go has it: each holds some 300 bytes while a pattern is
    // read.
    LIMIT_REGEX_NESTING = 1000,
    // Capturing groups: each costs 8 bytes for each instruction that a search is in.
    LIMIT_REGEX_GROUPS = 255,
};

// Rates, bursts and costs: integers that a JSON number carries exactly (2^53).
#define LIMIT_RATE (UINT64_C(1) << 53)
// Streams at once that a concurrent limiter may admit: counted in 32 bits for each part of a lease.
#define LIMIT_CONCURRENT (UINT64_C(1) << 30)
// Debt of a bucket and tokens that a window took stop here: far from overflow, farther than any
// rate pays back.
#define LIMIT_DEBT (INT64_C(1) << 60)
// Nanoseconds that a worker may keep what it took ahead of a shared bucket, or remember a refusal.
#define LIMIT_LEASE_TIME (UINT64_C(50) * 1000000)
// Period of a rate, nanoseconds: one hundred years of 366 days.
#define LIMIT_PERIOD (UINT64_C(100) * 366 * 86400 * 1000000000)

#endif
