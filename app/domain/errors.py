"""The one exception by which a rule says no."""

from typing import Any


class DomainError(Exception):
    """A rule refuses: `message` is a Chinese message id with %(name)s placeholders, `code` a short key that stays.

    `field` names the form field or column at fault, where there is one.
    """

    def __init__(self, message: str, *, code: str, field: str | None = None, **params: Any) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field
        self.params = params

    def __str__(self) -> str:
        return self.message % self.params if self.params else self.message

    def __reduce__(self) -> tuple[Any, ...]:
        # Errors travel between worker processes; the default would lose the keyword arguments.
        return _rebuild, (type(self), self.message, self.code, self.field, self.params)


def _rebuild(
    kind: type[DomainError], message: str, code: str, field: str | None, params: dict[str, Any]
) -> DomainError:
    return kind(message, code=code, field=field, **params)
