# Two commands: `make run` and `make test`. `make help` lists the others.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard app/translations/*/LC_MESSAGES/*.po))
TEXT_KEYWORDS := -k N_ -k _l -k lazy_gettext -k gettext -k ngettext:1,2
LANGUAGES := zh en
# Each with databases, Redis and folder of its own; tests/shares.py says what is one process's work.
TEST_PROCESSES ?= 2

.PHONY: help run install install-dev demo test bench lint format translations screenshots pin clean
.DEFAULT_GOAL := help

help:
	@echo 'make run           start everything at http://127.0.0.1:8080 (PORT, HOST, DATABASE_URL, REDIS_URL, DATA_DIR)'
	@echo 'make test          all tests, on SQLite and PostgreSQL (TEST_DATABASE_URL, else one of our own)'
	@echo 'make install       only the virtual environment and the message catalogues'
	@echo 'make demo          load the demo city into the database and list its accounts'
	@echo 'make bench         measure, as ratios of one run'
	@echo 'make lint          ruff and mypy;  make format: let ruff write'
	@echo 'make translations  collect the texts, update and compile the catalogues'
	@echo 'make screenshots   take the pictures of the README anew'
	@echo 'make pin           resolve requirements*.in anew into requirements*.txt'

run: install
	@STOP_WITH_PARENT=1 exec $(BIN)/python run.py

install: .venv/.installed $(CATALOGUES)

install-dev: .venv/.installed-dev $(CATALOGUES)

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/.installed: requirements.txt | .venv/bin/python
	$(PIP) install -r requirements.txt
	@touch $@

.venv/.installed-dev: requirements-dev.txt .venv/.installed
	$(PIP) install -r requirements-dev.txt
	@touch $@

%.mo: %.po | .venv/.installed
	$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

demo: install
	$(BIN)/python -m flask --app run db upgrade
	$(BIN)/python -m flask --app run demo load
	$(BIN)/python -m flask --app run demo accounts

test: install-dev
	@$(BIN)/python -m tests.chromium
	$(BIN)/python -m pytest -n $(TEST_PROCESSES) $(ARGS)

bench: install-dev
	$(BIN)/python bench/run.py $(ARGS)

lint: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: install-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

translations: install-dev
	$(BIN)/pybabel --quiet extract -F babel/babel.cfg $(TEXT_KEYWORDS) --sort-by-file --add-location=file --project=epidemic-control-admin --version=0.1 -o babel/messages.pot app
	@for language in $(LANGUAGES); do \
	  if [ -f app/translations/$$language/LC_MESSAGES/messages.po ]; \
	  then command="update --no-fuzzy-matching --ignore-pot-creation-date"; else command=init; fi; \
	  $(BIN)/pybabel --quiet $$command -i babel/messages.pot -d app/translations -l $$language || exit 1; \
	done
	$(BIN)/pybabel --quiet compile -d app/translations

# In throw-away environments, so that the first file holds nothing that only the second needs.
screenshots: install-dev
	$(BIN)/python -m tests.browser.shoot

pin:
	$(PYTHON) -m venv --clear .venv-pin
	.venv-pin/bin/pip --disable-pip-version-check --quiet install -r requirements.in
	(echo '# Written by `make pin` from requirements.in.'; .venv-pin/bin/pip freeze) > requirements.txt
	.venv-pin/bin/pip --disable-pip-version-check --quiet install -r requirements-dev.in
	(echo '# Written by `make pin` from requirements-dev.in.'; echo '-r requirements.txt'; \
	  .venv-pin/bin/pip freeze | grep -vxFf requirements.txt) > requirements-dev.txt
	rm -rf .venv-pin

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
