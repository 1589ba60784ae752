"""Pages of tables that grow without end: counting stops where nobody would page to."""

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

CAP = 10_000


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # generic only in the stubs
    template_name = "synchub/admin/pagination.html"
    cap = CAP

    @cached_property
    def _counted(self) -> int:
        rows = self.object_list
        if not isinstance(rows, QuerySet):
            return len(rows)
        return int(rows.order_by()[: CAP + 1].count())

    @property
    def count(self) -> int:
        return min(self._counted, CAP)

    @property
    def is_capped(self) -> bool:
        return self._counted > CAP


def is_list(request: HttpRequest) -> bool:
    """Whether a list of rows is asked for, and not the page of one: what only that shows need not be read for all of them."""
    return request.resolver_match is not None and "changelist" in str(request.resolver_match.url_name)
