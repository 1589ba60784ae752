"""The reference page in a real browser."""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.contract.conftest import Served


@pytest.fixture(params=[1440, 390])
def page(browser: Browser, served: Served, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Fails where the page asks anybody but the hub for anything, or is wider than the screen."""
    context = browser.new_context(viewport={"width": request.param, "height": 900})
    found = context.new_page()
    found.set_default_timeout(45_000)  # as of somebody in tests/browser
    asked: list[str] = []
    broken: list[str] = []
    found.on("request", lambda one: asked.append(urlsplit(one.url).netloc))
    found.on("pageerror", lambda error: broken.append(str(error)))
    found.goto(f"{served.url}/docs.html")
    yield found
    if pictures := os.environ.get("HUB_TEST_PICTURES"):
        found.screenshot(path=Path(pictures) / f"{request.node.name}.png", full_page=True)
    assert found.evaluate("document.documentElement.scrollWidth") <= request.param
    context.close()
    assert set(asked) <= {urlsplit(served.url).netloc, ""}  # a blob has no address
    assert broken == []


def test_with_an_access_key_all_is_described_and_can_be_tried(page: Page, served: Served):
    expect(page.get_by_role("status")).to_have_text("Nothing is open to everybody: enter an access key.")
    page.get_by_placeholder("token or password").fill(served.token)
    page.get_by_role("button", name="Use it").click()

    page.locator("#operations-countries-list_countries").get_by_role("button").first.click()
    operation = page.locator("#operations-countries-list_countries")
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table .response .response-col_status")).to_contain_text("200")

    with page.expect_download() as download:
        page.get_by_role("link", name="Postman collection").click()
    assert download.value.suggested_filename == "hub.postman_collection.json"


def test_a_wrong_key_is_said_to_be_wrong(page: Page):
    page.get_by_placeholder("token or password").fill("nonsense")
    page.get_by_role("button", name="Use it").click()
    expect(page.get_by_role("status")).to_contain_text("This access key is good for no endpoint")
