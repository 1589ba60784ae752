"""`manage.py hub_rekey`: what is encrypted, encrypted anew, so that an older key can leave HUB_ENCRYPTION_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from mappings.models import Connection
from synchub.errors import ConfigurationError


class Command(BaseCommand):
    help = "Encrypts the secrets of connections anew, with the first of HUB_ENCRYPTION_KEYS."

    def handle(self, *_: Any, **__: Any) -> None:
        done, lost = 0, []
        for pk, name in Connection.objects.exclude(secret="").values_list("pk", "name"):
            try:
                with transaction.atomic():
                    Connection.objects.select_for_update().only("secret").get(pk=pk).save(
                        update_fields=["secret"]
                    )
                done += 1
            except ConfigurationError:
                lost.append(name)
        self.stdout.write(
            f"{done} {'secret is' if done == 1 else 'secrets are'} encrypted with the first key."
        )
        if lost:
            raise CommandError(
                f"None of the keys reads the secrets of: {', '.join(lost)}. Enter them again in admin."
            )
