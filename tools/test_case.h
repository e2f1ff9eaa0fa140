// One test of a test file, from fresh state to its verdict.
#ifndef WEIR_TOOLS_TEST_CASE_H
#define WEIR_TOOLS_TEST_CASE_H

#include "engine/testing.h"
#include "tools/files.h"

enum test_verdict { TEST_PASSED, TEST_FAILED, TEST_BROKEN };

// Runs the test of that number. `details` gets what to say about it, lines indented by two: why it
// failed, or why it could not run at all (no memory: TEST_BROKEN). `head` gets `FILE:LINE:COL:
// TITLE`.
enum test_verdict test_case_run(const struct engine_input *input, const struct file *file,
                                uint32_t number, struct text *head, struct text *details);

#endif
