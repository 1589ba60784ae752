"""The web server: granian, with the application loaded once for all its processes, before they are forked.

A process that died is replaced at once, and what makes the application impossible to load is told once, not by each.
"""

from granian.cli import entrypoint

from synchub import wsgi  # noqa: F401  # loads it

# From Python 3.14 on granian's processes are not forked, and load this module themselves.
if __name__ == "__main__":
    entrypoint()  # type: ignore[no-untyped-call]
