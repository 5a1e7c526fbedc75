"""Table of made files: what was exported, for whom, until when it may be fetched."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey_app.core.db import Base, PublicId, UtcDateTime
from survey_app.rounds.models import Round


class ExportFile(PublicId, Base):
    """One workbook, made in the background; `sha256` is empty until it is there."""

    __tablename__ = "export_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("organisation_unit.id"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
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
