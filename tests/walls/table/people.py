"""Rows of the rooms about people: coming in, one's own account, those one looks after; notices."""

from tests.conftest import PASSWORD
from tests.walls.rows import PUBLIC, R
from tests.walls.uploads import PEOPLE

NEW = "Một câu mật khẩu rất dài 2027"
NOBODY = "0" * 32
REQUESTS = "COMMUNE DIRECTOR ADMIN"
PROOF = {"proof_password": PASSWORD, "one_time_code": "$recovery"}
MANAGE = "HEADS COMMUNE DIRECTOR ADMIN"
# Nobody acts on somebody of their own height or above.
BELOW = (
    "account.*={ok} account.head={ok},head:403 account.head_far={ok},head_far:403 "
    "account.officer={ok},officer:403 account.leader={ok},officer:403,leader:403 "
    "account.director={ok},director:403 account.admin=403 account.admin_far=403"
)
IN, OUT = "SIGNED_OUT:in", "SIGNED_OUT:401"
SCHOOL = {
    "code": "92WALLS9",
    "name": "Mầm non Mới",
    "stages": "mam_non",
    "ward": "$ward",
    "unit_type": "truong",
    "ownership": "cong_lap",
}

ROWS = (
    # home, core, jobs
    R("GET /", "EVERYONE"),
    R("GET /audit", "ADMIN"),
    R("GET /help", "EVERYONE"),
    R("GET /help/guide.pdf", "EVERYONE"),
    R("GET /language/<lang>", PUBLIC, lang="en", ok="302"),
    R("GET /healthz", PUBLIC),
    R("GET /readyz", PUBLIC),
    R("GET /worker.js", PUBLIC),
    R("GET /offline", PUBLIC),
    R("GET /static/<path:filename>", PUBLIC, filename="css/base.css"),
    R("GET /jobs/<uid>", "EVERYONE", "job.*"),
    # notices
    R("GET /notices", "EVERYONE"),
    R("GET /notices/<uid>", "EVERYONE", "notice.*"),
    R("POST /notices/<uid>/read", "EVERYONE", "notice.*"),
    # coming in
    R("GET /account/login", PUBLIC, ok="302,SIGNED_OUT:200"),
    R("POST /account/login", PUBLIC, ok="302", body={"login": "tuong-head", "password": PASSWORD}),
    R("POST /account/logout", PUBLIC, ok="in"),
    R("GET /account/activate", PUBLIC),
    R(
        "POST /account/activate",
        PUBLIC,
        ok="302",
        body={"code": "@code.open", "password": NEW, "phone": "0912345678"},
    ),
    R("GET /account/first-password", PUBLIC, ok=f"302,newcomer:200,{IN}"),
    R("POST /account/first-password", PUBLIC, ok=f"302,{OUT}", body={"password": NEW}),
    R("GET /account/workplaces", PUBLIC, ok=f"200,newcomer:302,{IN}"),
    R("POST /account/workplaces", PUBLIC, ok=f"302,{OUT}", body={"membership": "$membership"}),
    # one's own account
    R("GET /account/own", "EVERYONE"),
    R("POST /account/own", "EVERYONE", body={"name": "Tên Mới"}),
    R("POST /account/own/password", "EVERYONE", body={"current_password": PASSWORD, "password": NEW}),
    R(
        "POST /account/own/sessions/<int:session_id>/end",
        "EVERYONE",
        "session.head",
    ),
    # the people one looks after
    R("GET /accounts", MANAGE),
    R("GET /accounts/<uid>", MANAGE, "account.*"),
    R("POST /accounts/<uid>/code", MANAGE, BELOW.format(ok="200")),
    R("POST /accounts/<uid>/deactivate", MANAGE, BELOW.format(ok="302")),
    R("POST /accounts/<uid>/reactivate", MANAGE, BELOW.format(ok="302")),
    R(
        "POST /accounts/<uid>/memberships",
        MANAGE,
        # A's code: who does not manage A is told so (422); who is a member of A already cannot become one.
        "account.*=302 account.head=302,head:403 account.member=422 "
        "account.head_far=302,head_far:422,officer_far:422,leader_far:422 account.officer=302,officer:403 "
        "account.leader=403,director:302,admin:302 account.director=403,admin:302 account.admin=403 "
        "account.admin_far=422",
        body={"role": "unit_member", "unit_code": "@code.unit"},
    ),
    R(
        "POST /accounts/<uid>/memberships/<int:membership_id>/end",
        MANAGE,
        "account.*=404 account.member=302",
        membership_id="@membership.member",
    ),
    R("GET /accounts/codes", "COMMUNE DIRECTOR ADMIN"),
    R(
        "POST /accounts/codes",
        "COMMUNE DIRECTOR ADMIN",
        ok="200,officer_far:422,leader_far:422",  # every head there can sign in
        body={"form": "xlsx"},
    ),
    R("GET /accounts/people-list", MANAGE),
    R("GET /accounts/people-list/template.xlsx", MANAGE),
    R("POST /accounts/people-list", MANAGE, body={"file": (PEOPLE, "ds.csv")}),
    R("GET /accounts/people-list/<digest>.<any(csv, xlsx):ending>", MANAGE, "list.people", ending="csv"),
    R(
        "POST /accounts/people-list/<digest>.<any(csv, xlsx):ending>",
        MANAGE,
        "list.people=409,head:200,officer:200,leader:200,director:200,admin:200",  # the row is of A
        ending="csv",
    ),
    R("GET /accounts/units", MANAGE, ok="200,HEADS:302"),
    R("GET /accounts/units/<uid>", MANAGE, "people.*"),
    R(
        "POST /accounts/units/<uid>/people",
        MANAGE,
        "people.*=200 people.ward=422 people.department=422",  # no member of a school there
        body={"name": "Người Mới", "login": "nguoi-moi", "role": "unit_member"},
    ),
    R("GET /accounts/<uid>/code", MANAGE, uid=NOBODY, ok="302"),
    R("GET /accounts/units/<uid>/people", MANAGE, uid=NOBODY, ok="302"),
    R(
        "POST /accounts/<uid>/second-factor/reset",
        MANAGE,
        BELOW.format(ok="409") + " account.leader=302,officer:403,leader:403",  # nobody else has one
    ),
    R(
        "GET /accounts/units/<uid>/hand-over/<int:membership_id>",
        MANAGE,
        "people.*=404 people.a=200",
        membership_id="@membership.member",
    ),
    R(
        "POST /accounts/units/<uid>/hand-over/<int:membership_id>",
        MANAGE,
        "people.*=404 people.a=200",
        membership_id="@membership.member",
        body={"who": "new", "name": "Người Kế Nhiệm", "login": "ke-nhiem"},
    ),
    # the second factor
    R("GET /account/second-step", PUBLIC, ok="302,SIGNED_OUT:in,halfway:200"),
    R(
        "POST /account/second-step",
        PUBLIC,
        ok="401,halfway:302",
        body={"one_time_recovery": "$recovery"},
    ),
    R("GET /account/second-factor", PUBLIC, ok="200,newcomer:302,leader:302,SIGNED_OUT:in"),
    R(
        "POST /account/second-factor",
        PUBLIC,
        ok="200,newcomer:302,leader:409,SIGNED_OUT:401",
        body={
            "current_password": PASSWORD,
            "one_time_code": "@phone.new",
            "one_time_draft": "$draft",
        },
    ),
    R("POST /account/second-factor/codes", "EVERYONE", ok="422,leader:200", body=PROOF),
    R("POST /account/second-factor/off", "EVERYONE", ok="422,leader:302", body=PROOF),
    R("POST /account/kept", "EVERYONE"),
    # one's e-mail address
    R("GET /account/own/email", "EVERYONE"),
    R(
        "POST /account/own/email",
        "EVERYONE",
        body={"email": "toi@truong.edu.vn", "current_password": PASSWORD},
    ),
    R("POST /account/own/email/send", "EVERYONE"),
    R("POST /account/own/email/wanted", "EVERYONE"),
    R("GET /account/email", PUBLIC),
    R("POST /account/email", PUBLIC, ok="200", body={"code": "@code.confirm"}),
    R("GET /account/forgotten", PUBLIC),
    R("POST /account/forgotten", PUBLIC, ok="302", body={"login": "tuong-head-near"}),
    R("GET /account/reset", PUBLIC),
    R("POST /account/reset", PUBLIC, ok="in", body={"code": "@code.reset", "password": NEW}),
    # written notices
    R("GET /notices/new", "AUTHORITY"),
    R(
        "POST /notices/new",
        "AUTHORITY",
        ok="302",
        body={"to": "all", "title": "Tập huấn", "body": "Mời dự.", "key": "@key.fresh", "step": "send"},
    ),
    R("GET /notices/sent", "AUTHORITY"),
    R("GET /notices/sent/<uid>", "AUTHORITY", "sent.*"),
    R(
        "POST /notices/sent/<uid>/remind",
        "AUTHORITY",
        "sent.*=302 sent.read=409",
        body={"key": "@key.fresh"},
    ),
    # letters for many schools, schools that are not on the list
    R("GET /accounts/codes/<uid>", MANAGE, "letters.*"),
    R("POST /accounts/codes/<uid>/discard", MANAGE, "letters.*"),
    R("POST /accounts/codes/<uid>/file", MANAGE, "letters.*=200 letters.asked=302 letters.gone=302"),
    R("GET /school-requests", REQUESTS),
    R("GET /school-requests/<uid>", REQUESTS, "request.*"),
    R("GET /school-requests/<uid>/create", "ADMIN", "request.*"),
    R("POST /school-requests/<uid>/create", "ADMIN", "request.*=302 request.closed=409", body=SCHOOL),
    R(
        "POST /school-requests/<uid>/link",
        "ADMIN",
        "request.*=302 request.closed=409 request.foreign=404",  # the school is of the other department
        body={"unit": "@unit.late"},
    ),
    R(
        "POST /school-requests/<uid>/refuse",
        "ADMIN",
        "request.*=302 request.closed=409",
        body={"reason": "Trường đã có trong danh sách"},
    ),
    R("GET /school-requests/asked", PUBLIC),
    R("GET /school-requests/new", PUBLIC),
    R(
        "POST /school-requests/new",
        PUBLIC,
        ok="302",
        body={
            "name": "Mầm non Chưa Có Tên",
            "ward": "@unit.ward",
            "code": "92000M01",
            "asker": "Người Hỏi",
            "phone": "0912345678",
        },
    ),
    # how the system is doing
    R("GET /operations", "ADMIN"),
    R("GET /metrics", PUBLIC, ok="404"),
)
