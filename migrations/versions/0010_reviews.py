"""Lay examinations and verified values

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

from survey_app.core.db import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "review",
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("conclusion", sa.Text(), server_default="", nullable=False),
        sa.Column("hold_reason", sa.String(length=500), server_default="", nullable=False),
        sa.Column("send_back_reason", sa.String(length=500), server_default="", nullable=False),
        sa.Column("proposed_at", UtcDateTime(), nullable=True),
        sa.Column("approved_at", UtcDateTime(), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["user_account.id"], name=op.f("fk_review_approved_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_review_assessment_id_assessment")
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["user_account.id"], name=op.f("fk_review_officer_id_user_account")
        ),
        sa.PrimaryKeyConstraint("assessment_id", name=op.f("pk_review")),
    )
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_officer_id"), ["officer_id"], unique=False)

    op.create_table(
        "verified_score",
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("indicator", sa.String(length=16), nullable=False),
        sa.Column("value", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("earlier_value", sa.Integer(), nullable=True),
        sa.Column("earlier_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("to_return", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("return_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_verified_score_assessment_id_assessment")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["user_account.id"], name=op.f("fk_verified_score_updated_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("assessment_id", "indicator", name=op.f("pk_verified_score")),
    )
    with op.batch_alter_table("verified_score", schema=None) as batch_op:
        batch_op.create_index("ix_verified_score_indicator_value", ["indicator", "value"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("verified_score", schema=None) as batch_op:
        batch_op.drop_index("ix_verified_score_indicator_value")

    op.drop_table("verified_score")
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_review_officer_id"))

    op.drop_table("review")
