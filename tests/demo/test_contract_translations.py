"""Translated fields: a text for each language that Odoo has active."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.demo.client import Client, unique

TEMPLATE = "product.template"
FR = {"context": {"lang": "fr_FR"}}


@pytest.fixture
def french(odoo: Client) -> Client:
    """Odoo with French; where it has none yet, it is activated as a person would."""
    everything = {"context": {"active_test": False}}
    [found] = odoo.call("res.lang", "search_read", [("code", "=", "fr_FR")], ["active"], **everything)
    if not found["active"]:
        wizard = odoo.call("base.language.install", "create", {"lang_ids": [(6, 0, [found["id"]])]})
        odoo.call("base.language.install", "lang_install", [wizard])
    return odoo


def texts(odoo: Client, record: int, field: str = "name", model: str = TEMPLATE) -> tuple[Any, Any]:
    """In en_US and in fr_FR."""
    english = odoo.values(model, record, field)[field]
    return english, odoo.values(model, record, field, **FR)[field]


def chair(odoo: Client, **vals: Any) -> int:
    made: int = odoo.make(TEMPLATE, {"name": unique("Chair"), **vals})
    return made


def test_a_language_without_a_text_shows_odoo_s_own(french: Client) -> None:
    record = chair(french, name="Chair", description_sale="soft")
    assert texts(french, record) == ("Chair", "Chair")
    french.call(TEMPLATE, "write", [record], {"name": "Stool"})
    assert texts(french, record) == ("Stool", "Stool")


def test_a_text_written_in_a_language_is_that_language_s_only(french: Client) -> None:
    record = chair(french, name="Chair")
    french.call(TEMPLATE, "write", [record], {"name": "Chaise"}, **FR)
    assert texts(french, record) == ("Chair", "Chaise")
    french.call(TEMPLATE, "write", [record], {"name": "Stool"})
    assert texts(french, record) == ("Stool", "Chaise")


def test_the_same_text_as_is_shown_already_is_no_translation(french: Client) -> None:
    record = chair(french, name="Chair")
    french.call(TEMPLATE, "write", [record], {"name": "Chair"}, **FR)
    french.call(TEMPLATE, "write", [record], {"name": "Stool"})
    assert texts(french, record) == ("Stool", "Stool")


def test_a_record_made_in_a_language_has_its_text_there_and_in_odoo_s_own(french: Client) -> None:
    record = french.make(TEMPLATE, {"name": "Chaise"}, **FR)
    assert texts(french, record) == ("Chaise", "Chaise")
    french.call(TEMPLATE, "write", [record], {"name": "Chair"})
    assert texts(french, record) == ("Chair", "Chaise")


def test_a_field_without_any_text_gets_it_in_odoo_s_own_language_as_well(french: Client) -> None:
    record = chair(french)
    french.call(TEMPLATE, "write", [record], {"description_sale": "doux"}, **FR)
    assert texts(french, record, "description_sale") == ("doux", "doux")


def test_false_empties_all_languages_and_an_empty_text_only_its_own(french: Client) -> None:
    record = chair(french, description_sale="soft")
    french.call(TEMPLATE, "write", [record], {"description_sale": "doux"}, **FR)
    french.call(TEMPLATE, "write", [record], {"description_sale": ""}, **FR)
    assert texts(french, record, "description_sale") == ("soft", "")
    french.call(TEMPLATE, "write", [record], {"description_sale": "doux"}, **FR)
    french.call(TEMPLATE, "write", [record], {"description_sale": ""})
    assert texts(french, record, "description_sale") == ("", "doux")
    french.call(TEMPLATE, "write", [record], {"description_sale": False}, **FR)
    assert texts(french, record, "description_sale") == (False, False)


def test_load_writes_in_the_language_of_its_context(french: Client) -> None:
    first, second = chair(french, name="Chair"), chair(french, name="Table")
    answer = french.call(
        TEMPLATE, "load", [".id", "name"], [[str(first), "Chaise"], [str(second), "Table basse"]], **FR
    )
    assert (answer["ids"], answer["messages"]) == ([first, second], [])
    assert [texts(french, one) for one in (first, second)] == [("Chair", "Chaise"), ("Table", "Table basse")]


def test_a_variant_writes_its_template_s_text(french: Client) -> None:
    record = chair(french, name="Chair")
    [variant] = french.found("product.product", [("product_tmpl_id", "=", record)])
    french.call("product.product", "write", [variant], {"name": "Chaise"}, **FR)
    assert texts(french, record) == ("Chair", "Chaise")
    assert texts(french, variant, model="product.product") == ("Chair", "Chaise")


def test_a_search_looks_at_the_texts_of_its_language(french: Client) -> None:
    one = unique("Chaise")
    record = chair(french, name="Chair")
    french.call(TEMPLATE, "write", [record], {"name": one}, **FR)
    assert french.found(TEMPLATE, [("name", "=", one)]) == []
    assert french.found(TEMPLATE, [("name", "=", one)], **FR) == [record]
    assert french.found(TEMPLATE, [("name", "ilike", one.upper())], **FR) == [record]


def test_a_translation_counts_as_a_change(french: Client) -> None:
    """Or a pull would not see it."""
    record = chair(french, name="Chair")
    before = french.values(TEMPLATE, record, "write_date")["write_date"]
    while f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}" <= before:
        time.sleep(0.05)  # Odoo's clock shows whole seconds
    french.call(TEMPLATE, "write", [record], {"name": "Chaise"}, **FR)
    assert french.values(TEMPLATE, record, "write_date")["write_date"] > before


DELAYED = {"context": {"lang": "fr_FR", "delay_translations": True}}


def html(odoo: Client, record: int) -> tuple[Any, Any]:
    return texts(odoo, record, "description")


def test_html_written_in_one_language_goes_over_the_others(french: Client) -> None:
    record = chair(french, description="<p>Hello world</p>")
    french.call(TEMPLATE, "write", [record], {"description": "<p>Tout autre chose</p>"}, **FR)
    assert html(french, record) == ("<p>Tout autre chose</p>",) * 2


def test_html_whose_other_languages_are_translated_later_leaves_them_alone(french: Client) -> None:
    record = chair(french, description="<p>Hello world</p>")
    french.call(
        TEMPLATE, "write", [record], {"description": "<div>Salut <b>toi</b></div><p>!</p>"}, **DELAYED
    )
    english, in_french = html(french, record)
    assert (english, "Salut" in in_french) == ("<p>Hello world</p>", True)
    context = {"delay_translations": True}
    french.call(TEMPLATE, "write", [record], {"description": "<p>Other</p>"}, context=context)
    assert html(french, record) == ("<p>Other</p>", in_french)


def test_html_without_words_counts_for_all_languages(french: Client) -> None:
    record = chair(french, description="<p>Hello world</p>")
    for empty in ("", "<p><br></p>"):
        french.call(TEMPLATE, "write", [record], {"description": empty}, **DELAYED)
        assert html(french, record) == (empty, empty)
        french.call(TEMPLATE, "write", [record], {"description": "<p>Salut</p>"}, **FR)
