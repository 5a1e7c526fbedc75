"""The mark that a database holds the demo, and with which numbers it was made."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.core.db import Base, UtcDateTime


class DemoMark(Base):
    """One row: this database is a demo. Its accounts share one known password.

    `finished_at` is None while a country is being written, or when that was broken off.
    """

    __tablename__ = "demo_mark"

    id: Mapped[int] = mapped_column(primary_key=True)
    seed: Mapped[int]
    schools: Mapped[int]
    rounds: Mapped[int] = mapped_column(default=2, server_default="2")
    password: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DemoPart(Base):
    """A part of a country's demo that is written: noted in its own transaction, so never written twice.

    `facts` is plain JSON that the later parts need.
    """

    __tablename__ = "demo_part"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    facts: Mapped[Any] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
