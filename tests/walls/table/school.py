"""Rows of the school's side: filling in, evidence, the plan."""

from tests.walls.rows import R
from tests.walls.uploads import photo

BOTH = "SCHOOL AUTHORITY"
PHOTO = {"file": photo(), "title": "Ảnh mới", "no_personal": "y"}
ITEM = {"indicator": "AT1.1", "action": "Sửa hàng rào", "priority": "1", "status": "todo", "version": "1"}
# A school writes while its form is a draft or was given back, and only until the round ends.
WRITING = "form.*=409 form.draft={ok} form.near={ok} form.returned={ok} "
# Drawing a paper takes longer than the rest of a page: an object of each relation is enough.
PAPERS = "form.draft form.submitted form.k_submitted form.near form.foreign"

ROWS = (
    # assessments
    R("GET /assessments", "SCHOOL", ok="200,head_near:302"),  # straight to the only form
    R("GET /assessments/<uid>", BOTH, "form.*"),
    R("GET /assessments/<uid>/continue", "SCHOOL", "form.*=302"),
    R("GET /assessments/<uid>/fill/<code>", "SCHOOL", "form.*", code="AT1"),
    R("GET /assessments/<uid>/outline/<code>", "SCHOOL", "form.*", code="AT1"),
    R("GET /assessments/token", "SCHOOL"),
    R("GET /assessments/<uid>/history/<code>", BOTH, "form.*", code="AT1.1"),
    R("GET /assessments/<uid>/profile", BOTH, "form.*"),
    R(
        "POST /assessments/<uid>/profile",
        "SCHOOL",
        WRITING.format(ok="302"),
        body={"bep_an": "yes", "base_version": "1"},
    ),
    R(
        "POST /assessments/<uid>/answers",
        "SCHOOL",
        WRITING.format(ok="302"),
        body={"indicator": "AT1.1", "value": "3", "base_version": "1"},
    ),
    R(
        "POST /assessments/<uid>/settle/<code>",
        "SCHOOL",
        WRITING.format(ok="302") + "form.draft=409 form.near=409",  # nothing was given back
        body={"because": "Hồ sơ đã đủ từ đầu năm học."},
        code="AT1.1",
    ),
    R(
        "POST /assessments/<uid>/copy",
        "SCHOOL",
        "form.*=409 form.draft=302 form.near=302",  # a form that was given back is not filled anew
    ),
    R(
        "POST /assessments/<uid>/keep/<code>",
        "SCHOOL",
        WRITING.format(ok="302"),
        code="AT1.1",
    ),
    R("GET /assessments/<uid>/evidence/<code>", "SCHOOL", "form.*", code="AT1.1"),
    R(
        "POST /assessments/<uid>/evidence/<code>",
        "SCHOOL",
        WRITING.format(ok="302"),
        code="AT1.1",
        body=PHOTO,
    ),
    R(
        "POST /assessments/<uid>/evidence/<code>/choose",
        "SCHOOL",
        WRITING.format(ok="302") + "form.near=404",  # the file is A's
        code="AT1.1",
        body={"file": "@file.free"},
    ),
    R(
        "POST /assessments/<uid>/evidence/<code>/link",
        "SCHOOL",
        WRITING.format(ok="302"),
        code="AT1.1",
        body={"title": "Trang", "url": "https://truong.example/bai"},
    ),
    R("GET /assessments/files/<file>", "SCHOOL", "file.*=302"),
    # The file is A's; B's own form does not open it.
    R("GET /assessments/<uid>/files/<file>", "SCHOOL", "form.* form.near=404", file="@file.free"),
    R(
        "POST /assessments/<uid>/files/<file>",
        "SCHOOL",
        WRITING.format(ok="302") + "form.near=404",
        file="@file.free",
        body={"also": "AT1.1"},
    ),
    R("POST /assessments/<uid>/uses/<use>/detach", "SCHOOL", "form.*=404 form.draft=302", use="@use.draft"),
    R("GET /assessments/<uid>/team", BOTH, "form.*"),
    R(
        "POST /assessments/<uid>/team",
        "SCHOOL",
        "form.*=409 form.near={ok} form.returned={ok} form.ended={ok}".format(ok="302"),  # draft has a team
        body={"decision_number": "12/QĐ", "base_version": "0"},
    ),
    R("GET /assessments/<uid>/team/<paper>.docx", BOTH, "form.*", paper="report"),
    R("GET /assessments/<uid>/team/members/new", "SCHOOL", "form.*"),
    R(
        "POST /assessments/<uid>/team/members/new",
        "SCHOOL",
        "form.*=409 form.near={ok} form.returned={ok} form.ended={ok}".format(ok="302"),
        body={"name": "Lê Thị Mẫu", "duty": "member", "base_version": "0"},
    ),
    R(
        "GET /assessments/<uid>/team/members/<member>",
        "SCHOOL",
        "form.*=404 form.draft=200",
        member="@member.draft",
    ),
    R(
        "POST /assessments/<uid>/team/members/<member>",
        "SCHOOL",
        "form.*=404 form.draft=302",
        member="@member.draft",
        body={"name": "Lê Thị Mẫu", "duty": "member", "base_version": "1"},
    ),
    R(
        "POST /assessments/<uid>/team/members/<member>/remove",
        "SCHOOL",
        "form.*=404 form.draft=302",
        member="@member.draft",
        body={"base_version": "1"},
    ),
    R("GET /assessments/<uid>/deeds", BOTH, "form.*"),
    R("GET /assessments/<uid>/veto", "SCHOOL", "form.*"),
    R("POST /assessments/<uid>/veto", "HEADS", WRITING.format(ok="302"), body={"answer": "xac_nhan"}),
    R("GET /assessments/<uid>/check", BOTH, "form.*"),
    R(
        "POST /assessments/<uid>/submit",
        "HEADS",
        # The second press leads to the same receipt; what was given back is not dealt with yet.
        "form.*=409 form.draft=302 form.near=302 form.submitted=302 form.resubmitted=302 form.returned=422",
        body={"signatory": "Trần Thị Mẫu", "agreed": "y"},
    ),
    R("GET /assessments/<uid>/receipt", BOTH, "form.* form.draft=302 form.near=302 form.ended=302"),
    *(R(f"GET /assessments/<uid>/{paper}", BOTH, PAPERS) for paper in ("paper.docx", "blank.docx")),
    *(R(f"GET /assessments/<uid>/{paper}", BOTH, PAPERS) for paper in ("paper.pdf", "blank.pdf")),
    R("GET /assessments/<uid>/receipt.pdf", BOTH, PAPERS + " form.draft=302 form.near=302"),
    R("POST /assessments/<uid>/signed", "SCHOOL", WRITING.format(ok="302"), body={"file": photo()}),
    R(
        "POST /assessments/<uid>/signed/<page>/remove",
        "SCHOOL",
        "form.*=404 form.draft=302",
        page="@signed.draft",
    ),
    R("POST /assessments/<uid>/withdraw", "HEADS", "form.*=409 form.submitted=302 form.resubmitted=302"),
    # evidence
    R("GET /evidence", BOTH),
    R("GET /evidence/of/<unit_uid>", BOTH, "store.*"),
    R("GET /evidence/new", "SCHOOL"),
    R("POST /evidence/new", "SCHOOL", body=PHOTO),
    R("GET /evidence/new-link", "SCHOOL"),
    R("POST /evidence/new-link", "SCHOOL", body={"title": "Trang", "url": "https://truong.example/bai"}),
    R("GET /evidence/<uid>", BOTH, "file.*"),
    R("GET /evidence/<uid>/p/<int:page>", BOTH, "file.* file.hidden=200,SCHOOL:404", page="1"),
    R("GET /evidence/<uid>/thumb", BOTH, "file.* file.hidden=200,SCHOOL:404"),
    R("GET /evidence/<uid>/download", BOTH, "file.* file.hidden=200,SCHOOL:404"),
    R("GET /evidence/<uid>/edit", "SCHOOL", "file.*"),
    R("POST /evidence/<uid>/edit", "SCHOOL", "file.*", body={"title": "Tên mới", "version": "1"}),
    R("GET /evidence/<uid>/delete", "SCHOOL", "file.*"),
    R("POST /evidence/<uid>/delete", "SCHOOL", "file.* file.locked=409"),
    R("POST /evidence/<uid>/hide", "AUTHORITY", "file.* file.hidden=409", body={"reason": "Có mặt học sinh"}),
    R("POST /evidence/<uid>/unhide", "AUTHORITY", "file.*=409 file.hidden=302"),
    # plans
    R("GET /plans", BOTH, ok="200,head:302,member:302,head_near:302"),
    R("GET /plans/<uid>", BOTH, "form.*"),
    R(
        "POST /plans/<uid>/suggestions",
        "SCHOOL",
        # There is an item already; elsewhere nothing is suggested.
        "form.*=422 form.draft=302 form.published=302",
        body={"indicator": "AT1.2"},
    ),
    R("POST /plans/<uid>/way", "SCHOOL", "form.*"),
    R("GET /plans/<uid>/plan.docx", BOTH, "form.*"),
    R("GET /plans/<uid>/plan.xlsx", BOTH, "form.*"),
    R("GET /plans/<uid>/new", "SCHOOL", "form.*"),
    R("POST /plans/<uid>/new", "SCHOOL", "form.*", body=ITEM),
    R("GET /plans/items/<uid>", "SCHOOL", "item.*"),
    R("POST /plans/items/<uid>", "SCHOOL", "item.*", body=ITEM),
    R("POST /plans/items/<uid>/status", "SCHOOL", "item.*", body={"status": "done", "version": "1"}),
    R("POST /plans/items/<uid>/evidence", "SCHOOL", "item.*"),
    R("POST /plans/items/<uid>/delete", "SCHOOL", "item.*", body={"version": "1"}),
)
