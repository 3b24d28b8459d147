"""A package imports only from packages with a lower number; those with the same number do not import each other."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "app"
LAYERS = {
    "application": 0, "domain": 1, "clock": 1, "profiles": 1, "response_headers": 1, "production": 1,
    "extensions": 2, "spreadsheets": 2, "gateways": 2, "posters": 2, "models": 2,
    "access": 3,
    "services": 4,
    "forms": 5,
    "views": 6, "scan_pages": 6, "monitoring": 6, "jobs": 6, "cli": 6, "cli_lists": 6,
    "cli_health": 6, "cli_risk_areas": 6, "cli_accounts": 6, "cli_account_imports": 6,
    "runtime": 7,
}  # fmt: skip
# profiles are data that speak the domain's words; models are tables of the one database handle; commands are one layer
# in several files.
ALLOWED = {
    ("profiles", "domain"),
    ("models", "extensions"),
    ("cli", "cli_lists"),
    ("cli", "cli_accounts"),
    ("cli", "cli_account_imports"),
    ("cli_account_imports", "cli_accounts"),
    ("cli", "cli_health"),
    ("cli", "cli_risk_areas"),
    ("cli_risk_areas", "cli_accounts"),
    ("cli_lists", "cli_accounts"),
    ("cli_health", "cli_accounts"),
}
FILES = sorted(path for path in APP.rglob("*.py") if path.parent != APP or path.name != "__init__.py")


def imports(path: Path) -> Iterator[str]:
    """The packages of app that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[1] for alias in node.names if alias.name.startswith("app."))
        elif isinstance(node, ast.ImportFrom) and node.module == "app":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("app."):
            yield str(node.module).split(".")[1]


def package(path: Path) -> str:
    return path.relative_to(APP).parts[0].removesuffix(".py")


def faults(path: Path) -> list[str]:
    here = package(path)
    return [
        f"{here} imports {there}"
        for there in imports(path)
        if there != here and (here, there) not in ALLOWED and LAYERS[there] >= LAYERS[here]
    ]


def test_every_package_has_a_layer() -> None:
    assert {package(path) for path in FILES} == set(LAYERS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(APP)))
def test_imports_go_downwards(path: Path) -> None:
    assert faults(path) == []


@pytest.mark.parametrize("name", ["domain", "profiles", "spreadsheets", "posters", "gateways"])
def test_rules_and_formats_know_neither_web_nor_database(name: str) -> None:
    forbidden = ("flask", "sqlalchemy", "redis", "rq")
    found = [
        f"{path.name}: {node.module}"
        for path in (APP / name).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0].startswith(forbidden)
    ]
    assert found == []


def test_nothing_is_called_utils() -> None:
    assert [str(path) for path in FILES if path.stem in ("utils", "helpers", "common", "misc")] == []
