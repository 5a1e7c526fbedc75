"""What is handed to a unit with its code: plain values for the workbook and the letters."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Handout:
    """One account and its code; `code` exists nowhere but on what is made of this."""

    unit: str
    ward: str
    login: str
    code: str


@dataclass(frozen=True)
class Occasion:
    """What all handouts of one file share: who issues them, where to type the code and until when."""

    issuer: str
    system: str
    address: str
    contact: str
    issued_at: datetime
    expires_at: datetime
