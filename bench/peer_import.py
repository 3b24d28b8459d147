"""django-import-export importing the operators' sheet as its admin does: read, try, import. Runs in its own environment.

Prints one line of JSON: the seconds of each step and the rows that are there.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import django
from django.conf import settings

FIELDS = 14


def main(path: Path, address: str) -> None:
    """Import the sheet at `path` into the database at `address`."""
    settings.configure(DATABASES={"default": _database(address)}, INSTALLED_APPS=["import_export"], USE_TZ=True)
    django.setup()
    from django.db import connection, models
    from import_export import resources
    from tablib import Dataset

    names = [f"column_{at}" for at in range(FIELDS)]
    fields = {name: models.CharField(max_length=300, null=True) for name in names}
    row = type(
        "Row",
        (models.Model,),
        {**fields, "__module__": __name__, "Meta": type("Meta", (), {"app_label": "import_export"})},
    )
    with connection.schema_editor() as editor:
        editor.create_model(row)
    # A document, and the day on which it is listed, make a row, as here.
    meta = type("Meta", (), {"model": row, "import_id_fields": ["column_7", "column_0"], "fields": names})
    resource = type("RowResource", (resources.ModelResource,), {"Meta": meta})()
    started = time.perf_counter()
    dataset = Dataset().load(path.read_bytes(), format="xlsx", headers=True)
    dataset.headers = names
    read = time.perf_counter()
    resource.import_data(dataset, dry_run=True, raise_errors=True)
    tried = time.perf_counter()
    resource.import_data(dataset, dry_run=False, raise_errors=True)
    ended = time.perf_counter()
    found = {"read": read - started, "try": tried - read, "import": ended - tried, "rows": row.objects.count()}
    print(json.dumps(found))


def _database(address: str) -> dict[str, str]:
    parts = urlsplit(address)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parse_qs(parts.query).get("host", [parts.hostname or ""])[0],
        "PORT": str(parts.port or ""),
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
