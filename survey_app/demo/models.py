"""The mark that a database holds the demo, and with which numbers it was made."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.core.db import Base, UtcDateTime


class DemoMark(Base):
    """One row: this database is a demo. Its accounts share one known password."""

    __tablename__ = "demo_mark"

    id: Mapped[int] = mapped_column(primary_key=True)
    seed: Mapped[int]
    schools: Mapped[int]
    password: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
