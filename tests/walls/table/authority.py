"""Rows of the authority's side: checking, results, workbooks, certificates."""

from tests.walls.rows import PUBLIC, R

CHECKERS = "OFFICERS DEPT_OFFICERS"
SEE = "COMMUNE DEPARTMENT"
REASON = {"reason": "Cần xem lại hồ sơ"}
VERDICT = {"value": "1", "reason": "Hồ sơ chưa đủ", "return_reason": "Thiếu ảnh chụp", "base_version": "1"}
DECISION = {
    "decision_number": "9/QĐ",
    "decision_date": "14/05/2027",
    "signer_title": "Giám đốc",
    "signer_name": "Lê Văn Mẫu",
}
# Only the unit that checks acts on a form: the department looks at A's, but has only K's.
LOOK = ",DEPT_OFFICERS:403,director:403"
NOT_NOW = f"form.*=409{LOOK} form.k_*=409 "
HELD = NOT_NOW + f"form.in_review={{ok}}{LOOK} form.k_in_review={{ok}},unassigned:409 "
ASSIGN = (
    NOT_NOW
    + "".join(
        f"form.{state}=302{LOOK} "
        for state in ("submitted", "resubmitted", "in_review", "on_hold", "returned")
    )
    + " ".join(
        f"form.k_{state}={{k}}" for state in ("submitted", "resubmitted", "in_review", "on_hold", "returned")
    )
)
LEADS = (
    f"form.*=409{LOOK} form.k_*=409 form.proposed=302{LOOK},officer:403 "
    "form.k_proposed=302,assigned:403,unassigned:403"
)

ROWS = (
    # reviews
    R("GET /reviews", SEE),
    R(
        "POST /reviews/assign",
        "COMMUNE DEPT_OFFICERS DIRECTOR",
        ok="302,officer_far:404,leader_far:404,DEPT_OFFICERS:403,director:403",
        body={"form": "@form.submitted", "officer": "@account.officer"},
    ),
    R("GET /reviews/<uid>", SEE, "form.*"),
    R("GET /reviews/<uid>/<code>", SEE, "form.*", code="AT1.1"),
    R("POST /reviews/<uid>/<code>", CHECKERS, HELD.format(ok="302"), code="AT1.1", body=VERDICT),
    R("POST /reviews/<uid>/<code>/mark", CHECKERS, HELD.format(ok="302"), code="AT1.1", body=VERDICT),
    R("POST /reviews/<uid>/<code>/unmark", CHECKERS, HELD.format(ok="302"), code="AT1.1", body=VERDICT),
    R(
        "POST /reviews/<uid>/start",
        CHECKERS,
        NOT_NOW + f"form.submitted=302{LOOK} form.resubmitted=302{LOOK} form.k_submitted=302 "
        "form.k_resubmitted=302,unassigned:409",  # who has it begins again
    ),
    R(
        "POST /reviews/<uid>/assign",
        "COMMUNE DEPT_OFFICERS DIRECTOR",
        ASSIGN.format(k="422"),  # the officer is the commune's
        body={"officer": "@account.officer"},
    ),
    R("POST /reviews/<uid>/take-over", CHECKERS, ASSIGN.format(k="302")),
    R("POST /reviews/<uid>/copy", CHECKERS, HELD.format(ok="302")),
    R("POST /reviews/<uid>/hold", CHECKERS, HELD.format(ok="302"), body=REASON),
    R(
        "POST /reviews/<uid>/resume",
        CHECKERS,
        NOT_NOW + f"form.on_hold=302{LOOK} form.k_on_hold=302,unassigned:409",
    ),
    R("GET /reviews/<uid>/return", CHECKERS, "form.*"),
    R(
        "POST /reviews/<uid>/return",
        CHECKERS,
        HELD.format(ok="302") + f"form.in_review=422{LOOK}",  # nothing is marked there
        body={"day": "18/05/2027", "hour": "17", "message": "Bổ sung ảnh"},
    ),
    R("GET /reviews/<uid>/conclude", SEE, "form.*"),
    R(
        "POST /reviews/<uid>/conclude",
        CHECKERS,
        HELD.format(ok="302") + "form.k_in_review=422,unassigned:409",  # one is marked there
        body={"conclusion": "Đủ hồ sơ"},
    ),
    R("POST /reviews/<uid>/approve", "COMMUNE DEPT_OFFICERS DIRECTOR", LEADS),
    R("POST /reviews/<uid>/send-back", "COMMUNE DEPT_OFFICERS DIRECTOR", LEADS, body=REASON),
    R(
        "POST /reviews/<uid>/reopen",
        "LEADERS DIRECTOR ADMIN",
        "form.*=409,director:403 form.approved=302,director:403 form.k_*=409 form.k_approved=302",
        body=REASON,
    ),
    # results
    R("GET /results", f"{SEE} VIEWER", ok="302,officer_far:200,leader_far:200"),  # no round there
    R("GET /results/own", "EVERYONE", ok="302,SCHOOL:200"),
    R("GET /results/<uid>", f"{SEE} VIEWER", "round.*"),
    R("GET /results/<uid>/schools", f"{SEE} VIEWER", "round.*"),
    R("GET /results/<uid>/finalise", "ADMIN", "round.*"),
    R("POST /results/<uid>/finalise", "ADMIN", "round.*=409 round.approved=302"),
    *(
        R(
            f"GET /results/forms/<uid>{book}",
            "EVERYONE",
            "form.*=404,SCHOOL:200 form.published=200 form.old=200 form.k_published=200 form.foreign=200",
        )
        for book in ("", "/result.xlsx")  # the workbook is of the page: for the same people
    ),
    R(
        "GET /results/forms/<uid>/report.pdf",
        "EVERYONE",
        "form.*=404 form.published=200 form.old=200 form.k_published=200 form.foreign=200",
    ),
    R(
        "GET /results/forms/<uid>/unpublish",
        "ADMIN",
        "form.*=404 form.published=200 form.old=200 form.k_published=200 form.foreign=200",
    ),
    R(
        "POST /results/forms/<uid>/unpublish",
        "ADMIN",
        # A certificate that holds stands in the way.
        "form.*=404 form.published=409 form.old=302 form.k_published=302 form.foreign=409",
        body=REASON,
    ),
    # exports
    R("GET /exports", SEE),
    R("GET /exports/new", SEE),
    R(
        "POST /exports/new",
        SEE,
        ok="302,officer_far:404,leader_far:404,admin_far:404",
        body={"round": "@round.submitted", "kind": "schools", "cells": "words"},
    ),
    R("GET /exports/<uid>", SEE, "export.*"),
    R("GET /exports/<uid>/file", SEE, "export.*"),
    # certificates
    R("GET /tra-cuu", PUBLIC),
    R("GET /tra-cuu/<code>", PUBLIC, "code.valid"),
    R("GET /certificates", "EVERYONE", ok="200,SCHOOL:302"),
    R("GET /certificates/own", "EVERYONE"),
    R("GET /certificates/register.xlsx", "EVERYONE"),
    R("GET /certificates/<uid>", "EVERYONE", "cert.*"),
    R("GET /certificates/<uid>/certificate.pdf", "EVERYONE", "cert.* cert.foreign=404"),  # not drawn yet
    R("GET /certificates/<uid>/revoke", "ADMIN", "cert.*"),
    R(
        "POST /certificates/<uid>/revoke",
        "ADMIN",
        "cert.* cert.revoked=409",
        body={"reason": "Khai sai", "decision_number": "9/QĐ", "decision_date": "15/05/2027"},
    ),
    R("GET /certificates/<uid>/reissue", "ADMIN", "cert.*"),
    R("POST /certificates/<uid>/reissue", "ADMIN", "cert.* cert.revoked=409", body=DECISION),
    R("GET /certificates/issuers", "ADMIN"),
    R("GET /certificates/issuers/new", "ADMIN"),
    R(
        "POST /certificates/issuers/new",
        "ADMIN",
        body={
            "stage": "",
            "agency": "Sở Mẫu",
            "heading": "Giám đốc Sở Mẫu",
            "place": "Mẫu",
            "signer_title": "Giám đốc",
            "number_pattern": "{number:04}/GCN-SM",
            "valid_from": "01/06/2027",
        },
    ),
    R("GET /certificates/new", "ADMIN"),
    R(
        "POST /certificates/new",
        "ADMIN",
        ok="302,admin_far:404",
        body={"round": "@round.published", "result": "@#result.free"},
    ),
    R("GET /certificates/batches", "ADMIN"),
    R("GET /certificates/batches/<uid>", "ADMIN", "batch.*"),
    R("GET /certificates/batches/<uid>/decision", "ADMIN", "batch.*=409 batch.prepared=200"),
    R("POST /certificates/batches/<uid>/decision", "ADMIN", "batch.*=409 batch.prepared=302", body=DECISION),
    R(
        "GET /certificates/batches/<uid>/preview/<which>.pdf",
        "ADMIN",
        "batch.*=409 batch.prepared=200",
        which="first",
    ),
    R("POST /certificates/batches/<uid>/issue", "ADMIN", "batch.*=409 batch.prepared=302"),
    R("POST /certificates/batches/<uid>/continue", "ADMIN", "batch.*=302 batch.prepared=409"),
    R("POST /certificates/batches/<uid>/discard", "ADMIN", "batch.*=409 batch.prepared=302"),
    R("GET /certificates/batches/<uid>/all.pdf", "ADMIN", "batch.*=404 batch.valid=200"),
    R("GET /certificates/batches/<uid>/all.zip", "ADMIN", "batch.*"),
)
