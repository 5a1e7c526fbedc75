# plant: survey_app/organisations/planted_backref.py -> law 8
from sqlalchemy.orm import Mapped, relationship


class Parent:
    children: Mapped[list["Child"]] = relationship(back_populates="parent")
