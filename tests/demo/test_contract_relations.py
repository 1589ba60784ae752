"""x2many commands, contacts with their company, and the rights of another user."""

from typing import Any

import pytest

from demo.odoo import PracticeOdoo
from tests.demo.client import Client, unique


@pytest.fixture
def tags(odoo: Client) -> list[int]:
    ids: list[int] = odoo.make("res.partner.category", [{"name": unique(letter)} for letter in "abc"])
    return ids


def test_commands_on_many2many(odoo: Client, tags: list[int]) -> None:
    a, b, c = tags
    partner = odoo.make("res.partner", {"name": unique()})

    def after(value: Any) -> list[int]:
        odoo.call("res.partner", "write", [partner], {"category_id": value})
        ids: list[int] = odoo.values("res.partner", partner, "category_id")["category_id"]
        return ids

    assert after([(4, a)]) == [a]
    assert after([(4, b, 0), (4, b, 0)]) == [a, b]
    assert after([(6, 0, [b, c])]) == [b, c]
    assert after([(3, b)]) == [c]
    assert after([(3, 99999999)]) == [c]
    assert after([a, b, c]) == [a, b, c]
    assert after([]) == [a, b, c]
    assert after(False) == []
    assert after([(6, False, tags)]) == [a, b, c]
    assert after([(1, a, {"name": unique("z")})]) == [b, c, a]
    assert after([(2, a)]) == [b, c]
    assert after([(5, 0, 0), (4, c)]) == [c]
    assert after([(5,)]) == []
    created = after([(0, 0, {"name": unique()})])
    odoo.remember("res.partner.category", created)
    assert len(created) == 1
    assert odoo.values("res.partner.category", created[0], "partner_ids") == {"partner_ids": [partner]}


def test_commands_on_one2many(odoo: Client) -> None:
    lines = [
        (0, 0, {"name": "Kid b"}),
        (0, 0, {"name": "Kid a", "child_ids": [(0, "new", {"name": "Grandkid"})]}),
    ]
    partner = odoo.make("res.partner", {"name": unique(), "is_company": True, "child_ids": lines})
    a, b = odoo.values("res.partner", partner, "child_ids")["child_ids"]
    assert odoo.values("res.partner", a, "name")["name"] == "Kid a"
    grandkids = odoo.values("res.partner", a, "child_ids")["child_ids"]
    odoo.remember("res.partner", [a, b])
    odoo.remember("res.partner", grandkids)
    assert len(grandkids) == 1

    odoo.call("res.partner", "write", [partner], {"child_ids": [(1, a, {"city": "Ghent"}), (3, b)]})
    assert odoo.values("res.partner", partner, "child_ids") == {"child_ids": [a]}
    assert odoo.values("res.partner", a, "city") == {"city": "Ghent"}
    assert odoo.values("res.partner", b, "parent_id") == {"parent_id": False}
    odoo.call("res.partner", "write", [partner], {"child_ids": [(4, b), (2, a)]})
    assert odoo.values("res.partner", partner, "child_ids") == {"child_ids": [b]}
    assert odoo.found("res.partner", [("id", "=", a)]) == []
    odoo.call("res.partner", "write", [partner], {"child_ids": [(6, 0, [])]})
    assert odoo.values("res.partner", b, "parent_id") == {"parent_id": False}


@pytest.mark.parametrize("command", [(1, 99999999, {"name": "x"}), (4, 99999999), (2, 99999999)])
def test_commands_about_records_that_do_not_exist(odoo: Client, command: tuple[Any, ...]) -> None:
    partner = odoo.make("res.partner", {"name": unique()})
    text = "Record does not exist or has been deleted.\n(Record: res.partner(99999999,), User: 2)"
    assert odoo.fault("res.partner", "write", [partner], {"child_ids": [command]}) == (2, text)


def test_an_unknown_command_does_nothing(odoo: Client) -> None:
    partner = odoo.make("res.partner", {"name": unique(), "category_id": [(9, 1, 1)]})
    assert odoo.values("res.partner", partner, "category_id") == {"category_id": []}


def test_contacts_carry_the_name_the_address_and_the_tax_number_of_their_company(odoo: Client) -> None:
    name = unique()
    company = odoo.make(
        "res.partner", {"name": name, "is_company": True, "street": "S 1", "city": "C1", "vat": "123"}
    )
    kid, invoice, delivery = odoo.make(
        "res.partner",
        [
            {"name": "Kid", "parent_id": company},
            {"name": "Other", "type": "invoice", "city": "Own", "parent_id": company},
            {"type": "delivery", "parent_id": company},
        ],
    )
    names = [
        "display_name",
        "complete_name",
        "commercial_company_name",
        "street",
        "city",
        "vat",
        "parent_name",
    ]
    assert odoo.values("res.partner", kid, *names) == {
        "display_name": f"{name}, Kid", "complete_name": f"{name}, Kid", "commercial_company_name": name,
        "street": "S 1", "city": "C1", "vat": "123", "parent_name": name,
    }  # fmt: skip
    assert odoo.values("res.partner", kid, "commercial_partner_id")["commercial_partner_id"][0] == company
    assert odoo.values("res.partner", invoice, "city", "street") == {"city": "Own", "street": False}
    assert odoo.values("res.partner", delivery, "display_name") == {
        "display_name": f"{name}, Delivery Address"
    }

    odoo.call("res.partner", "write", [company], {"city": "C2", "name": f"{name} 2", "vat": "BE0477472701"})
    names = ["display_name", "city", "vat"]
    assert odoo.values("res.partner", kid, *names) == {
        "display_name": f"{name} 2, Kid", "city": "C2", "vat": "BE0477472701",
    }  # fmt: skip
    assert odoo.values("res.partner", invoice, "city", "vat") == {"city": "Own", "vat": "BE0477472701"}

    odoo.call("res.partner", "write", [kid], {"company_type": "company"})
    assert odoo.values("res.partner", kid, "display_name", "is_company") == {
        "display_name": "Kid",
        "is_company": True,
    }
    assert odoo.fault("res.partner", "write", [company], {"parent_id": kid}) == (
        2,
        "You cannot create recursive Partner hierarchies.",
    )


def test_what_odoo_makes_of_an_email(odoo: Client) -> None:
    name = unique()
    partner = odoo.make("res.partner", {"name": name, "email": "  Foo@EXAMPLE.com "})
    assert odoo.values("res.partner", partner, "email", "email_normalized", "email_formatted") == {
        "email": "  Foo@EXAMPLE.com ",
        "email_normalized": "foo@example.com",
        "email_formatted": f'"{name}" <foo@example.com>',
    }


def test_categories_carry_the_names_above_them(odoo: Client) -> None:
    name = unique()
    top = odoo.make("product.category", {"name": name})
    below = odoo.make("product.category", {"name": "Below", "parent_id": top})
    assert odoo.values("product.category", below, "complete_name") == {"complete_name": f"{name} / Below"}
    odoo.call("product.category", "write", [top], {"name": f"{name} 2"})
    assert odoo.values("product.category", below, "display_name") == {"display_name": f"{name} 2 / Below"}
    assert odoo.call("product.category", "unlink", [top]) is True
    assert odoo.found("product.category", [("id", "=", below)]) == []


class TestRestrictedUser:
    """`demo` is a user like any other: the settings are not for it."""

    @pytest.fixture
    def demo(self, practice: PracticeOdoo) -> Client:
        return Client(practice.url, practice.database, "demo", "demo")

    def test_it_may_not_delete_contacts(self, demo: Client) -> None:
        partner = demo.make("res.partner", {"name": unique()})
        assert demo.fault("res.partner", "unlink", [partner]) == (
            4,
            "You are not allowed to delete 'Contact' (res.partner) records.\n\nThis operation is allowed for the"
            " following groups:\n\t- Extra Rights/Contact Creation\n\nContact your administrator to request access if"
            " necessary.",
        )
        assert demo.call("res.partner", "check_access_rights", "unlink", False) is False

    def test_it_may_not_change_countries(self, demo: Client) -> None:
        code, text = demo.fault("res.country", "write", [1], {"name": "x"})
        assert code == 4
        assert text.startswith("You are not allowed to modify 'Country' (res.country) records.\n\n")
        assert "\t- Administration/Settings\n" in text

    def test_it_may_not_read_scheduled_actions(self, demo: Client) -> None:
        code, text = demo.fault("ir.cron", "search_read", [], ["name"])
        assert code == 4
        assert text.startswith("You are not allowed to access 'Scheduled Actions' (ir.cron) records.\n\n")
