# weir: `make help` lists the targets. Everything generated goes to build/.

MEMORY_MAX ?= 67108864# bytes: the most that the module's memory may grow to
STACK_SIZE = 131072# bytes: below the data, so that an overflow traps and corrupts nothing

GCC ?= gcc
CLANG ?= clang-19
ifdef WASI_SDK_PATH
WASM_CC = $(WASI_SDK_PATH)/bin/clang --sysroot=$(WASI_SDK_PATH)/share/wasi-sysroot
else
WASM_CC = $(CLANG)
endif

WARNINGS = -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Werror
COMMON = -std=c11 -I. -Ibuild/gen -isystem build/cjson -isystem build/bearssl -isystem build/nanopb \
	-DPB_NO_ERRMSG -DPB_BUFFER_ONLY -MMD -MP
CC_release = $(GCC) $(COMMON) -O2 -g
CC_sanitize = $(CLANG) $(COMMON) -O1 -g -fno-omit-frame-pointer \
	-fsanitize=address,undefined,float-cast-overflow -fno-sanitize-recover=all
CC_wasm = $(WASM_CC) $(COMMON) --target=wasm32-wasi -Oz -flto -g0 -mbulk-memory -msign-ext -mnontrapping-fptoint \
	-ffunction-sections -fdata-sections
CC_faults = $(CC_wasm) -DWEIR_FAULTS
# What the linker's optimizer would do for speed, at the price of size.
SMALLER = -inline-threshold=-50 -disable-lsr -enable-pre=false
LINK_wasm = $(WASM_CC) -flto --target=wasm32-wasi -mexec-model=reactor -Wl,--gc-sections \
	-Wl,--stack-first -Wl,-z,stack-size=$(STACK_SIZE) -Wl,--max-memory=$(MEMORY_MAX) \
	-Wl,--strip-debug -Wl,-O2 $(SMALLER:%=-Wl,-mllvm,%) \
	-Wl,--compress-relocations -Wl,--fatal-warnings
# A sixth smaller. The functions' names go to a file of their own: back-traces in the proxy's log
# have their numbers.
SHRINK_wasm = wasm-opt -Oz --converge --reorder-functions --strip-producers --strip-target-features --low-memory-unused \
	--enable-bulk-memory --enable-sign-ext --enable-nontrapping-float-to-int
FRAME = -Wframe-larger-than=2048# bytes; wasm only, our own code only

GENERATED = build/gen/lexer.c build/gen/rules.c build/gen/bundled.c build/gen/zones.c build/gen/unicode_tables.c \
	build/gen/rate_service.pb.c
BEARSSL_SOURCES = $(patsubst %,build/bearssl/%.c,sha2small hmac enc32be dec32be)
NANOPB_SOURCES = $(patsubst %,build/nanopb/pb_%.c,common encode decode)
FOREIGN = build/cjson/cJSON.c $(BEARSSL_SOURCES) $(NANOPB_SOURCES)
ENGINE = $(wildcard engine/*.c engine/*/*.c grammar/*.c) $(GENERATED) $(FOREIGN)
NATIVE = $(ENGINE) $(wildcard tools/*.c)
PLUGIN = $(ENGINE) $(wildcard plugin/*.c)
HELPERS = $(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c))
UNITS = $(patsubst tests/unit/%.c,build/sanitize/%,$(wildcard tests/unit/test_*.c))

PACKAGES = build/setup/packages
CJSON = build/setup/cjson
BEARSSL = build/setup/bearssl
NANOPB = build/setup/nanopb
PYTHON = build/setup/python
CELSPEC = build/setup/celspec
REDIS = build/setup/redis
FETCHED = $(PACKAGES) $(CJSON) $(BEARSSL) $(NANOPB)
PROGRAMS = build/weir.wasm build/faults/weir.wasm build/weir build/sanitize/weir $(UNITS) \
	$(CONFORMANCE) $(REGEX_TESTS) $(DIFFERENTIAL)

ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc)
endif
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:
$(shell tools/setup check)

# Built with -O, so that what two compilers say is not mixed; what tests say streams.
all: $(FETCHED) ## the module, the tool and the unit tests
	@$(MAKE) -sO $(PROGRAMS)

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile bench/*.mk tests/*/*.mk \
		| expand -t 14

wasm: $(FETCHED) ## only the module, build/weir.wasm
	@$(MAKE) -sO build/weir.wasm

tool: $(FETCHED) ## only the native tool, build/weir
	@$(MAKE) -sO build/weir

demo: setup ## the tutorial's loop on a real Envoy and a real httpbin
	@$(MAKE) -sO build/weir.wasm
	@build/venv/bin/python deploy/demo.py

test: setup ## every test but the long ones; SUITES="unit e2e" for some
	@$(MAKE) -sO $(PROGRAMS)
	@tests/run $(SUITES)

test-long: setup $(REDIS) ## the tests that take many minutes; needs Go
	@tests/cluster/need_go 1.25.6
	@$(MAKE) -sO $(PROGRAMS) $(RATELIMIT)
	@tests/run --long $(SUITES)

bench: build/weir.wasm build/weir $(PYTHON)
-include bench/bench.mk

include tests/conformance/conformance.mk
include tests/regex/regex.mk
include tests/differential/differential.mk
include tests/cluster/cluster.mk
include tests/corpora/corpora.mk
-include bench/cel.mk
-include bench/limits.mk
-include bench/rules.mk

format: $(PACKAGES) ## clang-format over the C files
	@clang-format-19 -i $(wildcard engine/*.[ch] engine/*/*.[ch] grammar/*.[ch] \
		plugin/*.[ch] tools/*.[ch] tests/*/*.[ch])

setup: $(FETCHED) $(PYTHON) $(CELSPEC) ## only what building and testing need

clean: ## removes what was built, keeps what was fetched
	@rm -rf build/gen build/release build/sanitize build/wasm build/faults build/results \
		build/flags build/sources build/conformance build/differential build/regex build/cluster/ratelimit build/weir build/weir.wasm build/weir.symbols

.PHONY: all help wasm tool demo test test-long bench format setup clean FORCE

# Fetched. tools/setup says what a stamp vouches for.
$(PACKAGES) $(PYTHON) $(CELSPEC):
	@tools/setup $(@F)

$(CJSON): | $(PACKAGES)
	@tools/setup cjson

$(BEARSSL): | $(PACKAGES)
	@tools/setup bearssl

$(NANOPB): | $(PACKAGES)
	@tools/setup nanopb

$(REDIS): | $(PACKAGES)
	@tools/setup redis

build/cjson/cJSON.c: | $(CJSON) ;
$(BEARSSL_SOURCES): | $(BEARSSL) ;
$(NANOPB_SOURCES): | $(NANOPB) ;

# Generated.
build/gen/lexer.c: grammar/lexer.re | $(PACKAGES)
	@mkdir -p $(@D)
	@echo "  re2c   $<"
	@re2c -W -Werror -i --no-generation-date -o $@ $<

build/gen/rules.c: grammar/rules.y | $(PACKAGES)
	@mkdir -p $(@D)
	@echo "  lemon  $<"
	@lemon -q -d$(@D) $<

build/gen/rules.h: build/gen/rules.c ;

build/gen/bundled.c: tools/bundle.py $(wildcard rules/*.weir) build/sources
	@mkdir -p $(@D)
	@echo "  bundle rules"
	@python3 tools/bundle.py $(wildcard rules/*.weir) >$@

build/gen/zones.c: tools/zones.py $(wildcard /usr/share/zoneinfo/tzdata.zi) | $(PACKAGES)
	@mkdir -p $(@D)
	@echo "  zones"
	@python3 tools/zones.py >$@

build/gen/unicode_tables.c: tools/unicode_tables.py
	@mkdir -p $(@D)
	@echo "  unicode tables"
	@python3 $< >$@

build/gen/rate_service.pb.c: engine/limit/rate_service.proto engine/limit/rate_service.options | $(PACKAGES)
	@mkdir -p $(@D)
	@echo "  nanopb $<"
	@protoc -I$(<D) --nanopb_opt='-q -f $(<:.proto=.options)' --nanopb_out=$(@D) $<

build/gen/rate_service.pb.h: build/gen/rate_service.pb.c ;

# Written anew only when they differ: the list of sources, and the commands that compile them.
build/sources build/flags: FORCE
	@mkdir -p $(@D)
	@echo '$($(@F))' | cmp -s - $@ || echo '$($(@F))' >$@
sources = $(NATIVE) $(PLUGIN) $(HELPERS) $(wildcard rules/*.weir)
flags = $(WARNINGS) $(FRAME) $(foreach v,release sanitize wasm faults,$(CC_$v)) $(LINK_wasm) $(SHRINK_wasm)

# Compiled: build/VARIANT/SOURCE.o
BEFORE = $(FETCHED) build/gen/rules.h build/gen/rate_service.pb.h

define variant
build/$1/%.o: %.c build/flags | $$(BEFORE)
	@mkdir -p $$(@D)
	@echo "  $2   $$<"
	@$$(CC_$1) $$(WARNINGS) $3 $$(FASTER) -c $$< -o $$@
-include $$(shell find build/$1 -name '*.d' 2>/dev/null)
endef
$(eval $(call variant,release,gcc  ))
$(eval $(call variant,sanitize,clang))
$(eval $(call variant,wasm,wasm ,$$(FRAME)))
$(eval $(call variant,faults,fault,$$(FRAME)))

# What every decision of a limiter runs: for speed, at the price of a few KiB.
HOT = $(patsubst %,build/wasm/%.o,engine/limit/level engine/limit/slot engine/limit/lease engine/lib/hash \
	engine/run/limiter engine/run/limits)
$(HOT): private FASTER = -O2


build/%/build/cjson/cJSON.o: private WARNINGS = -w -Dstrtod=number_strtod \
	-Drealloc=json_tree_grow -Dmalloc=json_tree_take -Dfree=json_tree_give
build/%/build/cjson/cJSON.o: private FRAME =
# Its HMAC calls digests through pointers of another type, which are the same to every machine.
$(BEARSSL_SOURCES:%.c=build/sanitize/%.o): private WARNINGS = -w -fno-sanitize=function
$(foreach v,release wasm faults,$(BEARSSL_SOURCES:%.c=build/$v/%.o)): private WARNINGS = -w
$(NANOPB_SOURCES:%.c=build/sanitize/%.o): private WARNINGS = -w
$(foreach v,release wasm faults,$(NANOPB_SOURCES:%.c=build/$v/%.o)): private WARNINGS = -w
$(foreach v,release sanitize wasm faults,$(BEARSSL_SOURCES:%.c=build/$v/%.o) $(NANOPB_SOURCES:%.c=build/$v/%.o)): private FRAME =
build/%/build/gen/lexer.o: private WARNINGS += -Wno-conversion -Wno-sign-conversion
build/%/build/gen/rules.o: private WARNINGS += -Wno-conversion -Wno-sign-conversion -Wno-unused \
	-Wno-unused-parameter -Wno-type-limits

# Linked. An archive gives a unit test only what it asks for: not the tool's main.
build/release/libweir.a: $(NATIVE:%.c=build/release/%.o) build/sources
build/sanitize/libweir.a: $(patsubst %.c,build/sanitize/%.o,$(NATIVE) $(HELPERS)) build/sources
build/%/libweir.a:
	@rm -f $@
	@llvm-ar-19 rcs $@ $(filter %.o,$^)

build/weir: build/release/libweir.a
	@echo "  link   $@"
	@$(CC_release) -o $@ $< -lm

build/sanitize/weir: build/sanitize/libweir.a
	@echo "  link   $@"
	@$(CC_sanitize) -o $@ $< -lm

$(UNITS): build/sanitize/%: build/sanitize/tests/unit/%.o build/sanitize/libweir.a
	@echo "  link   $@"
	@$(CC_sanitize) -o $@ $(filter %.o %.a,$^) -lcmocka -lm

build/weir.wasm: $(PLUGIN:%.c=build/wasm/%.o) build/sources
build/faults/weir.wasm: $(PLUGIN:%.c=build/faults/%.o) build/sources
build/weir.wasm build/faults/weir.wasm:
	@echo "  link   $@"
	@$(LINK_wasm) -o $@.linked $(filter %.o,$^)
	@$(SHRINK_wasm) --symbolmap=$(@:.wasm=.symbols) -o $@ $@.linked
