from django.apps import AppConfig


class EndpointsConfig(AppConfig):
    name = "endpoints"
    verbose_name = "Endpoints and records"

    def ready(self) -> None:
        from endpoints.models import AccessGrant, AccessKey, Endpoint, Parameter
        from mappings.invalidation import watch

        watch(Endpoint, Parameter, AccessKey, AccessGrant)
