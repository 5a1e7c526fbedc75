"""Table of made files: what was exported, for whom, until when it may be fetched."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.core.db import Base, PublicId, UtcDateTime
from survey_app.rounds.models import Round


class ExportFile(PublicId, Base):
    """One workbook, made in the background; `sha256` is empty until it is there and after it has run out.

    `wanted` is the plain form of the `results.queries.OverviewFilter` it was asked with, `coded` whether it
    holds codes in place of words.
    """

    __tablename__ = "export_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("organisation_unit.id"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    coded: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    wanted: Mapped[Any] = mapped_column(JSON, default=dict, server_default="{}")
    file_name: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(default=0, server_default="0")
    rows: Mapped[int] = mapped_column(default=0, server_default="0")
    job_uid: Mapped[str] = mapped_column(String(32), default="", server_default="")
    requested_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)

    round: Mapped[Round] = relationship()
