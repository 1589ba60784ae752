"""The count of a list is exact, however its records came and went."""

from django.test import Client

from endpoints import counts
from endpoints.models import Record, RecordCount
from tests.conftest import Hub
from tests.sync.test_push import URL, post


def shown() -> int:
    answer = Client().get(URL, {"limit": 1})
    assert answer.status_code == 200
    number: int = answer.json()["count"]
    assert number == Record.objects.filter(deleted_at=None).count()
    return number


def test_a_list_s_count_follows_what_consumers_and_odoo_do(hub: Hub):
    hub.partners(on_delete="unlink")
    assert shown() == 0
    post([{"customer_id": f"X{number}", "name": "A"} for number in range(5)])
    assert shown() == 5
    hub.push()
    Client().delete(f"{URL}/X1")
    assert shown() == 4
    hub.push()
    hub.pull()
    in_all = shown()
    hub.odoo.execute("res.partner", "unlink", [one["id"] for one in hub.in_odoo("X2", "X3")])
    Record.objects.filter(created_at__isnull=False).update(created_at="2020-01-01T00:00Z")
    hub.sweep()
    assert shown() == in_all - 2


def test_a_count_stays_what_it_is_when_its_parts_are_put_together(hub: Hub):
    endpoint = hub.partners()
    for number in range(4):
        post({"customer_id": f"X{number}", "name": "A"})
    assert RecordCount.objects.filter(endpoint_id=endpoint.pk).count() == 4
    counts.put_together()
    assert RecordCount.objects.filter(endpoint_id=endpoint.pk).count() == 1
    assert shown() == counts.total(endpoint.pk) == 4


def test_an_endpoint_that_goes_takes_its_count_along(hub: Hub):
    endpoint = hub.partners()
    post({"customer_id": "X1", "name": "A"})
    Record.objects.all().delete()
    counts.put_together()
    assert not RecordCount.objects.filter(endpoint_id=endpoint.pk).exists()
