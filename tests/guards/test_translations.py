"""Every text of ours has its English: what Babel finds in app/ stands translated in the catalogue."""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

APP = Path(__file__).parents[2] / "app"
CATALOGUE = APP / "translations" / "en" / "LC_MESSAGES" / "messages.po"
KEYWORDS = {"N_": None, "_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def texts() -> dict[str, str]:
    """Every text and the first place where it stands."""
    found: dict[str, str] = {}
    for name, line, text, _comments, _context in extract_from_dir(APP, METHODS, keywords=KEYWORDS):
        for each in text if isinstance(text, tuple) else (text,):
            if each:
                found.setdefault(each, f"{name}:{line}")
    return found


def catalogue() -> Catalog:
    assert CATALOGUE.exists(), f"{CATALOGUE} is not there: make translations"
    with CATALOGUE.open("rb") as file:
        return read_po(file)


def test_every_text_is_in_the_english_catalogue() -> None:
    known = catalogue()
    missing = [
        f"{place}  {text}" for text, place in texts().items() if not (known.get(text) and known.get(text).string)
    ]
    assert not missing, f"{len(missing)} texts without English:\n" + "\n".join(sorted(missing))


def test_no_translation_is_doubtful_or_still_chinese() -> None:
    doubtful = [str(each.id) for each in catalogue() if each.id and (each.fuzzy or _CHINESE.search(str(each.string)))]
    assert doubtful == []


def test_translations_keep_their_placeholders() -> None:
    differing = [
        str(each.id)
        for each in catalogue()
        if each.id and sorted(_PLACEHOLDER.findall(str(each.id))) != sorted(_PLACEHOLDER.findall(str(each.string)))
    ]
    assert differing == []
