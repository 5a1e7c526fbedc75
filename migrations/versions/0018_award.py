"""Give the code of a title the room it needs

The title of the shipped sets has 28 letters; PostgreSQL refused to publish a result that earned it. SQLite
does not mind, but lays the table anew for it. The triggers of 0016 name the column, so they go and come back.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

FROZEN = (
    "assessment_id round_id number level award met applicable mandatory_met mandatory quality_micro content own "
    "sha256 finalised_at finalised_by_id"
)


def upgrade() -> None:
    _resize(16, 64)


def downgrade() -> None:
    _resize(64, 16)


def _resize(before: int, after: int) -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for act in ("update", "delete"):
        op.execute(f"DROP TRIGGER result_frozen_{act}" + ("" if sqlite else " ON result"))
    with op.batch_alter_table("result") as table:
        table.alter_column("award", existing_type=sa.String(before), type_=sa.String(after))
    names = ", ".join(f'"{column}"' for column in FROZEN.split())
    refuse = (
        "BEGIN SELECT RAISE(ABORT, 'result: a frozen row does not change'); END"
        if sqlite
        else "FOR EACH ROW EXECUTE FUNCTION result_refuse()"
    )
    for act, when in (("update", f"UPDATE OF {names}"), ("delete", "DELETE")):
        op.execute(f"CREATE TRIGGER result_frozen_{act} BEFORE {when} ON result {refuse}")
