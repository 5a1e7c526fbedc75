"""What people say about a file or a link, and whether it can be so."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from survey_app.core.clock import local_date
from survey_app.evidence.models import EvidenceFile
from survey_app.organisations.queries import open_sites
from survey_app.rules.errors import N_, BadInput

OLDEST_PAPER = date(1945, 9, 2)
MOST_URL = 500


class BadLink(BadInput):
    """Not an address of a page."""

    message = N_(
        "Đường dẫn phải bắt đầu bằng https:// hoặc http:// và có tên trang, ví dụ https://drive.google.com/…"
    )


class UnknownSite(BadInput):
    """The site is not one of the unit's."""

    message = N_("Điểm trường này không còn trong danh sách. Hãy chọn lại.")


class BadIssueDate(BadInput):
    """A document from the future, or from before there were any."""

    message = N_("Ngày ban hành phải từ 02/09/1945 đến hôm nay.")


@dataclass(frozen=True)
class Details:
    """What people say about a file. `site_id` 0: the whole unit."""

    title: str
    site_id: int = 0
    document_number: str = ""
    issued_on: date | None = None
    issuer: str = ""

    def plain(self) -> dict[str, Any]:
        """As JSON takes it, for the audit trail."""
        issued_on = self.issued_on.isoformat() if self.issued_on else None
        return {**asdict(self), "issued_on": issued_on}


def details_of(file: EvidenceFile) -> Details:
    """What is said about a file now."""
    return Details(file.title, file.site_id, file.document_number, file.issued_on, file.issuer)


def check_details(unit_id: int, details: Details, *, now: datetime, present_site: int = 0) -> None:
    """Raise `UnknownSite` or `BadIssueDate`. A site that has ended may stay where it is (`present_site`)."""
    if details.site_id not in (0, present_site, *(site.id for site in open_sites(unit_id))):
        raise UnknownSite()
    if details.issued_on and not OLDEST_PAPER <= details.issued_on <= local_date(now):
        raise BadIssueDate()


def check_link(url: str) -> str:
    """The address, when a person may safely follow it. Raises `BadLink`."""
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and "." in str(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise BadLink() from error
    plain = url.isprintable() and not any(c.isspace() or c in '<>"\\' for c in url) and len(url) <= MOST_URL
    if parts.scheme not in ("http", "https") or not named or parts.username is not None or not plain:
        raise BadLink()
    return url
