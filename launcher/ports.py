"""Ports for services that only this machine uses: chosen once, remembered, and replaced if another program took them."""

import random

from launcher import system
from launcher.output import Problem
from launcher.store import Store

# Below the range that systems use for outgoing connections.
_RANGE = range(20_000, 32_000)


def choose(state: Store, name: str) -> int:
    remembered = state.read().get(f"{name}_port")
    if isinstance(remembered, int) and not system.can_listen("127.0.0.1", remembered):
        return remembered
    for port in random.sample(_RANGE, 200):
        if not system.can_listen("127.0.0.1", port):
            state.update(**{f"{name}_port": port})
            return port
    raise Problem("found no free port on 127.0.0.1 between 20000 and 32000.")
