"""The results as medians, and as ratios within a round: the state of the machine affects rates, not ratios."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median
from typing import Any


@dataclass
class Group:
    """Ways to do one thing, the hub's first. `rates`: by way, one for each round; more is better."""

    title: str
    unit: str
    rates: dict[str, list[float]] = field(default_factory=dict)
    p99: dict[str, list[float]] = field(default_factory=dict)

    def add(self, way: str, rate: float, p99: float | None = None) -> None:
        """`p99` in milliseconds, if single answers were timed."""
        self.rates.setdefault(way, []).append(rate)
        if p99 is not None:
            self.p99.setdefault(way, []).append(p99)

    def ratio(self, way: str) -> float:
        """The hub's rate divided by that way's."""
        hub = next(iter(self.rates.values()))
        return median(mine / other for mine, other in zip(hub, self.rates[way], strict=True))


def text(groups: Iterable[Group]) -> str:
    """The table as text."""
    lines: list[str] = []
    for group in groups:
        lines += ["", f"{group.title:<44}{group.unit:>12}{'lowest–highest':>20}{'p99 ms':>9}{'hub is':>10}"]
        for place, (way, rates) in enumerate(group.rates.items()):
            shown = f"{median(group.p99[way]):,.1f}" if way in group.p99 else ""
            compared = f"{group.ratio(way):,.2f} ×" if place else ""
            span = f"{min(rates):,.0f}–{max(rates):,.0f}"
            lines.append(f"  {way:<42}{median(rates):>12,.0f}{span:>20}{shown:>9}{compared:>10}".rstrip())
    return "\n".join(lines)


def as_json(groups: Iterable[Group]) -> list[dict[str, Any]]:
    """The table as JSON, with the single rounds."""
    return [
        {
            "title": group.title,
            "unit": group.unit,
            "ways": [
                {
                    "way": way,
                    "median": median(rates),
                    "rounds": rates,
                    "p99_ms": median(group.p99[way]) if way in group.p99 else None,
                    "hub_is": group.ratio(way),
                }
                for way, rates in group.rates.items()
            ],
        }
        for group in groups
    ]
