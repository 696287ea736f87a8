# The commands of this project. `make` alone lists them.

PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3.11)
PORT ?= 8000
ARGS ?=
N ?= 1000
LANGUAGES = th lo km
WORKERS = -n 2 --dist loadgroup

.DEFAULT_GOAL := help
.PHONY: help setup demo cluster test kill-test check bench messages requirements audit licences sbom freeze clean runtime development catalogues

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

setup: development catalogues ## install everything in .venv and compile the catalogues

demo: runtime catalogues ## serve the site with demo data; PORT=8000, RESET=1 starts over
	@PORT="$(PORT)" RESET="$(RESET)" exec .venv/bin/python scripts/demo.py

cluster: development catalogues ## serve from two public, one staff and two worker processes behind the proxy; PORT
	@PORT="$(PORT)" exec .venv/bin/python scripts/cluster.py

test: development catalogues ## run every test; ARGS="-k word" narrows, WORKERS= uses one process
	@WORKERS="$(WORKERS)" exec .venv/bin/python scripts/run_tests.py $(ARGS)

kill-test: development catalogues ## a longer run of the kill tests; N=1000 reports in each
	@KILL_INTAKES="$(N)" WORKERS= exec .venv/bin/python scripts/run_tests.py tests/kill $(ARGS)

check: development catalogues ## lint, format, types, migrations, translations
	@exec .venv/bin/python scripts/check.py

bench: development catalogues ## measure, as ratios; ARGS="intake queue" narrows, SIZE=small is quick
	@SIZE="$(SIZE)" PYTHONPATH=scripts exec .venv/bin/python -m bench $(ARGS)

messages: development ## collect new texts into locale/*/LC_MESSAGES/django.po
	@scripts/messages.sh $(LANGUAGES)

requirements: development ## compile requirements*.in; ARGS=--upgrade takes newer releases
	@scripts/requirements.sh $(ARGS)

audit: development ## ask the advisory service about every package that runs
	@exec .venv/bin/python scripts/audit.py

licences: development ## list the licence of every package that runs in docs/licences.md
	@exec .venv/bin/python scripts/licences.py

sbom: development ## write the software bill of materials, var/sbom.json
	@exec .venv/bin/python scripts/sbom.py

freeze: development ## freeze the demo data of a release for the suite; COMMIT=v1.2
	@exec .venv/bin/python scripts/freeze_release.py $(COMMIT)

clean: ## remove .venv, var/ and everything generated
	@scripts/clean.sh

# What the commands above stand on. Both scripts find out by themselves that nothing is to do.

runtime:
	@$(PYTHON) scripts/environment.py runtime

development:
	@$(PYTHON) scripts/environment.py development

catalogues: | runtime
	@.venv/bin/python scripts/compile_catalogues.py
