"""Lay messages to many units, and what is said to a unit only once

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

from survey_app.core.db import UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notice_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("sender_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("body", sa.Text(), server_default="", nullable=False),
        sa.Column("url", sa.String(length=255), server_default="", nullable=False),
        sa.Column("audience", sa.String(length=80), nullable=False),
        sa.Column("whom", sa.String(length=255), nullable=False),
        sa.Column("units", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reminds_id", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["user_account.id"], name=op.f("fk_notice_message_author_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["reminds_id"], ["notice_message.id"], name=op.f("fk_notice_message_reminds_id_notice_message")
        ),
        sa.ForeignKeyConstraint(
            ["sender_id"],
            ["organisation_unit.id"],
            name=op.f("fk_notice_message_sender_id_organisation_unit"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_message")),
        sa.UniqueConstraint("key", name=op.f("uq_notice_message_key")),
        sa.UniqueConstraint("uid", name=op.f("uq_notice_message_uid")),
    )
    with op.batch_alter_table("notice_message", schema=None) as batch_op:
        batch_op.create_index(
            "ix_notice_message_sender_id_created_at", ["sender_id", "created_at"], unique=False
        )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.add_column(sa.Column("message_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("occasion", sa.String(length=80), nullable=True))
        batch_op.create_index(batch_op.f("ix_notice_message_id"), ["message_id"], unique=False)
        batch_op.create_unique_constraint(batch_op.f("uq_notice_unit_id_occasion"), ["unit_id", "occasion"])
        batch_op.create_foreign_key(
            batch_op.f("fk_notice_message_id_notice_message"), "notice_message", ["message_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_notice_message_id_notice_message"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_notice_unit_id_occasion"), type_="unique")
        batch_op.drop_index(batch_op.f("ix_notice_message_id"))
        batch_op.drop_column("occasion")
        batch_op.drop_column("message_id")
    op.drop_table("notice_message")
