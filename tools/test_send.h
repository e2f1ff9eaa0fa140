// `send`: evaluates the parts of the step and sends the exchange.
#ifndef WEIR_TOOLS_TEST_SEND_H
#define WEIR_TOOLS_TEST_SEND_H

#include "tools/test_state.h"

void test_send(struct test_state *state, const struct testing_send *send);

#endif
