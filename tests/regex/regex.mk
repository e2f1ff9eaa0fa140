# The regex engine against RE2 (Debian: libre2-dev), and its speed beside RE2's. Included by the
# Makefile.
REGEX = engine/base/arena.c engine/base/slice.c engine/base/utf8.c engine/match/regex.c \
	engine/match/regex_build.c engine/match/regex_dfa.c engine/match/regex_filter.c \
	engine/match/regex_nfa.c engine/match/regex_parse.c engine/match/regex_set.c \
	engine/match/unicode.c build/gen/unicode_tables.c
REGEX_FAST = $(REGEX:%.c=build/release/%.o)
REGEX_CHECKED = $(REGEX:%.c=build/sanitize/%.o)
REGEX_TESTS = build/regex/against_re2 build/regex/against_re2_checked

build/regex/against_re2: tests/regex/against_re2.cc $(REGEX_FAST)
	@mkdir -p $(@D)
	@echo "  c++    $@"
	@g++ -std=c++17 -O2 -Wall -Wextra -I. -o $@ $^ -lre2 -lpthread

# The same with what the compiler can check; slower.
build/regex/against_re2_checked: tests/regex/against_re2.cc $(REGEX_CHECKED)
	@mkdir -p $(@D)
	@echo "  c++    $@"
	@clang++-19 -std=c++17 -O1 -Wall -Wextra -I. -fsanitize=address,undefined,float-cast-overflow \
		-o $@ $^ -lre2 -lpthread

build/regex/bench: bench/regex/bench.cc $(REGEX_FAST)
	@mkdir -p $(@D)
	@echo "  c++    $@"
	@g++ -std=c++17 -O2 -Wall -Wextra -I. -o $@ $^ -lre2 -lpthread

.PHONY: bench-regex
bench-regex: $(FETCHED) ## MB/s of searching with regular expressions: weir and RE2
	@$(MAKE) -sO build/regex/bench
	@build/regex/bench
