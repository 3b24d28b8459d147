"""The one mechanism of row scope: every ORM statement is narrowed, every write is checked (ARCHITECTURE, "Row scope").

Proved against the framework's holes (actions, drop-downs, foreign keys, bulk statements) where filters on views leak.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, ClassVar, TypeVar

from sqlalchemy import BindParameter, Executable, event, inspect
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction, with_loader_criteria
from sqlalchemy.orm.interfaces import CriteriaOption
from sqlalchemy.sql.cache_key import NO_CACHE, anon_map

from app.access.rules import RULES, condition_for
from app.access.scope import Scope, ScopeViolation, current_scope
from app.extensions import db
from app.models import Account, AuditEvent, AuditHead, OutgoingMessage

# Rows that any work leaves as a trace of itself: adding is always allowed, changing and removing never.
_TRACES = (AuditEvent, OutgoingMessage)
# What of one's own account others set.
_RANK = ("username", "role", "area_code", "venue_kind", "active")

S = TypeVar("S", bound=Executable)


def _mapped_classes() -> tuple[type, ...]:
    return tuple(mapper.class_ for mapper in db.Model.registry.mappers)


class _Criteria(CriteriaOption):
    """The criteria of one scope for every model, as one option of a statement.

    Given one by one they cost a third of a page: each statement would work out the part of its cache key that they
    are, which is the same for all statements of the scope. Scopes of one form differ in their parameters only and
    share what was compiled.
    """

    propagate_to_loaders = False
    _forms: ClassVar[dict[Any, int]] = {}

    def __init__(self, scope: Scope) -> None:
        self._options = [
            with_loader_criteria(model, condition_for(model, scope), include_aliases=True, propagate_to_loaders=False)
            for model in _mapped_classes()
        ]
        self._parameters: list[BindParameter[Any]] = []
        names = anon_map()
        form = tuple(option._gen_cache_key(names, self._parameters) for option in self._options)
        if NO_CACHE in names:
            raise TypeError("a rule of scope that no compiled statement can be kept for")
        self._form = self._forms.setdefault(form, len(self._forms))

    def _gen_cache_key(self, _names: Any, parameters: list[BindParameter[Any]]) -> tuple[Any, ...]:
        parameters.extend(self._parameters)
        return type(self), self._form

    def process_compile_state(self, compile_state: Any) -> None:
        self.get_global_criteria(compile_state.global_attributes)

    def process_compile_state_replaced_entities(self, compile_state: Any, mapper_entities: Any) -> None:  # noqa: ARG002 - SQLAlchemy's signature
        self.process_compile_state(compile_state)

    def get_global_criteria(self, attributes: dict[Any, Any]) -> None:
        for option in self._options:
            option.get_global_criteria(attributes)


_criteria = lru_cache(maxsize=512)(_Criteria)


def install() -> None:
    """Attach the narrowing and the guard to every session of the application."""
    if not event.contains(Session, "do_orm_execute", _narrow):
        event.listen(Session, "do_orm_execute", _narrow)
        event.listen(Session, "before_flush", _guard_flush)


def narrowed(statement: S) -> S:
    """Return the statement as a session would execute it in the scope in hand.

    For whoever reads plain rows of a model from the session's connection, where nothing narrows by itself.
    """
    scope = current_scope()
    return statement if scope.is_everything else statement.options(_criteria(scope))


def _narrow(state: ORMExecuteState) -> None:
    if current_scope().is_everything or state.is_column_load:
        return
    if state.is_insert or (state.is_executemany and (state.is_update or state.is_delete)):
        raise ScopeViolation("bulk statements need the scope of a system job")
    state.statement = narrowed(state.statement)


def _guard_flush(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    scope = current_scope()
    if scope.is_everything:
        return
    added = [row for row in session.new if not isinstance(row, _TRACES)]
    changed = [row for row in session.dirty if session.is_modified(row)]
    for row in (*added, *changed, *session.deleted):
        if not isinstance(row, AuditHead):
            _check_written(row, scope)


def _check_written(row: Any, scope: Scope) -> None:
    """Raise unless `row` is, and was before the change, inside the scope."""
    if isinstance(row, _TRACES) or type(row) not in RULES or scope.is_closed:
        raise ScopeViolation(f"{type(row).__name__} may not be written here")
    state = inspect(row)
    if isinstance(row, Account):
        _check_rank(row, state, scope)
        if row.id == scope.account_id:
            return  # one's own password
    if "area_code" in state.attrs and not all(scope.covers(code) for code in _values(state.attrs.area_code)):
        raise ScopeViolation(f"{type(row).__name__} outside the area in hand")
    if scope.venue_ids is not None and "venue_id" in state.attrs:
        touched = [value for value in _values(state.attrs.venue_id) if value is not None]
        if any(value not in scope.venue_ids for value in touched):
            raise ScopeViolation(f"{type(row).__name__} outside the compounds in hand")


def _check_rank(account: Account, state: Any, scope: Scope) -> None:
    """Raise where somebody would raise themselves, or write an account of a rank that theirs does not appoint (Z-A7)."""
    if account.id == scope.account_id:
        if any(state.attrs[name].history.has_changes() for name in _RANK):
            raise ScopeViolation("one's own rank")
    elif scope.role is None or not all(role and scope.role.can_appoint(role) for role in _values(state.attrs.role)):
        raise ScopeViolation("an account of a rank that is not appointed from here")


def _values(attribute: Any) -> list[Any]:
    history = attribute.history
    return [*history.added, *history.unchanged, *history.deleted] or [attribute.loaded_value]
