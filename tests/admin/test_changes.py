"""Changes: what was refused is sent again or discarded, and the mirror goes back to what Odoo has."""

from typing import Any

import orjson
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from endpoints import decisions
from endpoints.models import Change, PullState, Record
from mappings.models import OdooModel
from tests.admin.conftest import Sample, said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("woken")]

LIST = "admin:endpoints_change_changelist"


def act(client: Client, action: str, *changes: Change, **more: Any) -> str:
    data = {"action": action, "_selected_action": [change.pk for change in changes], **more}
    return said(client.post(reverse(LIST), data, follow=True))


def press(client: Client, change: Change, button: str, **more: Any) -> str:
    return said(
        client.post(reverse("admin:endpoints_change_do", args=[change.pk, button]), more, follow=True)
    )


def states() -> list[str]:
    return list(Change.objects.order_by("pk").values_list("state", flat=True))


class TestSendingAgain:
    def test_a_refused_change_waits_again_and_a_worker_is_woken(
        self, admin_page: Client, sample: Sample, woken
    ):
        change = sample.change("failed", attempts=3, error="No.")
        assert "1 queued again" in press(admin_page, change, "send_again")
        change.refresh_from_db()
        assert (change.state, change.attempts, change.error) == ("pending", 0, "")
        assert woken == [sample.endpoint.pk]

    def test_from_the_list_only_refused_ones(self, admin_page: Client, sample: Sample):
        text = act(admin_page, "send_again_selected", sample.change("applied"), sample.change("failed"))
        assert "1 queued again" in text
        assert "1 left alone: only refused changes" in text
        assert states() == ["applied", "pending"]

    def test_what_has_been_written_since_is_discarded_and_said(self, admin_page: Client, sample: Sample):
        change = sample.change("failed")
        sample.change("applied")
        assert "1 discarded: All that it wrote has been written once more since." in press(
            admin_page, change, "send_again"
        )
        assert states() == ["discarded", "applied"]

    def test_it_is_offered_for_refused_ones_only(self, admin_page: Client, sample: Sample):
        for state, offered in (("failed", True), ("pending", False), ("applied", False), ("claimed", False)):
            page = reverse("admin:endpoints_change_change", args=[sample.change(state).pk])
            assert ("Send again" in said(admin_page.get(page))) is offered


class TestDiscarding:
    def test_it_is_asked_first(self, admin_page: Client, sample: Sample):
        change = sample.change("failed")
        assert "cannot be brought back" in press(admin_page, change, "give_up")
        assert "1 change " in act(admin_page, "discard_selected", change)
        assert states() == ["failed"]

    def test_from_the_page(self, admin_page: Client, sample: Sample):
        change = sample.change("failed", error="No.")
        assert "1 discarded" in press(admin_page, change, "give_up", confirmed="yes")
        change.refresh_from_db()
        assert change.state == "discarded"
        assert change.settled_at is not None
        assert change.error == "Discarded by boss. Before that: No."

    def test_from_the_list_what_is_in_odoo_or_on_its_way_is_left_alone(
        self, admin_page: Client, sample: Sample
    ):
        other = Record.objects.create(endpoint=sample.endpoint, odoo_id=42, document="{}", values={})
        changes = [
            sample.change("failed"),
            sample.change("pending"),
            sample.change("claimed", record=other),
            sample.change("applied"),
        ]
        text = act(admin_page, "discard_selected", *changes, confirmed="yes")
        assert "2 discarded" in text
        assert "2 left alone" in text
        assert states() == ["discarded", "discarded", "claimed", "applied"]

    def test_all_that_match_are_asked_for_as_that(self, admin_page: Client, sample: Sample):
        changes = [sample.change("failed") for _ in range(60)]
        url = f"{reverse(LIST)}?state__exact=failed"
        data = {"action": "discard_selected", "select_across": "1", "_selected_action": [changes[0].pk]}
        answer = admin_page.post(url, data)
        assert "60 changes" in said(answer)
        hidden = dict(answer.context["hidden"])
        assert hidden["select_across"] == "1"
        assert "60 discarded" in said(admin_page.post(url, hidden | {"confirmed": "yes"}, follow=True))

    def test_what_was_written_since_the_page_asked_is_not_discarded(self, admin_page: Client, sample: Sample):
        changes = [sample.change("pending") for _ in range(2)]
        data = {"action": "discard_selected", "select_across": "1", "_selected_action": [changes[0].pk]}
        asked = admin_page.post(reverse(LIST), data)
        assert "2 changes" in said(asked)
        sample.change("pending")
        admin_page.post(reverse(LIST), dict(asked.context["hidden"]) | {"confirmed": "yes"})
        assert states() == ["discarded", "discarded", "pending"]

    def test_the_mirror_goes_back_to_what_odoo_has(self, admin_page: Client, sample: Sample):
        Record.objects.update(state="failed", problem="No.")
        press(admin_page, sample.change("failed"), "give_up", confirmed="yes")
        record = Record.objects.get()
        assert (record.state, record.problem, record.base) == ("synced", "", None)
        assert record.values["name"] == "Right"
        assert orjson.loads(record.document)["name"] == "Right"

    def test_other_writes_stay_on_top(self, admin_page: Client, sample: Sample):
        refused = sample.change("failed")
        sample.change("pending", values={"email": "a@example.com"})
        press(admin_page, refused, "give_up", confirmed="yes")
        record = Record.objects.get()
        assert record.state == "pending"
        assert (record.values["name"], record.values["email"]) == ("Right", "a@example.com")
        assert record.base is not None

    def test_another_refused_one_keeps_the_record_refused(self, admin_page: Client, sample: Sample):
        sample.change("failed")
        Record.objects.update(state="failed", problem="No.")
        press(admin_page, sample.change("failed"), "give_up", confirmed="yes")
        assert Record.objects.get().state == "failed"

    def test_a_record_that_odoo_never_got_disappears_with_all_that_waits_for_it(
        self, admin_page: Client, sample: Sample
    ):
        record = Record.objects.create(
            endpoint=sample.endpoint, external_id="C-2", document="{}", values={}, state="failed"
        )
        created = sample.change("failed", "create", record=record)
        sample.change("pending", "update", record=record)
        assert "2 discarded" in press(admin_page, created, "give_up", confirmed="yes")
        record.refresh_from_db()
        assert record.deleted_at is not None
        assert states() == ["discarded", "discarded"]
        # Its name is free again.
        Record.objects.create(endpoint=sample.endpoint, external_id="C-2", document="{}", values={})

    def test_a_record_whose_deletion_is_given_up_is_there_again(self, admin_page: Client, sample: Sample):
        Record.objects.update(deleted_at=timezone.now(), state="pending")
        press(admin_page, sample.change("pending", "delete"), "give_up", confirmed="yes")
        assert Record.objects.get().deleted_at is None

    def test_and_without_its_name_where_that_was_given_away(self, admin_page: Client, sample: Sample):
        Record.objects.update(deleted_at=timezone.now(), state="pending")
        Record.objects.create(endpoint=sample.endpoint, external_id="C-1", document="{}", values={})
        press(admin_page, sample.change("pending", "delete"), "give_up", confirmed="yes")
        sample.record.refresh_from_db()
        assert (sample.record.deleted_at, sample.record.external_id) == (None, None)

    def test_of_two_that_had_one_name_the_first_has_it_again(self, admin_page: Client, sample: Sample):
        """One was given the other's name once that was deleted."""
        other = Record.objects.create(
            endpoint=sample.endpoint, external_id="C-2", odoo_id=8, document="{}", values={"ref": "C-2"}
        )
        Record.objects.update(external_id="C-1", deleted_at=timezone.now(), state="pending", base=None)
        deletions = [
            sample.change("pending", "delete"), sample.change("pending", "delete", record=other)
        ]  # fmt: skip
        assert "2 discarded" in act(admin_page, "discard_selected", *deletions, confirmed="yes")
        there = Record.objects.filter(deleted_at=None).order_by("pk").values_list("pk", "external_id")
        assert list(there) == [(sample.record.pk, "C-1"), (other.pk, None)]

    def test_where_the_endpoint_cannot_work_everything_is_read_again(
        self, admin_page: Client, sample: Sample
    ):
        OdooModel.objects.all().delete()
        press(admin_page, sample.change("failed"), "give_up", confirmed="yes")
        assert Record.objects.get().values["name"] == "Right"
        assert not PullState.objects.get().complete

    def test_a_worker_that_holds_the_record_is_not_disturbed(self, sample: Sample):
        sample.change("claimed")
        refused = sample.change("failed")
        assert decisions.discard([refused.pk], "x") == {}
        assert states() == ["claimed", "failed"]


def test_a_problem_names_its_key_once(admin_page: Client, sample: Sample):
    line = sample.mapping.lines.get(field="name")
    said_so = sample.change("failed", error="“name” names a record that Odoo does not have.", line_id=line.pk)
    says_no_key = sample.change("failed", error="It is too long.", line_id=line.pk)
    text = said(admin_page.get(reverse("admin:endpoints_change_change", args=[said_so.pk])))
    assert "“name”: “name”" not in text
    assert "“name” names a record" in text
    text = said(admin_page.get(reverse("admin:endpoints_change_change", args=[says_no_key.pk])))
    assert "“name”: It is too long." in text


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        ("Odoo has no country “name”.", "“name”: Odoo has no country “name”."),
        ("“names” is no key.", "“name”: “names” is no key."),
        ("“name.first” is too long.", "“name.first” is too long."),
        ("“name[2]” is too long.", "“name[2]” is too long."),
        ("“lines[2].name” is too long.", "“lines[2].name” is too long."),
    ],
)
def test_a_problem_names_its_key_where_it_does_not_begin_with_it(
    admin_page: Client, sample: Sample, error: str, shown: str
):
    line = sample.mapping.lines.get(field="name")
    refused = sample.change("failed", error=error, line_id=line.pk)
    text = said(admin_page.get(reverse("admin:endpoints_change_change", args=[refused.pk])))
    assert shown in text
    assert ("“name”: " in text) == shown.startswith("“name”: ")


def test_a_change_is_called_by_its_record(sample: Sample):
    assert str(sample.change("failed")) == "change C-1 (refused)"

    def test_very_many_are_discarded_as_far_as_there_is_time(
        self, admin_page: Client, sample: Sample, monkeypatch
    ):
        changes = [sample.change("failed") for _ in range(5)]
        with monkeypatch.context() as slow:
            slow.setattr("endpoints.giving_up.AT_ONCE", 2)
            slow.setattr("endpoints.inbox.WHILE_SOMEBODY_WAITS", 0.0)
            text = act(admin_page, "discard_selected", *changes, confirmed="yes")
        assert "2 discarded." in text
        assert "There are more" in text
        assert states() == ["discarded"] * 2 + ["failed"] * 3
        text = act(admin_page, "discard_selected", *changes, confirmed="yes")
        assert "3 discarded." in text
        assert "There are more" not in text
