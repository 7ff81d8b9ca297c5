# What a developer types. `make` alone explains; every target creates what it needs.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
UV     := $(shell command -v uv)
BROUGHT := service/static/vendor/.brought
COVER  :=

# Where this is set each of the tests' processes would compile all it loads, and so would the next.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test cover browser lint fix bench docs lock clean

help: ## what can be made (this list)
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- environment: two stamps in one .venv; an install happens only when a lock has changed -------

# uv when it is on PATH (seconds), else the pip that came with Python.
ifeq ($(UV),)
install = $(BIN)/python -m pip install --quiet --disable-pip-version-check
else
install = $(UV) pip install --quiet --python $(BIN)/python
endif

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Samsyn needs Python 3.11 or newer: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
		|| { rm -rf $(VENV); echo "No venv: on Debian, apt-get install python3-venv" >&2; exit 1; }

$(VENV)/.runtime: requirements/runtime.txt requirements/build.txt pyproject.toml $(BROUGHT)
	@echo "Installing what Samsyn runs on (first time: about a minute) ..."
	@$(install) --require-hashes -r requirements/runtime.txt -r requirements/build.txt
	@$(install) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml $(BROUGHT)
	@echo "Installing what Samsyn is built and tested with (first time: a few minutes) ..."
	@$(install) --require-hashes -r requirements/dev.txt
	@$(install) --no-deps --no-build-isolation -e .
	@touch $@

# What browsers get from npm packages, as package-lock.json says; a stamp in the folder itself.
$(BROUGHT): package.json package-lock.json requirements/browser_files.py | $(BIN)/python
	@$(BIN)/python requirements/browser_files.py
	@touch $@

# --- use --------------------------------------------------------------------------------------

run: $(VENV)/.runtime ## serve the demo on 127.0.0.1; the data in var/ is kept
	@$(BIN)/samsyn demo --keep && exec $(BIN)/samsyn serve

# --- build ------------------------------------------------------------------------------------

# The journeys, which wait for their browser half of the time, run beside the others; what they say
# comes afterwards. A file is run by one process, which makes what its tests share once; those with
# long tests come first. A process of tests that dies is not replaced: the library that deals out
# the files would wait for ever at the end (pytest-xdist #1378); it ends, and names the test.
test: $(VENV)/.dev browser ## all tests, with real PostgreSQL, Redis and Chromium
	@said=$$(mktemp); trap 'exit 130' INT TERM; trap 'kill $$journeys 2>/dev/null; rm -f $$said' EXIT; \
	COVERAGE_FILE=.coverage-journeys $(BIN)/python -m pytest $(COVER) tests/journeys >$$said 2>&1 & \
	journeys=$$!; found=0; \
	$(BIN)/python -m pytest $(COVER) -n auto --dist loadfile --no-loadscope-reorder \
		--max-worker-restart=0 --ignore=tests/journeys --ignore=tests/bench || found=$$?; \
	wait $$journeys || found=$$?; cat $$said; exit $$found

# Apart from the tests: to trace every line takes a third more time.
cover: ## the same tests traced, and which branches none of them takes
	@rm -f .coverage .coverage.* .coverage-*
	@$(MAKE) test COVER="--cov --cov-report= --cov-fail-under=0"
	$(BIN)/python -m coverage combine --append .coverage-journeys
	$(BIN)/python -m coverage report

browser: ## Chromium for the journeys: found, or installed when root
	@sh tests/browser_ready.sh

lint: $(VENV)/.dev ## style, types and who may import whom; changes nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy & mypy=$$!; $(BIN)/basedpyright; found=$$?; wait $$mypy && exit $$found

fix: $(VENV)/.dev ## what ruff can repair by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev ## measure on this machine; prints figures, judges nothing
	$(BIN)/python -m tests.bench

docs: $(VENV)/.dev ## write the generated pages of docs/ anew
	$(BIN)/python -m docs.build

lock: $(VENV)/.dev ## bring requirements/ in step with pyproject.toml (UPGRADE=1: newest versions)
	@sh requirements/lock.sh $(if $(UPGRADE),--upgrade)

clean: ## remove the environment and what tools left behind; keeps var/
	rm -rf $(VENV) dist htmlcov .coverage .coverage.* .coverage-* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	rm -rf .import_linter_cache test-results node_modules service/static/vendor
