"""The sentences WTForms itself says, in the page's language: it has no Vietnamese, so the catalogue is ours.

After a change of the .po file: `pybabel compile -d survey_app/core/translations -D wtforms`.
"""

from functools import lru_cache
from pathlib import Path

from babel.support import NullTranslations, Translations
from flask_babel import get_locale

FOLDER = Path(__file__).parent / "translations"


class FieldMessages:
    """What a form asks for the words of its fields' errors."""

    def gettext(self, text: str) -> str:
        """The sentence in the page's language."""
        return str(_catalogue(str(get_locale())).ugettext(text))

    def ngettext(self, one: str, many: str, number: int) -> str:
        """The sentence for a number of things."""
        return str(_catalogue(str(get_locale())).ungettext(one, many, number))


@lru_cache(maxsize=8)
def _catalogue(locale: str) -> NullTranslations:
    return Translations.load(FOLDER, [locale], domain="wtforms")
