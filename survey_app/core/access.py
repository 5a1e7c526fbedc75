"""Who is acting, and the declared policy of every route: deny by default.

A view without `@requires(...)` or `@public` stops the app from starting (law 7). Library endpoints,
which we cannot decorate, are declared by name in `EXTERNAL_POLICY`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, overload

from flask import Flask, g

from survey_app.rules.permissions import ALLOWED, Role, may

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Actor:
    """A signed-in person at one workplace: what services get instead of the request."""

    user_id: int
    membership_id: int
    role: Role
    unit_id: int
    unit_kind: str
    department_id: int
    unit_name: str
    name: str
    session_id: int
    address: str = ""
    request_id: str = ""
    ward_name: str = ""  # of a school

    @property
    def workplace(self) -> str:
        """The unit as people tell it apart: a school with its ward."""
        return f"{self.unit_name} – {self.ward_name}" if self.ward_name else self.unit_name

    def may(self, permission: str) -> bool:
        """True when this person's role holds `permission`."""
        return may(self.role, permission)


@dataclass(frozen=True)
class Policy:
    """What a route asks of the caller: a permission, or nothing (public).

    `slow`: it works before it takes the write lock. `upload`: its body may be a whole file.
    """

    permission: str | None
    slow: bool = False
    upload: bool = False


# endpoint → policy of routes that a library declares. Compared with url_map at start.
EXTERNAL_POLICY: dict[str, Policy] = {
    "static": Policy(None),
    "security.login": Policy(None, slow=True),
    "security.logout": Policy(None),
}


class UndeclaredRoute(RuntimeError):
    """An endpoint without a declared permission: the app does not start."""


def requires(permission: str, *, slow: bool = False, upload: bool = False) -> Callable[[View], View]:
    """Declare that a view needs a signed-in person whose role holds `permission`.

    An `upload` takes a file of up to MAX_UPLOAD_LENGTH, and reading files is slow work.
    """
    if permission not in ALLOWED:
        raise UndeclaredRoute(f"unknown permission {permission!r}")
    return _declare(Policy(permission, slow or upload, upload))


@overload
def public(view: View) -> View: ...
@overload
def public(*, slow: bool) -> Callable[[View], View]: ...
def public(view: Any = None, *, slow: bool = False) -> Any:
    """Declare that a view may be seen without signing in."""
    declare = _declare(Policy(None, slow))
    return declare if view is None else declare(view)


def _declare(policy: Policy) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.__policy__ = policy  # type: ignore[attr-defined]
        return view

    return mark


def policy_of(app: Flask, endpoint: str) -> Policy | None:
    """The declared policy of an endpoint, or None when nobody declared one."""
    if endpoint in EXTERNAL_POLICY:
        return EXTERNAL_POLICY[endpoint]
    view = app.view_functions.get(endpoint)
    return getattr(view, "__policy__", None)


def may_open(app: Flask, endpoint: str) -> bool:
    """True when the endpoint exists and the caller of this request may open it: whether to show its link."""
    policy = policy_of(app, endpoint) if endpoint in app.view_functions else None
    actor = current_actor()
    return policy is not None and (
        policy.permission is None or (actor is not None and actor.may(policy.permission))
    )


def check_policies(app: Flask) -> None:
    """Raise `UndeclaredRoute` naming every endpoint of `app` without a policy."""
    missing = sorted(
        {rule.endpoint for rule in app.url_map.iter_rules() if policy_of(app, rule.endpoint) is None}
    )
    if missing:
        raise UndeclaredRoute("routes without @requires or @public: " + ", ".join(missing))


def current_actor() -> Actor | None:
    """The signed-in person of this request, or None."""
    actor: Actor | None = g.get("actor")
    return actor


def acting() -> Actor:
    """The signed-in person; for views behind `@requires`, where there always is one."""
    actor = current_actor()
    if actor is None:
        raise RuntimeError("acting() outside a view that requires a permission")
    return actor
