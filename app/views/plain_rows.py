"""Rows to be read and forgotten: what a list's columns read, in the model's shape, without the objects of a session.

Making objects of 100,000 residents, their persons and compounds takes longer than everything else that an export does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, make_dataclass
from functools import lru_cache
from types import FunctionType
from typing import Any, TypeVar

from sqlalchemy import Select, inspect, join

from app.access.session import narrowed
from app.extensions import db

CHUNK = 500

T = TypeVar("T")


@dataclass(frozen=True)
class _Related:
    """A related row inside the wide one: its attribute, its class, where its values stand, its key before them."""

    name: str
    kind: type
    place: slice


def read_plain(query: Select[Any], *, reads: Sequence[Any], order: Sequence[Any], chunk: int = CHUNK) -> Iterator[Any]:
    """Yield every row of `query` in the list's order with the attributes that `reads` names, those of relations too.

    The query stays that of its model, and the scope in force narrows it; a related row needs no narrowing of its own.
    """
    model = query.column_descriptions[0]["entity"]
    own = tuple(dict.fromkeys((*order, *(each for each in reads if each.class_ is model))))
    columns: list[Any] = list(own)
    source: Any = model
    related: list[_Related] = []
    for relation in inspect(model).relationships:
        wanted = [each.key for each in reads if each.class_ is relation.mapper.class_]
        if wanted:
            # An alias: a filter may ask the same table in a subquery, which is not to mean this one.
            table = relation.mapper.local_table.alias()
            local, remote = relation.local_remote_pairs[0]
            # Not every row has one: those that have none are rows of the list too.
            source = join(source, table, local == table.c[remote.key], isouter=bool(local.nullable))
            columns += [table.c[remote.key], *(table.c[key] for key in wanted)]
            place = slice(len(columns) - len(wanted), len(columns))
            related.append(_Related(relation.key, plain_class(relation.mapper.class_, tuple(wanted)), place))
    statement = query.with_only_columns(*columns).select_from(source).order_by(*(each.desc() for each in order))
    row_of = _builder(model, tuple(each.key for each in own), related)
    # The server's own cursor: asked anew for each chunk, it would plan and find its place as often. On the connection
    # itself: a session would look each row over for objects to load, which takes a fifth of reading it.
    found = db.session.connection().execute(narrowed(statement), execution_options={"yield_per": chunk})
    for values in _read_ahead(found.partitions()):
        yield from map(row_of, values)


def _read_ahead(chunks: Iterator[T]) -> Iterator[T]:
    """Yield the chunks in their order; while one is worked on, the next comes from the database."""
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="rows") as reader:
        coming = reader.submit(next, chunks, None)
        while (chunk := coming.result()) is not None:
            coming = reader.submit(next, chunks, None)
            yield chunk


def _builder(model: type, keys: tuple[str, ...], related: Sequence[_Related]) -> Callable[[Sequence[Any]], Any]:
    kind = plain_class(model, (*keys, *(each.name for each in related)))
    own = slice(len(keys))

    def row_of(values: Sequence[Any]) -> Any:
        return kind(*values[own], *[_related(each, values) for each in related])

    return row_of if related else lambda values: kind(*values)


def _related(each: _Related, values: Sequence[Any]) -> Any:
    return None if values[each.place.start - 1] is None else each.kind(*values[each.place])


@lru_cache(maxsize=64)
def plain_class(model: type, keys: tuple[str, ...]) -> type:
    """Return a class that is made of the values of `keys`, with what the model's own body computes of them."""
    computed = {name: each for name, each in vars(model).items() if isinstance(each, (property, FunctionType))}
    public = {name: each for name, each in computed.items() if not name.startswith("_")}
    # Slots and a constructor written for these very attributes: making a row takes a seventh of filling a __dict__.
    return make_dataclass(f"Plain{model.__name__}", keys, namespace=public, eq=False, repr=False, slots=True)
