"""The command line: which command does what."""

import os
import sys
from collections.abc import Callable, Sequence

from launcher import commands, settings, up
from launcher.output import Problem, complain, say

HELP = """\
./hub: the sync hub on this machine. Needs Python 3.11 and pip, nothing else.

  ./hub up            install, migrate and start everything; prints the address, the admin login
                      and three lines to try. Ctrl-C stops it all; the data stays.
  ./hub test [ARGS]   all tests, against PostgreSQL and Redis of their own; ARGS go to pytest
  ./hub manage ...    manage.py with the same settings: ./hub manage shell
  ./hub bench ...     the benchmarks, side by side with the raw limits
  ./hub check         format, lint, types, migrations, import directions

Environment:
  HUB_HOST, HUB_PORT       where the web server listens (127.0.0.1, 8000)
  HUB_DATA_DIR             where data, secrets and logs are kept (.hub beside this file)
  HUB_ADMIN_PASSWORD       the first admin's password (login admin); made and printed once if unset
  HUB_CONFIG               a configuration file to apply at start instead of the demo
  DATABASE_URL, REDIS_URL  existing services to use instead of the built-in ones
  HUB_SECRET_KEY, HUB_ENCRYPTION_KEYS
                           made and kept in the data folder if unset
  HUB_VENV                 the virtual environment (.venv beside this file)
  HUB_TEST_DATABASE_URL, HUB_TEST_REDIS_URL
                           existing services for ./hub test and ./hub bench; they are written to
"""

COMMANDS: dict[str, Callable[[settings.Settings, Sequence[str]], int]] = {
    "up": up.up,
    "test": commands.test,
    "manage": commands.manage,
    "bench": commands.bench,
    "check": commands.check,
}


def main(arguments: Sequence[str]) -> int:
    if sys.platform != "linux":
        complain("./hub runs on Linux only; elsewhere use docker compose.")
        return 1
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        say(HELP.rstrip())
        return 0
    command = COMMANDS.get(arguments[0])
    if command is None:
        return commands.unknown(arguments[0], list(COMMANDS))
    os.umask(0o022)
    try:
        return command(settings.read(), arguments[1:])
    except Problem as problem:
        complain(f"./hub: {problem}")
        return problem.code
    except OSError as error:  # a full disk, a folder that belongs to somebody else
        complain(f"./hub: {error}")
        return 1
    except KeyboardInterrupt:
        complain("\n./hub: interrupted")
        return 130
