"""How Alembic runs here: on the app's own engine, in one transaction, the job engine's tables left alone."""

from typing import Any

from alembic import context
from flask import current_app

from survey_app.core.db import Base, db, writing_connection
from survey_app.jobs import engine

applied: list[str] = []


def _ours(thing: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Leave out tables that the job engine made in our database."""
    table = name if kind == "table" else getattr(getattr(thing, "table", None), "name", None)
    return not (reflected and table in engine.TABLES)


def _note(**facts: Any) -> None:
    applied.append(str(facts["step"]))


def _check_foreign_keys(connection: Any) -> None:
    """Foreign keys rested during the migration on SQLite: refuse it when a row points nowhere."""
    if connection.dialect.name == "sqlite":
        lost = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if lost:
            raise RuntimeError(f"rows that point nowhere after the migration: {lost[:5]}")


def run() -> None:
    """Run the asked revisions; afterwards bring the job engine's own tables up to date.

    A caller who fills a database in one transaction gives its open connection, and prepares the engine first.
    """
    given = context.config.attributes.get("connection")
    if given is not None:
        _migrate(given)
        return
    with writing_connection() as connection:
        _migrate(connection)
    if applied:
        engine.prepare(db.engine)


def _migrate(connection: Any) -> None:
    # SQLite rolls back a CREATE TABLE too; Alembic only believes it when told.
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=_ours,
        on_version_apply=_note,
        transactional_ddl=True,
        **current_app.extensions["migrate"].configure_args,
    )
    with context.begin_transaction():
        context.run_migrations()
        _check_foreign_keys(connection)


if context.is_offline_mode():
    raise SystemExit("Migrations run against a database; offline SQL is not supported.")
run()
