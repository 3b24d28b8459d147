from dataclasses import dataclass
@dataclass(frozen=True)
class ExportColumn:
    title: str
def write_table(*a, **k): ...
