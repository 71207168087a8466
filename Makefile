# `make install`, `make demo` and `make test` each work as the only command on a fresh machine.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := demo

.PHONY: install demo test check lint types portability clean

install: $(VENV)/installed

demo: $(VENV)/installed
	rm -rf $(DEMO)
	$(BIN)/curate demo $(DEMO)

test: $(VENV)/installed-dev
	$(BIN)/python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder

check: lint types test portability

# The suite, or a part of it, without what only Linux or only Unix has; PORTABLE=tests is all of it.
PORTABLE ?= tests/test_portable.py tests/test_executors.py tests/test_ingest.py
portability: $(VENV)/installed-dev
	PYTHONPATH=tests $(BIN)/python -m pytest -p portability $(PORTABLE)

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/installed-dev
	$(BIN)/mypy --strict curate ui

clean:
	rm -rf $(VENV) $(DEMO)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	  || { echo "curate needs Python 3.11 to 3.13; name one with: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
	  || { rm -rf $(VENV); echo "no venv module; on Debian: apt-get install python3-venv"; exit 1; }

$(VENV)/installed: pyproject.toml setup.py constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[train,ui]"
	touch $@

$(VENV)/installed-dev: pyproject.toml setup.py constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	touch $@ $(VENV)/installed
