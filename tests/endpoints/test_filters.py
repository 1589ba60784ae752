"""Filtering: every operator on every type, what is empty, and queries made to do harm."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from demo.odoo import PracticeOdoo
from endpoints import registry
from endpoints.models import Endpoint, Operator, Parameter, Record
from tests.conftest import Hub
from tests.endpoints.conftest import Api

VALUES: dict[str, dict[str, Any]] = {
    "A": {"name": "Zoë 100%", "email": "a_b@x.com", "lat": 10, "company": True, "kind": "contact", "tags": [1, 2]},
    "B": {"name": "zoe", "email": "a-b@x.com", "lat": 9.5, "company": False, "kind": "other", "tags": [2]},
    "C": {"name": "C:\\temp", "email": None, "lat": -100, "company": True, "kind": None, "tags": [], "rank": 7},
    "D": {"name": "1 000", "lat": 1e-7, "country": 20, "rank": -3},
    "E": {"name": "100", "at": "2026-01-31T08:00:00Z", "country": 3, "rank": 2147483647},
}  # fmt: skip


@pytest.fixture
def five(desk: Hub, api: Api) -> Hub:
    """Records that have never been to Odoo: what was not sent is missing in them, not null."""
    endpoint = desk.endpoint(
        "partners",
        "res.partner",
        {
            "customer_id": {"field": "ref", "identifier": True},
            "name": "name",
            "email": "email",
            "lat": "partner_latitude",
            "company": "is_company",
            "kind": "type",
            "tags": "category_id",
            "country": "country_id",
            "rank": "color",
            "at": {"field": "write_date", "direction": "from_odoo"},
        },
    )
    Parameter.objects.bulk_create(
        Parameter(endpoint=endpoint, key=f"{field}_{name}", field=field, operator=operator)
        for field in (
            "ref",
            "name",
            "email",
            "partner_latitude",
            "is_company",
            "type",
            "category_id",
            "country_id",
            "color",
        )
        for name, operator in OPERATORS.items()
    )
    for name, values in VALUES.items():
        api.post("partners", {"customer_id": name, **{k: v for k, v in values.items() if k != "at"}})
    record = Record.objects.get(external_id="E")
    record.values["write_date"] = "2026-01-31 08:00:00"
    record.save()
    return desk


OPERATORS = {
    "eq": Operator.EQ, "ne": Operator.NE, "gt": Operator.GT, "ge": Operator.GE, "lt": Operator.LT,
    "le": Operator.LE, "like": Operator.LIKE, "ilike": Operator.ILIKE, "eqlike": Operator.EQ_LIKE,
    "eqilike": Operator.EQ_ILIKE, "in": Operator.IN, "notin": Operator.NOT_IN, "child": Operator.CHILD_OF,
}  # fmt: skip


def found(api: Api, cases: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """The cases with what the API answers instead of what is expected."""
    return [(key, value, "".join(sorted(api.names("partners", {key: value})))) for key, value, _ in cases]


EQUALITY = {
    "texts": [
        ("customer_id", "A", "A"), ("name", "zoe", "B"), ("name", "Zoë 100%", "A"), ("name", "C:\\temp", "C"),
        ("name", "ZOE", ""), ("email", "a_b@x.com", "A"), ("email", "", "CDE"),
    ],
    "numbers": [
        ("lat", "9.5", "B"), ("lat", "10.0", "A"), ("lat", "1e1", "A"), ("lat", "1e-7", "D"), ("lat", "", "E"),
        ("rank", "-3", "D"), ("rank", "2147483647", "E"), ("rank", "", "AB"),
    ],
    "booleans": [("company", "true", "AC"), ("company", "FALSE", "B"), ("company", "1", "AC"), ("company", "", "DE")],
    "selections": [("kind", "contact", "A"), ("kind", "Other Address", "B"), ("kind", "", "CDE")],
    "relations": [
        ("country", "20", "D"), ("country", "", "ABC"), ("tags", "2", "AB"), ("tags", "1", "A"), ("tags", "", "CDE"),
    ],
    "times": [("at", "2026-01-31T09:00:00+01:00", "E"), ("at", "2026-01-31 08:00:00", "E"), ("at", "", "ABCD")],
}  # fmt: skip


@pytest.mark.parametrize("kind", EQUALITY)
def test_every_mapped_key_filters_by_equality(five: Hub, api: Api, kind: str):
    assert found(api, EQUALITY[kind]) == EQUALITY[kind]


COMPARED = {
    "=": [("name_eq", "100", "E"), ("email_eq", "", "CDE")],
    "!=": [
        ("name_ne", "100", "ABCD"), ("email_ne", "", "AB"), ("email_ne", "a_b@x.com", "BCDE"),
        ("category_id_ne", "2", "CDE"), ("category_id_ne", "", "AB"), ("partner_latitude_ne", "10", "BCDE"),
    ],
    "order": [
        ("partner_latitude_gt", "9.5", "A"), ("partner_latitude_ge", "9.5", "AB"), ("color_gt", "2", "CE"),
        ("partner_latitude_lt", "1e-7", "C"), ("partner_latitude_le", "1e-7", "CD"), ("color_le", "7", "CD"),
        ("ref_gt", "B", "CDE"), ("ref_le", "B", "AB"), ("ref_ge", "B", "BCDE"), ("ref_lt", "B", "A"),
        ("is_company_gt", "false", "AC"), ("country_id_ge", "20", "D"),
    ],
    "like": [
        ("name_like", "100", "AE"), ("name_like", "100%", "A"), ("name_like", "%", "A"), ("name_like", "_", ""),
        ("email_like", "a_b", "A"), ("name_like", "zo", "B"), ("name_like", "\\", "C"), ("name_like", "", "ABCDE"),
        ("email_like", "", "ABCDE"),
    ],
    "ilike": [("name_ilike", "ZO", "AB"), ("name_ilike", ":\\T", "C"), ("email_ilike", "A_B", "A")],
    "=like": [
        ("email_eqlike", "a_b@%", "AB"), ("email_eqlike", "a\\_b@%", "A"), ("name_eqlike", "z%", "B"),
        ("name_eqlike", "%00", "DE"), ("name_eqlike", "", ""),
        ("email_eqlike", "", "CDE"),
    ],
    "=ilike": [("name_eqilike", "z%", "AB"), ("name_eqilike", "zo_", "B")],
    "in": [
        ("ref_in", "A,C,,nobody", "AC"), ("ref_in", "A", "A"), ("ref_in", "A,A", "A"), ("email_in", "", "CDE"),
        ("email_in", "a-b@x.com,", "BCDE"), ("partner_latitude_in", "10,9.5", "AB"), ("color_in", "7,-3", "CD"),
        ("category_id_in", "1,2", "AB"), ("category_id_in", "1,", "ACDE"), ("is_company_in", "true,false", "ABC"),
    ],
    "not in": [
        ("ref_notin", "A,B", "CDE"), ("email_notin", "a_b@x.com", "BCDE"), ("email_notin", "", "AB"),
        ("category_id_notin", "1", "BCDE"), ("category_id_notin", "1,2,", ""), ("country_id_notin", "3", "ABCD"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("operator", COMPARED)
def test_every_operator_does_what_odoo_does(five: Hub, api: Api, operator: str):
    assert found(api, COMPARED[operator]) == COMPARED[operator]


@pytest.mark.parametrize("sign", ["in", "notin"])
def test_a_thousand_values_are_found_like_three(five: Hub, api: Api, sign: str):
    values = ["A", "C", *(f"nobody{n}" for n in range(998))]
    expected = ["A", "C"] if sign == "in" else ["B", "D", "E"]
    assert api.names("partners", {f"ref_{sign}": ",".join(values)}) == expected
    tags = ["1", *(str(n) for n in range(500, 999))]
    expected = ["A"] if sign == "in" else ["B", "C", "D", "E"]
    assert api.names("partners", {f"category_id_{sign}": ",".join(tags)}) == expected


def test_a_value_with_a_comma_is_one_of_several_in_quotes(five: Hub, api: Api):
    for name in ("Peeters, Jan", '6" nail, "long"', '"quoted"', 'a "b'):
        api.post("partners", {"customer_id": name[:3], "name": name})
    for text, expected in (
        ('"Peeters, Jan"', ["Pee"]),
        ('100,"Peeters, Jan",zoe', ["B", "E", "Pee"]),
        ('"6"" nail, ""long"""', ['6" ']),
        # What holds none means what it says.
        ('"quoted"', ['"qu']),
        ('zoe,"quoted"', ["B", '"qu']),
        ('a "b,zoe', ["B", 'a "']),
        ("Peeters, Jan", []),
    ):
        assert api.names("partners", {"name_in": text}) == expected, text
    left = api.names("partners", {"name_notin": '"Peeters, Jan",100'})
    assert (set(left) & {"E", "Pee"}, len(left)) == (set(), 7)


def test_more_than_a_thousand_values_are_refused(five: Hub, api: Api):
    assert "1000" in api.get("partners", {"ref_in": "," * 1000}, status=400)["message"]


def test_filters_have_next_to_nothing_to_read_for_what_was_just_written(desk: Hub, api: Api):
    """What is pending in the index is read from end to end by each of them."""
    desk.partners()
    api.post("partners", [{"customer_id": f"X{number}", "name": f"Name {number}"} for number in range(1000)])
    with connection.cursor() as cursor:
        cursor.execute("SELECT gin_clean_pending_list('record_values')")
        [pages] = cursor.fetchone()
    assert pages <= 8
    assert api.get("partners?name=Name 7")["count"] == 1


def test_conditions_add_up(five: Hub, api: Api):
    query = {"partner_latitude_gt": "-200", "partner_latitude_lt": "9.6", "name_ilike": "o", "tags": "2"}
    assert api.names("partners", query) == ["B"]
    assert api.names("partners", {"color_gt": "-5", "partner_latitude_lt": "1", "ordering": "rank"}) == [
        "D",
        "C",
    ]


REFUSED: list[tuple[dict[str, str], str]] = [
        ({"rank": "7x"}, "whole number"), ({"rank": "1_0"}, "whole number"), ({"rank": " 7"}, "whole number"),
        ({"rank": "9" * 5000}, "whole number"), ({"rank": "2147483648"}, "32 bits"), ({"rank": "٣"}, "whole number"),
        ({"lat": "nan"}, "number"), ({"lat": "inf"}, "number"), ({"lat": "1e400"}, "number"),
        ({"lat": "1_0.5"}, "number"), ({"lat": "1e99999"}, "number"), ({"company": "yes"}, "true or false"),
        ({"kind": "nonsense"}, "contact"), ({"tags": "x"}, "Odoo id"), ({"tags": "-1"}, "Odoo id"),
        ({"tags": "1,2"}, "Odoo id"), ({"country": "0"}, "Odoo id"), ({"at": "yesterday"}, "date and time"),
        ({"name": "a\x00b"}, "U+0000"), ({"name": "\ufffe"}, "U+FFFE"), ({"name_like": "\x00"}, "U+0000"),
        ({"name_like": "x" * 1001}, "1000"), ({"name_eqlike": "x\\"}, "escape"), ({"color_gt": ""}, "needed"),
        ({"color_like": "1"}, "pattern"), ({"country_id_ilike": "bel"}, "pattern"),
        ({"category_id_ilike": "x"}, "pattern"), ({"is_company_like": "t"}, "pattern"),
        ({"category_id_gt": "1"}, "no order"), ({"country_id_child": ""}, "needed"),
        ({"country_id_child": "x"}, "Odoo id"),
]  # fmt: skip


def test_a_value_that_does_not_fit_is_refused_by_key(five: Hub, api: Api):
    for query, words in REFUSED:
        text = api.get("partners", query, status=400)["message"]
        assert text.startswith(f"“{next(iter(query))}”: ")
        assert words in text


UNKNOWN = [
        "nope", "Name", "name ", "name__gt", "values", "values__name", "endpoint_id", "pk", "document", "address",
        "name\x00", "'; DROP TABLE endpoints_record; --", '"', "name'", "%", "ref_in[]", "ref_in[0]", "format",
        "x" * 3000, "é", "\u202e",
]  # fmt: skip


def test_a_key_that_is_not_known_is_refused_with_those_that_are(five: Hub, api: Api):
    for key in UNKNOWN:
        text = api.get("partners", {key: "1"}, status=400)["message"]
        assert "is not a parameter" in text
        assert all(
            known in text for known in ("customer_id", "ref_in", "limit", "offset", "ordering", "fields")
        )
        assert len(text) < 5000


def test_a_key_that_stands_twice_is_refused(five: Hub, api: Api):
    for query in ("name=a&name=b", "limit=1&limit=2", "fields=name&fields=name", "ref_in=A&ref_in=B"):
        answer = api.ask("GET", "partners", QUERY_STRING=query)
        assert answer.status_code == 400
        assert "twice" in answer.content.decode()


HOSTILE = [
    "' OR 1=1 --", '" OR ""="', "'; SELECT pg_sleep(10); --", '{"$ne": null}', "%s", "%(x)s", "{}", "$.name",
    "@.name == 1", "null", "[]", "\\", "\\'", "\t", "\r\n", "{0.__class__}", "\u2028", "😀" * 100, "a" * 60_000,
]  # fmt: skip


@pytest.mark.parametrize(
    "key", ["name", "name_ne", "name_in", "name_notin", "name_ge", "name_like", "name_eqilike"]
)
def test_a_value_is_only_ever_a_value(five: Hub, api: Api, key: str):
    for value in HOSTILE:
        Record.objects.filter(external_id="A").update(values={"name": value})
        answer = api.ask("GET", "partners", QUERY_STRING=query_of({key: value}))
        if answer.status_code != 200:
            assert answer.status_code == 400
            assert key.endswith("like")  # patterns are bounded, and do not end in the middle of an escape
        elif key in ("name", "name_in", "name_like") and "," not in value:
            assert "A" in api.names("partners", {key: value})
        elif key in ("name_ne", "name_notin") and "," not in value:
            assert "A" not in api.names("partners", {key: value})


def query_of(query: dict[str, str]) -> str:
    from urllib.parse import urlencode

    return urlencode(query)


@given(query=st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=3))
@hypothesis_settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_query_whatever_makes_the_hub_fail(five: Hub, api: Api, query: dict[str, str]):
    from urllib.parse import quote

    text = "&".join(
        f"{quote(k, errors='surrogatepass')}={quote(v, errors='surrogatepass')}" for k, v in query.items()
    )
    assert api.ask("GET", "partners", QUERY_STRING=text).status_code in (200, 400)


@given(
    value=st.text(max_size=12),
    key=st.sampled_from(["ref", "name", "color", "country_id", "category_id", "type"]),
)
@hypothesis_settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_value_whatever_makes_the_hub_fail(five: Hub, api: Api, key: str, value: str):
    from urllib.parse import quote

    for operator in OPERATORS:
        if operator != "child":
            text = f"{key}_{operator}={quote(value, errors='surrogatepass')}"
            assert api.ask("GET", "partners", QUERY_STRING=text).status_code in (200, 400)


def test_a_query_that_is_not_quite_one_gets_an_answer(five: Hub, api: Api):
    for raw in ("name=%FF%FE", "name=%ED%A0%80", "%FF=1", "name=%", "name=%zz", "&&&", "=", "=x", ";"):
        assert api.ask("GET", "partners", QUERY_STRING=raw).status_code in (200, 400)


def test_thousands_of_parameters_are_refused(five: Hub, api: Api):
    assert (
        api.ask("GET", "partners", QUERY_STRING="&".join(f"k{n}=1" for n in range(5000))).status_code == 400
    )


def test_fields_called_like_lookups_filter_as_others_do(desk: Hub, api: Api):
    """Odoo Studio makes names with two underscores."""
    from mappings.models import OdooModel

    desk.partners()
    known = OdooModel.objects.get()
    for name, like in {"x_a__b": "email", "contains": "email", "isnull": "partner_latitude"}.items():
        known.fields[name] = known.fields[like]
    known.save()
    desk_endpoint: dict[str, Any] = {
        "customer_id": {"field": "ref", "identifier": True},
        "a": "x_a__b",
        "c": "contains",
        "n": "isnull",
    }
    from endpoints import registry
    from endpoints.models import Endpoint, Parameter
    from mappings.models import Line, Mapping

    mapping = Mapping.objects.create(name="odd", connection=desk.connection, model="res.partner")
    for key, line in desk_endpoint.items():
        Line.objects.create(mapping=mapping, key=key, **({"field": line} if isinstance(line, str) else line))
    endpoint = Endpoint.objects.create(name="odd", mapping=mapping, auth="none")
    Parameter.objects.create(endpoint=endpoint, key="a_in", field="x_a__b", operator="in")
    Parameter.objects.create(endpoint=endpoint, key="n_gt", field="isnull", operator=">")
    registry.clear()
    api.post("odd", [{"customer_id": "1", "a": "x", "c": "y", "n": 5}, {"customer_id": "2"}])
    for query, expected in [
        ({"a": "x"}, ["1"]), ({"a": ""}, ["2"]), ({"c": "y"}, ["1"]), ({"n": "5"}, ["1"]), ({"a_in": "x,"}, ["1", "2"]),
        ({"n_gt": "4"}, ["1"]), ({"ordering": "-n"}, ["1", "2"]), ({"ordering": "a"}, ["2", "1"]),
    ]:  # fmt: skip
        assert api.names("odd", query) == expected, query


# child_of -------------------------------------------------------------------------------------------------------


@pytest.fixture
def family() -> Iterator[PracticeOdoo]:
    with PracticeOdoo(seed_records=0) as odoo:
        yield odoo


@pytest.fixture
def tree(family: PracticeOdoo, db: None) -> dict[str, int]:
    """Categories: one above two, one of these above a third; partners in them, one below an archived one."""
    from django.core.cache import cache

    cache.clear()
    hub = Hub(family)
    create = family.execute
    top = create("res.partner.category", "create", {"name": "top"})
    left = create("res.partner.category", "create", {"name": "left", "parent_id": top})
    right = create("res.partner.category", "create", {"name": "right", "parent_id": top})
    deep = create("res.partner.category", "create", {"name": "deep", "parent_id": left})
    parent = create("res.partner", "create", {"name": "P", "ref": "P", "is_company": True})
    gone = create("res.partner", "create", {"name": "G", "ref": "G", "parent_id": parent, "active": False})
    hub.partners(
        parameters={
            "in_category": ("category_id", "child_of"),
            "under": ("parent_id", "child_of"),
            "itself": ("id", "child_of"),
        }
    )
    child = create(
        "res.partner", "create", {"name": "C", "ref": "C", "parent_id": gone, "category_id": [[6, 0, [deep]]]}
    )
    create("res.partner", "create", {"name": "X", "ref": "X", "category_id": [[6, 0, [right]]]})
    create("res.partner", "create", {"name": "Y", "ref": "Y"})
    hub.pull()
    return {"top": top, "left": left, "right": right, "deep": deep, "P": parent, "C": child}


@pytest.mark.parametrize(
    ("key", "of", "expected"),
    [
        ("in_category", "top", "CX"), ("in_category", "left", "C"), ("in_category", "right", "X"),
        ("in_category", "deep", "C"), ("under", "P", "PC"), ("itself", "P", "PC"), ("itself", "C", "C"),
    ],
)  # fmt: skip
def test_child_of_is_the_record_and_all_below_it(
    tree: dict[str, int], api: Api, key: str, of: str, expected: str
):
    assert sorted(api.names("partners", {key: tree[of]})) == sorted(expected)
    Endpoint.objects.update(mode="live")
    registry.clear()
    assert sorted(api.names("partners", {key: tree[of]})) == sorted(expected)


def test_child_of_is_asked_of_odoo_once(tree: dict[str, int], family: PracticeOdoo, api: Api):
    family.calls.clear()
    for _ in range(3):
        assert api.names("partners", {"in_category": tree["top"]})
    assert [call[1] for call in family.calls if call[1] != "authenticate"] == ["search"]


def test_child_of_has_what_was_put_there_through_the_hub_just_now(
    family: PracticeOdoo, transactional_db: None, api: Api
):
    hub = Hub(family)
    hub.endpoint(
        "partners", "res.partner",
        {"customer_id": {"field": "ref", "identifier": True}, "name": "name", "parent": "parent_id"},
        parameters={"under": ("parent_id", "child_of")},
    )  # fmt: skip
    top = family.execute("res.partner", "create", {"name": "T", "ref": "T"})
    family.execute("res.partner", "create", {"name": "Y", "ref": "Y"})
    hub.pull()
    assert api.names("partners", {"under": top}) == ["T"]
    api.put("partners/Y", {"parent": top})
    assert api.names("partners", {"under": top}) == ["T"]  # Odoo does not have it yet
    hub.push()
    assert api.names("partners", {"under": top}) == ["T", "Y"]
    family.calls.clear()
    assert api.names("partners", {"under": top}) == ["T", "Y"]
    assert not family.calls
    api.put("partners/Y", {"parent": None})
    hub.push()
    assert api.names("partners", {"under": top}) == ["T"]


def test_child_of_a_record_that_is_not_there_is_an_empty_list(tree: dict[str, int], api: Api):
    assert api.names("partners", {"in_category": 999_999}) == []


def test_child_of_says_so_when_odoo_is_away(tree: dict[str, int], api: Api):
    from mappings.models import Connection

    Connection.objects.update(url="http://127.0.0.1:9")
    assert "Odoo" in api.get("partners", {"in_category": tree["top"]}, status=502)["message"]


@pytest.mark.parametrize(
    ("fault", "status"), [("hang_after_commit", 504), ("http_500", 502), ("access_denied", 502)]
)
def test_child_of_says_so_when_odoo_fails(
    tree: dict[str, int], family: PracticeOdoo, api: Api, fault: str, status: int
):
    from mappings.models import Connection

    Connection.objects.update(read_timeout=1)
    family.faults.arm(fault, times=-1, method="search", seconds=3)
    api.get("partners", {"in_category": tree["top"]}, status=status)


def test_child_of_with_too_much_below_is_refused(
    tree: dict[str, int], api: Api, monkeypatch: pytest.MonkeyPatch
):
    from endpoints.api import filters

    monkeypatch.setattr(filters, "MAX_BELOW", 1)
    assert "lie below" in api.get("partners", {"in_category": tree["top"]}, status=400)["message"]


SAME = {
    "name": ["100%", "1_0", "zo", "C:\\t", "_", ""],
    "email": ["a_b", "", "a\\_b@%", "a_b@x.com,"],
    "partner_latitude": ["", "0", "10,9.5,"],
    "is_company": ["", "false", "true,"],
    "category_id": ["", "1", "1,"],
    "country_id": ["", "20,"],
}  # fmt: skip
TOLD_BY = ("eq", "ne", "lt", "like", "ilike", "eqlike", "in", "notin")


def test_live_finds_what_the_mirror_finds(hub: Hub, api: Api):
    """By every operator, be the value empty or full of signs that mean something to Odoo."""
    lines = {"customer_id": {"field": "ref", "identifier": True}} | {field: field for field in SAME}
    parameters = {
        f"{field}_{name}": (field, OPERATORS[name])
        for field in SAME
        for name in TOLD_BY
        if (field, name) != ("is_company", "lt")
    }
    domain = "[('ref', 'in', ['A', 'B', 'C', 'D', 'E'])]"
    for mode in ("mirror", "live"):
        hub.endpoint(mode, "res.partner", lines, parameters=parameters, mode=mode, domain=domain)
    known = {
        "lat": "partner_latitude",
        "company": "is_company",
        "tags": "category_id",
        "country": "country_id",
    }
    for ref, facts in VALUES.items():
        named = {known.get(key, key): value for key, value in facts.items()}
        sent = {key: value for key, value in named.items() if key in lines and value is not None}
        api.post("mirror", {"customer_id": ref} | sent)
    hub.push("mirror")
    differing = {}
    for field, values in SAME.items():
        for key in [field, *(one for one in parameters if one.startswith(f"{field}_"))]:
            for value in values:
                answers = [api.ask("GET", f"{mode}?{urlencode({key: value})}") for mode in ("mirror", "live")]
                found = [
                    "".join(row["customer_id"] for row in one.json().get("results", [])) or one.status_code
                    for one in answers
                ]
                if found[0] != found[1]:
                    differing[key, value] = found
    assert differing == {}


def test_live_an_empty_text_comes_before_no_other_and_fits_no_pattern(hub: Hub, api: Api):
    """Odoo has two of them, which are shown alike."""
    for ref, email in (("A", ""), ("B", False), ("C", "a@x.com")):
        hub.odoo.execute("res.partner", "create", {"name": ref, "ref": ref, "email": email})
    lines = {"customer_id": {"field": "ref", "identifier": True}, "email": "email"}
    parameters = {
        "before": ("email", Operator.LT),
        "until": ("email", Operator.LE),
        "fits": ("email", Operator.EQ_ILIKE),
    }
    for mode in ("mirror", "live"):
        domain = "[('ref', 'in', ['A', 'B', 'C'])]"
        hub.endpoint(mode, "res.partner", lines, parameters=parameters, mode=mode, domain=domain)
    hub.pull("mirror")
    for query in ({"before": "b"}, {"until": "a@x.com"}, {"fits": "%"}):
        assert (api.names("mirror", query), api.names("live", query)) == (["C"], ["C"])
