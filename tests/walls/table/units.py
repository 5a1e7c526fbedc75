"""Rows of units, of criteria sets and of rounds."""

from tests.walls.rows import R
from tests.walls.uploads import SCHOOLS, criteria_book

REASON = {"reason": "Theo đề nghị của trường"}
DATES = {"closes_at": "17g00, 25/05/2027", "commune_closes_at": "17g00, 15/06/2027"}
PLAN = {
    "title": "Đợt mới",
    "purpose": "extra",
    "school_year": "2026-2027",
    "thcs": "@#set.published",
    "thpt": "@#set.published",
    "opens_at": "08g00, 01/05/2027",
    "department_closes_at": "17g00, 25/06/2027",
    "checking_levels": "2",
    "grace_minutes": "10",
    "version": "1",
    **DATES,
}
VETO = {
    "kind": "@kind.veto",
    "event_date": "05/01/2027",
    "place": "Bếp ăn của trường",
    "document_number": "12/KL",
    "document_date": "01/02/2027",
    "concluding_authority": "Sở Y tế",
}
OPEN_ONLY = "round.*={ok} round.planned=409 round.ended=409 round.foreign=409"
PLANNED_ONLY = "round.*=409 round.planned={ok}"
# The pages of these acts lead back to the round when it is in another state.
OPEN_PAGE = "round.*=200 round.planned=302 round.ended=302 round.foreign=302"
PLANNED_PAGE = "round.*=302 round.planned=200"
# Who decides about a unit: the administrator, and the leader of the unit that checks it.
DECIDES = "part.*={ok},director:403 part.k_submitted={ok} "

ROWS = (
    # organisations
    R("GET /organisations", "EVERYONE"),
    R("GET /organisations/<uid>", "EVERYONE", "unit.*"),
    R("GET /organisations/<uid>/edit", "ADMIN", "unit.*"),
    R("POST /organisations/<uid>/edit", "ADMIN", "unit.*", body={"name": "Tên Mới"}),
    R("GET /organisations/<uid>/end", "ADMIN", "unit.*"),
    R(
        "POST /organisations/<uid>/end",
        "ADMIN",
        "unit.*=302 unit.ended=409 unit.department=422",
        body={"on": "01/06/2027", "document": "QĐ 1"},
    ),
    R("POST /organisations/<uid>/restore", "ADMIN", "unit.*=409 unit.ended=302"),
    R("GET /organisations/import", "ADMIN"),
    R("GET /organisations/import/template.xlsx", "ADMIN"),
    R("POST /organisations/import", "ADMIN", body={"file": (SCHOOLS, "ds.csv")}),
    R("GET /organisations/import/<digest>.<any(csv, xlsx):ending>", "ADMIN", "list.schools", ending="csv"),
    R("POST /organisations/import/<digest>.<any(csv, xlsx):ending>", "ADMIN", "list.schools", ending="csv"),
    # frameworks
    R("GET /frameworks", "EVERYONE"),
    R("GET /frameworks/compare", "EVERYONE"),
    R("GET /frameworks/<code>/<version>", "EVERYONE", "set.published", version="1"),
    R("GET /frameworks/<code>/<version>.xlsx", "EVERYONE", "set.published", version="1"),
    R("GET /frameworks/<code>/<version>/<area>", "EVERYONE", "set.published", version="1", area="AT"),
    R(
        "POST /frameworks/<code>/<version>/publish",
        "ADMIN",
        "set.draft set.published=404",
        version="0.1",
        body={"number": "1/QĐ-SGDĐT", "day": "01/05/2027", "agency": "Sở Giáo dục và Đào tạo"},
    ),
    R("POST /frameworks/<code>/<version>/delete", "ADMIN", "set.draft set.published=404", version="0.1"),
    R("GET /frameworks/import", "ADMIN"),
    R("GET /frameworks/import/template.xlsx", "ADMIN"),
    R("POST /frameworks/import", "ADMIN", body={"file": (criteria_book(), "bo.xlsx")}),
    R("GET /frameworks/import/<digest>.xlsx", "ADMIN", "list.set"),
    R("POST /frameworks/import/<digest>.xlsx", "ADMIN", "list.set"),
    # rounds
    R("GET /rounds", "EVERYONE"),
    R("GET /rounds/new", "ADMIN"),
    R("POST /rounds/new", "ADMIN", body=PLAN),
    R("GET /rounds/<uid>", "EVERYONE", "round.*"),
    R("GET /rounds/<uid>/participants", "EVERYONE", "round.*"),
    R("GET /rounds/<uid>/edit", "ADMIN", PLANNED_PAGE),
    R("POST /rounds/<uid>/edit", "ADMIN", PLANNED_ONLY.format(ok="302"), body=PLAN),
    R("GET /rounds/<uid>/units", "ADMIN", PLANNED_PAGE),
    R("POST /rounds/<uid>/units", "ADMIN", PLANNED_ONLY.format(ok="302")),
    R("POST /rounds/<uid>/units/scope", "ADMIN", PLANNED_ONLY.format(ok="302"), body={"stage": "thcs"}),
    R("GET /rounds/<uid>/open", "ADMIN", PLANNED_PAGE),
    R("POST /rounds/<uid>/open", "ADMIN", PLANNED_ONLY.format(ok="302")),
    R("GET /rounds/<uid>/deadlines", "ADMIN", OPEN_PAGE),
    R(
        "POST /rounds/<uid>/deadlines",
        "ADMIN",
        OPEN_ONLY.format(ok="302"),
        body={**DATES, **REASON, "department_closes_at": "17g00, 25/06/2027", "version": "1"},
    ),
    R("GET /rounds/<uid>/end", "ADMIN", OPEN_PAGE),
    R("POST /rounds/<uid>/end", "ADMIN", OPEN_ONLY.format(ok="302")),
    R("POST /rounds/<uid>/delete", "ADMIN", "round.*=409 round.planned=302"),
    R("GET /rounds/<uid>/reopen", "ADMIN", "round.*=302 round.ended=200 round.foreign=200"),
    R("POST /rounds/<uid>/reopen", "ADMIN", "round.*=409 round.ended=302 round.foreign=302", body=REASON),
    R("GET /rounds/<uid>/add", "ADMIN", OPEN_PAGE),
    R(
        "POST /rounds/<uid>/add/<unit_uid>",
        "ADMIN",
        # A unit of another department is not there.
        "round.*=302 round.planned=409 round.ended=409 round.foreign=404",
        unit_uid="@unit.late",
    ),
    R("GET /rounds/participations/<uid>", "EVERYONE", "part.*"),
    R("GET /rounds/participations/<uid>/deadline", "LEADERS DIRECTOR ADMIN", DECIDES.format(ok="200")),
    R(
        "POST /rounds/participations/<uid>/deadline",
        "LEADERS DIRECTOR ADMIN",
        DECIDES.format(ok="302") + "part.ended=409,director:403 part.foreign=409",
        body={"until": "17g00, 22/05/2027", **REASON},
    ),
    R("GET /rounds/participations/<uid>/reviewer", "ADMIN", "part.*"),
    R(
        "POST /rounds/participations/<uid>/reviewer",
        "ADMIN",
        "part.*=302 part.in_review=409 part.ended=409 part.foreign=404",
        body={"unit": "@unit.far_ward", **REASON},
    ),
    R("GET /rounds/participations/<uid>/vetoes/new", "LEADERS DIRECTOR ADMIN", DECIDES.format(ok="200")),
    R(
        "POST /rounds/participations/<uid>/vetoes/new",
        "LEADERS DIRECTOR ADMIN",
        DECIDES.format(ok="302") + "part.ended=409,director:403 part.foreign=409",
        body=VETO,
    ),
    R(
        "GET /rounds/vetoes/<uid>/withdraw",
        "LEADERS DIRECTOR ADMIN",
        "veto.submitted=200,director:403 veto.k_submitted=200",
    ),
    R(
        "POST /rounds/vetoes/<uid>/withdraw",
        "LEADERS DIRECTOR ADMIN",
        "veto.submitted=302,director:403 veto.k_submitted=302",
        body=REASON,
    ),
)
