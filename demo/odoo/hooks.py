"""Where a model's own behaviour plugs into create, write and unlink."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from demo.odoo.env import Env, Values


def _nothing(*_args: Any) -> None:
    return None


@dataclass
class Hooks:
    """All optional. `methods` are the model's own methods, called with the ids as over RPC.

    `before_create` and `before_write` may change the client's values; `fill` completes the new rows, ids
    included, just before they are stored; `after_*` see what was stored.
    """

    before_create: Callable[[Env, list[Values]], None] = _nothing
    fill: Callable[[Env, list[Values]], None] = _nothing
    after_create: Callable[[Env, list[int], list[Values]], None] = _nothing
    before_write: Callable[[Env, list[int], Values], None] = _nothing
    after_write: Callable[[Env, list[int], Values], None] = _nothing
    before_unlink: Callable[[Env, list[int]], None] = _nothing
    after_unlink: Callable[[Env, list[int]], None] = _nothing
    methods: dict[str, Callable[..., Any]] = field(default_factory=dict)


# Filled by the modules of the models; a model without an entry has none of its own.
HOOKS: dict[str, Hooks] = {}
_NONE = Hooks()


def hooks_of(model: str) -> Hooks:
    return HOOKS.get(model, _NONE)
