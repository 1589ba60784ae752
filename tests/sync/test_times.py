"""Pulls at times of the day, on the clock of people's own time zone."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from endpoints import cron, pulls
from endpoints.models import PullState
from mappings.models import Connection
from synchub.sync import sweep
from tests.conftest import Hub

BRUSSELS = "Europe/Brussels"


@pytest.mark.parametrize(
    ("text", "after", "moment"),
    [
        ("0 6 * * 1-5", datetime(2026, 11, 27, 12, tzinfo=UTC), datetime(2026, 11, 30, 5, tzinfo=UTC)),
        (
            "*/15 * * * *",
            datetime(2026, 11, 24, 12, 7, tzinfo=UTC),
            datetime(2026, 11, 24, 12, 15, tzinfo=UTC),
        ),
        ("0 6 * * *", datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 7, 1, 4, tzinfo=UTC)),
        # The hour that is left out, and the one that comes twice.
        ("30 2 * * *", datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        ("30 2 * * *", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 26, 1, 30, tzinfo=UTC)),
        # In the second of the two: what was due in the first has been.
        ("30 2 * * *", datetime(2026, 10, 25, 1, 10, tzinfo=UTC), datetime(2026, 10, 26, 1, 30, tzinfo=UTC)),
        ("*/20 1-3 * * *", datetime(2026, 10, 25, 1, 10, tzinfo=UTC), datetime(2026, 10, 25, 2, tzinfo=UTC)),
        # What is due in each hour is due in both.
        ("5 * * * *", datetime(2026, 10, 25, 0, 10, tzinfo=UTC), datetime(2026, 10, 25, 1, 5, tzinfo=UTC)),
        (
            "*/15 * * * *",
            datetime(2026, 10, 25, 1, 10, tzinfo=UTC),
            datetime(2026, 10, 25, 1, 15, tzinfo=UTC),
        ),
    ],
)
def test_the_next_time_is_told_by_people_s_own_clock(text: str, after: datetime, moment: datetime):
    assert cron.following(text, BRUSSELS, after) == moment


@pytest.mark.parametrize(
    "text", ["61 * * * *", "* * * *", "@daily", "a b c d e", "*/0 * * * *", "0 0 30 2 *"]
)
def test_times_that_never_come_are_refused_when_they_are_saved(hub: Hub, text: str):
    endpoint = hub.partners(pull_every=None)
    endpoint.pull_cron = text
    with pytest.raises(ValidationError, match="Every weekday at six is"):
        endpoint.full_clean()


def test_seconds_and_times_together_are_refused(hub: Hub):
    endpoint = hub.partners(pull_every=60)
    endpoint.pull_cron = "0 6 * * *"
    with pytest.raises(ValidationError, match="leave one of them empty"):
        endpoint.full_clean()


def test_an_endpoint_with_times_is_pulled_once_and_then_at_the_next_of_them(hub: Hub):
    hub.connection.time_zone = BRUSSELS
    hub.connection.save()
    endpoint = hub.partners(pull_every=None, pull_cron="0 6 * * *")
    assert sweep.due_pulls() == [endpoint.pk]
    # Should the pull fail, it is tried again long before tomorrow.
    assert PullState.objects.get().next_at < datetime.now(UTC) + timedelta(minutes=6)
    hub.pull()
    expected = cron.following("0 6 * * *", BRUSSELS, datetime.now(UTC))
    assert PullState.objects.get().next_at == expected
    assert sweep.due_pulls() == []


@pytest.mark.parametrize("every", [None, 86_400])
def test_a_pull_that_did_not_get_to_its_end_is_not_left_for_a_day_or_for_ever(hub: Hub, every: int | None):
    endpoint = hub.partners(pull_every=every)
    assert sweep.due_pulls() == [endpoint.pk]
    # The message was lost, or its worker killed: nobody has pulled.
    assert PullState.objects.get().next_at < datetime.now(UTC) + timedelta(minutes=6)
    PullState.objects.update(next_at=datetime.now(UTC) - timedelta(seconds=1))
    assert sweep.due_pulls() == [endpoint.pk]
    Connection.objects.update(url="http://127.0.0.1:9")
    hub.pull()
    assert PullState.objects.get().next_at < datetime.now(UTC) + timedelta(minutes=6)
    Connection.objects.update(url=hub.odoo.url)
    hub.pull()
    assert PullState.objects.get().next_at > datetime.now(UTC) + timedelta(hours=23)
    assert sweep.due_pulls() == []


def test_what_somebody_asks_for_in_the_middle_of_a_pull_is_not_put_off(hub: Hub):
    endpoint = hub.partners(pull_every=None)
    sweep.due_pulls()
    pulls.now([endpoint.pk])
    hub.pull()
    assert sweep.due_pulls() == [endpoint.pk]
