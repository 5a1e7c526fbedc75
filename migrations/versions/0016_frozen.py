"""Refuse to change what was published or issued

A result and a certificate are frozen: only their standing (superseded, revoked, the PDF once it is drawn)
may still be written. Whoever works on the database by hand is stopped too.

Revision ID: 0016
Revises: 0015
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

FROZEN = {
    "certificate": (
        "code series year number printed_number batch_id result_id unit_id content sha256 issued_at valid_until"
    ),
    "result": (
        "assessment_id round_id number level award met applicable mandatory_met mandatory quality_micro "
        "content own sha256 finalised_at"
    ),
}


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table, columns in FROZEN.items():
        names = ", ".join(f'"{column}"' for column in columns.split())
        (_freeze_sqlite if sqlite else _freeze_postgresql)(table, names)


def _freeze_sqlite(table: str, names: str) -> None:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table}: a frozen row does not change'); END"
    op.execute(f"CREATE TRIGGER {table}_frozen_update BEFORE UPDATE OF {names} ON {table} {refuse}")
    op.execute(f"CREATE TRIGGER {table}_frozen_delete BEFORE DELETE ON {table} {refuse}")


def _freeze_postgresql(table: str, names: str) -> None:
    op.execute(
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table}: a frozen row does not change'; END $$"
    )
    for when in (f"UPDATE OF {names}", "DELETE"):
        name = f"{table}_frozen_{when.partition(' ')[0].lower()}"
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
        )


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in FROZEN:
        for act in ("update", "delete"):
            op.execute(f"DROP TRIGGER {table}_frozen_{act}" + ("" if sqlite else f" ON {table}"))
        if not sqlite:
            op.execute(f"DROP FUNCTION {table}_refuse()")
