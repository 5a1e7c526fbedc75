"""Who knocks at the walls: one person for every way of standing to an object, and nobody at all.

School A lies in the first ward. Its forms are checked by that ward, those of the high school K of the
same ward by the department. `assigned` has K's form, `officer` has A's.
"""

from dataclasses import dataclass

from survey_app.rules.permissions import Role


@dataclass(frozen=True)
class Who:
    """One actor: `place` names a unit of the world; `words` are what the document calls them."""

    words: str
    role: Role | None = None
    place: str = ""


ACTORS: dict[str, Who] = {
    "anonymous": Who("nobody signed in"),
    "locked": Who("account locked, browser still open", Role.UNIT_MEMBER, "a"),
    "stripped": Who("role just taken away, same session", Role.UNIT_MEMBER, "a"),
    "halfway": Who("password given, code of the second factor not yet", Role.UNIT_MEMBER, "a"),
    "newcomer": Who("must choose a password first", Role.UNIT_MEMBER, "a"),
    "head": Who("head of the school", Role.UNIT_HEAD, "a"),
    "member": Who("member of the school", Role.UNIT_MEMBER, "a"),
    "head_near": Who("head of a school in the same ward", Role.UNIT_HEAD, "b"),
    "head_far": Who("head of a school in another ward", Role.UNIT_HEAD, "c"),
    "officer": Who("officer of the commune that checks", Role.COMMUNE_OFFICER, "ward"),
    "leader": Who("leader of the commune that checks", Role.COMMUNE_LEADER, "ward"),
    "officer_far": Who("officer of another commune", Role.COMMUNE_OFFICER, "far_ward"),
    "leader_far": Who("leader of another commune", Role.COMMUNE_LEADER, "far_ward"),
    "assigned": Who("department officer who has the form", Role.DEPARTMENT_OFFICER, "department"),
    "unassigned": Who("department officer without the form", Role.DEPARTMENT_OFFICER, "department"),
    "director": Who("leader of the department", Role.DEPARTMENT_LEADER, "department"),
    "admin": Who("administrator of the department", Role.DEPARTMENT_ADMIN, "department"),
    "viewer": Who("viewer of the department", Role.VIEWER, "department"),
    "admin_far": Who("administrator of another department", Role.DEPARTMENT_ADMIN, "far_department"),
}
SIGNED_OUT = ("anonymous", "locked", "stripped", "halfway")
NEWCOMER, HALFWAY = "newcomer", "halfway"
FACTORS = (HALFWAY, "leader")  # who has a second factor
STRANGERS = ("head_near", "head_far", "officer_far", "leader_far", "admin_far")  # to school A
INSIDE = tuple(name for name in ACTORS if name not in (*SIGNED_OUT, NEWCOMER))

# Groups of the table: by role, so that the table says it and not `rules.permissions`.
GROUPS: dict[str, tuple[str, ...]] = {
    "HEADS": ("head", "head_near", "head_far"),
    "SCHOOL": ("head", "member", "head_near", "head_far"),
    "OFFICERS": ("officer", "officer_far"),
    "LEADERS": ("leader", "leader_far"),
    "COMMUNE": ("officer", "leader", "officer_far", "leader_far"),
    "DEPT_OFFICERS": ("assigned", "unassigned"),
    "DIRECTOR": ("director",),
    "ADMIN": ("admin", "admin_far"),
    "VIEWER": ("viewer",),
    "DEPARTMENT": ("assigned", "unassigned", "director", "admin", "admin_far"),
    "AUTHORITY": (
        *("officer", "leader", "officer_far", "leader_far"),
        *("assigned", "unassigned", "director", "admin", "admin_far"),
    ),
    "EVERYONE": INSIDE,
    "SIGNED_OUT": SIGNED_OUT,
}


def people(words: str) -> frozenset[str]:
    """The actors that a string of group names and actor names stands for; KeyError for any other word."""
    return frozenset(
        actor for word in words.split() for actor in (GROUPS[word] if word not in ACTORS else (word,))
    )
