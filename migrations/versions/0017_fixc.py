"""Why a school keeps an answer that was given back

The officer who looks again reads the school's words beside the old value.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "returned_indicator", sa.Column("kept_because", sa.String(1000), server_default="", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("returned_indicator", "kept_because")
