"""Entry points of the queue "messages"."""

from __future__ import annotations

from app.services import messages


def send(message_id: int) -> None:
    """The message is on its way, if it was not already (Z-A8)."""
    messages.deliver(message_id)


def resend_waiting() -> None:
    """Messages whose job was lost, or whose provider did not answer, are in the queue again."""
    messages.resend_waiting()
