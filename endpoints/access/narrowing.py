"""From an endpoint and an access key to what the key may do there."""

from collections.abc import Iterable
from dataclasses import replace

from endpoints import scope
from endpoints.access.allowed import Access
from endpoints.registry import EndpointSpec, KeySpec
from mappings import domains
from mappings.spec import MappingSpec
from synchub.errors import ConfigurationError


def everything(endpoint: EndpointSpec) -> Access:
    """The access of keys without restrictions, and to an endpoint that is open to all."""
    keys = frozenset(line.key for line in endpoint.mapping.lines)
    return Access(endpoint, endpoint, endpoint.methods, keys, keys, hides_keys=False, hides_rows=False)


def of(endpoint: EndpointSpec, key: KeySpec | None) -> Access:
    """What the key may do. Without a key: what this endpoint allows, which may be one that was narrowed already.

    Raises ConfigurationError where the key's domain no longer fits the mapping.
    """
    number = None if key is None else key.id
    found: Access | None = endpoint.accesses.get(number)
    if found is None:
        found = everything(endpoint) if key is None else _narrowed(endpoint, key)
        endpoint.accesses[number] = found
    return found


def _narrowed(endpoint: EndpointSpec, key: KeySpec) -> Access:
    methods = endpoint.methods & key.methods if key.methods else endpoint.methods
    hides_keys = bool(key.read or key.write) or "GET" not in methods
    may_act = not key.methods or "POST" in key.methods
    if not hides_keys and not key.domain:
        return replace(everything(endpoint), methods=methods, may_act=may_act)
    mapping = endpoint.mapping
    asked = key.read or tuple(line.key for line in mapping.lines)
    # Without GET, an answer shows nothing but the identifier of what was written.
    readable = _matching(mapping, asked if "GET" in methods else ()) | {mapping.identifier.key}
    lines = tuple(line for line in mapping.lines if line.key in readable)
    shown = {line.field.name for line in lines if line.tells_field}
    # The fields of the domain are needed, though they are not shown.
    deciding = tuple(
        mapping.by_field[name] for name in domains.fields_of(key.domain) - shown if name in mapping.by_field
    )
    whole = _with_rows(endpoint, key)
    seen = replace(
        whole,
        mapping=replace(mapping, lines=lines, extra=(*mapping.extra, *deciding)) if hides_keys else mapping,
        parameters=tuple(
            one
            for one in endpoint.parameters
            if not hides_keys or one.field.name in shown or one.key in key.read
        ),
        accesses={},
    )
    found = Access(
        seen, whole, methods, readable, _matching(mapping, key.write or asked),
        hides_keys=hides_keys, hides_rows=bool(key.domain), may_act=may_act,
    )  # fmt: skip
    # `of` without a key answers the same access for these.
    whole.accesses[None] = seen.accesses[None] = found
    return found


def _with_rows(endpoint: EndpointSpec, key: KeySpec) -> EndpointSpec:
    by_field = endpoint.mapping.by_field
    missing = domains.fields_of(key.domain) - set(by_field) - {"id"}
    relations = {name for name, field in by_field.items() if getattr(field.type, "relation", "")}
    wrong = scope.problems(key.domain, relations)
    if missing or wrong:
        raise ConfigurationError(
            f"The rows of access key “{key.name}” at endpoint “{endpoint.name}” cannot be told: "
            + (f"Odoo has no field {', '.join(sorted(missing))}." if missing else " ".join(wrong))
        )
    return replace(
        endpoint,
        moving_domain=domains.both(endpoint.moving_domain, key.domain),
        moving_rows=key.domain,
        accesses={},
    )


def described(access: Access) -> EndpointSpec:
    """The endpoint as it is described to a caller with this access: each line only in the directions it may be used in, and
    new records only if the access may say all that they need."""
    makes = _says_what_is_needed(access)
    lines = (
        replace(line, from_odoo=line.from_odoo and line.key in access.readable,
                to_odoo=line.to_odoo and line.key in access.writable)
        for line in access.whole.mapping.lines
    )  # fmt: skip
    mapping = replace(
        access.whole.mapping,
        lines=tuple(line for line in lines if line.from_odoo or line.to_odoo or line.identifier),
    )
    return replace(
        access.seen,
        mapping=mapping if access.hides_keys else access.whole.mapping,
        methods=access.methods if makes else access.methods - {"POST"},
        put_creates=access.whole.put_creates and makes,
        actions=access.whole.actions if access.may_act else {},
    )


def _says_what_is_needed(access: Access) -> bool:
    """For a record that is there already, a POST only has to say what it is called."""
    spec, updates = access.whole.mapping, access.whole.post_updates
    needed = (line for line in spec.incoming if line.identifier or (line.required and not updates))
    return all(
        line.key in access.writable
        for line in needed
        if line.default is None and line.constant is None and line.script is None
    )


def _matching(mapping: MappingSpec, wanted: Iterable[str]) -> frozenset[str]:
    names = tuple(wanted)
    return frozenset(
        line.key
        for line in mapping.lines
        if any(line.key == name or line.key.startswith(f"{name}.") for name in names)
    )
