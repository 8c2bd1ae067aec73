# Everything a person or CI runs. Each target sets up what it needs.
PYTHON ?= python3
BIN := .venv/bin

# The question of `make ask` reaches the program through the environment and as it was typed, so
# that no character of it is read by make or by the shell.
override export Q := $(value Q)

.PHONY: setup run ask test coverage check soak bench screens audit requirements clean

setup: .venv/.runtime

.venv/.runtime: requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	PYTHONWARNINGS=ignore $(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $@

.venv/.dev: .venv/.runtime requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

ask: .venv/.runtime
	@$(BIN)/python -m bot ask -- "$$Q"

run: .venv/.runtime
	$(BIN)/python -m bot

check: .venv/.dev
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/basedpyright
	$(BIN)/lint-imports --no-logo

# A test that fails once has failed: it is wrong, or it shows a race. One process has all tests of a
# cluster, which it starts by Java 17 and Maven (OPENSEARCH_URL: that cluster instead).
test: check
	$(BIN)/pytest --numprocesses auto --dist loadgroup

# Which lines no test reaches; what it measures slows the tests down.
coverage: .venv/.dev
	$(BIN)/pytest --numprocesses auto --dist loadgroup --cov --cov-report=term

# The long reliability run, in under 45 minutes; its table comes last.
soak: .venv/.dev
	$(BIN)/pytest --soak --numprocesses 0

.venv/.bench: .venv/.runtime pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check -e ".[bench]"
	touch $@

# The engines side by side, on the sample unless ARCHIVE names a folder of posts.
bench: .venv/.bench
	$(BIN)/python -m bench engines --archive "$${ARCHIVE:-corpus/sample}"

.venv/.screens: .venv/.dev pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check -e ".[screens]"
	touch $@

# The pictures of docs/screens, by the system's Chromium (Debian: chromium, fonts-noto-cjk).
screens: .venv/.screens
	$(BIN)/python -m docs.draw_screens

# Known vulnerabilities in what is pinned. What could not be asked about is a failure, not a pass.
audit: .venv/.dev
	@$(BIN)/pip-audit --strict --no-deps --disable-pip --progress-spinner off \
		-r requirements.txt -r requirements-dev.txt \
		|| { echo "The audit failed: see above what is vulnerable, or could not be asked about." >&2; \
		exit 1; }

# Pins for hosting and for development, from pyproject.toml; no index address is written down.
requirements: .venv/.dev
	$(BIN)/pip-compile $(PINNING) --output-file requirements.txt pyproject.toml
	$(BIN)/pip-compile $(PINNING) --extra dev --output-file requirements-dev.txt pyproject.toml

PINNING := --quiet --upgrade --strip-extras --no-header --no-emit-index-url --no-emit-find-links \
	--no-emit-trusted-host --no-emit-options --annotation-style=line

clean:
	rm -rf .venv var build *.egg-info
