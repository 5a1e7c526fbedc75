"""Pairs of an act and the loss of the right to it: a role is taken away while its holder saves or uploads."""

import io

from sqlalchemy import func, select

from survey_app.accounts.models import Membership
from survey_app.accounts.passwords import hash_password
from survey_app.core.db import session
from survey_app.organisations.queries import get_unit
from survey_app.rules.permissions import Role
from tests.bench.client import signed_in
from tests.bench.site import PASSWORD
from tests.factories.accounts import make_actor, make_membership, make_user
from tests.factories.evidence import make_photo
from tests.factories.organisations import make_commune, make_school
from tests.faults.pairs import FORM, HOLD, Act, Answers, Scene, Verdict, instead, pair, post, unlocked
from tests.faults.pairs_forms import CODE, Desk, the_app

SESSION = "survey_app.accounts.queries.find_session"
CALLER_AGAIN = "survey_app.core.db._check_again"


class Seated(Desk):
    """A desk at which somebody sits who has signed in through the real form, and an officer above them."""

    def __init__(self) -> None:
        super().__init__()
        user = make_user(password=hash_password(PASSWORD))
        self.user, self.login = user.uid, user.login
        self.membership = make_membership(user, get_unit(self.head.unit_id), Role.UNIT_MEMBER).id

    def seat(self) -> None:
        """Sign in, once the rows are committed."""
        self.browser, self.token = signed_in(self.app, self.login)

    def save_own(self) -> int:
        """Save an answer with the browser's own cookie."""
        fields = {"indicator": CODE, "site": 0, "value": 1, "comment": "", "base_version": 1, "key": "k"}
        path = f"/assessments/{self.uid}/answers"
        return self.browser.post(path, data=fields, headers={"Accept": "application/json"}).status_code

    def upload_own(self) -> int:
        """Upload a photograph with the browser's own cookie."""
        fields = {"title": "Ảnh", "no_personal": "y", "file": (io.BytesIO(make_photo()), "anh.jpg")}
        return self.browser.post("/evidence/new", data=fields).status_code

    def end_role(self) -> int:
        """The head takes the member's role away."""
        path = f"/accounts/{self.user}/memberships/{self.membership}/end"
        return post(self.app, path, self.head)

    def too_late(self, answers: Answers) -> Verdict:
        """An act that was still under way when the role had gone may not be stored after that."""
        late = answers.overtaken == 0 and all(answers.done)
        return Verdict(wrong=["stored after the role had been taken away"] * late)


@pair("save_role", unlocked(SESSION))
def save_role() -> Scene:
    """A role is taken away while its holder saves."""
    seated = Seated()
    end = Act("end role", seated.end_role, "survey_app.accounts.scope.get_account")
    return Scene((Act("save", seated.save_own, FORM), end), seated.too_late, ready=seated.seat)


@pair("upload_role", unlocked(SESSION), instead(CALLER_AGAIN, lambda: None))
def upload_role() -> Scene:
    """A role is taken away while its holder's photograph is being read."""
    seated = Seated()
    end = Act("end role", seated.end_role, "survey_app.accounts.scope.get_account")
    upload = Act("upload", seated.upload_own, "survey_app.evidence.service.take_in")
    return Scene((upload, end), seated.too_late, ready=seated.seat)


@pair("head_head", instead(HOLD, lambda _rows: None))
def head_head() -> Scene:
    """Two officers make another person each the head of one school: it has one."""
    commune = make_commune()
    school, app = make_school(commune), the_app()
    school_id, code = school.id, school.code
    officers = [make_actor(Role.COMMUNE_OFFICER, commune) for _ in range(2)]
    uids = []
    for _ in range(2):
        user = make_user()
        make_membership(user, school, Role.UNIT_MEMBER)
        uids.append(user.uid)

    def promote(place: int) -> int:
        fields = {"role": Role.UNIT_HEAD.value, "unit_code": code, "position": ""}
        return post(app, f"/accounts/{uids[place]}/memberships", officers[place], **fields)

    def judge(_answers: Answers) -> Verdict:
        where = Membership.unit_id == school_id, Membership.role == Role.UNIT_HEAD
        heads = session.scalar(select(func.count(Membership.id)).where(*where)) or 0
        return Verdict(doubled=max(0, heads - 1), lost=int(not heads))

    reads = "survey_app.accounts.queries.head_membership"
    acts = Act("promote", lambda: promote(0), reads), Act("promote", lambda: promote(1), reads)
    return Scene(acts, judge)
