# Two commands do everything on a machine that has Python 3.11+, make and git: `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
JOBS ?= 2
TORCH := torch==2.13.0
PYTEST := $(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder
export OMP_NUM_THREADS ?= 1
export MLFLOW_DISABLE_TELEMETRY ?= true
export DO_NOT_TRACK ?= true

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.venv/created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed: make PYTHON=python3.12 ..."; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet $(TORCH)
	@touch $@

.venv/installed: .venv/created requirements.txt pyproject.toml
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/installed-dev: .venv/installed requirements-dev.txt
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements-dev.txt
	@touch $@

.PHONY: install dev
install: .venv/installed ## make .venv with everything that a run needs, pinned
dev: .venv/installed-dev ## the same with everything that the tests need

.PHONY: demo
demo: install ## simulate, compare, report, retrain: minutes on two cores
	env -u OMP_NUM_THREADS $(BIN)/fraud demo --workspace workspace

.PHONY: format
format: dev ## write the code as ruff wants it
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix --quiet .

.PHONY: lint
lint: dev
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

.PHONY: check
check: lint ## format, lint, types, import layers, quick tests
	$(PYTEST) -m "not slow and not browser and not cluster"

.PHONY: browser
browser:
	@bash scripts/install_browser.sh

.PHONY: test
test: lint browser ## everything that CI runs; as root on Debian it installs Chromium for the browser tests
	$(PYTEST)

.PHONY: mutants
mutants: dev ## plant the faults of tests/mutants.toml one by one; each must fail its tests
	$(BIN)/python scripts/mutants.py $(MUTANTS)

.PHONY: bench
bench: dev ## speed and memory beside pandas, DuckDB, LightGBM, plain torch; BENCH="--only features" chooses
	env -u OMP_NUM_THREADS $(BIN)/python scripts/benchmark.py $(BENCH)

.PHONY: evidence
evidence: dev ## coverage of intervals, false winners and power in simulated worlds, into docs/evidence.md: about half an hour
	$(BIN)/python scripts/benchmark_evidence.py --out docs/evidence.md

.PHONY: lock
lock: dev ## pin the dependencies anew
	PATH="$(CURDIR)/$(BIN):$$PATH" bash scripts/lock.sh
