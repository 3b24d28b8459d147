"""Chinese texts as the region says them: the manual's are one city's, and name it (返郑, 来郑日期)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from babel.support import NullTranslations
from flask import Flask
from flask_babel import Domain

from app.profiles import load_profile


class RegionalDomain(Domain):
    """The catalogues, with the region's words for the manual's; English names no city."""

    def __init__(self, domain: str, words: Mapping[str, str]) -> None:
        super().__init__(domain=domain)
        self._words = words
        self._worded: dict[int, _Worded] = {}

    def get_translations(self) -> NullTranslations:
        found = super().get_translations()
        return self._worded.setdefault(id(found), _Worded(found, self._words))


class _Worded(NullTranslations):
    """One catalogue's texts, with some words replaced."""

    def __init__(self, texts: NullTranslations, words: Mapping[str, str]) -> None:
        super().__init__()
        self._texts, self._words = texts, words
        self._known = re.compile("|".join(map(re.escape, words)))

    def gettext(self, message: str) -> str:
        return self._said(self._texts.gettext(message))

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self._said(self._texts.ngettext(msgid1, msgid2, n))

    ugettext, ungettext = gettext, ngettext

    def _said(self, text: Any) -> str:
        return self._known.sub(lambda found: self._words[found[0]], str(text))


def install(app: Flask) -> None:
    """Let every translated text say the region's words; nothing to do where they are the manual's."""
    words = load_profile(app.config["REGION"]).words
    if words:
        babel = app.extensions["babel"].instance
        babel.domain_instance = RegionalDomain(babel.domain, words)
