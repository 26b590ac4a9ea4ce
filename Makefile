# `make run` starts the app, `make test` checks everything; both install what they need first.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test check bench assets

PORT ?= 8501
PYTHON ?= $(firstword $(shell command -v python3.11 python3))
BIN := .venv/bin

help:
	@echo "make run     start the app on 127.0.0.1:$(PORT) (another port: make run PORT=8600)"
	@echo "make test    install what the tests need, then lint, format, types and tests"
	@echo "make check   the same without installing anything"
	@echo "make bench   measure the numbers of the README (installs the benchmark extra)"
	@echo "make assets  train everything that ships again (hours)"

run: .venv/.requirements
	@if (exec 3<>/dev/tcp/127.0.0.1/$(PORT)) 2>/dev/null; then \
		echo "port $(PORT) of 127.0.0.1 is taken; stop what listens there or choose another: make run PORT=$$(( $(PORT) + 1 ))" >&2; \
		exit 1; \
	fi
	@echo "drawing the synthetic people (once; half a minute)"
	@OMP_NUM_THREADS=1 $(BIN)/python -m inversion_core prepare
	@echo "Open http://127.0.0.1:$(PORT) (Ctrl-C stops the app)"
	@exec $(BIN)/streamlit run app.py --server.address 127.0.0.1 --server.port $(PORT)

test: .venv/.requirements-dev
	@.ci/need chromium "the browser tests" chromium --version
	@$(MAKE) --no-print-directory check

check:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest

bench: .venv/.requirements-dev
	$(BIN)/pip install --quiet -r requirements.txt -r tests/benchmarks/requirements.txt
	$(BIN)/python -m tests.benchmarks.att_mi_face

assets: .venv/.requirements
	$(BIN)/python -m inversion_core.shipping

# torch goes first and alone, so that pip takes the build this machine is set up for (a CPU build where one is offered)
# and torchvision, which asks for any torch 2.13.0, is then content with it.
.venv/.requirements: requirements.txt | .venv/bin/pip
	@echo "installing requirements.txt into .venv (minutes the first time)"
	$(BIN)/pip install --quiet "$$(grep '^torch==' requirements.txt)"
	$(BIN)/pip install --quiet -r requirements.txt
	@touch $@

.venv/.requirements-dev: requirements-dev.txt .venv/.requirements
	$(BIN)/pip install --quiet -r requirements-dev.txt
	@touch $@

.venv/bin/pip:
	@if [ -z "$(PYTHON)" ]; then echo "Python 3.11 or newer is needed; install it (Debian: apt-get install python3 python3-venv)" >&2; exit 1; fi
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and f"Python 3.11 or newer is needed, {sys.executable} is {sys.version.split()[0]}; name another: make PYTHON=/path/to/python3.11")'
	@.ci/need python3-venv "making .venv" $(PYTHON) -c 'import venv, ensurepip'
	@$(PYTHON) -m venv .venv
