"""Where a lower room shows what a higher one knows: the lower declares a socket, the higher plugs in.

# rooms below, in ports.py
class Forms(Protocol):
    def create(self, round_id: int) -> int: ...
forms: Socket[Forms] = Socket("forms")

# the room above, in setup.py
forms.plug(FormsOfRounds())
"""

from typing import Generic, TypeVar

Plug = TypeVar("Plug")


class Socket(Generic[Plug]):
    """One place to plug a room's knowledge into a room below it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._plug: Plug | None = None

    def plug(self, plug: Plug) -> None:
        """Fill the socket; done by the higher room's setup when the app starts."""
        self._plug = plug

    def get(self) -> Plug:
        """What was plugged in. Raises RuntimeError when the app was put together without it."""
        if self._plug is None:
            raise RuntimeError(f"nothing is plugged into {self.name!r}")
        return self._plug
