"""Pairs at the authority's side: two officers, officer and school, leader and leader."""

from sqlalchemy import func, select, true

from survey_app.assessments.models import Assessment, AssessmentEvent
from survey_app.core.access import Actor
from survey_app.core.db import session
from survey_app.reviews.models import Review, VerifiedScore
from survey_app.rules.workflow import State
from tests.factories.accounts import make_actor
from tests.factories.reviews import make_review, make_scene, make_verified
from tests.faults.pairs import FORM, Act, Answers, Scene, Verdict, instead, loose, pair, post, unlocked
from tests.faults.pairs_forms import CODE, SERVICE, the_app

STATE_GUARDS = unlocked(FORM), loose(SERVICE)
EXAMINED = "survey_app.reviews.queries.verified_rows"
FOUND = "survey_app.reviews.queries.find_review"
REASON = "Cần xem lại hồ sơ"


class Hearing:
    """One form under examination, two officers and two leaders of the unit that checks it, the head."""

    def __init__(self, state: State, **values: int) -> None:
        scene = make_scene(state=state, **values)
        self.form_id, self.uid, self.head = scene.row.id, scene.row.uid, scene.head
        unit = scene.participation.reviewing_unit
        self.officers = (scene.officer, make_actor(scene.officer.role, unit))
        self.leaders = (scene.leader, make_actor(scene.leader.role, unit))
        make_verified(scene.row, dict.fromkeys(scene.form.framework.by_code, 1))
        self.scene, self.app = scene, the_app()

    def post(self, path: str, actor: Actor, **fields: object) -> int:
        """A request on the form at the authority's desk."""
        return post(self.app, f"/reviews/{self.uid}{path}", actor, **fields)

    def one_step(self, *actions: str) -> Verdict:
        """Of these acts exactly one has taken effect."""
        where = AssessmentEvent.assessment_id == self.form_id, AssessmentEvent.action.in_(actions)
        steps = session.scalar(select(func.count(AssessmentEvent.id)).where(*where)) or 0
        return Verdict(doubled=max(0, steps - 1), lost=int(steps == 0))


@pair(
    "verify_verify",
    unlocked(FORM),
    instead("survey_app.reviews.service.verifying._unchanged", lambda _: true()),
)
def verify_verify() -> Scene:
    """The officer confirms one indicator in two tabs: the second is shown what the first wrote."""
    hearing = Hearing(State.IN_REVIEW)

    def verify(value: int) -> int:
        fields = {"value": value, "reason": f"{REASON} {value}", "base_version": 1}
        return hearing.post(f"/{CODE}", hearing.officers[0], **fields)

    def judge(answers: Answers) -> Verdict:
        row = session.get_one(VerifiedScore, (hearing.form_id, CODE))
        return Verdict(lost=sum(answers.done) - (row.version - 1))

    reads = "survey_app.reviews.queries.find_verified"
    acts = Act("verify", lambda: verify(0), reads), Act("verify", lambda: verify(3), reads)
    return Scene(acts, judge)


@pair("start_start", *STATE_GUARDS, loose("survey_app.reviews.service.guards"))
def start_start() -> Scene:
    """Two officers take the same form: one has it."""
    hearing = Hearing(State.SUBMITTED)
    make_review(hearing.scene.row, hearing.officers[0], officer_id=None)
    first, second = (
        Act("start", lambda one=one: hearing.post("/start", one), FOUND)  # type: ignore[misc]
        for one in hearing.officers
    )
    return Scene((first, second), lambda _answers: hearing.one_step("start_review"))


@pair("start_withdraw", *STATE_GUARDS)
def start_withdraw() -> Scene:
    """The school takes its form back while an officer begins to check it: either, not both."""
    hearing = Hearing(State.SUBMITTED)
    start = Act("start", lambda: hearing.post("/start", hearing.officers[0]), FORM)

    def withdraw() -> int:
        return post(hearing.app, f"/assessments/{hearing.uid}/withdraw", hearing.head)

    acts = start, Act("withdraw", withdraw, FORM)
    return Scene(acts, lambda _answers: hearing.one_step("start_review", "withdraw"))


@pair("approve_approve", *STATE_GUARDS)
def approve_approve() -> Scene:
    """Two leaders confirm the same result: it is confirmed once."""
    hearing = _proposed()
    first, second = (
        Act("approve", lambda one=one: hearing.post("/approve", one), FORM)  # type: ignore[misc]
        for one in hearing.leaders
    )
    return Scene((first, second), lambda _answers: hearing.one_step("approve"))


@pair("approve_send_back", *STATE_GUARDS)
def approve_send_back() -> Scene:
    """One leader confirms what another gives back."""
    hearing = _proposed()
    approve = Act("approve", lambda: hearing.post("/approve", hearing.leaders[0]), FORM)
    back = Act("send back", lambda: hearing.post("/send-back", hearing.leaders[1], reason=REASON), FORM)
    return Scene((approve, back), lambda _answers: hearing.one_step("approve", "send_back"))


def _proposed() -> Hearing:
    hearing = Hearing(State.PROPOSED)
    session.get_one(Review, hearing.form_id).officer_id = hearing.officers[0].user_id
    session.flush()
    return hearing


@pair("return_approve", *STATE_GUARDS)
def return_approve() -> Scene:
    """With one level of checking: given back in one tab while the result is confirmed in another."""
    hearing = Hearing(State.IN_REVIEW, levels=1)
    officer, day = hearing.officers[0], "25/05/2027"

    def give_back() -> int:
        marked = hearing.post(f"/{CODE}/mark", officer, return_reason=REASON, base_version=1)
        given = hearing.post("/return", officer, day=day, hour="17", message="", late_is_meant="y")
        return given if marked < 400 else marked

    def judge(_answers: Answers) -> Verdict:
        row = session.get_one(Assessment, hearing.form_id)
        marked = session.get_one(VerifiedScore, (hearing.form_id, CODE)).to_return
        open_again = ["confirmed with an indicator that is to be given back"]
        wrong = open_again if row.state == State.APPROVED and marked else []
        steps = hearing.one_step("return", "approve")
        return Verdict(doubled=steps.doubled, lost=steps.lost, wrong=wrong)

    approve = Act("approve", lambda: hearing.post("/conclude", officer, conclusion=""), EXAMINED)
    return Scene((Act("return", give_back, FORM), approve), judge)
