"""What happens to endpoints whose records come from elsewhere after a connection, a mapping or the endpoint was saved."""

from typing import Any

from endpoints import moving, pulls
from endpoints.models import Endpoint
from mappings.admin import notices


def connect() -> None:
    notices.moving.connect(_in_the_way, dispatch_uid="endpoints-moving")
    notices.moved.connect(_move, dispatch_uid="endpoints-moved")


def in_the_way(*names: str) -> str:
    """Why these endpoints cannot show records from elsewhere yet; empty where they can."""
    found = moving.waiting(names)
    return " ".join(
        f"Endpoint “{name}” would show records from elsewhere, but {count:,} "
        f"{'change of it still waits' if count == 1 else 'changes of it still wait'} for Odoo where they come from now. Wait "
        "until that is done, or discard what waits under Changes."
        for name, count in sorted(found.items())
    )


def move(*names: str) -> None:
    moving.drop_records(names)
    pulls.start_over(list(Endpoint.objects.filter(name__in=names).values_list("pk", flat=True)))


def _in_the_way(**what: Any) -> str:
    return in_the_way(*_over(**what))


def _move(**what: Any) -> None:
    move(*_over(**what))


def _over(connection_id: int | None = None, mapping_id: int | None = None, **_: Any) -> list[str]:
    """The names of the endpoints concerned."""
    found = (
        Endpoint.objects.filter(mapping=mapping_id)
        if connection_id is None
        else Endpoint.objects.filter(mapping__connection=connection_id)
    )
    return list(found.values_list("name", flat=True))
