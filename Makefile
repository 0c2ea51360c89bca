# `make` lists itself: each target's line says what it does after two hashes.
.POSIX:
SHELL = /bin/sh
BIN = .venv/bin

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile | while IFS='	' read -r name text; do printf '  make %-10s %s\n' "$$name" "$$text"; done

setup: ## Make .venv, install the locked requirements
	@sh tools/setup.sh

demo: setup ## A day at a practice, from EHR messages to posted ERAs and patient statements
	@$(BIN)/cleanclaim demo

test: setup ## All tests of the everyday tier
	@$(BIN)/python -m pytest -m "not long" -n auto --maxprocesses 8 --dist loadfile -q

test-long: setup ## The long tier: kills, mutations and injections at full size
	@$(BIN)/python -m pytest -m long

run: setup ## Serve http://localhost:8000 with the demo practice
	@$(BIN)/cleanclaim demo --serve

bench: setup ## Print ratios against peers
	@$(BIN)/python -m bench

check: setup ## Lint, format, types and import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@PYTHONPATH=. $(BIN)/lint-imports

lock: ## Write requirements.txt and requirements-dev.txt from pyproject.toml
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate pyproject.toml -o requirements.txt
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --group dev pyproject.toml -o requirements-dev.txt

.PHONY: help setup demo test test-long run bench check lock
