"""What `./hub check` runs: everything, even if something fails."""

import time
from dataclasses import dataclass
from pathlib import Path

from launcher.child import Program
from launcher.keeper import Keeper
from launcher.output import say
from launcher.services import Environment
from launcher.settings import ROOT, Settings


@dataclass(frozen=True)
class Check:
    name: str
    arguments: tuple[str, ...]
    hint: str


_PACKAGES = ("synchub", "mappings", "endpoints", "demo", "launcher", "tests")
_CHECKS = (
    Check("format", ("-m", "ruff", "format", "--check", ".", "hub"), "ruff format . hub  puts it right"),
    Check("lint", ("-m", "ruff", "check", ".", "hub"), "ruff check --fix . hub  mends some of it"),
    Check("types", ("-m", "mypy", *_PACKAGES), ""),
    Check(
        "migrations",
        ("manage.py", "makemigrations", "--check", "--dry-run"),
        "./hub manage makemigrations  writes it",
    ),
    Check(
        "imports",
        ("-c", "from importlinter.cli import lint_imports_command as run; run()"),
        "see pyproject.toml",
    ),
)


def run_checks(keeper: Keeper, settings: Settings, env: Environment) -> int:
    failed: list[Check] = []
    log = Path(env["HUB_DATA_DIR"]) / "logs" / "check.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    for check in _CHECKS:
        began = time.monotonic()
        done = keeper.run(Program(check.name, [settings.python, *check.arguments], env, log, cwd=ROOT))
        say(f"  {check.name:<12} {'FAILED' if done.code else 'ok'} ({time.monotonic() - began:.1f} s)")
        if done.code:
            failed.append(check)
            say("\n".join(f"    {line}" for line in done.output.splitlines()))
    if not failed:
        say(f"\nAll {len(_CHECKS)} checks passed.")
        return 0
    say(f"\n{len(failed)} of {len(_CHECKS)} checks failed:")
    for check in failed:
        say(f"  {check.name:<12} {check.hint}".rstrip())
    return 1
