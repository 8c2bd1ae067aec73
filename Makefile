# Everything a person or CI runs. Each target sets up what it needs.
PYTHON ?= python3
BIN := .venv/bin
# Only what a file names by version and hash, and nothing else where a line has none.
PINNED = $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes

# The question of `make ask` reaches the program through the environment and as it was typed, so
# that no character of it is read by make or by the shell.
override export Q := $(value Q)

.PHONY: setup init run ask test container coverage check soak bench screens site audit requirements clean

setup: .venv/.runtime

.venv/.runtime: requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(PINNED) -r requirements.txt
	PYTHONWARNINGS=ignore $(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $@

.venv/.dev: .venv/.runtime requirements-dev.txt
	$(PINNED) -r requirements-dev.txt
	touch $@

ask: .venv/.runtime
	@$(BIN)/python -m bot ask -- "$$Q"

init: .venv/.runtime
	@$(BIN)/python -m bot init

run: .venv/.runtime
	$(BIN)/python -m bot

check: .venv/.dev
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/basedpyright
	$(BIN)/lint-imports --no-logo

# A test that fails once has failed: it is wrong, or it shows a race. One process has all tests of a
# cluster, which it starts by Java 17 and Maven (OPENSEARCH_URL: that cluster instead); one has those of
# PostgreSQL, which comes in a wheel (POSTGRES_URL: that server instead).
test: check
	$(BIN)/pytest --numprocesses auto --dist loadgroup

# Every step of the Dockerfile in a bare environment, without an engine (Linux, as root), and wheels
# for amd64 and arm64. It fetches all that is pinned.
container: .venv/.dev
	FROM_PINS=1 $(BIN)/pytest --numprocesses 0 -s tests/e2e/test_container.py

# Which lines no test reaches; what it measures slows the tests down.
coverage: .venv/.dev
	$(BIN)/pytest --numprocesses auto --dist loadgroup --cov --cov-report=term

# The long reliability run, in under 45 minutes; its table comes last.
soak: .venv/.dev
	$(BIN)/pytest --soak --numprocesses 0 --override-ini faulthandler_timeout=2700

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

# The documentation as a site in build/site/html, readable from the disk; a dead link is an error.
site: .venv/.dev
	$(BIN)/python -m docs.build_site

# What a running bot consists of, as CycloneDX, and known vulnerabilities in what is pinned. What could
# not be asked about is a failure, not a pass.
audit: .venv/.dev
	@mkdir -p build
	@$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --mc-type application \
		--output-reproducible --output-file build/sbom.json requirements.txt
	@echo "build/sbom.json lists what the bot consists of."
	@$(BIN)/pip-audit --strict --require-hashes --disable-pip --progress-spinner off \
		-r requirements.txt -r requirements-dev.txt \
		|| { echo "The audit failed: see above what is vulnerable, or could not be asked about." >&2; \
		exit 1; }

# Pins from pyproject.toml: for hosting, without and with the extras of a bot, and for development; for
# every Python and machine that it allows, with the hashes of all files of a release. No index address
# is written down.
requirements: .venv/.dev
	$(PIN) --output-file requirements.txt pyproject.toml
	$(PIN) --extra opensearch --extra postgres --extra sentry \
		--output-file requirements-extras.txt pyproject.toml
	$(PIN) --extra dev --output-file requirements-dev.txt pyproject.toml

PIN := $(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-header \
	--no-strip-extras --annotation-style line

clean:
	rm -rf .venv var build *.egg-info
