"""Reading everything again while pulls go on: cut short anywhere, it goes on there, and nothing is missed."""

from collections.abc import Callable

import pytest
from django.test import Client

from endpoints import jobs, pauses, pulls
from endpoints.models import Endpoint, PullState, Record, Run, RunKind
from mappings import nested
from synchub.sync import asked, reread, runs
from tests.conftest import Hub


@pytest.fixture
def partners(hub: Hub, settings) -> Endpoint:
    """A mirror of a few pages whose copies of names are wrong, as after a mistake that no stamp of Odoo's tells of."""
    settings.PULL_PAGE = 10
    endpoint: Endpoint = hub.partners()
    hub.pull()
    for record in Record.objects.all():
        record.values["name"], record.digest = "Wrong", ""
        record.save()
    return endpoint


def begun(endpoint: Endpoint) -> Run:
    run = jobs.ask(endpoint.pk, RunKind.REREAD, "boss")
    assert run is not None
    asked.carry_out(run.pk)
    run.refresh_from_db()
    return run


def wrong() -> int:
    return Record.objects.filter(values__name="Wrong").count()


def in_odoo(hub: Hub) -> int:
    count: int = hub.odoo.execute("res.partner", "search_count", [])
    return count


def test_everything_is_read_once_more_and_the_cursor_stays(hub: Hub, partners: Endpoint):
    before = PullState.objects.get().cursor
    run = begun(partners)
    assert (run.state, run.seen, run.total) == ("done", in_odoo(hub), in_odoo(hub))
    assert wrong() == 0
    assert (PullState.objects.get().cursor, PullState.objects.get().complete) == (before, True)


def test_pulls_go_on_between_its_turns_and_nothing_is_missed(hub: Hub, partners: Endpoint, monkeypatch):
    monkeypatch.setattr(reread, "TURN_SECONDS", 0.0)  # a page is a turn
    run = begun(partners)
    assert (run.state, run.seen) == ("queued", 10)
    ids = hub.odoo.execute("res.partner", "search", [], order="id")
    hub.odoo.execute("res.partner", "write", [ids[0]], {"name": "Behind it", "ref": "BEHIND"})
    hub.odoo.execute("res.partner", "write", [ids[-1]], {"name": "Before it", "ref": "BEFORE"})
    made = hub.odoo.execute("res.partner", "create", {"name": "New", "ref": "NEW"})
    hub.pull()
    for name in ("BEHIND", "BEFORE", "NEW"):
        assert Client().get(f"/bj_api_sync/v1/partners/{name}").status_code == 200
    turns = 0
    while run.state == "queued":
        asked.carry_out(run.pk)
        run.refresh_from_db()
        turns += 1
    assert turns > 1
    assert (run.state, run.seen, wrong()) == ("done", in_odoo(hub), 0)
    assert Record.objects.filter(odoo_id=made).count() == 1


def test_what_is_written_while_it_reads_is_not_taken_back(hub: Hub, partners: Endpoint, monkeypatch):
    [made] = hub.odoo.execute("res.partner", "create", [{"ref": "X1", "name": "Old"}])
    hub.odoo.write_as_begun("2020-01-01 12:00:00.000000", "res.partner", [made], {"name": "Older"})
    pulls.start_over([partners.pk])
    hub.pull()
    inner = nested.Reader.inner
    written: list[int] = []

    def meanwhile(self, spec, rows):
        if not written and any(row["id"] == made for row in rows):
            written.append(made)
            Client().put("/bj_api_sync/v1/partners/X1", {"name": "New"}, content_type="application/json")
            hub.push()
        return inner(self, spec, rows)

    monkeypatch.setattr(nested.Reader, "inner", meanwhile)
    begun(partners)
    assert written
    assert Client().get("/bj_api_sync/v1/partners/X1").json()["name"] == "New"


def _paused(hub: Hub) -> Callable[[], None]:
    pauses.everything("boss")
    return pauses.resume_everything


def _odoo_away(hub: Hub) -> Callable[[], None]:
    hub.odoo.faults.arm("away", times=-1)
    return hub.odoo.faults.clear


@pytest.mark.parametrize("cut_short", [_paused, _odoo_away])
def test_it_goes_on_where_it_was(hub: Hub, partners: Endpoint, monkeypatch, cut_short):
    monkeypatch.setattr(reread, "TURN_SECONDS", 0.0)
    run = begun(partners)
    over = cut_short(hub)
    asked.carry_out(run.pk)
    run.refresh_from_db()
    assert (run.state, run.seen) == ("queued", 10)
    over()
    monkeypatch.undo()
    asked.carry_out(run.pk)
    run.refresh_from_db()
    assert (run.state, run.seen, wrong()) == ("done", in_odoo(hub), 0)


def test_a_worker_that_died_is_followed_by_another(hub: Hub, partners: Endpoint, monkeypatch):
    monkeypatch.setattr(reread, "TURN_SECONDS", 0.0)
    run = begun(partners)
    Run.objects.filter(pk=run.pk).update(state="running", beat_at="2020-01-01T00:00Z")
    runs.end_stale()
    monkeypatch.undo()
    asked.carry_out(run.pk)
    run.refresh_from_db()
    assert (run.state, run.seen, wrong()) == ("done", in_odoo(hub), 0)


def test_it_is_asked_for_once(hub: Hub, partners: Endpoint, monkeypatch):
    monkeypatch.setattr(reread, "TURN_SECONDS", 0.0)
    begun(partners)
    assert jobs.ask(partners.pk, RunKind.REREAD, "another") is None
