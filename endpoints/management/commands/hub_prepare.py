"""`manage.py hub_prepare`: the database as `./hub up` needs it before anything starts."""

from io import StringIO
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

MADE_LOGIN = "The first login was made."


class Command(BaseCommand):
    """One process for three steps: starting it takes longer than most of them."""

    requires_system_checks = ()  # admin's pages and the API's addresses, which they look at, are not needed here
    help = "Migrates, applies a configuration file, makes a first login (DJANGO_SUPERUSER_USERNAME, _EMAIL, _PASSWORD)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--apply", metavar="FILE", help="a configuration, as for hub_apply")
        parser.add_argument(
            "--if-empty", action="store_true", help="apply it only where there is no connection yet"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        self._migrate()
        if options["apply"]:
            call_command("hub_apply", options["apply"], if_empty=options["if_empty"], stdout=self.stdout)
        # Last: whoever does not get here learns of no password, and of the same one next time.
        if not get_user_model().objects.filter(is_superuser=True).exists():
            call_command("createsuperuser", interactive=False, verbosity=0)
            self.stdout.write(MADE_LOGIN)

    def _migrate(self) -> None:
        """What was migrated is of interest only where it fails."""
        said = StringIO()
        try:
            call_command("migrate", interactive=False, stdout=said)
        except Exception:
            self.stdout.write(said.getvalue())
            raise
