"""A real browser in front of a hub of its own, in which nothing is set up yet."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from demo.odoo import PracticeOdoo
from synchub.torture.stack import LOGIN, PASSWORD
from tests.e2e.stack import Stack


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        # A newcomer's `./hub test` needs nothing but Python; what decides whether a change lands installs the browser.
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing(
            "These tests look at admin in Chromium, which is not installed. On Debian and Ubuntu: "
            "apt-get update && apt-get install -y chromium"
        )
    # Chromium refuses to put root into its sandbox.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield running
        running.close()


@pytest.fixture(scope="package")
def stack(browser: Browser) -> Iterator[Stack]:
    folder = Path(tempfile.mkdtemp(prefix="hub-browser-"))
    with PracticeOdoo(seed_records=20) as odoo:
        made = Stack(odoo, folder, config="")
        try:
            made.start()
            yield made
        finally:
            made.remove()
    shutil.rmtree(folder, ignore_errors=True)


class Person:
    """Somebody at a screen of some width, who sees when a page is broken or wider than the screen."""

    def __init__(self, page: Page, base: str, width: int, pictures: Path | None) -> None:
        """`pictures`: where they are wanted. To take one takes longer than the page."""
        self.page, self.base, self.width, self._pictures = page, base, width, pictures
        self.broken: list[str] = []
        page.set_default_timeout(45_000)
        page.on("pageerror", lambda error: self.broken.append(str(error)))
        page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "favicon" not in str(message.location):
            self.broken.append(message.text)

    def goes(self, path: str) -> None:
        self.page.goto(f"{self.base}{path}")
        self.sees_a_good_page()

    def sees(self, text: str) -> None:
        self.page.get_by_text(text).filter(visible=True).first.wait_for()

    def presses(self, name: str) -> None:
        """The button or link of this name."""
        button = self.page.get_by_role("button", name=name, exact=True)
        (button if button.count() else self.page.get_by_role("link", name=name, exact=True)).first.click()
        # A page's form goes off only when it is known that its sender is still logged in.
        self.page.wait_for_function("!document.querySelector('form[data-going]')")
        self.sees_a_good_page()

    def sees_a_good_page(self) -> None:
        # What a page fetches afterwards is waited for where it is looked for: on a busy machine it may never be quiet.
        self.page.wait_for_load_state("load")
        if self._pictures:
            number = len(list(self._pictures.iterdir()))
            self.page.screenshot(path=self._pictures / f"{number:02}-{self.width}.png", full_page=True)
        assert not self.broken, (self.page.url, self.broken)
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= self.width, f"{self.page.url} is {wide} pixels wide"


@pytest.fixture(scope="package")
def people(browser: Browser) -> Iterator[dict[int, BrowserContext]]:
    """By width, the browser of somebody who has logged in: what it has fetched of pages once, it has."""
    found: dict[int, BrowserContext] = {}
    yield found
    for context in found.values():
        context.close()


@pytest.fixture(params=[1440, 390])
def person(
    browser: Browser, stack: Stack, people: dict[int, BrowserContext], request: pytest.FixtureRequest
) -> Iterator[Person]:
    """Logged in. Pictures of what was seen are in HUB_TEST_PICTURES."""
    width, pictures = request.param, None
    if folder := os.environ.get("HUB_TEST_PICTURES"):
        pictures = Path(folder)
        pictures.mkdir(parents=True, exist_ok=True)
    is_known = width in people
    if not is_known:
        people[width] = browser.new_context(viewport={"width": width, "height": 900})
    someone = Person(people[width].new_page(), stack.api.base, width, pictures)
    if not is_known:
        someone.goes("/admin/")
        someone.page.get_by_label("Username").fill(LOGIN)
        someone.page.get_by_label("Password").fill(PASSWORD)
        someone.page.get_by_label("Password").press("Enter")
        someone.page.wait_for_url("**/admin/")
        someone.sees_a_good_page()
    yield someone
    someone.page.close()
