"""「查看完整」 on a phone: the same question and record."""

from __future__ import annotations

from app.views.reveal import RevealView


class MobileRevealView(RevealView):
    route_base = "/m/reveal"
