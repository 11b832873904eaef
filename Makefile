.DEFAULT_GOAL := help
BIN := .venv/bin
STAMP := .venv/.stamp
PYTHON ?= python3.13 python3.12 python3.11 python3 python3.14

# uv trusts roots of its own unless told: a company's proxy is known to the system's only.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt /etc/ssl/cert.pem /etc/pki/tls/certs/ca-bundle.crt),)
export UV_SYSTEM_CERTS := true
endif

# A checkout that was moved or copied, or whose interpreter is gone, is set up again;
# so is one whose set-up was interrupted, since the stamp is written last.
READY := test -x $(BIN)/python && test "$$(cat $(STAMP) 2>/dev/null)" = "$$(pwd -P)"
ifneq ($(shell $(READY) && echo ready),ready)
$(STAMP): FORCE
endif

.PHONY: help setup run test check lint bench fuzz mutants lock clean FORCE

help:  ## list these targets
	@sed -n 's/^\([a-z]*\):.*  ## /\1 /p' Makefile | while read -r name what; do printf '%-7s %s\n' "$$name" "$$what"; done

setup: $(STAMP)  ## build .venv, with the command at .venv/bin/followthrough
	@:

$(STAMP): pyproject.toml scripts/setup.sh requirements.lock requirements-uv.txt
	@sh scripts/setup.sh $(PYTHON)

run: setup  ## replay the concept note's year, September 2017 to September 2018
	@$(BIN)/followthrough simulate ccm-nim-2018 --scenario workflows/ccm/scenario-2018.yaml --speed 7d/s --serve

lint: setup  ## lint, format, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

test: lint  ## lint, then every test
	$(BIN)/pytest -n auto

check: lint  ## lint, then the tests that are not slow: the loop while you write
	$(BIN)/pytest -n auto -m "not slow"

bench: setup  ## measure, print a table, write JSON
	@$(BIN)/python -m benchmarks

ONLY ?=
SECONDS ?= 60

fuzz: setup  ## throw damaged input at what reads: ONLY=target, SECONDS=60 for each
	@$(BIN)/python -m tests.fuzz $(ONLY) --seconds $(SECONDS)

mutants: setup  ## change what decides in small ways, and count what tests notice (ONLY=letter, SAMPLE=400, SEED=2, THOROUGH=yes)
	@$(BIN)/python -m scripts.mutants $(if $(ONLY),--only $(ONLY)) $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(SEED),--seed $(SEED)) $(if $(THOROUGH),--thorough)

COMPILE := $(BIN)/uv pip compile --quiet --upgrade --no-config \
  --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

lock: setup  ## resolve the locked requirements again
	$(COMPILE) --all-extras pyproject.toml --output-file requirements.lock
	echo uv | $(COMPILE) - --output-file requirements-uv.txt

clean:  ## remove .venv, caches and builds; var/ stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .mutants dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
