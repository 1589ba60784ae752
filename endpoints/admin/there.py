"""What belongs to an endpoint that is being deleted is hidden from people at once, like the endpoint."""

from typing import TypeVar

from django.db.models import Model, QuerySet

from endpoints.models import Endpoint

M = TypeVar("M", bound=Model)


def there(rows: QuerySet[M]) -> QuerySet[M]:
    """The rows, which have an `endpoint`, without those of endpoints that are being deleted."""
    going = Endpoint._base_manager.filter(removed_at__isnull=False)
    return rows.exclude(endpoint__in=going.order_by().values("pk"))
