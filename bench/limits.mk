# What limits cost in a real Envoy, side by side; bench/limits/README.md says how to read it.
# Included by the Makefile. Needs Rust for wasm, which nothing else here does. ENVOY names another
# proxy, LIMITS_ARGS further options of run.py.

RUST = build/setup/rust
LIMITS_RUST = build/bench/limits/rust_demo.wasm

.PHONY: bench-limits
bench-limits: setup ## CPU per limiter decision in Envoy; local_ratelimit and a Rust plugin beside
	@$(MAKE) -sO build/weir.wasm build/weir $(LIMITS_RUST)
	@python3 bench/limits/run.py --envoy $(BENCH_ENVOY) $(LIMITS_ARGS)

$(RUST):
	@tools/setup $(@F)

$(LIMITS_RUST): $(wildcard bench/limits/rust/*) bench/rust_plugin | $(RUST)
	@mkdir -p $(@D)
	@echo "  cargo  bench/limits/rust"
	@bench/rust_plugin bench/limits/rust $(@D) $(basename $(@F))
