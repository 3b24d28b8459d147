"""The operators' sheets that the tests import, and what is true of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from app.models import Account, ImportBatch
from app.services import imports, imports_checking, imports_entering
from app.services.lists import list_named

FOLDER = Path(__file__).parent / "data" / "lists"
TRUTH: dict[str, Any] = json.loads((FOLDER / "truth.json").read_text(encoding="utf-8"))


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
