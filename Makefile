# All a newcomer must know: make setup | run | demo | test | check | bench
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.setup
STAMP_DEV := $(VENV)/.setup-dev
STAMP_NODE := frontend/node_modules/.setup
INTERFACE := backend/sightline/api/ui/index.html
# Node.js of the locked wheel, whatever the system has.
NODE := PATH="$(CURDIR)/$(VENV)/bin:$$PATH"

# A file's tests stay in one process, and files are begun in the order of tests/conftest.py: the slow ones first.
PARALLEL := -n logical --maxprocesses 8 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run demo test test-backend test-interface test-packages screenshots measure-interface check format lock bench bench-cameras bench-start chaos fuzz nightly clean

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1 - \2/'

setup: $(STAMP) $(INTERFACE) ## Everything that the product needs: virtual environment, locked packages, the default model pack
	@./sightline models verify lite >/dev/null 2>&1 || ./sightline models install lite

$(STAMP): backend/requirements.lock scripts/setup.sh
	@PYTHON="$(PYTHON)" sh scripts/setup.sh requirements.lock
	@touch $@

$(STAMP_NODE): frontend/package-lock.json backend/requirements-node.lock scripts/setup-node.sh | $(STAMP)
	@sh scripts/setup-node.sh
	@# Not npm ci: it wants a lock entry for every platform's binaries, and not every registry has them all.
	@cd frontend && $(NODE) npm install --no-save --no-audit --no-fund --loglevel=error
	@touch $@

$(INTERFACE): $(STAMP_NODE) $(shell find frontend/src frontend/public frontend/index.html frontend/vite.config.ts -type f 2>/dev/null)
	@echo "setup: building the web interface"
	@cd frontend && $(NODE) npm run --silent build

setup-dev: $(STAMP_DEV) setup ## As setup, with the tools that tests and checks need

$(STAMP_DEV): backend/requirements-dev.lock scripts/setup.sh
	@PYTHON="$(PYTHON)" sh scripts/setup.sh requirements-dev.lock
	@touch $@ $(STAMP)

run: setup ## Watch a source: make run SOURCE=rtsp://camera/stream GALLERY=people/
	./sightline watch $(SOURCE) $(if $(GALLERY),--gallery "$(GALLERY)")

demo: setup ## Play a stream with two guests from a local camera, and name the one who is enrolled
	./sightline demo

test-packages:
	@sh scripts/install-test-packages.sh

test: test-backend test-interface ## Run all tests, those in a browser too

test-backend: setup-dev test-packages ## Tests of the backend on all cores, with coverage
	cd backend && ../$(PY) -m pytest $(PARALLEL) --cov --cov-report=term

test-interface: setup-dev test-packages ## Tests of the web interface: its parts, then a browser against the running product
	cd frontend && $(NODE) npm test --silent
	cd frontend && $(NODE) npm run --silent e2e

check: setup-dev ## Lint, format, types, import rules
	cd backend && ../$(VENV)/bin/ruff check . && ../$(VENV)/bin/ruff format --check .
	cd backend && ../$(VENV)/bin/mypy
	cd backend && ../$(VENV)/bin/lint-imports
	sh scripts/check-repository.sh
	cd frontend && $(NODE) npm run --silent check

format: setup-dev ## Format and mend what can be mended
	cd backend && ../$(VENV)/bin/ruff check --fix . ; ../$(VENV)/bin/ruff format .
	cd frontend && $(NODE) npm run --silent format

screenshots: setup-dev test-packages ## Pictures of every page, light, dark and on a phone: make screenshots FOLDER=build/screenshots
	cd frontend && $(NODE) npm run --silent screenshots -- $(abspath $(or $(FOLDER),build/screenshots))

measure-interface: setup-dev test-packages ## What the web interface promises, in a browser: lists, live view, events, start: make measure-interface ONLY=wall,events
	cd frontend && $(NODE) npm run --silent measure -- $(if $(ONLY),--only $(ONLY)) $(if $(JSON),--json $(abspath $(JSON)))

lock: setup-dev ## Pin all dependencies anew
	scripts/lock.sh

bench: setup-dev ## Measure the hot paths
	cd backend && ../$(PY) -m pytest tests/benchmarks --benchmark-only --benchmark-columns=min,median,ops --no-cov

bench-cameras: setup-dev test-packages ## 50 cameras over RTSP for seven minutes: who starves, what is dropped, what memory does
	@./sightline models verify cpu >/dev/null 2>&1 || ./sightline models import "$${SIGHTLINE_TEST_SHARED:-../shared}/models" || true
	cd backend && ../$(PY) -m tests.benchmarks.many_cameras

bench-start: setup-dev ## How long a start takes until the first analysed frame, and what an idle system needs
	cd backend && ../$(PY) -m tests.benchmarks.starting

chaos: setup-dev ## Kill and freeze parts of running systems, fused and split: make chaos ROUNDS=20; all back soon, nothing lost or doubled
	cd backend && ../$(PY) -m tests.chaos.rounds --rounds $(or $(ROUNDS),20)
	cd backend && ../$(PY) -m tests.chaos.split_rounds --rounds $(or $(ROUNDS),20)
	cd backend && ../$(PY) -m tests.chaos.api_killed --rounds $(or $(ROUNDS),10)

fuzz: setup-dev ## Ask the running API everything its description allows: make fuzz EXAMPLES=100
	cd backend && SIGHTLINE_FUZZ_EXAMPLES=$(or $(EXAMPLES),100) ../$(PY) -m pytest tests/fuzz --no-cov -o timeout=0

nightly: ROUNDS = 50
nightly: fuzz chaos bench ## What takes too long for each landing: 50 rounds of chaos, fuzz, bench, a million detections
	cd backend && ../$(PY) -m sightline bench faces --count 1000000

clean: ## Remove the virtual environment
	rm -rf $(VENV)
