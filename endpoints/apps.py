from django.apps import AppConfig
from django.db.models.signals import post_migrate


class EndpointsConfig(AppConfig):
    name = "endpoints"
    verbose_name = "Endpoints and records"

    def ready(self) -> None:
        from endpoints import revoked
        from endpoints.feed import after_migrations
        from endpoints.models import AccessGrant, AccessKey, Action, Endpoint, Parameter
        from mappings.invalidation import watch
        from synchub import collector
        from synchub.postgres import lookups  # noqa: F401  # registers itself

        watch(Endpoint, Parameter, Action, AccessKey, AccessGrant)
        revoked.connect()
        post_migrate.connect(after_migrations, sender=self)
        # The last of all apps: most of what there is to load is loaded.
        collector.spare()
