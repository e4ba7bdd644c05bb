# Two commands set everything up on a fresh machine: `make demo` and `make test`.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
NEWEST := .venv-newest
ECOSYSTEM := .venv-ecosystem
PACKAGES := .venv-packages
RAY := .venv-ray
SOURCES := polyproof_gym agents experiments tests docs/conf.py docs/notebooks

.PHONY: demo test test-newest test-slow coq ecosystem lint types docs docs-links tables packages ray bench clean

$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[agents,render,robustness,symmetry,dev]'
	touch $@

demo: $(INSTALLED)
	$(BIN)/python -m experiments.demo

test: $(INSTALLED)
	$(BIN)/python -m pytest -n auto

# The newest versions that pyproject.toml admits, but for PyTorch, whose newest builds for Linux bring gigabytes of CUDA.
$(NEWEST)/.installed: pyproject.toml
	$(PYTHON) -m venv $(NEWEST)
	grep '^torch==' constraints.txt > $(NEWEST)/torch.txt
	$(NEWEST)/bin/python -m pip install --quiet --constraint $(NEWEST)/torch.txt --editable '.[agents,render,robustness,symmetry,dev]'
	touch $@

test-newest: $(NEWEST)/.installed
	$(NEWEST)/bin/python -m pytest -n auto tests/polyproof_gym tests/agents/test_search.py tests/experiments/test_cli.py

test-slow: $(INSTALLED)
	$(BIN)/python -m pytest -n auto -m slow

# Needs Coq (Debian's package coq, for example), against which exported proofs are checked.
coq: $(INSTALLED)
	$(BIN)/python -m pytest -n auto -m coq

# The recipes of docs/adapters.md and the module for RLlib, in an environment of their own since RLlib pins an older Gymnasium.
$(ECOSYSTEM)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(ECOSYSTEM)
	grep '^torch==' constraints.txt > $(ECOSYSTEM)/torch.txt
	$(ECOSYSTEM)/bin/python -m pip install --quiet --constraint $(ECOSYSTEM)/torch.txt --editable '.[rllib,dev]' \
		rl_zoo3 tianshou torchrl
	touch $@

ecosystem: $(ECOSYSTEM)/.installed
	$(ECOSYSTEM)/bin/python -m pytest -m ecosystem tests/ecosystem tests/agents/ppo

# The wheel and the source archive in clean environments: every Python from 3.11 that uv or pyenv has, the lowest and the newest
# versions that pyproject.toml admits, every extra. Takes hours, and gigabytes, which it removes again but for uv's cache; fewer
# with UV_TORCH_BACKEND=cpu in the environment, by which uv takes PyTorch without CUDA.
$(PACKAGES)/.installed:
	$(PYTHON) -m venv $(PACKAGES)
	$(PACKAGES)/bin/python -m pip install --quiet uv twine
	touch $@

packages: $(INSTALLED) $(PACKAGES)/.installed
	PATH="$(CURDIR)/$(PACKAGES)/bin:$$PATH" $(BIN)/python -m pytest -m packages tests/packages

# Clusters of docs/clusters.md and searches of docs/training.md, on this machine; in an environment of its own, since most do without Ray.
$(RAY)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(RAY)
	$(RAY)/bin/python -m pip install --quiet --constraint constraints.txt --editable '.[agents,render,robustness,symmetry,tune,dev]'
	touch $@

ray: $(RAY)/.installed
	$(RAY)/bin/python -m pytest -m ray

lint: $(INSTALLED)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)

types: $(INSTALLED)
	$(BIN)/mypy

$(VENV)/.docs-installed: $(INSTALLED)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[docs]'
	touch $@

# The documentation site, docs/_build/html/index.html: warnings are errors, links within it included; notebooks are run.
docs: $(VENV)/.docs-installed
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html

# Follows the links to other sites.
docs-links: $(VENV)/.docs-installed
	$(BIN)/python -m sphinx --keep-going -q -b linkcheck docs docs/_build/links

# The tables of the README and the site, from the files of docs/results.
tables: $(INSTALLED)
	$(BIN)/python -m experiments.documentation tables

bench: $(INSTALLED)
	$(BIN)/python -m experiments.benchmark --json runs/benchmark.json --plot runs/benchmark.png

clean:
	rm -rf $(VENV) $(NEWEST) $(ECOSYSTEM) $(PACKAGES) $(RAY) runs build docs/_build docs/generated dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
