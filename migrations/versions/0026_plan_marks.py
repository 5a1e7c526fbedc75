"""Keep five marks and the files of what was done with an item of an improvement plan

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

from survey_app.core.db import UtcDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("plan_item", schema=None) as batch_op:
        batch_op.add_column(sa.Column("marks", sa.JSON(), server_default="{}", nullable=False))
    op.create_table(
        "plan_evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("evidence_id", sa.Integer(), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=True),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by_id"], ["user_account.id"], name=op.f("fk_plan_evidence_added_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence_file.id"], name=op.f("fk_plan_evidence_evidence_id_evidence_file")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["plan_item.id"], name=op.f("fk_plan_evidence_item_id_plan_item")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_evidence")),
        sa.UniqueConstraint("item_id", "evidence_id", name=op.f("uq_plan_evidence_item_id_evidence_id")),
    )
    with op.batch_alter_table("plan_evidence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plan_evidence_evidence_id"), ["evidence_id"], unique=False)


def downgrade() -> None:
    op.drop_table("plan_evidence")
    with op.batch_alter_table("plan_item", schema=None) as batch_op:
        batch_op.drop_column("marks")
