"""Which tests one test process takes as a whole, so that what is costly to set up is set up once.

A mark would be read by xdist's own loadgroup; with pytest 9.2 it reads none, and says nothing (pytest-xdist issue 1386).
"""

from __future__ import annotations

from pathlib import PurePosixPath

from xdist.scheduler import LoadScopeScheduling

# One site and one browser; servers and workers of their own, which are killed: such tests come one after the other.
_FOLDERS_AS_A_WHOLE = ("browser", "runtime", "jobs")
# Rows that take seconds to fill in, for all tests of the file.
_FILES_AS_A_WHOLE = ("guards/test_matrix.py", "services/test_demo.py")


class Shares(LoadScopeScheduling):
    """Whole folders and files first, the one with most tests before the others; then test by test, whoever is free."""

    def _split_scope(self, nodeid: str) -> str:
        return share_of(nodeid)


def share_of(nodeid: str) -> str:
    """What the test comes together with; its own name, if with none."""
    path = PurePosixPath(nodeid.partition("::")[0]).relative_to("tests")
    if path.parts[0] in _FOLDERS_AS_A_WHOLE:
        return path.parts[0]
    return str(path) if str(path) in _FILES_AS_A_WHOLE else nodeid
