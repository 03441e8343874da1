# `make run` and `make test` install what they need.
# They need Python 3.11 or newer, make and, once, a network.

CANDIDATES := python3 python3.14 python3.13 python3.12 python3.11
IS_RECENT := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for candidate in $(CANDIDATES); do \
	$$candidate -c '$(IS_RECENT)' 2>/dev/null && echo $$candidate && break; done)

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: run test clients check browser-test faults bench sbom pin format clean

## Use

# `make run CORPUS=DIR` publishes and serves another corpus of the same form.
run: $(VENV)/.run
	$(BIN)/python -m seed $(if $(CORPUS),--corpus '$(CORPUS)')
	MALLOC_ARENA_MAX=1 $(BIN)/python -m app

## Test

test: $(VENV)/.dev
	$(BIN)/python -m pytest --numprocesses 2

# Checks without running: format, lint, types, dependencies, layers, Dockerfile, corpus.
check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/deptry .
	$(BIN)/lint-imports
	$(BIN)/hadolint Dockerfile
	$(BIN)/python -m seed --check

# The API used by other programs. Needs Node, jq, R, pandoc and nginx.
clients: $(VENV)/.dev
	$(BIN)/python -m pytest -o python_files='client_*.py' tests/clients

# The explorer in a real browser. Needs Node and chromium, or BROWSER_PATH.
browser-test: $(VENV)/.dev tests/browser/node_modules/.installed
	$(BIN)/python -m pytest -o python_files='page_*.py' tests/browser

# Faults on real server processes, for about an hour. `make faults SHORT=1` runs a tenth of each.
faults: $(VENV)/.dev
	$(BIN)/python -m pytest -o python_files='fault_*.py' tests/faults $(if $(SHORT),--short)

# `make bench SIZES="five 200k 2m" ROUNDS=5 SECONDS=5 POSTGRESQL=1`: see docs/benchmarks.md.
bench: $(VENV)/.dev
	$(BIN)/python -m tests.benchmarks.bench $(if $(SIZES),--sizes $(SIZES)) \
		$(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SECONDS),--seconds $(SECONDS)) \
		$(if $(POSTGRESQL),--postgresql)

## Maintain

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The bill of materials, as CycloneDX, of an environment that holds only what the API runs on.
sbom: $(VENV)/.dev
	rm -rf .sbom && $(PYTHON) -m venv --without-pip .sbom
	$(PIP) --python .sbom/bin/python install --require-hashes -r requirements.txt
	$(BIN)/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --of JSON \
		-o sbom.json .sbom
	rm -rf .sbom

# Updates the pins for what pyproject.toml asks. Versions that still fit stay. Needs uv.
PIN := uv pip compile --universal --python-version 3.11 --generate-hashes --quiet \
	--no-header --no-annotate --no-emit-index-url
pin:
	$(PIN) pyproject.toml -o requirements.txt
	$(PIN) --group build -c requirements.txt -o requirements-build.txt
	$(PIN) pyproject.toml --group dev -c requirements.txt -c requirements-build.txt \
		-o requirements-dev.txt

clean:
	rm -rf $(VENV) .bench .sbom sbom.json briefs.db .briefs.db.* \
		.mypy_cache .pytest_cache .ruff_cache .hypothesis .schemathesis

## Environments: every package is pinned by version and hash

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { \
		echo "Python 3.11 or newer is needed: install it, or set PYTHON=/path/to/python3."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make virtual environments: install its venv module" \
			"(Debian, Ubuntu: apt-get install python3-venv)."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml requirements.txt requirements-build.txt | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements.txt
	$(PIP) install --require-hashes -r requirements-build.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

tests/browser/node_modules/.installed: tests/browser/package.json tests/browser/package-lock.json
	@command -v npm >/dev/null || { \
		echo "Node is needed for the browser tests: apt-get install nodejs npm"; exit 1; }
	npm ci --prefix tests/browser --silent --no-audit --no-fund --ignore-scripts
	@touch $@
