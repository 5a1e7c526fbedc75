"""Note how far the demo of a country is written

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

from survey_app.core.db import UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("demo_mark") as table:
        table.add_column(sa.Column("rounds", sa.Integer(), server_default="2", nullable=False))
        table.add_column(sa.Column("finished_at", UtcDateTime(), nullable=True))
    op.execute("UPDATE demo_mark SET finished_at = made_at")
    op.create_table(
        "demo_part",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_demo_part")),
    )


def downgrade() -> None:
    op.drop_table("demo_part")
    with op.batch_alter_table("demo_mark") as table:
        table.drop_column("finished_at")
        table.drop_column("rounds")
