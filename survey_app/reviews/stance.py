"""How a form stands for the person who looks at it: what they may do, and who has it."""

from dataclasses import dataclass

from survey_app.accounts.queries import names_of
from survey_app.assessments.queries import Form
from survey_app.core.access import Actor
from survey_app.reviews import queries
from survey_app.reviews.models import Review
from survey_app.rules.permissions import ADMIN
from survey_app.rules.workflow import REVIEWABLE, Action, actions_for


@dataclass(frozen=True)
class Stance:
    """Of who looks: `ours` their unit checks the form, `own_school` they work there, `holds` they have it.

    `holder` is the name of the officer who has it, empty while nobody does; `actions` are the steps of the
    state table open to them.
    """

    ours: bool
    own_school: bool
    holds: bool
    holder: str
    actions: frozenset[Action]
    editable: bool
    may_assign: bool


def stance_of(form: Form, review: Review | None, actor: Actor) -> Stance:
    """How this form stands for this person; the services check the same again."""
    ours = form.participation.reviewing_unit_id == actor.unit_id
    own_school = ours and queries.works_at_school(actor.user_id, form)
    holder_id = review.officer_id if review else None
    acts = ours and not own_school
    holds = acts and holder_id == actor.user_id
    open_steps = actions_for(form.assessment.state, actor.role, levels=form.round.checking_levels)
    return Stance(
        ours=ours,
        own_school=own_school,
        holds=holds,
        holder=names_of([holder_id]).get(holder_id, "") if holder_id else "",
        actions=frozenset(open_steps) if acts or actor.role in ADMIN else frozenset(),
        editable=holds and actor.may("reviews.edit") and form.assessment.state in REVIEWABLE,
        may_assign=acts and actor.may("reviews.assign"),
    )
