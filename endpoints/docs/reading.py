"""The operations that read: a list, one record, the change feed, the state of the sync. Pure."""

from endpoints.docs import answers, parameters, schemas, shapes, statuses
from endpoints.docs.schemas import Components
from endpoints.docs.subject import Described
from endpoints.docs.values import Operation
from endpoints.models import Operator


def records(one: Described, components: Components) -> Operation:
    endpoint = one.endpoint
    page = answers.ok("One page.", shapes.page(components, endpoint), example=shapes.of_page(one.example))
    # Only Odoo knows what lies below a record, so such a filter asks it in either mode.
    trees = any(operator == Operator.CHILD_OF for _, operator, _ in one.filters.values())
    below = statuses.ASKS_ODOO if trees else set()
    return {
        "operationId": f"list_{endpoint.name}",
        "summary": f"A list of {endpoint.name}",
        "parameters": parameters.of_lists(endpoint, one.filters),
        "responses": {"200": page} | statuses.errors(endpoint, statuses.READING | below),
    }


def one_record(one: Described, components: Components) -> Operation:
    endpoint, spec = one.endpoint, one.endpoint.mapping
    record = schemas.record(components, spec)
    return {
        "operationId": f"read_{endpoint.name}",
        "summary": f"One record of {endpoint.name}",
        "parameters": [parameters.fields(spec), *parameters.conditions(writing=False)],
        "responses": {
            "200": answers.ok("The record.", record, *answers.OF_A_RECORD, example=one.example),
            "304": answers.unchanged(),
        }
        | statuses.errors(endpoint, statuses.READING | {412}),
    }


def feed(one: Described, components: Components) -> Operation:
    endpoint = one.endpoint
    return {
        "operationId": f"changes_of_{endpoint.name}",
        "summary": f"What was created, changed and deleted in {endpoint.name}",
        "description": "Each record once, as it is now, in order; to go on from anywhere by `next`.",
        "parameters": parameters.of_the_feed(endpoint),
        "responses": {"200": answers.ok("Changes.", shapes.feed(components, endpoint))}
        | statuses.errors(endpoint, statuses.READING | {410}),
    }


def sync_state(one: Described, components: Components) -> Operation:
    endpoint = one.endpoint
    return {
        "operationId": f"sync_state_of_{endpoint.name}",
        "summary": f"How far {endpoint.name} is",
        "description": "And, where `state` is asked for, which records are in that state.",
        "parameters": parameters.of_the_state(),
        "responses": {"200": answers.ok("Counts, and since when.", shapes.sync_state(components))}
        | statuses.errors(endpoint, statuses.READING),
    }
