# SPDX-License-Identifier: Apache-2.0
"""History stays: triggers by which the database itself refuses to change or delete a row.

Used by migrations. Corrections add a row; whoever holds the database's own password can drop a
trigger, which is what the ledger and its copies are for.
"""

from collections.abc import Sequence

from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython

_SQLITE = """
CREATE TRIGGER {table}_{event_lower}_refused BEFORE {event}{columns} ON {table}
BEGIN SELECT raise(ABORT, 'history is added to and never changed'); END;
"""
_POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION photowarden_history_stays() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION 'history is added to and never changed' USING ERRCODE = '23000'; END;
$$ LANGUAGE plpgsql;
"""
_POSTGRESQL = """
CREATE TRIGGER {table}_{event_lower}_refused BEFORE {event}{columns} ON {table}
FOR EACH ROW EXECUTE FUNCTION photowarden_history_stays();
"""


def protect(table: str, *, of: Sequence[str] = ()) -> RunPython:
    """Return the migration by which rows of a table are never deleted, and never changed.

    With `of`, only these columns are protected from change.
    """

    def make(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        sqlite = editor.connection.vendor == "sqlite"
        if not sqlite:
            editor.execute(_POSTGRESQL_FUNCTION)
        form = _SQLITE if sqlite else _POSTGRESQL
        for event, columns in (("UPDATE", of), ("DELETE", ())):
            listed = f" OF {', '.join(columns)}" if columns else ""
            words = {"table": table, "event": event, "event_lower": event.lower()}
            editor.execute(form.format(**words, columns=listed))

    def unmake(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        on = "" if editor.connection.vendor == "sqlite" else f" ON {table}"
        for event in ("update", "delete"):
            editor.execute(f"DROP TRIGGER {table}_{event}_refused{on}")

    return RunPython(make, unmake)
