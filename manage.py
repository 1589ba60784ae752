#!/usr/bin/env python
"""Django's command line, with the hub's settings."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "synchub.settings")
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    try:
        execute_from_command_line(sys.argv)
    except OperationalError as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(f"PostgreSQL cannot do this; see that it runs, and that DATABASE_URL leads there:\n{error}")


if __name__ == "__main__":
    main()
