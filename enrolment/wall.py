"""The second wall between federations: row level security, on PostgreSQL only.

The first wall is `access.py` of each room. Behind it, PostgreSQL itself shows a connection only the
rows of the federations that the setting `fotorundan.federations` names: ids with commas between,
`*` for all, nothing for none. A connection starts with `*` (enrolment/environment.py), for
commands and the worker; a request narrows it (enrolment/middleware.py). On SQLite nothing happens.

Whoever knows the person or machine only after having looked it up lifts the wall for that:
docs/decisions/0013-row-level-security-per-request.md lists where.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import connection, migrations

ALL = "*"
_NOW = "(SELECT current_setting('fotorundan.federations', true))"
_MOVE = f"SELECT {_NOW}, set_config('fotorundan.federations', %s, false)"
_POLICY = "federations"


@contextmanager
def narrowed(federation_ids: Iterable[UUID]) -> Iterator[None]:
    """Reach the rows of these federations only, until the block ends."""
    with _reaching(",".join(str(each) for each in federation_ids)):
        yield


@contextmanager
def lifted() -> Iterator[None]:
    """Reach the rows of all federations, until the block ends: to find out whose a request is."""
    with _reaching(ALL):
        yield


@contextmanager
def _reaching(names: str) -> Iterator[None]:
    if connection.vendor != "postgresql":
        yield
        return
    reach = _Reach(names)
    with connection.execute_wrapper(reach):
        try:
            yield
        finally:
            reach.end()


class _Reach:
    """Where the wall stands during a block: moved before the first statement that comes.

    A block without a statement needs no database. What was moved inside a transaction is moved
    again with the next statement, since a rollback undoes it; so it is on a connection made anew.
    """

    def __init__(self, names: str) -> None:
        self.names = names
        self.before: str | None = None
        self.kept_by: object = None

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        if self.kept_by is not connection.connection and not _failed():
            before = _move(self.names)
            self.before = before if self.before is None else self.before
            self.kept_by = None if connection.in_atomic_block else connection.connection
        return execute(sql, params, many, context)

    def end(self) -> None:
        """Move the wall back; in a failed transaction the coming rollback does it."""
        raw = connection.connection
        if self.before is not None and raw is not None and not raw.closed and not _failed():
            _move(self.before)


def _failed() -> bool:
    """Tell whether the transaction can only be rolled back: nothing is read in it any more."""
    # Every program imports this module, and most programs meet no PostgreSQL.
    from psycopg.pq import TransactionStatus

    status: TransactionStatus = connection.connection.info.transaction_status
    return status == TransactionStatus.INERROR


def _move(names: str) -> str:
    """Move the wall and return where it stood. It is no query of the page's, and not counted."""
    with connection.wrap_database_errors:
        before, _after = connection.connection.execute(_MOVE, (names,)).fetchone()
    return before or ""


# --- For migrations -------------------------------------------------------------------------------


def by_federation(column: str = "federation_id") -> str:
    """Return the condition for a table whose rows name their federation in the column."""
    return (
        f"{_NOW} = '{ALL}' OR {column}::text = ANY ((SELECT string_to_array({_NOW}, ','))::text[])"
    )


def by_parent(parent: str, column: str) -> str:
    """Return the condition for a table whose rows are seen where their parent row is."""
    found = f"SELECT FROM {parent} AS parent WHERE parent.id = {{table}}.{column}"
    return f"{_NOW} = '{ALL}' OR EXISTS ({found})"


def walls(conditions: Mapping[str, str]) -> migrations.RunPython:
    """Return the operation that puts a wall on each table, by its condition.

    In a condition `{table}` stands for the table's name.
    """

    def build(_apps: Any, editor: Any) -> None:
        for table, condition in conditions.items():
            _run(
                editor,
                f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
                f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
                f"CREATE POLICY {_POLICY} ON {table} USING ({condition.format(table=table)})",
            )

    def take_down(_apps: Any, editor: Any) -> None:
        for table in conditions:
            _run(
                editor,
                f"DROP POLICY {_POLICY} ON {table}",
                f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
                f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
            )

    return migrations.RunPython(build, take_down)


def _run(editor: Any, *statements: str) -> None:
    for statement in statements if editor.connection.vendor == "postgresql" else ():
        editor.execute(statement, params=None)
