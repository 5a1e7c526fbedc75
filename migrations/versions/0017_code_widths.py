"""Give the codes of a criteria set the room that the set's own rule allows them

A code may have 40 characters; three columns had 16. SQLite does not mind, PostgreSQL refuses the row. The frozen
columns are named by the triggers of 0016, which therefore rest while the columns change.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

FROZEN = (
    "assessment_id round_id number level award met applicable mandatory_met mandatory quality_micro "
    "content own sha256 finalised_at"
)


def upgrade() -> None:
    _resize(16, 40)


def downgrade() -> None:
    _resize(40, 16)


def _resize(old: int, new: int) -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for act in ("update", "delete"):
        op.execute(f"DROP TRIGGER result_frozen_{act}" + ("" if sqlite else " ON result"))
    with op.batch_alter_table("result") as table:
        table.alter_column(
            "level", existing_type=sa.String(old), type_=sa.String(new), existing_nullable=False
        )
        table.alter_column(
            "award", existing_type=sa.String(old), type_=sa.String(new), existing_nullable=True
        )
    with op.batch_alter_table("assessment") as table:
        table.alter_column(
            "veto_answer",
            existing_type=sa.String(old),
            type_=sa.String(new),
            existing_nullable=False,
            existing_server_default="",
        )
    names = ", ".join(f'"{column}"' for column in FROZEN.split())
    for when in (f"UPDATE OF {names}", "DELETE"):
        name = f"result_frozen_{when.partition(' ')[0].lower()}"
        does = (
            "BEGIN SELECT RAISE(ABORT, 'result: a frozen row does not change'); END"
            if sqlite
            else "FOR EACH ROW EXECUTE FUNCTION result_refuse()"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {when} ON result {does}")
