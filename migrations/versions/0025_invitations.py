"""Lay files of activation letters, and requests of schools that are not on the list

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

from survey_app.core.db import UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "letter_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("requested_by_id", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(length=8), nullable=False),
        sa.Column("wanted", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("schools", sa.Integer(), server_default="0", nullable=False),
        sa.Column("job_uid", sa.String(length=32), server_default="", nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("size", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["requested_by_id"],
            ["user_account.id"],
            name=op.f("fk_letter_batch_requested_by_id_user_account"),
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["organisation_unit.id"], name=op.f("fk_letter_batch_unit_id_organisation_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_batch")),
        sa.UniqueConstraint("uid", name=op.f("uq_letter_batch_uid")),
    )
    with op.batch_alter_table("letter_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letter_batch_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_letter_batch_requested_by_id"), ["requested_by_id"], unique=False
        )
    op.create_table(
        "letter_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("schools", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["letter_batch.id"], name=op.f("fk_letter_part_batch_id_letter_batch")
        ),
        sa.ForeignKeyConstraint(
            ["ward_id"], ["organisation_unit.id"], name=op.f("fk_letter_part_ward_id_organisation_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_part")),
        sa.UniqueConstraint("batch_id", "ward_id", name=op.f("uq_letter_part_batch_id_ward_id")),
    )
    op.create_table(
        "unit_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("ward_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("asker_name", sa.String(length=120), server_default="", nullable=False),
        sa.Column("asker_phone", sa.String(length=32), server_default="", nullable=False),
        sa.Column("asker_email", sa.String(length=254), server_default="", nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(length=16), server_default="new", nullable=False),
        sa.Column("reason", sa.String(length=500), server_default="", nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.Column("forgotten_at", UtcDateTime(), nullable=True),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["closed_by_id"], ["user_account.id"], name=op.f("fk_unit_request_closed_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["organisation_unit.id"], name=op.f("fk_unit_request_unit_id_organisation_unit")
        ),
        sa.ForeignKeyConstraint(
            ["ward_id"], ["organisation_unit.id"], name=op.f("fk_unit_request_ward_id_organisation_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_request")),
        sa.UniqueConstraint("uid", name=op.f("uq_unit_request_uid")),
    )
    with op.batch_alter_table("unit_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unit_request_closed_at"), ["closed_at"], unique=False)
        batch_op.create_index("ix_unit_request_ward_id_state", ["ward_id", "state"], unique=False)


def downgrade() -> None:
    op.drop_table("unit_request")
    op.drop_table("letter_part")
    op.drop_table("letter_batch")
