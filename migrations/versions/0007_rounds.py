"""Lay rounds and who takes part

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

from survey_app.core.db import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("school_year", sa.String(length=9), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("opens_at", UtcDateTime(), nullable=False),
        sa.Column("closes_at", UtcDateTime(), nullable=False),
        sa.Column("commune_closes_at", UtcDateTime(), nullable=False),
        sa.Column("department_closes_at", UtcDateTime(), nullable=False),
        sa.Column("grace_minutes", sa.Integer(), server_default="10", nullable=False),
        sa.Column("checking_levels", sa.Integer(), server_default="2", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("choice", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=True),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["organisation_unit.id"], name=op.f("fk_round_department_id_organisation_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round")),
        sa.UniqueConstraint("uid", name=op.f("uq_round_uid")),
    )
    with op.batch_alter_table("round", schema=None) as batch_op:
        batch_op.create_index("ix_round_department_id_opens_at", ["department_id", "opens_at"], unique=False)

    op.create_table(
        "participation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.Column("reviewing_unit_id", sa.Integer(), nullable=False),
        sa.Column("reviewer_by_hand", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("unit_code", sa.String(length=32), server_default="", nullable=False),
        sa.Column("unit_name", sa.String(length=255), nullable=False),
        sa.Column("ward_name", sa.String(length=255), nullable=False),
        sa.Column("unit_type", sa.String(length=16), nullable=False),
        sa.Column("area_type", sa.String(length=16), server_default="", nullable=False),
        sa.Column("ownership", sa.String(length=16), server_default="", nullable=False),
        sa.Column("stages", sa.JSON(), nullable=False),
        sa.Column("sites", sa.JSON(), nullable=False),
        sa.Column("extended_until", UtcDateTime(), nullable=True),
        sa.Column("extension_reason", sa.String(length=500), server_default="", nullable=False),
        sa.Column("search_text", sa.Text(), server_default="", nullable=False),
        sa.Column("sort_key", sa.Text(), server_default="", nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["reviewing_unit_id"],
            ["organisation_unit.id"],
            name=op.f("fk_participation_reviewing_unit_id_organisation_unit"),
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_participation_round_id_round")),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["organisation_unit.id"], name=op.f("fk_participation_unit_id_organisation_unit")
        ),
        sa.ForeignKeyConstraint(
            ["ward_id"], ["organisation_unit.id"], name=op.f("fk_participation_ward_id_organisation_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participation")),
        sa.UniqueConstraint("round_id", "unit_id", name=op.f("uq_participation_round_id_unit_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_participation_uid")),
    )
    with op.batch_alter_table("participation", schema=None) as batch_op:
        batch_op.create_index(
            "ix_participation_reviewing_unit_id_round_id", ["reviewing_unit_id", "round_id"], unique=False
        )
        batch_op.create_index("ix_participation_round_id_sort_key", ["round_id", "sort_key"], unique=False)
        batch_op.create_index("ix_participation_round_id_ward_id", ["round_id", "ward_id"], unique=False)
        batch_op.create_index("ix_participation_unit_id", ["unit_id"], unique=False)

    op.create_table(
        "round_framework",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("framework_version_id", sa.Integer(), nullable=False),
        sa.Column("stages", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["framework_version_id"],
            ["framework_version.id"],
            name=op.f("fk_round_framework_framework_version_id_framework_version"),
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_round_framework_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", "framework_version_id", name=op.f("pk_round_framework")),
    )
    op.create_table(
        "veto_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("participation_id", sa.Integer(), nullable=False),
        sa.Column("framework_version_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("event_date", sa.Date(), nullable=False),
        sa.Column("place", sa.String(length=255), nullable=False),
        sa.Column("document_number", sa.String(length=64), nullable=False),
        sa.Column("document_date", sa.Date(), nullable=False),
        sa.Column("concluding_authority", sa.String(length=255), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("withdrawn_reason", sa.String(length=500), server_default="", nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["framework_version_id"],
            ["framework_version.id"],
            name=op.f("fk_veto_event_framework_version_id_framework_version"),
        ),
        sa.ForeignKeyConstraint(
            ["participation_id"],
            ["participation.id"],
            name=op.f("fk_veto_event_participation_id_participation"),
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["user_account.id"], name=op.f("fk_veto_event_recorded_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_veto_event")),
        sa.UniqueConstraint("uid", name=op.f("uq_veto_event_uid")),
    )
    with op.batch_alter_table("veto_event", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_veto_event_participation_id"), ["participation_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("veto_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_veto_event_participation_id"))

    op.drop_table("veto_event")
    op.drop_table("round_framework")
    with op.batch_alter_table("participation", schema=None) as batch_op:
        batch_op.drop_index("ix_participation_unit_id")
        batch_op.drop_index("ix_participation_round_id_ward_id")
        batch_op.drop_index("ix_participation_round_id_sort_key")
        batch_op.drop_index("ix_participation_reviewing_unit_id_round_id")

    op.drop_table("participation")
    with op.batch_alter_table("round", schema=None) as batch_op:
        batch_op.drop_index("ix_round_department_id_opens_at")

    op.drop_table("round")
