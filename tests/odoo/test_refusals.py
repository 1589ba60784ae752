"""What `load` tells where it refuses; the messages are those of a real Odoo 18."""

from synchub.odoo import LoadMessage, refusal

NO_NAME = "'Contacts require a name'"
UNITS = "The default Unit of Measure and the purchase Unit of Measure must be in the same category."


def said(*places: int, message: str = NO_NAME, field: str | None = None) -> list[LoadMessage]:
    return [LoadMessage("error", message, place, field) for place in places]


def test_who_is_blamed_is_refused_and_the_others_would_have_been_taken():
    found = refusal(said(3), 5)
    assert (list(found.refused), found.good, found.unsure) == ([3], [0, 1, 2, 4], [])
    assert found.refused[3].message == NO_NAME


def test_the_first_is_in_doubt_where_others_are_blamed_as_well():
    """Odoo says the same whether it is at fault or not."""
    found = refusal(said(0, 3, message=UNITS), 5)
    assert (list(found.refused), found.good, found.unsure) == ([3], [1, 2, 4], [0])


def test_the_first_is_at_fault_where_it_stands_alone_or_is_told_apart():
    assert list(refusal(said(0), 5).refused) == [0]
    assert list(refusal([*said(0, message=UNITS), *said(0, 3)], 5).refused) == [0, 3]
    assert list(refusal(said(0, 3, message="No matching record", field="country_id"), 5).refused) == [0, 3]


def test_after_ten_errors_among_few_odoo_tried_no_more():
    found = refusal([*said(*range(10, 20)), LoadMessage("warning", "Found more than 10 errors")], 40)
    assert (found.good, found.unsure) == (list(range(10)), list(range(20, 40)))


def test_ten_errors_among_many_stop_nothing():
    found = refusal(said(*range(10, 200, 19)), 300)
    assert (len(found.refused), len(found.good), found.unsure) == (10, 290, [])


def test_what_is_about_no_record_blames_none():
    messages = [
        LoadMessage("error", "In general"),
        LoadMessage("error", "Beyond", 5),
        LoadMessage("warning", "Odd", 1),
    ]
    found = refusal(messages, 5)
    assert (found.refused, found.good, found.unsure) == ({}, [0, 1, 2, 3, 4], [])
