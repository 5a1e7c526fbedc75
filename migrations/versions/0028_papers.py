"""Pages of the signed form, whether a round asks for them, and a deputy who signed for the head

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

from survey_app.core.db import UtcDateTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("round", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("signed_copy_required", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    with op.batch_alter_table("assessment", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("signed_by_deputy", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    op.create_table(
        "signed_page",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("evidence_id", sa.Integer(), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=True),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("handed_in_at", UtcDateTime(), nullable=True),
        sa.Column("removed_at", UtcDateTime(), nullable=True),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by_id"], ["user_account.id"], name=op.f("fk_signed_page_added_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_signed_page_assessment_id_assessment")
        ),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence_file.id"], name=op.f("fk_signed_page_evidence_id_evidence_file")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signed_page")),
        sa.UniqueConstraint("uid", name=op.f("uq_signed_page_uid")),
    )
    with op.batch_alter_table("signed_page", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_signed_page_assessment_id"), ["assessment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_signed_page_evidence_id"), ["evidence_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("signed_page", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_signed_page_evidence_id"))
        batch_op.drop_index(batch_op.f("ix_signed_page_assessment_id"))
    op.drop_table("signed_page")
    with op.batch_alter_table("assessment", schema=None) as batch_op:
        batch_op.drop_column("signed_by_deputy")
    with op.batch_alter_table("round", schema=None) as batch_op:
        batch_op.drop_column("signed_copy_required")
