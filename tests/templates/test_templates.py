"""What holds for every template and static file, whatever a view puts into it."""

import re
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

APP = Path(__file__).resolve().parents[2] / "app"
TEMPLATES = sorted(path.relative_to(APP / "templates").as_posix() for path in (APP / "templates").rglob("*.html"))
ASSETS = sorted((APP / "static").glob("*.*"))
SCAN_ASSETS_BYTES = 20_000  # leaves 40 kB of the 60 kB of Z-S2's page to its own text, countries and provinces included


def source(name: str) -> str:
    return (APP / "templates" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_compiles(name: str) -> None:
    environment = Environment(loader=FileSystemLoader(APP / "templates"), extensions=["jinja2.ext.i18n"])
    assert environment.get_template(name)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_needs_nothing_that_the_content_policy_forbids(name: str) -> None:
    text = source(name)
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", text)
    assert all(" src=" in tag for tag in re.findall(r"<script[^>]*>", text))


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_loads_nothing_from_outside(name: str) -> None:
    assert not re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", source(name))


@pytest.mark.parametrize("path", ASSETS, ids=lambda path: path.name)
def test_a_static_file_loads_nothing_from_outside(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"@import|https?://|url\((?!data:)", text)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_form_that_posts_carries_a_token(name: str) -> None:
    forms = re.findall(r"<form[^>]*method=\"post\".*?</form>", source(name), re.S)
    # What was typed is sent again as it came, its token with it.
    tokens = ("csrf()", "form_token", "auth/_fields.html", "{{ typed }}")
    assert all(any(token in form for token in tokens) for form in forms)


def test_the_scan_pages_assets_are_light() -> None:
    names = ("scan.css", "scan.js", "favicon.svg")
    assert sum((APP / "static" / name).stat().st_size for name in names) < SCAN_ASSETS_BYTES
