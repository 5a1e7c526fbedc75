"""Who may do what: roles, and for each permission the roles that hold it. Deny by default."""

from enum import StrEnum

from survey_app.rules.errors import N_


class Role(StrEnum):
    """What a membership lets a person do at its unit."""

    UNIT_HEAD = "unit_head"
    UNIT_MEMBER = "unit_member"
    COMMUNE_OFFICER = "commune_officer"
    COMMUNE_LEADER = "commune_leader"
    DEPARTMENT_OFFICER = "department_officer"
    DEPARTMENT_LEADER = "department_leader"
    DEPARTMENT_ADMIN = "department_admin"
    VIEWER = "viewer"


HEAD, MEMBER = Role.UNIT_HEAD, Role.UNIT_MEMBER
SCHOOL = frozenset({HEAD, MEMBER})
COMMUNE = frozenset({Role.COMMUNE_OFFICER, Role.COMMUNE_LEADER})
OFFICERS = frozenset({Role.COMMUNE_OFFICER, Role.DEPARTMENT_OFFICER})
LEADERS = frozenset({Role.COMMUNE_LEADER, Role.DEPARTMENT_LEADER})
ADMIN = frozenset({Role.DEPARTMENT_ADMIN})
DEPARTMENT = frozenset({Role.DEPARTMENT_OFFICER, Role.DEPARTMENT_LEADER}) | ADMIN
AUTHORITY = COMMUNE | DEPARTMENT
EVERYONE = frozenset(Role)
# Who decides over schools of others: with SECOND_FACTOR=required these sign in with a password and a code.
SECOND_FACTOR_ROLES = DEPARTMENT | {Role.COMMUNE_LEADER}

ROLE_NAMES: dict[Role, str] = {
    Role.UNIT_HEAD: N_("Thủ trưởng đơn vị"),
    Role.UNIT_MEMBER: N_("Thành viên của đơn vị"),
    Role.COMMUNE_OFFICER: N_("Cán bộ kiểm tra cấp xã"),
    Role.COMMUNE_LEADER: N_("Lãnh đạo cấp xã"),
    Role.DEPARTMENT_OFFICER: N_("Cán bộ kiểm tra của Sở"),
    Role.DEPARTMENT_LEADER: N_("Lãnh đạo Sở"),
    Role.DEPARTMENT_ADMIN: N_("Quản trị của Sở"),
    Role.VIEWER: N_("Người xem"),
}

ALLOWED: dict[str, frozenset[Role]] = {
    "home.see": EVERYONE,
    "account.own": EVERYONE,
    "jobs.read": EVERYONE,
    "notices.read": EVERYONE,
    "notices.send": AUTHORITY,
    "frameworks.read": EVERYONE,
    "frameworks.manage": ADMIN,
    "organisations.read": EVERYONE,
    "organisations.manage": ADMIN,
    "unit_requests.read": COMMUNE | LEADERS | ADMIN,
    "unit_requests.decide": ADMIN,
    "accounts.manage": ADMIN | LEADERS | {Role.COMMUNE_OFFICER, Role.UNIT_HEAD},
    "rounds.read": EVERYONE,
    "rounds.manage": ADMIN,
    "rounds.extend": LEADERS | ADMIN,
    "vetoes.record": LEADERS | ADMIN,
    "vetoes.read": AUTHORITY | SCHOOL,
    "assessments.read": EVERYONE - {Role.VIEWER},
    "assessments.edit": SCHOOL,
    "assessments.submit": frozenset({HEAD}),
    "evidence.read": SCHOOL | AUTHORITY,
    "evidence.add": SCHOOL,
    "evidence.hide": AUTHORITY,
    "reviews.read": AUTHORITY,
    "reviews.edit": OFFICERS,
    "reviews.assign": LEADERS | OFFICERS,
    "reviews.approve": LEADERS | OFFICERS,
    "reviews.reopen": LEADERS | ADMIN,
    "results.read": EVERYONE,
    "results.finalise": ADMIN,
    "results.overview": AUTHORITY | {Role.VIEWER},
    "plans.read": SCHOOL | AUTHORITY,
    "plans.edit": SCHOOL,
    "exports.make": AUTHORITY,
    "certificates.read": EVERYONE,
    "certificates.issue": ADMIN,
    "audit.read": ADMIN,
    "operations.see": ADMIN,
}


def may(role: Role | str, permission: str) -> bool:
    """True when `role` holds `permission`; an unknown permission raises KeyError (a misspelling)."""
    return Role(role) in ALLOWED[permission]


# Who may hand out which roles: only below one's own, inside one's own area (decision 6).
GRANTABLE: dict[Role, frozenset[Role]] = {
    Role.UNIT_HEAD: frozenset({MEMBER}),
    Role.UNIT_MEMBER: frozenset(),
    Role.COMMUNE_OFFICER: SCHOOL,
    Role.COMMUNE_LEADER: SCHOOL | {Role.COMMUNE_OFFICER},
    Role.DEPARTMENT_OFFICER: frozenset(),
    Role.DEPARTMENT_LEADER: SCHOOL | COMMUNE | {Role.DEPARTMENT_OFFICER, Role.VIEWER},
    Role.DEPARTMENT_ADMIN: EVERYONE - ADMIN,
    Role.VIEWER: frozenset(),
}
