"""Lay forms, answers and their history

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

from survey_app.core.db import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assessment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("participation_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("framework_version_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("state_since", UtcDateTime(), nullable=False),
        sa.Column("answered", sa.Integer(), server_default="0", nullable=False),
        sa.Column("applicable", sa.Integer(), server_default="0", nullable=False),
        sa.Column("met", sa.Integer(), server_default="0", nullable=False),
        sa.Column("mandatory", sa.Integer(), server_default="0", nullable=False),
        sa.Column("mandatory_met", sa.Integer(), server_default="0", nullable=False),
        sa.Column("evidence_needed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("evidence_had", sa.Integer(), server_default="0", nullable=False),
        sa.Column("receipt_number", sa.String(length=32), nullable=True),
        sa.Column("submitted_at", UtcDateTime(), nullable=True),
        sa.Column("submitted_by_id", sa.Integer(), nullable=True),
        sa.Column("signatory", sa.String(length=120), server_default="", nullable=False),
        sa.Column("veto_answer", sa.String(length=16), server_default="", nullable=False),
        sa.Column("veto_comment", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("veto_confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["framework_version_id"],
            ["framework_version.id"],
            name=op.f("fk_assessment_framework_version_id_framework_version"),
        ),
        sa.ForeignKeyConstraint(
            ["participation_id"],
            ["participation.id"],
            name=op.f("fk_assessment_participation_id_participation"),
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_assessment_round_id_round")),
        sa.ForeignKeyConstraint(
            ["submitted_by_id"], ["user_account.id"], name=op.f("fk_assessment_submitted_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment")),
        sa.UniqueConstraint(
            "participation_id",
            "framework_version_id",
            name=op.f("uq_assessment_participation_id_framework_version_id"),
        ),
        sa.UniqueConstraint("receipt_number", name=op.f("uq_assessment_receipt_number")),
        sa.UniqueConstraint("uid", name=op.f("uq_assessment_uid")),
    )
    with op.batch_alter_table("assessment", schema=None) as batch_op:
        batch_op.create_index("ix_assessment_round_id_state", ["round_id", "state"], unique=False)

    op.create_table(
        "school_profile",
        sa.Column("participation_id", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["participation_id"],
            ["participation.id"],
            name=op.f("fk_school_profile_participation_id_participation"),
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["user_account.id"], name=op.f("fk_school_profile_updated_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("participation_id", name=op.f("pk_school_profile")),
    )
    op.create_table(
        "answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("indicator", sa.String(length=16), nullable=False),
        sa.Column("site_id", sa.Integer(), server_default="0", nullable=False),
        sa.Column("value", sa.Integer(), nullable=True),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("confirmed", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_answer_assessment_id_assessment")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["user_account.id"], name=op.f("fk_answer_updated_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
        sa.UniqueConstraint(
            "assessment_id", "indicator", "site_id", name=op.f("uq_answer_assessment_id_indicator_site_id")
        ),
    )
    op.create_table(
        "assessment_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("from_state", sa.String(length=16), nullable=False),
        sa.Column("to_state", sa.String(length=16), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=120), server_default="", nullable=False),
        sa.Column("unit_name", sa.String(length=255), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["user_account.id"], name=op.f("fk_assessment_event_actor_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_assessment_event_assessment_id_assessment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_event")),
    )
    with op.batch_alter_table("assessment_event", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_assessment_event_assessment_id"), ["assessment_id"], unique=False
        )

    op.create_table(
        "assessment_return",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("deadline", UtcDateTime(), nullable=False),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("returned_at", UtcDateTime(), nullable=False),
        sa.Column("returned_by_id", sa.Integer(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_assessment_return_assessment_id_assessment")
        ),
        sa.ForeignKeyConstraint(
            ["returned_by_id"],
            ["user_account.id"],
            name=op.f("fk_assessment_return_returned_by_id_user_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_return")),
    )
    with op.batch_alter_table("assessment_return", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_assessment_return_assessment_id"), ["assessment_id"], unique=False
        )

    op.create_table(
        "evidence_use",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("indicator", sa.String(length=16), nullable=False),
        sa.Column("evidence_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=True),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("removed_at", UtcDateTime(), nullable=True),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by_id"], ["user_account.id"], name=op.f("fk_evidence_use_added_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_evidence_use_assessment_id_assessment")
        ),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence_file.id"], name=op.f("fk_evidence_use_evidence_id_evidence_file")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_use")),
        sa.UniqueConstraint(
            "assessment_id",
            "indicator",
            "number",
            name=op.f("uq_evidence_use_assessment_id_indicator_number"),
        ),
        sa.UniqueConstraint("uid", name=op.f("uq_evidence_use_uid")),
    )
    with op.batch_alter_table("evidence_use", schema=None) as batch_op:
        batch_op.create_index("ix_evidence_use_evidence_id", ["evidence_id"], unique=False)

    op.create_table(
        "answer_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("answer_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("old_value", sa.Integer(), nullable=True),
        sa.Column("new_value", sa.Integer(), nullable=True),
        sa.Column("old_comment", sa.Text(), server_default="", nullable=False),
        sa.Column("new_comment", sa.Text(), server_default="", nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["user_account.id"], name=op.f("fk_answer_change_actor_id_user_account")
        ),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name=op.f("fk_answer_change_answer_id_answer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_change")),
        sa.UniqueConstraint("key", name=op.f("uq_answer_change_key")),
    )
    with op.batch_alter_table("answer_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_answer_change_answer_id"), ["answer_id"], unique=False)

    op.create_table(
        "returned_indicator",
        sa.Column("return_id", sa.Integer(), nullable=False),
        sa.Column("indicator", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["return_id"],
            ["assessment_return.id"],
            name=op.f("fk_returned_indicator_return_id_assessment_return"),
        ),
        sa.PrimaryKeyConstraint("return_id", "indicator", name=op.f("pk_returned_indicator")),
    )


def downgrade() -> None:
    op.drop_table("returned_indicator")
    with op.batch_alter_table("answer_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_answer_change_answer_id"))

    op.drop_table("answer_change")
    with op.batch_alter_table("evidence_use", schema=None) as batch_op:
        batch_op.drop_index("ix_evidence_use_evidence_id")

    op.drop_table("evidence_use")
    with op.batch_alter_table("assessment_return", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assessment_return_assessment_id"))

    op.drop_table("assessment_return")
    with op.batch_alter_table("assessment_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assessment_event_assessment_id"))

    op.drop_table("assessment_event")
    op.drop_table("answer")
    op.drop_table("school_profile")
    with op.batch_alter_table("assessment", schema=None) as batch_op:
        batch_op.drop_index("ix_assessment_round_id_state")

    op.drop_table("assessment")
