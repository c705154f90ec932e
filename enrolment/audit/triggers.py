"""The triggers of the log, for both databases: the migration makes them, a check looks for them.

Lines and anchors are neither changed nor deleted; a head only moves forward. On PostgreSQL a line
is linked by a trigger that waits until commit, so that the head, which all writers share, is held
for a moment only and after every other lock. SQLite lets one writer in at a time, and there
`services.record` links the line itself.

Django rebuilds a SQLite table on most alterations, and the triggers go with the old one: a
migration that alters these tables ends by running `guard` again.
"""

from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper

KEPT = ("audit_entry", "audit_anchor")
HEAD = "audit_head"


@dataclass(frozen=True)
class Trigger:
    """A trigger: the statement that makes it, and the text of it that the database keeps."""

    name: str
    table: str
    statement: str
    kept: str


def _sqlite() -> list[Trigger]:
    found = [_refuse(table, event) for table in KEPT for event in ("UPDATE", "DELETE")]
    backwards = "WHEN NEW.sequence <> OLD.sequence + 1"
    return [*found, _refuse(HEAD, "UPDATE", backwards), _refuse(HEAD, "DELETE")]


def _refuse(table: str, event: str, when: str = "") -> Trigger:
    name = f"{table}_no_{event.lower()}"
    statement = (
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} {when} "
        f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
    )
    return Trigger(name, table, statement, kept=statement)


# Truncating an empty log loses nothing, and a test database is emptied so.
_REFUSE = """
DECLARE kept boolean := true;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', TG_TABLE_NAME) INTO kept;
    END IF;
    IF kept THEN
        RAISE EXCEPTION '%_no_%', TG_TABLE_NAME, lower(TG_OP) USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END
"""

# The one change a line may meet: links that were empty are filled in, by the trigger below.
_LINK_ONLY = """
BEGIN
    IF pg_trigger_depth() > 1 AND OLD.sequence IS NULL AND NEW.sequence IS NOT NULL
       AND to_jsonb(OLD) - '{sequence,previous_hash,hash}'::text[]
         = to_jsonb(NEW) - '{sequence,previous_hash,hash}'::text[] THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'audit_entry_no_update' USING ERRCODE = 'restrict_violation';
END
"""

_FORWARD = """
BEGIN
    IF NEW.sequence = OLD.sequence + 1
       AND NEW.federation_id IS NOT DISTINCT FROM OLD.federation_id THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'audit_head_no_update' USING ERRCODE = 'restrict_violation';
END
"""

# All heads that the transaction will move are locked first, once and in one order, so that two
# transactions that write to the same two chains cannot wait for each other. The wall is lifted
# meanwhile: a line may belong to a chain that its writer does not see.
_LINK = """
DECLARE
    head audit_head%ROWTYPE;
    linked text;
    reach text := current_setting('fotorundan.federations', true);
    here text := pg_current_xact_id()::text;
BEGIN
    PERFORM set_config('fotorundan.federations', '*', true);
    PERFORM FROM audit_head WHERE federation_id IS NOT DISTINCT FROM NEW.federation_id;
    IF NOT FOUND OR current_setting('fotorundan.linking', true) IS DISTINCT FROM here THEN
        INSERT INTO audit_head (federation_id, sequence, hash)
            SELECT federation_id, 0, repeat('0', 64) FROM audit_entry AS line
            WHERE sequence IS NULL AND NOT EXISTS (
                SELECT FROM audit_head AS known
                WHERE known.federation_id IS NOT DISTINCT FROM line.federation_id)
            GROUP BY federation_id ORDER BY federation_id
            ON CONFLICT DO NOTHING;
        PERFORM FROM audit_head AS known WHERE EXISTS (
                SELECT FROM audit_entry AS line WHERE line.sequence IS NULL
                AND line.federation_id IS NOT DISTINCT FROM known.federation_id)
            ORDER BY federation_id FOR UPDATE;
        PERFORM set_config('fotorundan.linking', here, true);
    END IF;
    SELECT * INTO STRICT head FROM audit_head
        WHERE federation_id IS NOT DISTINCT FROM NEW.federation_id FOR UPDATE;
    linked := encode(sha256(convert_to(
        head.hash || ':' || head.sequence + 1 || ':' || NEW.digest, 'UTF8')), 'hex');
    UPDATE audit_entry SET sequence = head.sequence + 1, previous_hash = head.hash, hash = linked
        WHERE id = NEW.id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'audit_entry_not_linked';
    END IF;
    UPDATE audit_head SET sequence = head.sequence + 1, hash = linked WHERE id = head.id;
    PERFORM set_config('fotorundan.federations', coalesce(reach, ''), true);
    RETURN NULL;
END
"""
_FUNCTIONS = {
    "audit_refuse": _REFUSE,
    "audit_link_only": _LINK_ONLY,
    "audit_forward": _FORWARD,
    "audit_link": _LINK,
}


def _postgresql() -> list[Trigger]:
    return [
        *[_before("TRUNCATE", table, "STATEMENT", "audit_refuse") for table in (*KEPT, HEAD)],
        *[_before("DELETE", table, "ROW", "audit_refuse") for table in (*KEPT, HEAD)],
        _before("UPDATE", "audit_entry", "ROW", "audit_link_only"),
        _before("UPDATE", "audit_anchor", "ROW", "audit_refuse"),
        _before("UPDATE", HEAD, "ROW", "audit_forward"),
        Trigger(
            "audit_entry_link",
            "audit_entry",
            "CREATE CONSTRAINT TRIGGER audit_entry_link AFTER INSERT ON audit_entry "
            "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_link()",
            kept=_FUNCTIONS["audit_link"],
        ),
    ]


def _before(event: str, table: str, each: str, function: str) -> Trigger:
    name = f"{table}_no_{event.lower()}"
    statement = (
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} "
        f"FOR EACH {each} EXECUTE FUNCTION {function}()"
    )
    return Trigger(name, table, statement, kept=_FUNCTIONS[function])


def _function(name: str) -> str:
    """Return the statement that makes the function; its search path is pinned.

    Only the linking runs as the owner of the tables: whoever writes a line needs no right to heads.
    """
    rights = "SECURITY DEFINER" if name == "audit_link" else "SECURITY INVOKER"
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql {rights} "
        f"SET search_path = pg_catalog, public, pg_temp AS $${_FUNCTIONS[name]}$$"
    )


TRIGGERS = {"sqlite": _sqlite(), "postgresql": _postgresql()}


# A trigger that is turned off, or on for replicas alone, is as good as gone.
_INSTALLED = {
    "sqlite": "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": (
        "SELECT tgname, relname, prosrc FROM pg_trigger "
        "JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_proc ON pg_proc.oid = tgfoid "
        "WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
    ),
}


def guard(connection: BaseDatabaseWrapper) -> None:
    """Make every trigger, and the functions they call; those that are there are made anew."""
    unguard(connection)
    with connection.cursor() as cursor:
        for name in _FUNCTIONS if connection.vendor == "postgresql" else ():
            cursor.execute(_function(name))
        for trigger in TRIGGERS[connection.vendor]:
            cursor.execute(trigger.statement)


def unguard(connection: BaseDatabaseWrapper) -> None:
    """Take away every trigger and function that is there."""
    on_table = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        for trigger in TRIGGERS[connection.vendor]:
            table = f" ON {trigger.table}" if on_table else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {trigger.name}{table}")
        for name in _FUNCTIONS if on_table else ():
            cursor.execute(f"DROP FUNCTION IF EXISTS {name}()")


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the triggers that are gone from the database, turned off or changed."""
    with connection.cursor() as cursor:
        cursor.execute(_INSTALLED[connection.vendor])
        installed = set(cursor.fetchall())
    wanted = TRIGGERS[connection.vendor]
    return [each.name for each in wanted if (each.name, each.table, each.kept) not in installed]
