# What rules cost in a real Envoy, side by side; bench/rules/README.md says how to read it. Included
# by the Makefile. Needs Rust for wasm, as bench-limits does. ENVOY names another proxy, RULES_ARGS
# further options of run.py.

RULES_RUST = build/bench/rules/rust_deny.wasm

.PHONY: bench-rules
bench-rules: setup ## CPU per request in Envoy: 20 denying rules beside RBAC and a Rust plugin; 10 rules and 1,000
	@$(MAKE) -sO build/weir.wasm build/weir $(RULES_RUST)
	@python3 bench/rules/run.py --envoy $(BENCH_ENVOY) $(RULES_ARGS)

$(RULES_RUST): $(wildcard bench/rules/rust/*) bench/rust_plugin | $(RUST)
	@mkdir -p $(@D)
	@echo "  cargo  bench/rules/rust"
	@bench/rust_plugin bench/rules/rust $(@D) $(basename $(@F))
