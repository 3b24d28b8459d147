"""Every text of ours has its English: what Babel finds in app/ stands translated in the catalogue."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
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


def test_what_the_framework_says_is_said_in_chinese_too() -> None:
    with (APP / "translations" / "zh" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        chinese = read_po(file)
    foreign = [
        text for text in texts() if re.search("[A-Za-z]", _PLACEHOLDER.sub("", text)) and not _CHINESE.search(text)
    ]
    missing = [text for text in foreign if not ((known := chinese.get(text)) and _CHINESE.search(str(known.string)))]
    assert missing == []


def _unmarked(module: Path) -> Iterator[str]:
    """Chinese literals that are no message; a message inside an f-string counts as none, for Babel passes it over."""
    tree = ast.parse(module.read_text())
    notes = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in notes:
            yield from [f"{module.relative_to(APP)}:{node.lineno}  {node.value}"] if _is_unknown(node.value) else []


def _is_unknown(text: str) -> bool:
    return bool(_CHINESE.search(text)) and text not in _KNOWN and text != "中文"


_KNOWN = texts()


def test_screens_write_no_chinese_past_the_catalogue() -> None:
    modules = [*(APP / "views").rglob("*.py"), *(APP / "scan_pages").rglob("*.py")]
    assert [place for module in modules for place in _unmarked(module)] == []
