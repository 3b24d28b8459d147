"""Every route for every role and every relation that an object may stand in: what is asked, and what is a fault."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Flask, g

from app.access import everything
from app.domain.roles import Role
from app.domain.sectors import SECTORS
from app.extensions import appbuilder, db
from app.models import Account
from app.views.reveal import _SUBJECTS
from app.views.screen_view import ScreenView
from tests.guards.asking import Answer, Asker, Fields
from tests.guards.everybody import Everybody, mark
from tests.guards.ledger import Ledger
from tests.guards.routes import NUMBER, PUBLIC, Route, routes
from tests.guards.sight import Thing, Viewer, key_of

# What the number in an address means, of routes that are not a declared screen's own; None where there is no number.
# A new route needs its line here.
OTHERS: dict[str, str | None] = {
    "HomeView.switch": None,
    "DashboardView.show": None,
    "CompoundAccountView.options": None,
    "CodeCheckView.list": None,
    "CodeCheckView.look": None,
    "PasswordView.change": None,
    "RiskAreaFileView.official": None,
    "RiskAreaFileView.sheet": None,
    "RiskAreaFileView.template": None,
    "SimulatorView.list": None,
    "RuleSimulatorView.list": None,
    "RiskAreaSimulatorView.list": None,
    "PersonColorView.show": "residency",
    "PosterView.pdf": "venue",
    "PosterView.png": "venue",
    "PosterView.show": "venue",
    "RevealView.ask": "residency",
    "CodeBatchView.download": "code_print",
    "CodeCheckView.elsewhere": None,
    "DoubtView.answer_all": "import_batch",
    "AuditTrailView.check": None,
    "SystemView.list": None,
    "SystemView.drop": None,
    "SystemView.retry": None,
    "SessionsView.show": None,
    "SessionsView.end": "sign_in_session",
    "SessionsView.end_others": None,
    "SecondFactorView.show": None,
    "SecondFactorView.remove": None,
    "SecondFactorView.renew": None,
    "RuleEditorView.edit": None,  # the name of a rule
    "AreaMoveView.ask": None,
    "MobileHomeView.index": None,
    "MobileRevealView.ask": "residency",
}
# The number chooses among the rows in reach, which may be none: whoever chooses others' does nothing and is not refused.
CHOOSES = {"DoubtView.answer_all"}
# The same for all views that have a method of that name.
METHODS: dict[str, str | None] = {"upload": None, "template": None, "find": None}
OF_SCREENS = ("list", "search", "show", "export", "export_in_full", "add", "act", "act_on_many")
OF_SCREENS_ROWS = ("progress", "columns_by_hand", "values_by_hand", "decide", "rejected", "file", "photo", "download")
# What its words in the address may name, of routes that mean nothing without.
SEARCHED = {"CompoundAccountView.options": {"q": "Zq0"}, "AreaMoveView.ask": {"area": "410102"}}
# Enough for the forms that only want a word of somebody.
FORM = {"reason": "按要求核实情况", "purpose": "按要求核实", "confirmed": "1", "step": "2", "remark": "核实"}


_KEY_DIGITS = len(str(key_of(1)))


def subject_table(app: Flask, route: Route, who: Viewer) -> str | None:
    """The table whose row the number in the address names; LookupError for a route that nobody has classified."""
    if route.endpoint in OTHERS:
        return OTHERS[route.endpoint]
    method = route.endpoint.partition(".")[2]
    if method in METHODS:
        return METHODS[method]
    view = screens().get(route.view)
    if view is None or method not in (*OF_SCREENS, *OF_SCREENS_ROWS):
        raise LookupError(f"{route.endpoint}: say in OTHERS what the number in its address means")
    return entity(app, view, who).__table__.name if NUMBER in route.url else None  # type: ignore[no-any-return]


def screens() -> dict[str, ScreenView]:
    return {type(view).__name__: view for view in appbuilder.baseviews if isinstance(view, ScreenView)}


def entity(app: Flask, view: ScreenView, who: Viewer) -> Any:
    """The model of the rows of a screen."""
    with app.test_request_context(), everything("who asks is looked up"):
        g._login_user = db.session.get_one(Account, who.account)
        return view.screen.query().column_descriptions[0]["entity"]


@dataclass
class Walk:
    """Asks everything of everybody and keeps what is wrong."""

    app: Flask
    everybody: Everybody
    asker: Asker
    ledger: Ledger
    cells: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    _tables: dict[str, str | None] = field(default_factory=dict)
    _seen: frozenset[int] = frozenset()
    _held: frozenset[int] = frozenset()
    _foreign: list[Thing] = field(default_factory=list)

    def every_route(self, who: Viewer) -> None:
        """Ask for each route: once where the role may not, else for every relation."""
        self._begin(who)
        for route in self._routes():
            table = self._table(route, who)
            objects = self._objects(who, table) if table else []
            if who.role not in route.roles(self.app) or route.kind(self.app) not in (None, who.kind):
                self._shut(who, route, objects[0][1] if objects else None)
            elif table is None:
                self._keyless(who, route)
            else:
                for relation, thing in objects:
                    self._keyed(who, route, relation, thing)

    def open_routes(self, who: Viewer) -> None:
        """Ask for each route as if it were every role's: all that it shows at once, and each row that is foreign.

        Of the sectors, whose screens are alike, one: its number is the role's.
        """
        self._begin(who)
        kinds = (None, list(SECTORS)[list(Role).index(who.role) % len(SECTORS)])
        for route in self._routes():
            table = self._table(route, who)
            if route.kind(self.app) not in kinds:
                continue
            if table is None and route.method == "GET":
                self._ask(who, "GET", self._named(route)[0], "all rows")
            for relation, thing in self._objects(who, table) if table else []:
                if thing is not None and thing.number not in self._seen:
                    self._keyed(who, route, relation, thing, most=1)

    def _begin(self, who: Viewer) -> None:
        self._seen = self.everybody.seen_by(who)
        self._held = self.everybody.held_by(self._seen)
        # A row of each relation that the viewer may not see, of venues, which forms name most.
        found = {self.relation(who, thing): thing for thing in self.everybody.of_table("venue")}
        self._foreign = [thing for thing in found.values() if thing.number not in self._seen]

    def _table(self, route: Route, who: Viewer) -> str | None:
        if route.endpoint not in self._tables:
            self._tables[route.endpoint] = subject_table(self.app, route, who)
        return self._tables[route.endpoint]

    def _routes(self) -> Iterator[Route]:
        return (route for route in routes(self.app) if route.endpoint not in PUBLIC)

    def _objects(self, who: Viewer, table: str | None) -> list[tuple[str, Thing | None]]:
        """One row of the table for every relation to the viewer, those in reach first."""
        found: dict[str, Thing] = {}
        for thing in self.everybody.of_table(table) if table else ():
            found.setdefault(self.relation(who, thing), thing)
        return sorted(found.items(), key=lambda item: item[1].number not in self._seen)

    def relation(self, who: Viewer, thing: Thing) -> str:
        if thing.number in self._seen:
            return "ended" if thing.site.is_ended else "own" if thing.site.area == who.area else "child's"
        if who.is_above(thing):
            return "other department's"
        return "parent's" if who.area.startswith(thing.site.area) else "sibling's"

    def _shut(self, who: Viewer, route: Route, thing: Thing | None) -> None:
        answer = self._ask(who, route.method, self._address(route.url, thing), "not the role's", FORM)
        if answer.status != 403:
            self.faults.append(f"{who} {route}: {answer.status} though the role may not")

    def _keyless(self, who: Viewer, route: Route) -> None:
        for words in self._words(route):
            self._ask(who, route.method, f"{route.url}?{urlencode(words)}", "search", FORM)
        for url in self._named(route):
            if route.method == "POST":
                foreign = [str(key_of(thing.number)) for thing in self._foreign]
                answer = self._ask(who, "POST", url, "foreign rows chosen", {**FORM, "rowid": foreign})
                # An action may be fewer roles' than the screen.
                if answer.status >= 500 or (answer.status == 403 and url == route.url):
                    self.faults.append(f"{who} POST {url}: {answer.status} though the role may")
                continue
            answer = self._ask(who, "GET", url, "all rows")
            if answer.status >= 400 and not route.has_arguments and route.endpoint not in SEARCHED:
                self.faults.append(f"{who} {route}: {answer.status} though the role may")
            if answer.status == 200 and route.endpoint.endswith((".list", ".export")) and ".export" not in url:
                self._searches(who, url, answer)
            if answer.status == 200 and route.endpoint.endswith((".add", ".act_on_many")):
                self._sent(who, url, answer)

    def _words(self, route: Route) -> list[dict[str, str]]:
        foreign = [{"venue": str(key_of(thing.number))} for thing in self._foreign]
        return [SEARCHED[route.endpoint], *foreign] if route.endpoint in SEARCHED else []

    def _keyed(self, who: Viewer, route: Route, relation: str, thing: Thing | None, *, most: int | None = None) -> None:
        assert thing is not None
        is_seen = thing.number in self._seen
        for url in self._named(route)[:most]:
            address = self._address(url, thing)
            if is_seen and route.method == "POST" and not self.ledger.puts_back:
                continue  # what is changed rightly would have to be put back
            answer = self._ask(who, route.method, address, relation, FORM)
            if not is_seen and answer.status not in (403, 404) and route.endpoint not in CHOOSES:
                self.faults.append(f"{who} {route.method} {address} ({relation}): {answer.status}")
            if is_seen and route.method == "GET" and answer.status == 200 and ".act" in route.endpoint:
                self._sent(who, address, answer)

    def _searches(self, who: Viewer, url: str, page: Answer) -> None:
        """Each field of the list's search by itself."""
        fields = Fields(page.text)
        for name, kind in fields.kinds.items():
            if name in ("rowid", "venue_id"):
                continue
            word = {"select": next(iter(fields.options.get(name, [])[1:]), ""), "checkbox": "1"}.get(kind)
            typed = "1390000" if "phone" in name else "Zq0"
            self._ask(who, "GET", f"{url}?{urlencode({name: typed if word is None else word})}", "search")

    def _sent(self, who: Viewer, url: str, page: Answer) -> None:
        """The form of the page, filled in so that it names what is not the account's."""
        fields = Fields(page.text)
        for thing in self._foreign[:2]:
            form = {name: self._value(name, kind, fields, thing) for name, kind in fields.kinds.items()}
            self._ask(who, "POST", url, "foreign rows named", {**form, "step": "2", "confirmed": "1"})

    def _value(self, name: str, kind: str, fields: Fields, foreign: Thing) -> str:
        if "venue" in name or "residency" in name or "person" in name:
            table = next(table for table in ("venue", "residency", "person") if table in name)
            return str(self.everybody.row_at(table, foreign.site)["id"])
        if any(word in name for word in ("area", "district", "street", "community", "code")):
            return foreign.site.area
        if options := [option for option in fields.options.get(name, []) if option]:
            return options[-1]
        return {"tel": "13912345678", "date": "2022-01-05", "number": "1"}.get(kind, "按要求核实情况")

    def _named(self, route: Route) -> list[str]:
        """The route's address for each action, decision or subject that it may stand for."""
        view = screens().get(route.view)
        if "/do/none" in route.url and view is not None and view.screen.actions:
            return [route.url.replace("/do/none", f"/do/{action.name}") for action in view.screen.actions]
        if route.endpoint == "ImportBatchView.decide":
            return [route.url.replace("confirm", word) for word in ("confirm", "cancel", "undo")]
        return [route.url]

    @staticmethod
    def _address(url: str, thing: Thing | None) -> str:
        if thing is None:
            return url
        return url.replace(NUMBER, str(thing.row.get("id", thing.row.get("file_id", 0))))

    def _ask(self, who: Viewer, method: str, url: str, relation: str, form: dict[str, Any] | None = None) -> Answer:
        """Ask, count the cell, and note what the answer told or changed that is not the viewer's."""
        answer = self.asker.ask(who, method, url, form if method == "POST" else None)
        self.cells[relation] += 1
        told = answer.text
        for sent in (*(form or {}).values(), *dict(parse_qsl(urlsplit(url).query)).values()):
            if isinstance(sent, str) and sent.isdigit() and len(sent) >= _KEY_DIGITS:
                told = told.replace(sent, "")  # the key of a row that was sent tells nothing when it comes back
        for number in sorted(self.everybody.told(told, self._held) - self._seen)[:3]:
            thing = self.everybody.things[number - 1]
            self.faults.append(
                f"{who} {method} {url} tells {thing.table.name} at {thing.site.relation}: {mark(number)}"
            )
        self.faults += [f"{who} {method} {url}: {fault}" for fault in answer.broken_promises]
        if answer.written:
            changed = self.ledger.foreign_changes(who, answer.written, self._seen)
            self.faults += [f"{who} {method} {url} ({relation}) changes {what}" for what in changed]
        return answer

    def end(self, who: Viewer) -> None:
        """What nobody was seen to write is as it was."""
        self.faults += [f"{who} changes {name}, unnoticed" for name in self.ledger.unnoticed_changes()]

    def subjects(self, who: Viewer) -> None:
        """「查看完整」 for each kind of subject, and with a reason."""
        self._begin(who)
        for name, (model, _reader, _roles) in _SUBJECTS.items():
            table = model.__table__.name  # type: ignore[attr-defined]
            for relation, thing in self._objects(who, table):
                for method in ("GET", "POST") if thing and thing.number not in self._seen else ("GET",):
                    answer = self._ask(who, method, self._address(f"/reveal/{name}/{NUMBER}", thing), relation, FORM)
                    if thing and thing.number not in self._seen and answer.status not in (403, 404):
                        self.faults.append(f"{who} {method} /reveal/{name} ({relation}): {answer.status}")
