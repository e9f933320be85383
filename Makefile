# Needs only Python 3.11 or newer and make. `make` alone lists the targets.
PYTHON ?= $(shell for p in python3 python3.12 python3.13 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
# Processes that run tests side by side: one more than there are cores, as some wait for a browser or a server.
WORKERS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN || echo 1) + 1)))
# Of the random tests. The same SEED repeats a run.
SEED ?= $(shell date +%s)
PYTEST = $(PY) -m pytest -n $(WORKERS) --dist worksteal --hypothesis-seed=$(SEED)

VENV := .venv
PY := $(VENV)/bin/python
# The same as $(VENV)/bin/koogallery, of this checkout whatever the environment has.
KOOGALLERY := $(PY) -m emulator
LOCKS := requirements.txt requirements-dev.txt
# One stamp per content of the lock files: a changed lock brings the environment up to date at the next command.
READY := $(VENV)/.installed-$(shell cat $(LOCKS) | cksum | tr ' ' '-')

SAM_VENV := .venv-sam
SAM := $(SAM_VENV)/bin/sam
SAM_READY := $(SAM_VENV)/.installed-$(shell cat requirements-sam.txt | cksum | tr ' ' '-')
# The lock files are complete, so nothing is left to resolve.
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary=:all:

export SAM_CLI_TELEMETRY := 0
# Where it is set, as in many images, each process that is started compiles everything anew.
unexport PYTHONDONTWRITEBYTECODE
# Packages or modules of your own to deploy too, such as your provisioner: make build INCLUDE=acme
export INCLUDE ?=
# What they need beside the locked dependencies, a list like requirements.txt: make build INCLUDE_REQUIREMENTS=acme.txt
export INCLUDE_REQUIREMENTS ?=
# Processor of the functions, x86_64 or arm64; the template's parameter Architecture must say the same.
export ARCHITECTURE ?= x86_64

.DEFAULT_GOAL := help
.PHONY: help run demo serve invoke test check types lint docs format bench build package-functiongraph package-huawei sam-local container events pictures lock setup clean artifact

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-22s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(READY) ## the bundle, the marketplace emulator and its console; plays the whole journey, then keeps serving
	@$(KOOGALLERY) run

demo: $(READY) ## the same journey, then exits: 0 if each step passed
	@$(KOOGALLERY) demo

serve: $(READY) ## only the bundle, on port PORT (8000), with development values
	@$(KOOGALLERY) serve --development

invoke: $(READY) ## one handler once, as the platform would: FUNCTION=name [EVENT=file.json]
	@$(KOOGALLERY) invoke $(FUNCTION) $(EVENT)

test: $(READY) ## the tests, but for those that take their time, and each case on one platform
	@echo "SEED=$(SEED)"
	@$(PYTEST) -m "not slow and not sweep and not engines" --hypothesis-profile=quick

check: $(READY) ## format, lint, types, template and every test, with coverage: what CI runs
	@$(MAKE) --no-print-directory -j 2 types lint
	$(PYTEST) --cov

types: $(READY)
	$(PY) -m mypy

lint: $(READY)
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(VENV)/bin/cfn-lint template.yaml deploy/aws/tables.yaml
	$(PY) -m emulator.packaging.site

docs: $(READY) ## the documentation as a web site, build/docs/site; a link that leads nowhere is an error
	@$(PY) -m emulator.packaging.site

format: $(READY) ## format the code and sort its imports
	$(PY) -m ruff check --select I --fix .
	$(PY) -m ruff format .

bench: $(READY) ## the benchmarks, as a table with ratios
	@$(KOOGALLERY) bench

build: $(READY) $(SAM_READY) ## the artifacts for AWS Lambda, in .aws-sam/build
	$(SAM) validate --lint
	$(SAM) build --parameter-overrides Architecture=$(ARCHITECTURE)

package-functiongraph: $(READY) ## the artifact for Huawei FunctionGraph, build/functiongraph.zip
	@$(PY) -m emulator.packaging.artifacts functiongraph

package-huawei: $(READY) ## the Terraform module for Huawei Cloud as a template for RFS, build/huawei.zip
	@$(PY) -m emulator.packaging.huawei.archive

sam-local: $(READY) $(SAM_READY) ## every function with every sample event in real containers, as Lambda would run them
	@$(PY) -m emulator.packaging.sam_local

container: $(READY) ## the server's container image, built and run as on a machine of your own
	@$(PY) -m emulator.packaging.container

events: $(READY) ## sample events, freshly signed, in events/
	@$(PY) -m emulator.samples.files

pictures: $(READY) ## the pictures of the console in docs/, from a run that is the same each time
	@PICTURES=docs $(PY) -m pytest -q -n 0 tests/browser/test_pictures.py

lock: $(READY) ## resolve the dependencies anew and write the lock files
	@$(PY) -m emulator.packaging.lock

setup: $(READY) ## only the environment

$(READY):
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: set PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Setting up $(VENV) with $$($(PYTHON) --version), about half a minute ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PY) $(PIP_INSTALL) $(LOCKS:%=-r %)
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation --editable .
	@rm -f $(VENV)/.installed-* && touch $@

$(SAM_READY):
	@echo "Setting up $(SAM_VENV), the AWS SAM command line, about half a minute ..."
	@$(PYTHON) -m venv $(SAM_VENV)
	@$(SAM_VENV)/bin/python $(PIP_INSTALL) -r requirements-sam.txt
	@rm -f $(SAM_VENV)/.installed-* && touch $@

clean: ## remove what make made, except the local store
	@rm -rf $(VENV) $(SAM_VENV) .aws-sam build dist .coverage .coverage.* htmlcov .mypy_cache .pytest_cache .ruff_cache .hypothesis

# What functions/Makefile asks for on behalf of `sam build`.
artifact: $(READY)
	@$(PY) -m emulator.packaging.artifacts $(KIND) "$(INTO)"
