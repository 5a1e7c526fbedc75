"""Lay departments, communes, schools, their stages, sites and old codes

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "organisation_unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("unit_type", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("managing_authority_id", sa.Integer(), nullable=True),
        sa.Column("authority_by_hand", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("specialised", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("address", sa.String(length=500), server_default="", nullable=False),
        sa.Column("area_type", sa.String(length=16), nullable=True),
        sa.Column("ownership", sa.String(length=16), nullable=True),
        sa.Column("search_text", sa.Text(), server_default="", nullable=False),
        sa.Column("sort_key", sa.Text(), server_default="", nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("predecessor_id", sa.Integer(), nullable=True),
        sa.Column("contact_name", sa.String(length=120), server_default="", nullable=False),
        sa.Column("contact_phone", sa.String(length=32), server_default="", nullable=False),
        sa.Column("contact_email", sa.String(length=254), server_default="", nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["managing_authority_id"],
            ["organisation_unit.id"],
            name=op.f("fk_organisation_unit_managing_authority_id_organisation_unit"),
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["organisation_unit.id"],
            name=op.f("fk_organisation_unit_parent_id_organisation_unit"),
        ),
        sa.ForeignKeyConstraint(
            ["predecessor_id"],
            ["organisation_unit.id"],
            name=op.f("fk_organisation_unit_predecessor_id_organisation_unit"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_unit")),
        sa.UniqueConstraint("code", name=op.f("uq_organisation_unit_code")),
        sa.UniqueConstraint("uid", name=op.f("uq_organisation_unit_uid")),
    )
    with op.batch_alter_table("organisation_unit", schema=None) as batch_op:
        batch_op.create_index("ix_organisation_unit_kind_sort_key", ["kind", "sort_key"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_organisation_unit_managing_authority_id"), ["managing_authority_id"], unique=False
        )
        batch_op.create_index("ix_organisation_unit_parent_id_kind", ["parent_id", "kind"], unique=False)

    op.create_table(
        "site",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("is_main", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("address", sa.String(length=500), server_default="", nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["organisation_unit.id"], name=op.f("fk_site_unit_id_organisation_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("unit_id", "code", name=op.f("uq_site_unit_id_code")),
    )
    op.create_table(
        "unit_alias",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=True),
        sa.Column("source", sa.String(length=120), server_default="", nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["organisation_unit.id"], name=op.f("fk_unit_alias_unit_id_organisation_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_alias")),
    )
    with op.batch_alter_table("unit_alias", schema=None) as batch_op:
        batch_op.create_index("ix_unit_alias_code", ["code"], unique=False)
        batch_op.create_index("ix_unit_alias_unit_id", ["unit_id"], unique=False)

    op.create_table(
        "unit_stage",
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["organisation_unit.id"], name=op.f("fk_unit_stage_unit_id_organisation_unit")
        ),
        sa.PrimaryKeyConstraint("unit_id", "stage", name=op.f("pk_unit_stage")),
    )


def downgrade() -> None:
    op.drop_table("unit_stage")
    with op.batch_alter_table("unit_alias", schema=None) as batch_op:
        batch_op.drop_index("ix_unit_alias_unit_id")
        batch_op.drop_index("ix_unit_alias_code")

    op.drop_table("unit_alias")
    op.drop_table("site")
    with op.batch_alter_table("organisation_unit", schema=None) as batch_op:
        batch_op.drop_index("ix_organisation_unit_parent_id_kind")
        batch_op.drop_index(batch_op.f("ix_organisation_unit_managing_authority_id"))
        batch_op.drop_index("ix_organisation_unit_kind_sort_key")

    op.drop_table("organisation_unit")
