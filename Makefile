# Two commands do everything on a machine that has Python 3.11+, make and git: `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
JOBS ?= 2
export OMP_NUM_THREADS ?= 1
export MLFLOW_DISABLE_TELEMETRY ?= true
export DO_NOT_TRACK ?= true

.DEFAULT_GOAL := help

.PHONY: help
help: ## say what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.venv/installed: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed: make PYTHON=python3.12 ..."; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet torch==2.13.0
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: install
install: .venv/installed ## make .venv with everything pinned

.PHONY: demo
demo: install ## simulate, compare, report, retrain: minutes on two cores
	env -u OMP_NUM_THREADS $(BIN)/fraud demo --workspace workspace

.PHONY: format
format: install ## write the code as ruff wants it
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix --quiet .

.PHONY: lint
lint: install
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

.PHONY: check
check: lint ## format, lint, types, import layers, quick tests
	$(BIN)/pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder -m "not slow and not browser"

.PHONY: browser
browser:
	@bash scripts/install_browser.sh

.PHONY: test
test: lint browser ## everything that CI runs
	$(BIN)/pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

.PHONY: bench
bench: install ## speed and memory beside pandas, DuckDB, LightGBM, plain torch; BENCH="--only features" chooses
	$(BIN)/python -m pip install --quiet --no-build-isolation --editable ".[bench]"
	env -u OMP_NUM_THREADS $(BIN)/python scripts/benchmark.py $(BENCH)

.PHONY: lock
lock: install ## pin the dependencies anew
	PATH="$(CURDIR)/$(BIN):$$PATH" bash scripts/lock.sh
