"""A mapping's lines in the browser: what does not apply is out of the way, and nothing typed gets lost."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from synchub.torture.stack import LOGIN, PASSWORD
from tests.browser.conftest import Person
from tests.e2e.stack import Stack


@pytest.fixture
def lines(person: Person, stack: Stack) -> Person:
    """A new mapping's page, with the fields of contacts at hand."""
    page, name = person.page, f"lines-{person.width}"
    if not stack.sql("SELECT 1 FROM mappings_connection WHERE name = %s", name):
        person.goes("/admin/mappings/connection/add/")
        for field, value in {
            "name": name, "url": stack.odoo.url, "database": "practice", "login": "admin", "secret": "admin",
        }.items():  # fmt: skip
            page.fill(f"[name={field}]", value)
        person.presses("Save")
    person.goes("/admin/mappings/mapping/add/")
    page.select_option("[name=connection]", label=name)
    page.fill("[name=model]", "res.partner")
    page.locator("[name=model]").blur()
    page.locator('#odoo-fields option[value="country_id"]').wait_for(state="attached")
    return person


def script_editor(page: Page) -> Locator:
    """It takes the place of the text, which looks the same to a screen reader."""
    page.locator(".cm-content").wait_for()
    return page.get_by_role("textbox", name="Script", exact=True)


def test_a_line_shows_what_applies_to_its_kind_and_field(lines: Person):
    page = lines.page
    page.locator(".hub-line summary").first.click()
    page.fill("[name=lines-0-field]", "country")  # as people call it
    page.locator("[name=lines-0-field]").blur()
    expect(page.locator("[name=lines-0-field]")).to_have_value("country_id")
    expect(page.locator(".hub-fact").get_by_text("Country – one of res.country", exact=True)).to_be_visible()
    page.fill("[name=lines-0-field]", "name")
    expect(page.locator(".hub-fact").get_by_text("Name – text", exact=True)).to_be_visible()
    expect(page.locator("[name=lines-0-trim]")).to_be_visible()
    for hidden in ("decimals", "pattern", "nested", "script", "language"):
        expect(page.locator(f"[name=lines-0-{hidden}]")).to_be_hidden()
    page.fill("[name=model]", "product.template")  # whose names are translated
    page.locator("[name=model]").blur()
    page.locator('#odoo-fields option[value="list_price"]').wait_for(state="attached")
    page.fill("[name=lines-0-field]", "name")
    expect(page.locator("[name=lines-0-language]")).to_be_visible()
    expect(page.locator('#odoo-languages option[value="fr_FR"]')).to_be_attached()
    page.fill("[name=lines-0-field]", "list_price")
    expect(page.locator("[name=lines-0-decimals]")).to_be_visible()
    expect(page.locator("[name=lines-0-trim]")).to_be_hidden()


def test_a_relation_and_a_script_unfold_by_themselves(lines: Person):
    page = lines.page
    page.select_option("[name=lines-0-kind]", "relation")
    expect(page.locator("[name=lines-0-nested]")).to_be_visible()
    expect(page.locator("[name=lines-0-constant]")).to_be_hidden()
    page.select_option("[name=lines-0-kind]", "script")
    editor = script_editor(page)
    expect(page.locator("[name=lines-0-nested]")).to_be_hidden()
    editor.focus()
    expect(page.locator(".hub-line #script-manual")).to_be_visible()
    lines.sees_a_good_page()


def test_what_was_typed_survives_the_removal_of_a_line(lines: Person):
    page = lines.page
    page.locator(".add-row").click()
    for number, key in enumerate(("first", "second", "third")):
        page.fill(f"[name=lines-{number}-key]", key)
    page.locator("[name=lines-2-required]").press("Space")
    page.select_option("[name=lines-2-direction]", "to_odoo")
    page.locator(".hub-line").nth(1).locator(".delete-template").click()
    expect(page.locator("[name=lines-1-key]")).to_have_value("third")
    expect(page.locator("[name=lines-1-required]")).to_be_checked()
    expect(page.locator("[name=lines-1-direction]")).to_have_value("to_odoo")


def test_marking_another_identifier_unmarks_the_first(lines: Person):
    page = lines.page
    page.locator("[name=lines-0-identifier]").press("Space")
    page.locator("[name=lines-1-identifier]").press("Space")
    expect(page.locator("[name=lines-0-identifier]")).not_to_be_checked()


def test_after_a_refusal_one_goes_on_at_the_first_thing_that_is_wrong(lines: Person):
    page = lines.page
    page.fill("[name=name]", f"wrong-{lines.width}")
    for number in range(6):
        if number > 1:
            page.locator(".add-row").click()
        page.fill(f"[name=lines-{number}-key]", "bad key" if number == 5 else f"key{number}")
        page.fill(f"[name=lines-{number}-field]", "name")
    page.locator("[name=lines-0-identifier]").press("Space")
    lines.presses("Save")
    wrong = page.locator("[name=lines-5-key]")
    expect(wrong).to_be_focused()
    expect(wrong).to_be_in_viewport()
    expect(wrong).to_have_accessible_description(re.compile("A key has letters, digits"))
    lines.goes("/admin/mappings/connection/")
    lines.presses(f"lines-{lines.width}")
    page.get_by_text("Limits", exact=True).click()
    page.fill("[name=read_timeout]", "-1")
    lines.presses("Save")  # the page comes again with its sections folded up
    expect(page.locator("[name=read_timeout]")).to_be_focused()


def test_a_script_is_written_with_proposals_and_the_keyboard_gets_out_again(lines: Person):
    page = lines.page
    page.fill("[name=lines-0-key]", "town")
    page.fill("[name=lines-0-field]", "city")
    page.select_option("[name=lines-0-kind]", "script")
    editor = script_editor(page)
    editor.focus()
    page.keyboard.type("if record.name:\n")
    page.keyboard.type("record.country_id.cod", delay=30)
    proposal = page.locator(".cm-tooltip-autocomplete").get_by_text("Country Code – text")
    expect(editor).to_contain_text("record.country_id.cod")
    script = page.locator("[name=lines-0-script]")
    # The editor takes no click just after a proposal has appeared: nobody could have read it.
    while script.input_value().endswith("_id.cod"):
        proposal.click()
    expect(script).to_have_value("if record.name:\n    record.country_id.code")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(editor).not_to_be_focused()
    lines.sees_a_good_page()


def test_what_was_typed_into_a_script_survives_the_removal_of_another_line(lines: Person):
    page = lines.page
    page.select_option("[name=lines-1-kind]", "script")
    script_editor(page).focus()
    page.keyboard.type("1 + 1")
    page.locator(".hub-line").first.locator(".delete-template").click()
    expect(page.get_by_role("textbox", name="Script", exact=True)).to_contain_text("1 + 1")
    expect(page.locator("[name=lines-0-script]")).to_have_value("1 + 1")


def test_without_the_editor_a_script_is_a_text(person: Person, lines: Person):
    page = lines.page
    page.route("**/codemirror.js", lambda route: route.abort())
    page.select_option("[name=lines-0-kind]", "script")
    page.get_by_role("textbox", name="Script", exact=True).fill("1 + 1")
    expect(page.locator("[name=lines-0-script]")).to_have_value("1 + 1")
    expect(page.locator("[name=lines-0-script]")).to_be_visible()
    person.broken.clear()  # the browser complains of what it could not load


def test_what_is_wrong_with_a_script_is_at_its_line_and_in_the_preview(lines: Person):
    page = lines.page
    page.fill("[name=lines-0-key]", "code")
    page.fill("[name=lines-0-field]", "ref")
    page.locator("[name=lines-0-identifier]").press("Space")
    page.fill("[name=lines-1-key]", "town")
    page.fill("[name=lines-1-field]", "city")
    page.select_option("[name=lines-1-kind]", "script")
    script_editor(page).focus()
    page.keyboard.type("x = 1\nopen('y')\nx")
    lines.presses("Show")
    expect(page.locator(".hub-line-troubled .hub-problem")).to_contain_text("Line 2: “open” is not available")
    page.fill("[name=name]", "never-saved")
    lines.presses("Save")
    script_editor(page)
    expect(page.locator(".hub-code-wrong")).to_have_text("open('y')")


def test_the_keyboard_moves_and_removes_lines(lines: Person):
    page = lines.page
    name = f"keyboard-{lines.width}"
    page.fill("[name=name]", name)
    for number, field in enumerate(("ref", "name")):
        page.fill(f"[name=lines-{number}-key]", field)
        page.fill(f"[name=lines-{number}-field]", field)
    page.locator("[name=lines-0-identifier]").press("Space")
    lines.presses("Save and continue editing")
    keys = page.get_by_label("External key")
    page.get_by_role("button", name="Move this row").first.press("ArrowDown")
    page.locator(".add-row").click()
    page.get_by_role("button", name="Remove this row").filter(visible=True).press("Enter")
    lines.presses("Save and continue editing")
    expect(keys.first).to_have_value("name")
    page.get_by_label("Delete").first.press("Space")
    lines.presses("Save and continue editing")
    expect(keys.filter(visible=True)).to_have_count(1)
    expect(keys.first).to_have_value("ref")


def test_what_was_typed_into_a_table_survives_the_removal_of_a_row(person: Person):
    page = person.page
    person.goes("/admin/mappings/lookuptable/add/")
    for number, value in enumerate(("open", "shut", "lost")):
        page.fill(f"[name=rows-{number}-external]", value)
    page.get_by_role("button", name="Remove this row").nth(1).click()
    expect(page.get_by_label("External").nth(1)).to_have_value("lost")


def test_who_logs_in_anew_in_another_tab_goes_on_where_they_were(lines: Person):
    page = lines.page
    page.fill("[name=name]", f"anew-{lines.width}")
    page.fill("[name=lines-0-key]", "ref")
    page.fill("[name=lines-0-field]", "ref")
    page.locator("[name=lines-0-identifier]").press("Space")
    page.context.clear_cookies(name="sessionid")
    lines.presses("Save and continue editing")  # what was typed is not lost at the login
    lines.sees("You are logged out, and nothing is saved yet.")
    other = page.context.new_page()
    other.goto(f"{lines.base}/admin/")
    other.get_by_label("Username").fill(LOGIN)
    other.get_by_label("Password").fill(PASSWORD)
    other.get_by_label("Password").press("Enter")
    other.wait_for_url("**/admin/")
    other.close()
    lines.presses("Save and continue editing")
    lines.sees("was added successfully")
