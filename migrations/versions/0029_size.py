"""How many classes and pupils a unit has in a round

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("school_profile", schema=None) as batch_op:
        batch_op.add_column(sa.Column("classes", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("pupils", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("school_profile", schema=None) as batch_op:
        batch_op.drop_column("pupils")
        batch_op.drop_column("classes")
