# Two commands matter to a newcomer: `make demo` and `make test`. Both set up all that they need in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Each of pytest's processes would compile all tests anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test check snapshots advisories locks clean verify-stripe

demo: $(VENV)/.app
	$(BIN)/ghl-triage demo

test: $(VENV)/.dev
	$(BIN)/pytest -q -n auto --dist loadfile --no-loadscope-reorder -m "not slow"

check: $(VENV)/.dev
	$(BIN)/pytest -q -n auto --dist loadfile --no-loadscope-reorder -m "not snapshot"
	$(BIN)/pytest -q -m snapshot tests/tui
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

# Known weaknesses of what is pinned, from the advisory database of the package index, where it can be reached.
advisories: $(VENV)/.dev
	$(BIN)/pip-audit --disable-pip --require-hashes --requirement requirements/app.txt --progress-spinner off

# The sandbox's stories on Stripe's own test clocks, with your test-mode key in STRIPE_API_KEY: what differs.
# make verify-stripe ARGS="--story no_card_ever" for one of them, ARGS=--clean after a run that was cut off.
verify-stripe: $(VENV)/.app
	$(BIN)/python -m ghl_triage.sandbox.verify $(ARGS)

snapshots: $(VENV)/.dev
	$(BIN)/pytest -q -m snapshot --snapshot-update tests/tui

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "ghl-triage needs Python 3.11 or newer as '$(PYTHON)': install it, or run make PYTHON=/path/to/python3.11."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "Python's venv module is missing: install it (on Debian and Ubuntu the package python3-venv), then run make again."; exit 1; }
	$(PYTHON) -m venv $(VENV)

# --no-build-isolation: the build backend comes from the same hash-checked lock.
# compileall: an editable install leaves compiling to the first start, and some environments forbid it to keep the result.
$(VENV)/.app: requirements/app.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --require-hashes -r requirements/app.txt
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q ghl_triage
	@touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q ghl_triage
	@touch $@ $(VENV)/.app

# One resolution: the development lock first, the app's constrained by it. Needs uv; nobody else does.
locks:
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --group dev --group build pyproject.toml -o requirements/dev.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --group build pyproject.toml -c requirements/dev.txt -o requirements/app.txt

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .import_linter_cache snapshot_report.html
