# Two commands are enough on a fresh machine: `make demo` and `make test`.
# `make` finds a Python by itself; name another with PYTHON=/path/to/python3.13.

VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py
NPM := .ci/npm
# Four on two cores: many tests wait for the disk, a worker or a browser.
TEST := $(BIN)/pytest -n 4 --dist worksteal
SOAK := $(BIN)/pytest -p no:randomly -s -o faulthandler_timeout=1800

.PHONY: setup demo run test test-sqlite test-postgresql check bench soak lock receiver docs translations clean

setup: $(VENV)/.ready

$(VENV)/.ready: requirements-dev.txt requirements-models.txt requirements-node.txt package-lock.json .ci/python .ci/npm .ci/setup
	.ci/setup
	touch $@

demo: setup
	$(MANAGE) demo

run: setup
	test -f var/demo/summary.json || $(MANAGE) demo
	$(MANAGE) run

test: test-sqlite test-postgresql

test-sqlite: setup
	$(TEST) tests --ignore tests/bench --ignore tests/soak --cov --cov-report=
	$(BIN)/coverage report --skip-covered --fail-under 99 --include "*/domain/*,*/services/*,*/access.py"

# What has nothing to do with the database has been tested by then: domain, architecture, pages.
test-postgresql: setup
	$(BIN)/python .ci/postgresql.py $(TEST) tests/services tests/web

check: setup
	.ci/check

bench: setup
	$(BIN)/pytest -p no:randomly -s tests/bench
	$(BIN)/python .ci/postgresql.py $(BIN)/pytest -p no:randomly -s tests/bench/test_booking_speed.py

soak: setup
	$(SOAK) tests/soak
	$(BIN)/python .ci/postgresql.py $(SOAK) tests/soak/test_hot_slot.py

lock: setup
	$(BIN)/uv pip compile -q --upgrade pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile -q --upgrade pyproject.toml --group dev -o requirements-dev.txt
	$(BIN)/uv pip compile -q --group receiver -c requirements.txt -o requirements-receiver.txt
	$(NPM) run lock

receiver: setup
	$(BIN)/python .ci/receiver.py var/receiver.pyz

docs: setup
	$(MANAGE) write_reference

translations: setup
	$(BIN)/python .ci/translations.py --write

clean:
	rm -rf $(VENV) node_modules var
