# Chairside. `make run` for a demonstration, `make test` for the suite; `make help` lists the rest.

SHELL := /bin/bash
N ?= 50
SEED ?= 1
VENV := .venv
PY := $(VENV)/bin/python
OFFSCREEN := QT_QPA_PLATFORM=offscreen
TEST := $(OFFSCREEN) $(PY) -m pytest

# A name on the PATH is not yet a Python (pyenv leaves shims): each candidate is asked for its version.
define FIND_PYTHON
sudo=$$([ "$$(id -u)" = 0 ] || echo "sudo "); \
for name in python3.11 python3.12 python3.13 python3; do \
  $$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1 && found=$$name && break; \
done; \
if [ -z "$$found" ]; then \
  echo "Chairside needs Python 3.11, 3.12 or 3.13: $${sudo}apt-get install python3 python3-venv" >&2; exit 1; \
fi; \
if ! $$found -c 'import ensurepip, venv' >/dev/null 2>&1; then \
  version=$$($$found -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
  echo "This Python $$version cannot make an environment: $${sudo}apt-get install python$$version-venv" >&2; exit 1; \
fi
endef

PIP := $(PY) -m pip --disable-pip-version-check install --quiet --require-hashes --only-binary :all:

.DEFAULT_GOAL := help
.PHONY: help run test check format soak hour kills torn flips fuzz links restore walk bench keystore fonts lock clean

help: ## list the commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /make \1	/' | expand -t 14

$(PY):
	@$(FIND_PYTHON); $$found -m venv --clear $(VENV)

$(VENV)/.runtime: requirements.lock | $(PY)
	@echo "Installing what Chairside needs into $(VENV) (once; about 300 MB)"
	@$(PIP) -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock | $(PY)
	@echo "Installing what Chairside and its tests need into $(VENV) (once; about 400 MB)"
	@$(PIP) -r requirements-dev.lock
	@touch $@ $(VENV)/.runtime

run: $(VENV)/.runtime ## a demonstration: simulated patient, monitor and pump
	@$(PY) main.py --demo

test: $(VENV)/.dev ## the whole suite, without a display; the benchmarks alone, after it
	@$(TEST) -n 3 --dist worksteal --ignore tests/benchmarks
	@$(TEST) tests/benchmarks

check: $(VENV)/.dev ## format, lint, strict types, import contracts
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m mypy
	@$(VENV)/bin/lint-imports

format: $(VENV)/.dev ## write the format, mend what the linter can mend
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

soak: $(VENV)/.dev ## the ten protocols, a day of four patients, and twelve hours in one session, with their figures
	@$(TEST) -m soak --timeout 0 -s

hour: MINUTES := 60
hour: $(VENV)/.dev ## one infusion of so many minutes of real time, with all threads and real ports (make hour MINUTES=60)
	@$(TEST) -m hour --minutes $(MINUTES) --timeout 0 -s

kills: $(VENV)/.dev ## kill -9 at N random points (make kills N=50)
	@$(TEST) -m kills --kills $(N) --timeout 0 -s

torn: $(VENV)/.dev ## tear the log of N records after the last commit (make torn N=1000)
	@$(TEST) -m torn --rounds $(N) --timeout 0 -s

flips: $(VENV)/.dev ## change N random bits of a record, one at a time (make flips N=1000)
	@$(TEST) -m flips --rounds $(N) --timeout 0 -s

walk: N = 50000
walk: $(VENV)/.dev ## N random actions over every screen (make walk N=50000 SEED=1)
	@$(TEST) -m walk --actions $(N) --seed $(SEED) --timeout 0 -s

fuzz: N := 10000000
fuzz: $(VENV)/.dev ## N bad bytes for every driver, with their figures (make fuzz N=10000000)
	@$(TEST) -m fuzz --rounds $(N) --timeout 0 -s

links: N := 100
links: $(VENV)/.dev ## pull cables N times on real ports (make links N=100)
	@$(TEST) -m links --rounds $(N) --timeout 0 -s

restore: $(VENV)/.dev ## a record of 200 sessions backed up while written, restored, timed
	@$(TEST) -m restore --timeout 0 -s

bench: $(VENV)/.dev ## the benchmarks alone, with their figures
	@$(TEST) tests/benchmarks -s

keystore: requirements-keystore.lock $(VENV)/.runtime ## install what the system's key store needs
	@$(PIP) -r requirements-keystore.lock

fonts: $(VENV)/.dev ## build resources/fonts again from npm's inter-ui
	@$(PY) resources/fonts/build.py

lock: ## write the lock files again from pyproject.toml (needs uv)
	@command -v uv >/dev/null || { echo "Locking needs uv: pip install uv" >&2; exit 1; }
	@uv pip compile pyproject.toml $(LOCK) -o requirements.lock
	@uv pip compile pyproject.toml --extra keystore $(LOCK) -o requirements-keystore.lock
	@uv pip compile pyproject.toml --group dev $(LOCK) -o requirements-dev.lock

LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
        --no-emit-index-url --no-emit-find-links

clean: ## remove the environment and every cache
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
