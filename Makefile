# Everything that is done with this project. `make run` and `make test` need nothing done before.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
BIN := .venv/bin
GENERATE := .tools/generate/bin/python
# The oldest that the client supports: newer stubs refuse to be imported beside an older runtime.
GENERATE_WITH := grpcio-tools==1.76.0 protobuf==6.31.1 setuptools==80.9.0
# The clients in other languages: those with a Makefile. CONTRIBUTING.md says what it must have.
LANGUAGES := $(patsubst client/%/Makefile,%,$(wildcard client/*/Makefile))

# $(call each,COMMAND): run it for each $$language whose toolchain is there; name the others, which fails with CI=true.
define each
for language in $(LANGUAGES); do \
  if lacks=$$($(MAKE) --silent --no-print-directory -C "client/$$language" available 2>/dev/null); then { $(1); } || exit 1; \
  else echo "client/$$language is left out: $${lacks:-its toolchain is not there}"; [ "$${CI:-}" != true ]; fi; \
done
endef
# $(call in_each,TARGET): make it in each client/<language>.
in_each = $(call each,$(MAKE) --no-print-directory -C "client/$$language" $(1))

.PHONY: help
help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: setup ## Start the server, judge the sample of flights, show what was found.
	@$(BIN)/python -m examples.run

.PHONY: test
test: setup tools ## Run all tests, in as many processes as there are cores.
	@$(BIN)/pytest -n auto
	@$(call in_each,test)

.PHONY: lint
lint: setup $(GENERATE) ## Check style, types, imports, the wire contract, versions, and that generated files are as made.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/buf lint
	$(BIN)/buf format --diff --exit-code
	@$(BIN)/python -m scripts.versions --check
	@made=$$(mktemp -d) && trap 'rm -rf "$$made"' EXIT && $(BIN)/buf generate --output "$$made" \
	  && $(BIN)/python -m scripts.drift "$$made/client/python" client/python \
	  && $(BIN)/python -m scripts.drift "$$made/docs" docs
	@$(call each,made=$$(mktemp -d) && trap 'rm -rf "$$made"' EXIT \
	  && $(MAKE) --no-print-directory -C "client/$$language" generate OUT="$$made" \
	  && $(BIN)/python -m scripts.drift "$$made" "client/$$language" && rm -rf "$$made")
	@$(call in_each,lint)

.PHONY: format
format: setup ## Format code and protos.
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/buf format --write

.PHONY: generate
generate: setup $(GENERATE) ## Make the generated files again.
	rm -rf client/python/assay
	$(BIN)/buf generate
	@$(call in_each,generate)

.PHONY: versions
versions: setup ## Write the version of pyproject.toml wherever else it stands.
	@$(BIN)/python -m scripts.versions

.PHONY: package
package: setup ## Make the wheel in dist, and the package of each language in client/<language>/dist.
	@$(BIN)/pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .
	@$(call in_each,build package)

.PHONY: bench
bench: setup ## Measure every kind of call, against the floor, FastAPI and the limit, in one run.
	@$(BIN)/python -m benchmarks

.PHONY: bench-clients
bench-clients: setup ## Measure events a second through the clients of all languages, in one run.
	@$(BIN)/python -m benchmarks.clients

.PHONY: bench-goals
bench-goals: setup ## Measure what is to be reached, and say whether it is.
	@$(BIN)/python -m benchmarks.goals

.PHONY: bench-learn
bench-learn: setup ## Measure assay learn from Parquet beside Polars.
	@$(BIN)/python -m benchmarks.learning

.PHONY: bench-scale
bench-scale: setup ## Plot what an event costs as event types, groups, checks and so on grow.
	@$(BIN)/python -m benchmarks.scale

.PHONY: setup
setup: .venv/ready ## Install everything that run and test need, in .venv.

.venv/ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Assay needs Python 3.11 or newer: make PYTHON=python3.12")'
	@echo "Installing into .venv …"
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[server,dev]'
	@touch $@

.PHONY: tools
tools: setup ## Install and build what tests call besides Python, as far as the machine has the toolchains.
	@if [ .tools/bin/ready -nt tests/tools/go.sum ]; then :; \
	elif command -v go >/dev/null; then echo "Building grpcurl, grpcui and ghz into .tools/bin …"; \
	  GOFLAGS=-mod=readonly GOBIN="$$PWD/.tools/bin" go install -C tests/tools -p 2 -ldflags='-s -w' tool && touch .tools/bin/ready \
	    || { echo "They could not be built: the tests with them are not run."; [ "$${CI:-}" != true ]; }; \
	else echo "There is no Go on this machine: the tests with grpcurl, grpcui and ghz are not run."; [ "$${CI:-}" != true ]; fi
	@$(call in_each,build)

$(GENERATE): Makefile
	@$(PYTHON) -m venv .tools/generate
	@$(GENERATE) -m pip install --quiet --disable-pip-version-check $(GENERATE_WITH)
	@touch $@

.PHONY: constraints
constraints: ## Pin the newest versions that the tests shall run with.
	rm -rf .venv
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[server,dev]'
	$(BIN)/pip freeze --exclude-editable --disable-pip-version-check > constraints.txt

.PHONY: clean
clean: ## Remove all that was installed and built.
	for language in $(LANGUAGES); do $(MAKE) --no-print-directory -C "client/$$language" clean; done
	rm -rf .venv .tools .cache dist
