"""What somebody in admin sees where a page cannot be shown: what to do, and the way back."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, OperationalError
from django.test import Client
from django.urls import reverse

from tests.admin.conftest import Sample

PAGE = "admin:endpoints_endpoint_changelist"


def read(answer: Any, status: int) -> str:
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("text/html")
    page: str = answer.content.decode()
    assert reverse("admin:index") in page, "the way back"
    assert answer["X-Request-ID"] in page
    return page


def test_who_may_not_do_something_is_told_whom_to_ask(client: Client, sample: Sample) -> None:
    client.force_login(User.objects.create_user("reader", is_staff=True))
    page = read(client.get(reverse(PAGE)), 403)
    assert "Nothing was changed" in page
    assert "Users, or Groups" in page


def test_a_wrong_address_says_that_there_is_nothing(admin_page: Client) -> None:
    assert "may have been deleted" in read(admin_page.get("/admin/nothing/"), 404)


def test_a_form_from_before_another_login_says_what_to_do(sample: Sample) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(User.objects.create_superuser("boss"))
    answer = browser.post(
        reverse("admin:endpoints_endpoint_change", args=[sample.endpoint.pk]), {"name": "x"}
    )
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "Nothing was saved" in page
    assert reverse("admin:index") in page


def test_a_failure_of_the_hub_names_the_request(admin_page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    admin_page.raise_request_exception = False
    monkeypatch.setattr("endpoints.admin.endpoint.EndpointAdmin.get_queryset", _raising(ValueError("a bug")))
    page = read(admin_page.get(reverse(PAGE)), 500)
    assert "a bug" not in page
    assert "not yours" in page


def test_a_database_that_is_away_is_said_to_be_so(
    admin_page: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin_page.raise_request_exception = False
    away = OperationalError("connection refused")
    monkeypatch.setattr("endpoints.admin.endpoint.EndpointAdmin.get_queryset", _raising(away))
    assert "database does not answer" in read(admin_page.get(reverse(PAGE)), 503)


def test_an_edited_change_that_the_database_does_not_take_is_to_be_sent_once_more(
    admin_page: Client, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not for its identifier, which the form tells: this is none of the person's doing."""
    admin_page.raise_request_exception = False
    page = reverse("admin:endpoints_change_edit", args=[sample.change("failed").pk])
    monkeypatch.setattr(
        "endpoints.models.Record.save", _raising(IntegrityError("another one has this number"))
    )
    assert "Try again" in read(admin_page.post(page, {"payload": '{"name": "Right"}'}), 503)
    monkeypatch.undo()
    assert admin_page.post(page, {"payload": '{"name": "Right"}'}).status_code == 302


def _raising(error: Exception) -> Any:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    return fail
