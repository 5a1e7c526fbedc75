"""Lay issuers, batches and certificates

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

from survey_app.core.db import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "number_series",
        sa.Column("series", sa.String(length=64), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("series", "year", name=op.f("pk_number_series")),
    )
    op.create_table(
        "issuer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=16), server_default="", nullable=False),
        sa.Column("superior", sa.String(length=255), nullable=False),
        sa.Column("agency", sa.String(length=255), nullable=False),
        sa.Column("heading", sa.String(length=255), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("signer_title", sa.String(length=120), nullable=False),
        sa.Column("signer_name", sa.String(length=120), server_default="", nullable=False),
        sa.Column("number_pattern", sa.String(length=64), nullable=False),
        sa.Column("legal_basis", sa.Text(), server_default="", nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["organisation_unit.id"],
            name=op.f("fk_issuer_department_id_organisation_unit"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issuer")),
    )
    with op.batch_alter_table("issuer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_issuer_department_id"), ["department_id"], unique=False)

    op.create_table(
        "certificate_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("issuer_id", sa.Integer(), nullable=True),
        sa.Column("decision_number", sa.String(length=64), server_default="", nullable=False),
        sa.Column("decision_date", sa.Date(), nullable=True),
        sa.Column("signer_title", sa.String(length=120), server_default="", nullable=False),
        sa.Column("signer_name", sa.String(length=120), server_default="", nullable=False),
        sa.Column("result_ids", sa.JSON(), nullable=False),
        sa.Column("trial", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("job_uid", sa.String(length=32), server_default="", nullable=False),
        sa.Column("bundle_sha256", sa.String(length=64), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("ordered_at", UtcDateTime(), nullable=True),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.CheckConstraint(
            "state = 'prepared' OR (decision_number <> '' AND decision_date IS NOT NULL AND issuer_id IS NOT NULL AND signer_title <> '')",
            name=op.f("ck_certificate_batch_ordered_under_a_decision"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["user_account.id"],
            name=op.f("fk_certificate_batch_created_by_id_user_account"),
        ),
        sa.ForeignKeyConstraint(
            ["issuer_id"], ["issuer.id"], name=op.f("fk_certificate_batch_issuer_id_issuer")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_certificate_batch_round_id_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_batch")),
        sa.UniqueConstraint("uid", name=op.f("uq_certificate_batch_uid")),
    )
    with op.batch_alter_table("certificate_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_certificate_batch_round_id"), ["round_id"], unique=False)

    op.create_table(
        "certificate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("series", sa.String(length=64), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("printed_number", sa.String(length=64), nullable=False),
        sa.Column("number_key", sa.String(length=64), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("result_id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=True),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_reason", sa.String(length=500), server_default="", nullable=False),
        sa.Column("revoked_decision", sa.String(length=64), server_default="", nullable=False),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.Column("superseded_at", UtcDateTime(), nullable=True),
        sa.Column("superseded_by_id", sa.Integer(), nullable=True),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_certificate_assessment_id_assessment")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["certificate_batch.id"], name=op.f("fk_certificate_batch_id_certificate_batch")
        ),
        sa.ForeignKeyConstraint(["result_id"], ["result.id"], name=op.f("fk_certificate_result_id_result")),
        sa.ForeignKeyConstraint(
            ["superseded_by_id"], ["certificate.id"], name=op.f("fk_certificate_superseded_by_id_certificate")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["organisation_unit.id"], name=op.f("fk_certificate_unit_id_organisation_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("batch_id", "result_id", name=op.f("uq_certificate_batch_id_result_id")),
        sa.UniqueConstraint("code", name=op.f("uq_certificate_code")),
        sa.UniqueConstraint("series", "year", "number", name=op.f("uq_certificate_series_year_number")),
        sa.UniqueConstraint("uid", name=op.f("uq_certificate_uid")),
    )
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_certificate_number_key"), ["number_key"], unique=False)
        batch_op.create_index("ix_certificate_result_id", ["result_id"], unique=False)
        batch_op.create_index("ix_certificate_unit_id", ["unit_id"], unique=False)
        batch_op.create_index(
            "uq_certificate_standing_assessment_id",
            ["assessment_id"],
            unique=True,
            sqlite_where=sa.text("revoked_at IS NULL AND superseded_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL AND superseded_at IS NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_certificate_standing_assessment_id",
            sqlite_where=sa.text("revoked_at IS NULL AND superseded_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL AND superseded_at IS NULL"),
        )
        batch_op.drop_index("ix_certificate_unit_id")
        batch_op.drop_index("ix_certificate_result_id")
        batch_op.drop_index(batch_op.f("ix_certificate_number_key"))

    op.drop_table("certificate")
    with op.batch_alter_table("certificate_batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certificate_batch_round_id"))

    op.drop_table("certificate_batch")
    with op.batch_alter_table("issuer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_issuer_department_id"))

    op.drop_table("issuer")
    op.drop_table("number_series")
