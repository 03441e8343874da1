# `make run` and `make test` do all set-up themselves: they need Python 3.11 or newer, make and a network (once).
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test trust browser-test check sbom pin bench format clean

# `make run CORPUS=DIR` serves another corpus of the same form.
run: $(VENV)/.run
	$(BIN)/python -m seed $(if $(CORPUS),--corpus '$(CORPUS)')
	$(BIN)/python -m app

test: $(VENV)/.dev
	$(BIN)/python -m pytest

# `make trust SHORT=1` tries a tenth of everything.
trust: $(VENV)/.dev
	$(BIN)/python -m pytest -o python_files='fault_*.py' tests/faults $(if $(SHORT),--short)

# The explorer in a real browser: needs chromium (or BROWSER_PATH) and Node, and says so where they are missing.
browser-test: $(VENV)/.dev tests/browser/node_modules/.installed
	$(BIN)/python -m pytest -o python_files='page_*.py' tests/browser

tests/browser/node_modules/.installed: tests/browser/package.json tests/browser/package-lock.json
	@command -v npm >/dev/null || { echo "Node is needed for the browser tests: apt-get install nodejs npm"; exit 1; }
	npm ci --prefix tests/browser --silent --no-audit --no-fund --ignore-scripts
	@touch $@

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/deptry .
	$(BIN)/lint-imports
	$(BIN)/hadolint Dockerfile
	$(BIN)/python -m seed --check

# What the running API is made of, as CycloneDX: an environment without the test tools is asked.
sbom: $(VENV)/.dev
	rm -rf .sbom && $(PYTHON) -m venv --without-pip .sbom
	$(PIP) --python .sbom/bin/python install --require-hashes -r requirements.txt
	$(BIN)/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --of JSON -o sbom.json .sbom
	rm -rf .sbom

# `make bench SIZES="five 200k 2m" ROUNDS=5 SECONDS=5 POSTGRESQL=1`: what is given is passed on.
bench: $(VENV)/.dev
	$(BIN)/python -m tests.benchmarks.bench $(if $(SIZES),--sizes $(SIZES)) $(if $(ROUNDS),--rounds $(ROUNDS)) \
		$(if $(SECONDS),--seconds $(SECONDS)) $(if $(POSTGRESQL),--postgresql)

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) .bench .sbom sbom.json briefs.db .briefs.db.* .mypy_cache .pytest_cache .ruff_cache .hypothesis .schemathesis

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: set PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# Everything that is installed is pinned by version and by hash.
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

$(VENV)/.run: pyproject.toml requirements.txt | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

# Pins anew what pyproject.toml asks for; versions that still fit stay. Needs uv.
pin:
	$(PINNING) --group build -o requirements.txt
	$(PINNING) --group build --group dev -c requirements.txt -o requirements-dev.txt

PINNING := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --quiet \
	--no-header --no-annotate --no-emit-index-url
