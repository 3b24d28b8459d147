"""The colours of codes and rows."""

from collections.abc import Iterable

from app.domain.labels import N_, Labelled


class Color(Labelled):
    """Red, yellow, green in the city (Z-H2); green and orange in the province (F-P2)."""

    RED = N_("红")
    YELLOW = N_("黄")
    GREEN = N_("绿")
    ORANGE = N_("橙")

    @property
    def tone(self) -> str:
        """The lower-case key that screens use for a coloured label or row."""
        return self.name.lower()

    @property
    def severity(self) -> int:
        """The place in the order of colours, the worst first."""
        return _WORST_FIRST.index(self)

    @classmethod
    def worst(cls, colors: "Iterable[Color]") -> "Color":
        """The colour that counts where several hold; green where none does."""
        return min(colors, key=lambda color: color.severity, default=cls.GREEN)


_WORST_FIRST = (Color.RED, Color.ORANGE, Color.YELLOW, Color.GREEN)
