"""A walk past records that Odoo leaves out comes to an end, also with an Odoo that says one thing and shows another."""

from typing import Any, cast

import pytest

from mappings import walking
from synchub.errors import OdooUnknownOutcome
from synchub.odoo import OdooClient


class Counting:
    """An Odoo that counts three records, and finds these of them."""

    def __init__(self, *found: int) -> None:
        self._found = list(found)

    def search_count(self, *_: Any, **__: Any) -> int:
        return 3

    def search(self, *_: Any, **__: Any) -> list[int]:
        return self._found


@pytest.mark.parametrize("found", [[], [7]])
def test_records_that_are_counted_and_never_shown_are_odoos_trouble(found: list[int]):
    client = cast("OdooClient", Counting(*found))
    with pytest.raises(OdooUnknownOutcome, match=r"not show"):
        list(walking.pages(client, "x.card", [], lambda _domain, _limit: [], int, 5))
