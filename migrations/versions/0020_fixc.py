"""Why a school keeps an answer that was given back

The officer who looks again reads the school's words beside the old value.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "returned_indicator", sa.Column("kept_because", sa.String(1000), server_default="", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("returned_indicator", "kept_because")
