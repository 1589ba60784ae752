"""How many worker processes are enough, as a table: see `scale`."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace

from synchub.bench.assumed import Assumed, Found, Lags
from synchub.bench.scale import Hub

SINGLE_IN = 3.0  # seconds within which 99 of 100 single writes should be in Odoo
AT_MOST = 0.7  # share of the time that workers should be busy at most; the rest is a reserve
MOST = 1024
_GIVEN_OTHERWISE = {"connections", "records", "push_workers", "pull_workers"}


def names() -> list[str]:
    """What can be assumed."""
    return [field.name for field in fields(Assumed) if field.name not in _GIVEN_OTHERWISE]


def assumed(texts: Sequence[str], otherwise: Assumed) -> Assumed:
    """`NAME=VALUE` each. Raises ValueError, which says what to do."""
    values: dict[str, int | float] = {}
    for text in texts:
        name, _, value = text.partition("=")
        if name not in names():
            raise ValueError(f"Nothing is called {name!r} here. There are: {', '.join(names())}.")
        usual = getattr(otherwise, name)
        try:
            number = int(value) if isinstance(usual, int) else float(value)
        except ValueError:
            raise ValueError(f"{name} needs a number (now {usual}), not {value!r}.") from None
        if number < 0:
            raise ValueError(f"{name} cannot be below 0.")
        values[name] = number
    return replace(otherwise, **values)  # type: ignore[arg-type]  # each of its field's type


def report(one: Assumed, workers: Sequence[int]) -> Iterator[str]:
    """Lines, as soon as each is known. Without `workers`, doubles their number until that is enough."""
    yield from _told(one)
    yield (
        f"{'push':>5}{'pull':>6}{'first':>10}{'single writes, s':>20}{'meanwhile':>11}{'bulk writes, s':>18}"
        f"{'Odoo’s changes, s':>20}{'busy: push':>12}{'pull':>6}{'DB':>6}{'gave up':>9}"
    )
    yield (
        f"{'workers':>11}{'pull, h':>10}{'50 %  99 %':>20}{'99 %':>11}{'50 %  99 %':>18}{'50 %  99 %':>20}"
        f"{'':>12}{'':>6}{'':>6}{'calls':>9}"
    )
    if workers:
        for number in workers:
            yield _row(one := replace(one, push_workers=number, pull_workers=number), Hub(one).run())
        return
    push = pull = 0
    number = 1
    while number <= MOST and not (push and pull):
        one = replace(one, push_workers=number, pull_workers=number)
        found = Hub(one).run()
        yield _row(one, found)
        push = push or (number if enough_to_push(found) else 0)
        pull = pull or (number if enough_to_pull(found, one) else 0)
        number *= 2
    if not (push and pull):
        yield "It is not the workers: see the limits of the connections, Odoo’s own workers and the database."
        return
    one = replace(one, push_workers=push, pull_workers=pull)
    yield f"Enough: {push} for pushes, {pull} for pulls."
    yield _row(one, Hub(one).run())


def enough_to_push(found: Found) -> bool:
    return found.push_busy <= AT_MOST and not found.single.percentile(0.99) > SINGLE_IN


def enough_to_pull(found: Found, one: Assumed) -> bool:
    """Whether a change waits for the next pull and a worker for that, but not for a second pull."""
    late = found.pulled.percentile(0.99) > 1.5 * one.pull_every
    return found.pull_busy <= AT_MOST and found.backfill <= one.longest and not late


def _row(one: Assumed, found: Found) -> str:
    return (
        f"{one.push_workers:>5}{one.pull_workers:>6}{found.backfill / 3600:>10.1f}{_two(found.single):>20}"
        f"{found.early.percentile(0.99):>11.1f}{_two(found.bulk):>18}{_two(found.pulled):>20}"
        f"{found.push_busy:>12.0%}{found.pull_busy:>6.0%}{found.database_busy:>6.0%}{found.given_up:>9}"
    )


def _two(lags: Lags) -> str:
    return f"{lags.percentile(0.5):.1f}  {lags.percentile(0.99):.1f}"


def _told(one: Assumed) -> Iterator[str]:
    yield "Simulated. Assumed:"
    for field in fields(Assumed):
        if field.name not in ("push_workers", "pull_workers"):
            yield f"  {field.name} = {getattr(one, field.name)}"
    yield ""
