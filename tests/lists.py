"""The operators' sheets that the tests import, and what is true of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from app.models import Account, ImportBatch
from app.services import imports, imports_checking, imports_entering
from app.services.lists import list_named
from tests.factories import id_card, phone

FOLDER = Path(__file__).parent / "data" / "lists"
TRUTH: dict[str, Any] = json.loads((FOLDER / "truth.json").read_text(encoding="utf-8"))


def people_sheet(key: str, count: int, *, day: str, district: str = "金水区", first: int = 0) -> bytes:
    """A list's file with so many people, all of whom enter, sent to the district where the list goes by its name."""
    columns = list_named(key).sheet.columns
    lines = [",".join(column.title for column in columns)]
    for at in range(first, first + count):
        known = {
            "listed_on": day,
            "name": f"何晓{at:02d}",
            "phone": phone(at),
            "document_number": id_card(at, f"19{60 + at % 40}0101"),
            "station_district": district,
            "boarding_station": "武汉站",
            "train_number": "G601",
        }
        lines.append(",".join(known.get(column.key, "") for column in columns))
    return "\n".join(lines).encode()


def check_list(kind: str, path: Path, account: Account) -> ImportBatch:
    """The batch of the file, checked in this process."""
    with path.open("rb") as stream:
        batch = imports.upload(list_named(kind), stream, name=path.name, account=account, in_queue=False)
    imports_checking.check(batch.id)
    return batch


def import_list(kind: str, path: Path, account: Account) -> ImportBatch:
    """The batch of the file, imported in this process."""
    batch = check_list(kind, path, account)
    imports.confirm(batch, account=account, in_queue=False)
    imports_entering.import_batch(batch.id)
    return batch
