# Two commands set everything up on a fresh machine: `make demo` and `make test`.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
SOURCES := polyproof_gym agents experiments tests

.PHONY: demo test test-slow coq lint types bench clean

$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[agents,bench,render,dev]'
	touch $@

demo: $(INSTALLED)
	$(BIN)/python -m experiments.demo

test: $(INSTALLED)
	$(BIN)/python -m pytest -n auto

test-slow: $(INSTALLED)
	$(BIN)/python -m pytest -n auto -m slow

# Needs Coq (Debian's package coq, for example), against which exported proofs are checked.
coq: $(INSTALLED)
	$(BIN)/python -m pytest -n auto -m coq

lint: $(INSTALLED)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)

types: $(INSTALLED)
	$(BIN)/mypy

bench: $(INSTALLED)
	$(BIN)/python -m experiments.benchmark --json runs/benchmark.json --plot runs/benchmark.png

clean:
	rm -rf $(VENV) runs build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
