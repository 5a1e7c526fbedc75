"""The people and browsers of the accounts room's tests serve this room too."""

from tests.accounts.conftest import (
    acts,
    at,
    browser,
    new_browser,
    person,
    seated,
    stored,
    tree,
    unit_uid,
)

__all__ = ["acts", "at", "browser", "new_browser", "person", "seated", "stored", "tree", "unit_uid"]
