"""A school with two sites in an open round, its form, and people who act on it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from flask import Flask

from survey_app.assessments import queries
from survey_app.assessments.models import Assessment
from survey_app.assessments.queries import Form
from survey_app.core import db as core_db
from survey_app.core.access import Actor
from survey_app.organisations.models import OrganisationUnit
from survey_app.rules.framework import Framework, LegalAnchor, Named, PassRule, VetoKind, Words
from survey_app.rules.permissions import Role
from tests.factories.accounts import make_actor
from tests.factories.assessments import make_assessment
from tests.factories.frameworks import MANDATORY, PASS2, plain_framework, plain_indicator
from tests.factories.organisations import make_commune, make_school
from tests.factories.rounds import make_framework_version, make_open_round

ANCHORS = (
    LegalAnchor("Thông tư 18/2023/TT-BGDĐT", "Phụ lục, phần A", verified=True),
    LegalAnchor("Luật Phòng cháy 2024", "Điều 20", verified=False),
)


def small_set() -> Framework:
    """Two nội dung: one judged at every site, one asking for evidence, one with a kitchen and papers only."""
    areas = [
        (
            "AT",
            60,
            [
                plain_indicator("AT1.1", mandatory_for=MANDATORY, per_site=True),
                plain_indicator("AT1.2", evidence_required_from=2, legal_anchors=ANCHORS),
            ],
        ),
        (
            "LM",
            40,
            [
                plain_indicator(
                    "LM1.1",
                    applies_when=("bep_an",),
                    evidence=("photo",),
                    evidence_policy="no_personal",
                ),
                plain_indicator("LM1.2", PASS2),
            ],
        ),
    ]
    return plain_framework(
        areas,
        pass_rule=PassRule(min_met_percent=80, all_mandatory_met=True, no_veto_event=True),
        veto_kinds=(VetoKind("V1", Words("Sự việc thử")),),
        veto_answers=(
            Named("xac_nhan", Words("Đã đọc, thống nhất")),
            Named("co_y_kien", Words("Có ý kiến khác")),
        ),
    )


@dataclass
class Stage:
    """Everything a test of the school's side acts on; rows are read again with `form()`."""

    school: OrganisationUnit
    assessment: Assessment
    head: Actor
    member: Actor
    officer: Actor
    sites: tuple[int, ...]

    def form(self, actor: Actor | None = None) -> Form:
        """The form as it is stored now, locked for a change."""
        return queries.get_visible_form(actor or self.head, self.assessment.uid, lock=True)


def set_stage(**columns: Any) -> Stage:
    """Write the stage into the open session."""
    commune = make_commune()
    school = make_school(commune, sites=2)
    _, participation = make_open_round(school, versions=[make_framework_version(small_set())])
    assessment = make_assessment(participation, {}, **columns)
    return Stage(
        school,
        assessment,
        make_actor(Role.UNIT_HEAD, school),
        make_actor(Role.UNIT_MEMBER, school),
        make_actor(Role.COMMUNE_OFFICER, commune),
        tuple(site["id"] for site in participation.sites),
    )


@pytest.fixture
def stage(session: Any) -> Stage:
    """The stage in an open session (nothing is committed)."""
    return set_stage()


@pytest.fixture
def stored(app: Flask) -> Iterator[Stage]:
    """The stage committed, for tests over HTTP and in several threads; rows are detached."""
    with app.app_context():
        with core_db.unit_of_work() as session:
            made = set_stage()
            session.flush()
            _ = made.assessment.uid, made.school.uid
        yield made


@pytest.fixture
def now() -> datetime:
    """A moment while the round is open."""
    from datetime import UTC

    return datetime(2027, 5, 12, 7, 5, 32, tzinfo=UTC)
