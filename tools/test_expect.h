// `expect`: evaluates, and explains what is not true.
#ifndef WEIR_TOOLS_TEST_EXPECT_H
#define WEIR_TOOLS_TEST_EXPECT_H

#include "tools/test_state.h"

void test_expect(struct test_state *state, const struct testing_step *step);

#endif
