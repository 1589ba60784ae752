"""From the first login to a record in Odoo, with no page that needs the documentation."""

import json
import re
import urllib.request

from playwright.sync_api import expect

from synchub.torture.waiting import until
from tests.browser.conftest import Person
from tests.e2e.stack import Stack

SAMPLE = {
    "customerNumber": "",
    "name": "Deco",
    "telephone": "02 555",
    "address": {"town": "Ghent"},
    "points": 5,
}


def _page_says(person: Person, text: str) -> bool:
    person.page.reload()
    return person.page.get_by_text(text).first.is_visible()


def test_from_the_first_login_to_a_record_in_odoo(person: Person, stack: Stack):
    page, suffix = person.page, str(person.width)

    # A connection, and whether Odoo answers.
    person.goes("/admin/mappings/connection/add/")
    page.fill("[name=name]", f"shop-{suffix}")
    page.fill("[name=url]", stack.odoo.url)
    page.fill("[name=database]", "practice")
    page.fill("[name=login]", "admin")
    page.fill("[name=secret]", "admin")
    person.presses("Save and continue editing")
    person.presses("Test the connection")
    person.sees("and logged in as")
    person.presses("Read the models and fields from Odoo now")
    person.sees("are read within seconds")
    until(lambda: _page_says(person, "Every mapping fits what Odoo has."), "the fields are read")

    # A mapping, its lines from a sample.
    person.presses("Add a mapping")
    page.fill("[name=name]", f"partner-{suffix}")
    page.locator('#odoo-models option[value="res.partner"]').wait_for(state="attached")
    page.fill("[name=model]", "contact")
    page.locator("[name=model]").blur()
    expect(page.locator("[name=model]")).to_have_value("res.partner")
    person.presses("Save")
    page.fill("[name=sample]", json.dumps(SAMPLE | {"customerNumber": f"W-{suffix}"}))
    person.presses("Suggest lines")
    person.sees("no field of the model is called like that")
    person.presses("Add the ticked lines")
    person.sees("4 lines added")
    assert page.locator(".hub-line:not(.empty-form)").count() == 4

    # What it makes of records, both ways, beside the lines.
    page.get_by_label("Record", exact=True).fill("a")
    page.locator("#preview-records [role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("[data-part=document]")).to_contain_text('"customerNumber"')
    name = page.get_by_label("External key").nth(1)
    expect(name).to_have_value("name")
    expect(name).to_have_accessible_description(re.compile(".+"))  # the record's name
    page.get_by_label("JSON, as a consumer sends it").fill(f'{{"customerNumber": "W-{suffix}", "name": 5}}')
    page.get_by_label("Changes the record called").fill("")
    person.presses("Show what would be sent")
    person.sees("This would be refused.")
    expect(name).to_have_accessible_description("“name”: a text is expected, not 5.")
    person.presses("Its line")
    expect(name).to_be_focused()
    name.fill("called")  # what is not saved yet counts as well
    name.blur()
    expect(page.locator("[data-part=problems]")).to_contain_text("called")
    name.fill("name")
    page.get_by_label("JSON, as a consumer sends it").fill(
        f'{{"customerNumber": "W-{suffix}", "name": "Deco"}}'
    )
    person.presses("Show what would be sent")
    person.sees("res.partner.")
    assert stack.in_odoo(f"W-{suffix}") == {}

    # An endpoint with a token, which is told once.
    person.presses("Save and continue editing")
    person.presses("Add an endpoint")
    page.fill("[name=name]", f"partners-{suffix}")
    page.locator('#odoo-fields option[value="create_date"]').wait_for(state="attached")
    page.get_by_label("Field", exact=True).fill("create_date")
    page.get_by_label("Field", exact=True).blur()
    page.get_by_label("Value", exact=True).select_option(label="the last 7 days")
    person.presses("Add the condition")
    expect(page.locator("[name=domain]")).to_have_value("[('create_date', '>=', 'today - 7 days')]")
    person.presses("How many records are these?")
    person.sees("of res.partner")
    page.locator("#keys-group .add-row").click()
    page.fill("[name=keys-0-name]", "shop")
    person.presses("Save and continue editing")
    token = page.locator(".hub-secret input").input_value()

    # A consumer writes, and Odoo has it.
    request = urllib.request.Request(
        f"{person.base}/bj_api_sync/v1/partners-{suffix}",
        json.dumps({"customerNumber": f"W-{suffix}", "name": "Deco", "address": {"town": "Ghent"}}).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert answer.status == 201
    until(lambda: stack.in_odoo(f"W-{suffix}") == {f"W-{suffix}": 1}, "the record is in Odoo")
    [row] = stack.odoo.execute("res.partner", "search_read", [("ref", "=", f"W-{suffix}")], fields=["city"])
    assert row["city"] == "Ghent"
    person.goes("/admin/")


def test_a_click_that_was_two_makes_one_token(person: Person):
    page = person.page
    person.goes("/admin/endpoints/accesskey/add/")
    page.fill("[name=name]", f"twice-{person.width}")
    person.presses("Save and continue editing")
    person.presses("New token, the old one works on")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.evaluate("""() => {
        const yes = document.querySelector(".hub-button-danger");
        yes.click();
        setTimeout(() => yes.click());  // as a task of its own: in the same one the browser itself makes one of two
    }""")
    page.wait_for_url("**/change/")
    assert len(sent) == 1
    assert page.locator(".hub-secret input").count() == 1


def test_the_keyboard_opens_filters_account_and_menu_and_leaves_them(person: Person):
    page = person.page
    person.goes("/admin/endpoints/run/")
    ways = {"Filters": page.locator("#changelist-filter a").first}
    if person.width < 1280:
        ways["Menu"] = page.locator("#nav-sidebar a").first
    else:
        ways["Account: password, look, log out"] = page.locator("nav a", has_text="Light")
    for name, inside in ways.items():
        opens = page.get_by_role("button", name=name, exact=True).filter(visible=True).first
        opens.press("Enter")
        expect(inside).to_be_focused()
        page.keyboard.press("Escape")
        expect(inside).to_be_hidden()
        expect(opens).to_be_focused()
