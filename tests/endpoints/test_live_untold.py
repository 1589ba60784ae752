"""Live endpoints over records of which Odoo does not tell everything: what is shown, what it costs, what sending it back does."""

from typing import Any

from django.test import Client

from tests.conftest import Hub
from tests.endpoints.test_live import ask

URL = "/bj_api_sync/v1/numbers"


def numbers(hub: Hub, count: int, **options: Any) -> list[int]:
    """A live endpoint over new partners N-000 and so on, each with a colour, called by their reference."""
    lines = {
        "id": {"field": "ref", "identifier": True},
        "name": "name",
        "colour": "color",
        "email": "email",
        "latitude": "partner_latitude",
    }
    lines |= options.pop("lines", {})
    hub.endpoint(
        "numbers", "res.partner", lines, **{"mode": "live", "domain": "[('ref', '=like', 'N-%')]"} | options
    )
    made = [{"ref": f"N-{n:03}", "name": f"A{n}", "color": n % 7 + 1} for n in range(count)]
    return list(hub.odoo.execute("res.partner", "create", made))


def listed(**query: Any) -> list[dict[str, Any]]:
    answer = Client().get(URL, query)
    assert answer.status_code == 200, answer.content
    return list(answer.json()["results"])


def test_a_record_whose_own_name_odoo_does_not_tell_is_found_by_it_or_refused_in_words(hub: Hub):
    """Where two names would be meant, which of them it has is not known."""
    [one] = numbers(hub, 1, lines={"id": {"field": "ref", "identifier": True, "case": "upper"}})
    hub.odoo.odd.swell("res.partner", one, "ref")
    shown = Client().get(f"{URL}/N-000")
    assert (shown.status_code, shown.json()["id"], shown.json()["name"]) == (200, "N-000", "A0")
    answer = ask("put", f"{URL}/N-000", shown.json() | {"name": "B"})
    assert (answer.status_code, answer.json()["name"]) == (200, "B")
    assert [one["name"] for one in hub.in_odoo("N-000")] == ["B"]
    refused = Client().get(f"{URL}/n-000")
    assert (refused.status_code, "what “id” of this record is" in refused.json()["message"]) == (403, True)
