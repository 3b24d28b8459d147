"""What pages of the back office may load: nothing from outside, no script but our files."""

from __future__ import annotations


def content_policy(*, extra_script: str = "", media: str = "'self'") -> str:
    """Return the policy; `extra_script` adds what one page's scripts need, `media` where it takes sound and video."""
    script = " ".join(part for part in ("'self'", extra_script) if part)
    return (
        f"default-src 'self'; script-src {script}; style-src 'self'; img-src 'self' data: blob:; media-src {media}; "
        "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    )
