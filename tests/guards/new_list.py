"""A list from its file to its completion rate, in a copy of the program that the test made; prints what it saw."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.access import everything
from app.domain.roles import Role
from app.extensions import db
from app.models import ScreeningEntry
from tests.conftest import fresh_application
from tests.factories import Factories, id_card, phone
from tests.web import open_session, post, text

KEY = "trade_fair"
SCREEN, JINSHUI = f"/screening/{KEY}/", "410105"
ROWS = ("何晓明,金水区", "韩雪梅,中原", "李建国,远方区", "王芳,金水区", "赵无号,金水区")


def _sheet(folder: Path) -> Path:
    lines = ["报到日期,姓名,证件号,手机号,展商,区县"]
    for at, row in enumerate(ROWS):
        name, district = row.split(",")
        number = id_card(at, f"19{60 + at}0101") if at < len(ROWS) - 1 else "41010"
        lines.append(f"2020-04-07,{name},{number},{phone(at)},第一机械厂,{district}")
    path = folder / "fair.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _command(app: Flask, *words: str) -> Any:
    result = app.test_cli_runner().invoke(args=["lists", *words])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def _signed_in(app: Flask, account: Any) -> FlaskClient:
    client = app.test_client()
    open_session(client, account)
    return client


def _key_of(name: str) -> int:
    found: int = db.session.execute(select(ScreeningEntry.id).where(ScreeningEntry.name == name)).scalar_one()
    return found


def _do(client: FlaskClient, action: str, name: str, **given: str) -> None:
    answer = post(client, f"{SCREEN}{_key_of(name)}/do/{action}", given)
    assert answer.status_code == 302, (action, answer.status_code)


def _words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def day(app: Flask, folder: Path) -> dict[str, Any]:
    """Return what the command printed and what the pages said, from the file to the completion rate."""
    make = Factories()
    importer, official = make.account(Role.CITY_ADMIN), make.account(Role.DISTRICT_ADMIN, JINSHUI)
    db.session.commit()
    city, district = _signed_in(app, importer), _signed_in(app, official)
    kinds = _command(app, "kinds", "--json")
    words = ("import", KEY, str(_sheet(folder)), "--as", importer.phone, "--json", "--out", str(folder))
    seen = {"kind": kinds[-1], "import": _command(app, *words), "first page": _words(text(district, "/"))}
    _do(city, "dispatch_named", "李建国", district=JINSHUI)
    _do(district, "outcome", "何晓明", status="NORMAL", remark="已电话联系")
    seen["district"] = _words(text(district, SCREEN))
    seen["card"] = _words(text(district, f"{SCREEN}{_key_of('何晓明')}?tab=person"))
    seen["export"] = district.get(f"{SCREEN}export?format=csv&status=screened").get_data(as_text=True)
    seen["template"] = city.get(f"/imports/{KEY}/template").status_code
    seen["statistics"] = _words(text(city, "/screening/statistics/"))
    seen["phone"] = _words(text(district, f"/m/screening/{KEY}/"))
    return seen


if __name__ == "__main__":
    place = Path(sys.argv[1])
    found = fresh_application(f"sqlite:///{place / 'new_list.db'}", place, sys.argv[2])
    with found.app_context(), everything("a test sets things up"):
        print(json.dumps(day(found, place), ensure_ascii=False))
