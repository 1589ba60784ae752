"""Saving endpoints with their parameters and actions."""

from django.utils import timezone

from endpoints.configfile import columns
from endpoints.configfile.blame import is_valid
from endpoints.configfile.items import FILE, ActionItem, EndpointItem, ParameterItem
from endpoints.configfile.places import Findings
from endpoints.configfile.write_keys import save_keys
from endpoints.models import Action, Endpoint, Parameter
from mappings.models import Mapping


def endpoint_row(item: EndpointItem, mapping: Mapping | None) -> Endpoint:
    row = Endpoint.objects.filter(name=item.name).first() or Endpoint(name=item.name)
    columns.put(row, item, columns.ENDPOINT)
    row.methods, row.on_delete = list(item.methods), item.on_delete or row.on_delete
    if item.paused != row.paused:
        row.paused_at = timezone.now() if item.paused else None
        row.paused_by, row.paused_reason = (FILE if item.paused else ""), ""
    if list(item.match_on) != row.match_on:
        row.match_on, row.matched_at = list(item.match_on), None
    row.paused = bool(item.paused)
    row.mapping = mapping  # type: ignore[assignment]  # without one, clean() looks at the rest
    return row


def is_row_valid(row: Endpoint, item: EndpointItem, findings: Findings) -> bool:
    usable = row.mapping_id is not None
    good = is_valid(row, item.node, findings, exclude=() if usable else ("mapping",))
    return good and usable


def save_endpoint(row: Endpoint, item: EndpointItem, findings: Findings) -> None:
    row.save()
    _save_parameters(row, item.parameters, findings)
    _save_actions(row, item.actions, findings)
    if item.keys is not None:
        save_keys(row, item.keys, findings)


def _save_parameters(endpoint: Endpoint, items: tuple[ParameterItem, ...], findings: Findings) -> None:
    rows = {parameter.key: parameter for parameter in endpoint.parameters.all()}
    endpoint.parameters.exclude(key__in=[item.key for item in items]).delete()
    for item in items:
        row = rows.get(item.key) or Parameter(endpoint=endpoint, key=item.key)
        row.field, row.operator = item.field, item.operator
        if is_valid(row, item.node, findings):
            row.save()


def _save_actions(endpoint: Endpoint, items: tuple[ActionItem, ...], findings: Findings) -> None:
    rows = {action.name: action for action in endpoint.actions.all()}
    endpoint.actions.exclude(name__in=[item.name for item in items]).delete()
    for item in items:
        row = rows.get(item.name) or Action(endpoint=endpoint, name=item.name)
        row.method, row.parameters, row.repeatable = item.method, list(item.parameters), item.repeatable
        if is_valid(row, item.node, findings):
            row.save()
