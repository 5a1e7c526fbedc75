# make run · make test · make test-postgres · make bench [ONLY=a,b] · make faults [ONLY=a,b] [ARGS=--short] · make fuzz [INPUTS=20000] · make shots · make lint · make words · make lock
SHELL := /bin/sh
.SHELLFLAGS := -eu -c
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$p; break; }; done)
BIN := .venv/bin
PORT ?= 8000
DEMO ?= 1
export PORT DEMO

# Wheels only, by hash; one pure package has no wheel and is built with the pinned build tool.
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
	--only-binary :all: --no-binary flask-principal --no-build-isolation --use-pep517

.PHONY: run test test-postgres faults bench fuzz shots lint words lock pango
.DEFAULT_GOAL := run

run: $(BIN)/.runtime pango
	@exec $(BIN)/python -m survey_app.serve

test: $(BIN)/.dev pango
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

# The tests that meet a database once more, on PostgreSQL: on a server of their own, or the one TEST_POSTGRES_URL names.
test-postgres: $(BIN)/.dev pango
	@$(BIN)/python -m tests.on_postgres -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

# What is tried against saves, files and jobs: kill -9, power cuts, full disks, restarts, races; one JSON line each.
faults: $(BIN)/.dev pango
	@$(BIN)/python -m tests.faults $(if $(ONLY),--only $(ONLY)) $(ARGS)

bench: $(BIN)/.dev
	@$(BIN)/python -m tests.bench $(if $(ONLY),--only $(ONLY))

# Every form of a demo filled with rubbish; the same SEED draws the same rubbish.
INPUTS ?= 20000
SEED ?= 1
fuzz: $(BIN)/.dev
	@$(BIN)/python -m tests.fuzz --inputs $(INPUTS) --seed $(SEED)

shots: $(BIN)/.dev
	@$(BIN)/python -m tests.browser.shots $(ARGS)

lint: $(BIN)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# New sentences come into the English catalogue without English, old ones leave it; then all catalogues are compiled.
WORDS := survey_app/translations
words: $(BIN)/.dev
	@$(BIN)/pybabel -q extract -F $(WORDS)/babel.cfg -k N_ -k _l -k lazy_gettext -k lazy_ngettext:1,2 \
		--no-location --sort-output --omit-header -o $(WORDS)/messages.pot survey_app
	@$(BIN)/pybabel -q update -i $(WORDS)/messages.pot -d $(WORDS) -l en --no-fuzzy-matching --ignore-obsolete \
		--ignore-pot-creation-date --width 1000 && rm $(WORDS)/messages.pot
	@$(BIN)/pybabel -q compile -d $(WORDS)
	@$(BIN)/pybabel -q compile -d survey_app/core/translations -D wtforms
	@$(BIN)/pybabel -q compile -d survey_app/accounts/translations -D flask_security

# A stamp holds the hash of the lock it was installed from: nothing is installed again while it is the same.
$(BIN)/.runtime: FORCE
	@$(call install,requirements.lock)

$(BIN)/.dev: FORCE
	@$(call install,requirements-dev.lock)

.PHONY: FORCE
FORCE:

define install
test -n "$(PYTHON)" || { echo "Cần Python 3.11 trở lên có mô-đun venv (Debian: apt-get install python3-venv)." >&2; exit 1; }; \
test -x $(BIN)/python || { echo "Tạo môi trường .venv …"; $(PYTHON) -m venv .venv; }; \
seal=$$(cat requirements-build.lock $(1) | $(BIN)/python -c 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())'); \
if [ "$$(cat $@ 2>/dev/null)" != "$$seal" ]; then \
	echo "Cài các gói trong $(1) …"; \
	$(INSTALL) -r requirements-build.lock; $(INSTALL) -r $(1); \
	echo "$$seal" > $@; \
fi
endef

PANGO := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
pango:
	@if $(BIN)/python -c 'import ctypes; [ctypes.CDLL(n) for n in ("libpango-1.0.so.0", "libpangoft2-1.0.so.0")]' 2>/dev/null \
	|| [ "$$(uname -s)" != Linux ]; then exit 0; fi; \
	if command -v apt-get >/dev/null 2>&1; then \
		sudo=; [ "$$(id -u)" = 0 ] || sudo="sudo -n"; \
		if [ -z "$$sudo" ] || sudo -n true 2>/dev/null; then \
			echo "Cài thư viện Pango cho tệp PDF …"; \
			{ $$sudo apt-get update -qq && $$sudo apt-get install -y -qq --no-install-recommends $(PANGO); } >/dev/null 2>&1 && exit 0; \
		fi; \
	fi; \
	echo "Chưa có thư viện Pango nên chưa tạo được PDF. Chạy: sudo apt-get install -y $(PANGO)"

# Needs uv; the lock files carry hashes and no address.
lock:
	@export UV_CUSTOM_COMPILE_COMMAND="make lock"; \
	set -- --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --universal --python-version 3.11 $(ARGS); \
	uv pip compile "$$@" --group build -o requirements-build.lock; \
	uv pip compile "$$@" pyproject.toml -o requirements.lock; \
	uv pip compile "$$@" pyproject.toml --extra dev -c requirements.lock -o requirements-dev.lock
