# Kestrel: `make demo` flies a simulated city, `make test` proves it, `make check` is what a reviewer would ask.
.DEFAULT_GOAL := help
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help setup console demo test nightly check format bench docs screenshots lock clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(STAMP): requirements/dev.txt requirements/mavproxy.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Kestrel needs Python 3.11: $(PYTHON) is not on the PATH (set PYTHON=...)"; exit 1; }
	@echo "setting up $(VENV) (a minute or two the first time)"
	@$(PYTHON) -m venv $(VENV) || { echo "on Debian: apt-get install python3-venv"; exit 1; }
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/mavproxy.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

setup: $(STAMP) console ## make the virtual environment, and build the console

console: $(STAMP) ## build the web client, when its sources have changed
	@$(BIN)/python hatch_build.py

demo: setup ## a working system on this machine, with a live table (Ctrl-C ends it)
	@$(BIN)/kestrel demo --with-parent $(ARGS)

test: setup ## every test but the nightly ones: all that does not fly on all cores, then what flies, two files at a time, then what is seen in a browser
	@$(BIN)/python -m pytest -m "not nightly" --numprocesses auto --dist worksteal tests/unit tests/virtual tests/integration $(ARGS)
	@$(BIN)/python -m pytest -m "not nightly" --numprocesses 2 --dist loadfile tests/flight tests/sitl $(ARGS)
	@$(BIN)/python -m pytest -m "not nightly" tests/browser $(ARGS)

nightly: setup ## the long tests too
	@$(BIN)/python -m pytest $(ARGS)

check: setup ## formatting, lint, strict types, import rules; the console's types, lint and unit tests
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -q tests/unit/test_import_rules.py
	@$(BIN)/python hatch_build.py --check

format: setup ## format and sort what can be
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

bench: setup ## the speed figures, into build/bench.json
	@$(BIN)/python -m tests.bench $(ARGS)

docs: setup ## the pages and pictures that a command writes
	@$(BIN)/python docs/settings_reference.py
	@$(BIN)/python -m docs.format_reference
	@$(BIN)/python -m docs.api_reference
	@$(BIN)/python docs/pictures.py

screenshots: setup ## pictures of every screen at three widths, into docs/images (needs Chromium)
	@$(BIN)/python -m tests.screenshots $(ARGS)

lock: ## renew the hashed requirements (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --extra dev --extra postgres --generate-hashes --no-header --no-annotate --no-emit-index-url -o requirements/dev.txt pyproject.toml requirements/build.in
	uv pip compile --quiet --no-deps --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url -o requirements/mavproxy.txt requirements/mavproxy.in

clean: ## remove what was built
	rm -rf $(VENV) build run dist .mypy_cache .ruff_cache .pytest_cache
