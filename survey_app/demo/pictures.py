"""Evidence of the demo: drawn photographs and a small PDF, taken in like anybody's files."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from survey_app.assessments import attaching, queries
from survey_app.assessments.queries import Form
from survey_app.core.access import Actor
from survey_app.core.clock import local_date, to_local
from survey_app.demo.answers import chance_of
from survey_app.demo.drawing import SUBJECTS, draw_photo
from survey_app.documents.paper import render_paper
from survey_app.documents.pdf import pdf_available
from survey_app.evidence import service
from survey_app.evidence.details import Details
from survey_app.evidence.intake import take_in
from survey_app.evidence.service import Kept
from survey_app.rules.scoring import why_not_applicable

# What each picture shows → the indicators it is evidence for, in either set.
SHOWS: Mapping[str, tuple[str, ...]] = {
    "fence": ("AT1.1", "MA1.1"),
    "yard": ("AT1.2", "TT5.1", "MA1.2"),
    "extinguisher": ("AT3.2", "MA3.2"),
    "stairs": ("AT2.3", "MA2.5"),
    "kitchen": ("LM2.2", "ML2.6", "ML2.2"),
    "basins": ("LM1.1", "LM1.3", "ML1.2"),
    "cabinet": ("LM3.1", "ML3.1"),
}
PAPER = "minutes"
PAPER_TITLE = "Biên bản tự kiểm tra an toàn trường học"
SHARE_WITH_EVIDENCE = 0.75
WEEKS_OF_A_ROUND = 60  # days: pictures of one round lie closer together than two rounds do
SHARE_OF_PAPERS = 0.9  # of the mandatory indicators that no picture shows


@dataclass(frozen=True)
class Album:
    """Files whose bytes lie in the store already, by what they show."""

    kept: Mapping[str, Sequence[Kept]]

    def titles(self) -> dict[str, str]:
        """The words for each kind of picture."""
        return {subject: words for subject, (words, _) in SUBJECTS.items()} | {PAPER: PAPER_TITLE}


def make_album(seed: int, openings: Sequence[datetime], *, each: int = 1) -> Album:
    """Draw the pictures and take them in (slow: before any write transaction).

    `openings` are those of the rounds: each gets `each` pictures of every subject, taken in the weeks before
    it, so that nothing is uploaded before it was taken.
    """
    kept: dict[str, list[Kept]] = {}
    for year, opening in enumerate(openings):
        for place, subject in enumerate(SUBJECTS):
            for copy in range(each):
                taken = to_local(opening - timedelta(days=4 * place + 2 * copy + 1)).replace(hour=8 + place)
                picture = draw_photo(subject, seed=seed + 100 * year + 10 * place + copy, taken_at=taken)
                intake = take_in(io.BytesIO(picture), f"IMG_{taken:%Y%m%d}_{place}{copy}.jpg")
                kept.setdefault(subject, []).append(service.keep(intake))
    if pdf_available():
        day = to_local(openings[-1]).date()
        paper = render_paper("demo/minutes.html", {"day": day}, title=PAPER_TITLE)
        kept[PAPER] = [service.keep(take_in(io.BytesIO(paper), "Bien-ban-tu-kiem-tra.pdf"))]
    return Album(kept)


def illustrate(
    form: Form, album: Album, seed: int, head: Actor, *, papers: bool = True, now: datetime
) -> int:
    """Put pictures of the album into the school's store and use them; returns for how many indicators.

    `papers`: also show a document for most mandatory indicators without a picture.
    """
    chance = chance_of(seed, "album", form.assessment.id)
    titles, shown = album.titles(), set[str]()
    form = queries.form_of(form.assessment.id)
    for subject, files in album.kept.items():
        if subject == PAPER:
            bare = [code for code in _mandatory(form) if papers and code not in shown]
            codes = [code for code in bare if chance.random() < SHARE_OF_PAPERS]
        else:
            codes = [code for code in SHOWS[subject] if _applies(form, code)]
            codes = codes if chance.random() < SHARE_WITH_EVIDENCE else []
        if not codes:
            continue
        file = service.add_file(
            head.unit_id,
            chance.choice(_latest(files, local_date(now))),
            Details(titles[subject]),
            actor=head,
            now=now,
            school_year=form.round.school_year,
        )
        for code in codes:
            attaching.attach_evidence(form, code, file, actor=head, now=now, papers_only=subject == PAPER)
        shown.update(codes)
    return len(shown)


def _latest(files: Sequence[Kept], day: date) -> list[Kept]:
    """Those of the last weeks before a day; what the camera did not date always fits."""
    known = [file for file in files if (file.intake.captured_on or day) <= day]
    newest = max((file.intake.captured_on or day) for file in known)
    return [file for file in known if (newest - (file.intake.captured_on or day)).days <= WEEKS_OF_A_ROUND]


def _mandatory(form: Form) -> list[str]:
    kind = form.facts.unit_type
    return [
        code
        for code, one in form.framework.by_code.items()
        if one.is_mandatory(kind) and _applies(form, code)
    ]


def _applies(form: Form, code: str) -> bool:
    indicator = form.framework.by_code.get(code)
    return indicator is not None and not why_not_applicable(indicator, form.facts)
