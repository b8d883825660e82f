# The commands of the repository; `make` alone lists them. They need Python 3.11 or later and make.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
QUICK := not slow and not browser and not prometheus

.DEFAULT_GOAL := help
.PHONY: help demo check test lint bench clean

help: ## List the commands.
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' Makefile

demo: $(VENV)/.installed ## Play the shipped sample at http://127.0.0.1:8080 (first use: set up .venv).
	@$(BIN)/cohstream demo

check: lint ## Lint, types and the quick tests, in under 90 seconds.
	$(BIN)/python -m pytest -q -m "$(QUICK)"

test: lint ## Lint, types and all tests; browser and Prometheus tests need chromium and promtool.
	$(BIN)/python -m pytest -q

lint: $(VENV)/.installed-dev ## Lint, formatting and types.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.installed-dev ## Measure the core: reports per second on one core, and memory.
	$(BIN)/python -m benchmarks.core

clean: ## Remove .venv and everything that tools left behind.
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { \
	  echo "There is no '$(PYTHON)' here. Install Python 3.11 or later, or name one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$$($(PYTHON) --version) is too old: cohstream needs 3.11 or later. Name another one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "Setting up $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	@$(PIP) install -e .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(BIN)/python
	@$(PIP) install -e '.[dev]'
	@touch $@ $(VENV)/.installed
