"""Who has which object in reach, written by hand: for everybody else it is not there (404)."""

from tests.walls.actors import people

OWN = "head member"
WARD = "officer leader"
FAR_WARD = "officer_far leader_far"
DEPARTMENT = "assigned unassigned director admin viewer"
FAR = "admin_far"

# A draft is its own unit's alone; one that was handed in is seen by the unit that checks and the department.
_HANDED_IN = ("submitted", "in_review", "on_hold", "returned", "resubmitted", "proposed", "approved")
_A = {f"form.{state}": f"{OWN} {WARD} {DEPARTMENT}" for state in (*_HANDED_IN, "published", "old")}
_K = {f"form.k_{state}": DEPARTMENT for state in (*_HANDED_IN, "published")} | {"form.k_draft": ""}
_FORMS = {"form.draft": OWN, "form.ended": OWN, "form.near": "head_near", "form.foreign": FAR, **_A, **_K}

_IN_ROUNDS = f"{OWN} {WARD} {DEPARTMENT}"
_ROUNDS = {
    "round.planned": DEPARTMENT,
    "round.submitted": _IN_ROUNDS,
    "round.approved": _IN_ROUNDS,
    "round.published": f"{_IN_ROUNDS} head_near",
    "round.ended": _IN_ROUNDS,
    "round.foreign": FAR,
}
_PARTS = {
    **{f"part.{state}": _IN_ROUNDS for state in ("draft", "submitted", "in_review", "ended")},
    "part.near": f"head_near {WARD} {DEPARTMENT}",
    "part.k_submitted": DEPARTMENT,
    "part.foreign": FAR,
}
_UNITS = {
    "unit.a": f"{OWN} {WARD} {DEPARTMENT}",
    "unit.b": f"head_near {WARD} {DEPARTMENT}",
    "unit.c": f"head_far {FAR_WARD} {DEPARTMENT}",
    "unit.k": f"{WARD} {DEPARTMENT}",
    "unit.ended": f"{WARD} {DEPARTMENT}",
    "unit.ward": f"{WARD} {DEPARTMENT}",
    "unit.far_ward": f"{FAR_WARD} {DEPARTMENT}",
    "unit.department": DEPARTMENT,
    "unit.foreign": FAR,
}
# Accounts: a school looks after its own, a commune after itself and the schools it manages.
_MANAGERS = "director admin"
_ACCOUNTS = {
    "account.head": f"head {WARD} {_MANAGERS}",
    "account.member": f"head {WARD} {_MANAGERS}",
    "account.head_far": f"head_far officer_far leader_far {_MANAGERS}",
    "account.officer": f"{WARD} {_MANAGERS}",
    "account.leader": f"{WARD} {_MANAGERS}",
    "account.assigned": _MANAGERS,
    "account.director": _MANAGERS,
    "account.admin": _MANAGERS,
    "account.admin_far": FAR,
}
_PEOPLE_OF = {
    "people.a": f"head {WARD} {_MANAGERS}",
    "people.c": f"head_far officer_far leader_far {_MANAGERS}",
    "people.k": _MANAGERS,
    "people.ward": f"{WARD} {_MANAGERS}",
    "people.department": _MANAGERS,
    "people.foreign": FAR,
}
_FILES = {
    **{f"file.{name}": f"{OWN} {WARD} {DEPARTMENT}" for name in ("free", "used", "locked", "hidden", "pdf")},
    "file.near": f"head_near {WARD} {DEPARTMENT}",
}
_STORES = {
    "store.a": f"{OWN} {WARD} {DEPARTMENT}",
    "store.k": DEPARTMENT,
    "store.ward": "",
    "store.foreign": FAR,
}
_PAPERS = {
    "cert.valid": f"{OWN} {WARD} {DEPARTMENT}",
    "cert.revoked": f"{OWN} {WARD} {DEPARTMENT}",
    "cert.foreign": FAR,
    "batch.prepared": DEPARTMENT,
    "batch.valid": DEPARTMENT,
    "batch.foreign": FAR,
}
_MESSAGES = {
    "notice.a": OWN,
    "notice.ward": WARD,
    "notice.department": DEPARTMENT,
    "notice.far_department": FAR,
    "notice.sent": "head_far officer_far leader_far",
    "export.ward": "officer",
    "export.department": "admin",
    "export.foreign": FAR,
    "job.ward": "officer admin",
    "job.department": "admin",
    "job.foreign": FAR,
}
# A unit sees what it wrote, a person the files of letters they asked for, the ward and above its requests.
_LETTERS = {
    "sent.ward": WARD,
    "sent.far_ward": FAR_WARD,
    "sent.read": FAR_WARD,
    "sent.department": "assigned unassigned director admin",
    "sent.foreign": FAR,
    **dict.fromkeys(("letters.made", "letters.asked", "letters.gone"), "officer"),
    "letters.far": "officer_far",
    "letters.department": "admin",
    "letters.foreign": FAR,
    "request.near": f"{WARD} director admin",
    "request.closed": f"{WARD} director admin",
    "request.far": f"{FAR_WARD} director admin",
    "request.foreign": FAR,
}
_OTHER = {
    # What a person typed a 256-bit digest or a 128-bit code for; criteria sets are for everybody.
    **dict.fromkeys(("list.people", "list.schools", "list.set", "code.valid"), "EVERYONE"),
    **dict.fromkeys(("set.published", "set.draft"), "EVERYONE"),
    "item.draft": OWN,
    "item.published": f"{OWN} {WARD} {DEPARTMENT}",
    "veto.submitted": _IN_ROUNDS,
    "veto.k_submitted": DEPARTMENT,
    "session.head": "head",
    "membership.member": f"head {WARD} {_MANAGERS}",
}
_ALL = (
    _FORMS,
    _ROUNDS,
    _PARTS,
    _UNITS,
    _ACCOUNTS,
    _PEOPLE_OF,
    _FILES,
    _STORES,
    _PAPERS,
    _MESSAGES,
    _LETTERS,
    _OTHER,
)
REACH = {name: people(words) for part in _ALL for name, words in part.items()}
