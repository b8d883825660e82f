# The commands of this repository; `make` alone lists them. They need make and Python 3.11 or later.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
QUICK := not faults and not slow and not browser and not prometheus and not kafka and not node
DEMO_HTTP ?= 127.0.0.1:8080
PEERS := .make/peers
QUIX := quixstreams==3.28.1
BENCH_LIVE ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo kafka check test test-faults lint format schemas bench bench-fusion bench-incremental bench-live bench-replay screenshot clean

help: ## List the commands.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' Makefile

demo: .make/installed ## Play the shipped sample, with its page at http://127.0.0.1:8080.
	@$(BIN)/cohstream demo --http $(DEMO_HTTP)

kafka: .make/installed-dev ## Start one Kafka broker at 127.0.0.1:9092, until Ctrl-C; its data goes with it.
	@$(BIN)/python -m tools.kafka

check: lint ## Lint, types and the quick tests, in under 90 seconds.
	$(BIN)/python -m pytest -q -n auto -m "$(QUICK)"

test: lint ## Lint, types and all tests, on a real Kafka too; some need chromium, promtool or node, and say so without.
	$(BIN)/python -m pytest -q -n auto --dist loadgroup -m "not faults"

test-faults: .make/installed-dev ## The long storms: 30 random kills and all other faults, on a real Kafka; some ten minutes.
	COHSTREAM_KILLS=30 $(BIN)/python -m pytest -q -s tests/live/test_crashes.py tests/live/test_broker_faults.py

lint: .make/installed-dev ## Rules of style, formatting and types.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .make/installed-dev ## Format the code and mend what can be mended without thought.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

schemas: .make/installed-dev ## Make schemas/ anew from the models of the topics' values.
	@$(BIN)/python -m tools.schemas

bench: .make/installed-dev ## Measure the core: reports per second on one core, and memory.
	$(BIN)/python -m benchmarks.core

bench-fusion: .make/installed-dev ## Hold fusion against labels, and measure it on real reports of three conflicts.
	@$(BIN)/python -m benchmarks.fusion

bench-incremental: .make/installed-dev ## Measure what one more report costs at 10,000 to 1,000,000; some minutes, 5 GB.
	@$(BIN)/python -m benchmarks.incremental

bench-live: .make/installed-dev $(PEERS)/installed ## Measure the live driver beside plain Faust and Quix Streams, on a Kafka of its own.
	@$(BIN)/python -m benchmarks.live --peers $(PEERS)/bin/python $(BENCH_LIVE)

bench-replay: .make/installed-dev ## Measure replays from a file and from a Kafka of its own, beside the core alone; some minutes.
	@$(BIN)/python -m benchmarks.replay

screenshot: .make/installed-dev ## Take docs/page.png from a demo of its own; needs chromium.
	@$(BIN)/cohstream demo --seconds 1 --http 127.0.0.1:8099 >/dev/null & demo=$$!; \
	trap 'kill $$demo' EXIT; \
	until $(BIN)/python -c 'import socket; socket.create_connection(("127.0.0.1", 8099), 1)' 2>/dev/null; do \
	  kill -0 $$demo || exit 1; sleep 0.2; done; \
	$(BIN)/python tools/screenshot.py http://127.0.0.1:8099/ docs/page.png

clean: ## Remove .venv and what the tools left behind.
	rm -rf $(VENV) .make .mypy_cache .pytest_cache .ruff_cache .hypothesis dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment. It is made once; packages are installed again when pyproject.toml changes.

$(VENV)/pyvenv.cfg:
	@command -v "$(PYTHON)" >/dev/null || { \
	  echo "There is no '$(PYTHON)'. Install Python 3.11 or later, or name one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$$($(PYTHON) --version) is too old: cohstream needs 3.11 or later. Name another: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "Setting up $(VENV); this takes a minute."
	@$(PYTHON) -m venv --clear $(VENV)

.make/installed: pyproject.toml $(VENV)/pyvenv.cfg
	@mkdir -p .make
	@$(PIP) install -e .
	@touch $@

.make/installed-dev: pyproject.toml $(VENV)/pyvenv.cfg
	@mkdir -p .make
	@echo "Installing the tools for lint and tests; this takes a minute."
	@$(PIP) install -e '.[dev]'
	@touch $@ .make/installed

# Peers of the benchmark have an environment of their own: they may need other versions of what we use.

$(PEERS)/installed: pyproject.toml $(VENV)/pyvenv.cfg
	@mkdir -p .make
	@echo "Installing $(QUIX) beside us, to be measured; this takes a minute."
	@$(PYTHON) -m venv --clear $(PEERS)
	@$(PEERS)/bin/python -m pip --disable-pip-version-check --quiet install '$(QUIX)' -e '.[live]' && touch $@ \
	  || echo "It cannot be installed; the benchmark goes on without it." >&2
