"""What belongs to an endpoint that is being deleted is gone for people at once, as the endpoint is."""

from typing import TypeVar

from django.db.models import Model, QuerySet

from endpoints.models import Endpoint

M = TypeVar("M", bound=Model)


def there(rows: QuerySet[M]) -> QuerySet[M]:
    """Of rows with an `endpoint`."""
    going = Endpoint._base_manager.filter(removed_at__isnull=False)
    return rows.exclude(endpoint__in=going.order_by().values("pk"))
