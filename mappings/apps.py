from django.apps import AppConfig


class MappingsConfig(AppConfig):
    name = "mappings"
    verbose_name = "Odoo and mappings"

    def ready(self) -> None:
        from mappings import invalidation

        invalidation.connect()
