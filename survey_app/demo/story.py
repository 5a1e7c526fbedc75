"""The story of one form up to a state of the state table, told through the rooms' own services."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from survey_app.assessments import queries, service
from survey_app.assessments.queries import Form
from survey_app.core.access import Actor
from survey_app.core.clock import from_local, local_date
from survey_app.demo.answers import chance_of
from survey_app.demo.cast import Cast
from survey_app.demo.filling import Filled, fill_form, hand_in, verify
from survey_app.demo.pictures import Album, illustrate
from survey_app.reviews import service as reviews
from survey_app.rules.workflow import State

GIVEN_BACK = (
    "Ảnh minh chứng chưa thấy rõ, đề nghị chụp lại.",
    "Đề nghị bổ sung biên bản kiểm tra của học kỳ này.",
    "Mô tả chưa khớp với minh chứng, đề nghị xem lại.",
)
HOLD_REASON = "Chờ lịch kiểm tra thực tế tại trường."
RETURN_MESSAGE = "Đề nghị trường bổ sung các tiêu chí đã nêu."
CONCLUSION = "Đã kiểm tra hồ sơ và thực tế tại trường. Kết quả ghi ở từng tiêu chí."


@dataclass
class Story:
    """One form with everybody who acts on it and the moment of each act."""

    form: Form
    seed: int
    cast: Cast
    album: Album
    begun: datetime
    latest: datetime
    papers: bool = True  # document the mandatory indicators too; costs a fifth of the time

    @property
    def head(self) -> Actor:
        """The head of the school."""
        return self.cast.heads[self.form.participation.unit_id]

    @property
    def officer(self) -> Actor:
        """The officer who checks."""
        return self.cast.officers[self.form.participation.reviewing_unit_id]

    @property
    def leader(self) -> Actor:
        """The leader who approves."""
        return self.cast.leaders[self.form.participation.reviewing_unit_id]

    def at(self, part: float) -> datetime:
        """A moment between the beginning (0) and now (1)."""
        return self.begun + (self.latest - self.begun) * part

    def fresh(self) -> Form:
        """The form as it is stored now."""
        return queries.form_of(self.form.assessment.id)

    def fill(self, until: float = 1.0) -> Filled:
        """The school answers and shows pictures."""
        filled = fill_form(self.form, self.seed, self.head, until=until, now=self.at(0.1))
        if until:
            illustrate(filled.form, self.album, self.seed, self.head, papers=self.papers, now=self.at(0.15))
        return filled


def tell(story: Story, target: State) -> Filled:
    """Bring an empty form to `target`."""
    chance = chance_of(story.seed, "story", story.form.assessment.id)
    if target is State.DRAFT:
        return story.fill(chance.choice([0.0, 0.15, 0.4, 0.7, 0.9]))
    filled = story.fill()
    hand_in(filled, story.head, now=story.at(0.3))
    if target is not State.SUBMITTED:
        reviews.start_review(story.fresh(), actor=story.officer, now=story.at(0.4))
        ENDINGS[target](story, filled)
    return filled


def _checked(story: Story, filled: Filled, until: float = 1.0) -> None:
    verify(filled, story.seed, story.officer, until=until, now=story.at(0.5))


def _in_review(story: Story, filled: Filled) -> None:
    _checked(story, filled, 0.55)


def _on_hold(story: Story, filled: Filled) -> None:
    _checked(story, filled, 0.3)
    reviews.hold(story.fresh(), HOLD_REASON, actor=story.officer, now=story.at(0.6))


def _returned(story: Story, filled: Filled) -> None:
    _checked(story, filled)
    chance = chance_of(story.seed, "returned", story.form.assessment.id)
    codes = sorted({answer.code for answer in filled.answers})
    for code in sorted(chance.sample(codes, 2)):
        reason = chance.choice(GIVEN_BACK)
        reviews.mark_for_return(
            story.fresh(), code, reason, base_version=1, actor=story.officer, now=story.at(0.6)
        )
    reviews.return_marked(
        story.fresh(),
        deadline=from_local(local_date(story.latest + timedelta(days=6)), 17),
        message=RETURN_MESSAGE,
        actor=story.officer,
        now=story.at(0.65),
    )


KEPT = "Hồ sơ gốc lưu tại văn phòng nhà trường, đề nghị xem khi kiểm tra thực tế."


def _resubmitted(story: Story, filled: Filled) -> None:
    _returned(story, filled)
    returned = queries.open_return(story.form.assessment.id)
    for code in returned.items if returned else ():
        service.settle_returned(story.fresh(), code, KEPT, actor=story.head, now=story.at(0.8))
    service.submit_assessment(story.fresh(), signatory=story.head.name, actor=story.head, now=story.at(0.85))


def _proposed(story: Story, filled: Filled) -> None:
    _checked(story, filled)
    reviews.propose(story.fresh(), CONCLUSION, actor=story.officer, now=story.at(0.8))


def _approved(story: Story, filled: Filled) -> None:
    _proposed(story, filled)
    reviews.approve(story.fresh(), actor=story.leader, now=story.at(0.9))


ENDINGS: dict[State, Callable[[Story, Filled], None]] = {
    State.IN_REVIEW: _in_review,
    State.ON_HOLD: _on_hold,
    State.RETURNED: _returned,
    State.RESUBMITTED: _resubmitted,
    State.PROPOSED: _proposed,
    State.APPROVED: _approved,
}
