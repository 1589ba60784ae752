"""What a torture did, and what it found."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from synchub.torture.expected import Findings


@dataclass
class Report:
    seconds: float
    writes: Counter[str]
    kills: Counter[str]
    asked_again: int
    """Requests that consumers had to repeat."""
    recovered: int
    """Changes that took more than one attempt."""
    findings: Findings
    logs: Path | None = None
    """Where the programs' logs are kept, if something was found."""
    changes: dict[str, int] = field(default_factory=dict)

    @property
    def accepted(self) -> int:
        return sum(self.writes.values())

    def text(self) -> str:
        found = self.findings
        lines = [
            f"{self.accepted:,} writes accepted ({_counts(self.writes)})",
            f"{sum(self.kills.values()):,} kills ({_counts(self.kills)})",
            f"{self.asked_again:,} requests repeated, since they were not answered",
            f"{self.recovered:,} changes recovered: they took more than one attempt",
            f"changes in the end: {_counts(Counter(self.changes))}",
            f"lost {len(found.lost)}, doubled {len(found.doubled)}, unexpected {len(found.unexpected)}",
            f"in {self.seconds:.0f} s",
        ]
        lines += [f"  {one}" for one in [*found.lost, *found.doubled, *found.unexpected][:30]]
        if self.logs:
            lines.append(f"The programs' logs are in {self.logs}")
        return "\n".join(lines)


def _counts(counted: Counter[str]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in sorted(counted.items())) or "none"
