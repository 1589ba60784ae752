"""Schemathesis over the description of a running hub: no answer is a 5xx, and none is other than described.

The short run is one of the tests. The long one, of at least 50,000 cases:

    HUB_CONTRACT_EXAMPLES=1200 HUB_CONTRACT_REPORT=report.txt ./hub test tests/contract/test_schemathesis.py -s

HUB_CONTRACT_ONLY is a pattern of the paths to try: '/tags$'.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.conftest import ROOT, Served
from tests.contract.hooks import REPLACED

ONLY, REPORT = os.environ.get("HUB_CONTRACT_ONLY", ""), os.environ.get("HUB_CONTRACT_REPORT", "")
EXAMPLES = int(os.environ.get("HUB_CONTRACT_EXAMPLES", "0"))


def test_every_answer_is_as_described(served: Served, tmp_path: Path):
    if EXAMPLES:
        how_long = ["--phases", "examples,coverage,fuzzing,stateful", "--max-examples", str(EXAMPLES)]
    else:
        how_long = ["--phases", "examples,fuzzing", "--max-examples", "8"]
    if ONLY:
        how_long += ["--include-path-regex", ONLY]
    cases, said = _run(served, tmp_path, how_long, report=REPORT)
    sys.stdout.write(said[said.find("SUMMARY") :])  # shown by -s
    assert cases >= 200 + 30 * EXAMPLES


def test_what_is_not_as_described_is_found(served: Served, tmp_path: Path):
    """Of a description that lies, so that the run above means something."""
    document = served.document()
    document["components"]["schemas"]["Country"]["properties"]["name"] = {"type": "integer"}
    document["paths"] = {"/countries": document["paths"]["/countries"]}
    changed = tmp_path / "openapi.json"
    changed.write_text(json.dumps(document))
    with pytest.raises(AssertionError, match="Response violates schema"):
        _run(served, tmp_path, ["--phases", "examples,fuzzing", "--max-examples", "5"], location=changed)


def _run(
    served: Served, folder: Path, options: list[str], *, location: Path | None = None, report: str = ""
) -> tuple[int, str]:
    """(how many cases there were, what was said). Fails where one fails."""
    done = subprocess.run(
        [
            sys.executable, "-m", "schemathesis.cli", "run", str(location or f"{served.url}/openapi.json"),
            "--url", served.url, "--header", f"Authorization: Bearer {served.token}",
            "--checks", "all", "--exclude-checks", ",".join(REPLACED),
            "--continue-on-failure", "--no-color", "--warnings", "off", *options,
        ],
        cwd=folder,
        env=os.environ | {"SCHEMATHESIS_HOOKS": "tests.contract.hooks", "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if report:
        Path(report).write_text(done.stdout)
    log = "".join(path.read_text(errors="replace")[-3000:] for path in served.stack.folder.glob("web.log"))
    assert done.returncode == 0, f"{done.stdout[-20_000:]}\n{done.stderr[-2000:]}\n{log}"
    found = re.search(r"(\d+) generated", done.stdout)
    assert found, done.stdout
    return int(found[1]), done.stdout
