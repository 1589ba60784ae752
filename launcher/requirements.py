"""The files in requirements/: what they ask for, and whether that changed."""

import hashlib
import re
from collections.abc import Sequence

from launcher.settings import ROOT

_INCLUDE = re.compile(r"^-r\s+(\S+)\.txt\s*$", re.MULTILINE)


def digests(layers: Sequence[str]) -> dict[str, str]:
    """These layers and those they include, each with a digest of its content."""
    found: dict[str, str] = {}
    for layer in layers:
        text = _text(layer)
        inner = digests(_INCLUDE.findall(text))
        found |= inner
        found[layer] = hashlib.sha256("\0".join([text, *inner.values()]).encode()).hexdigest()
    return found


def flat(layers: Sequence[str]) -> list[str]:
    """Each requirement once, those of included layers first."""
    lines: dict[str, None] = {}
    for layer in layers:
        text = _text(layer)
        lines |= dict.fromkeys(flat(_INCLUDE.findall(text)))
        for line in _INCLUDE.sub("", text).splitlines():
            requirement = line.partition(" #")[0].strip()
            if requirement and not requirement.startswith("#"):
                lines[requirement] = None
    return list(lines)


def _text(layer: str) -> str:
    path = ROOT / "requirements" / f"{layer}.txt"
    return path.read_text(encoding="utf-8") if path.is_file() else ""
