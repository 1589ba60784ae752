"""Processes that work at once: each takes jobs as lines of JSON and answers when one is done.

Started, connected and warm before anything is timed; hub and raw calls run in the same processes.
"""

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self


class Workers:
    def __init__(self, number: int, address: Sequence[str]) -> None:
        command = [sys.executable, "-m", "synchub.bench.work", *address]
        self._processes = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603
            for _ in range(number)
        ]
        for process in self._processes:
            _answer(process)

    def __len__(self) -> int:
        return len(self._processes)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes:
            if process.stdin:
                process.stdin.close()
            process.wait(timeout=60)
            if process.stdout:
                process.stdout.close()

    def run(self, jobs: Sequence[Mapping[str, Any]]) -> tuple[float, list[Any]]:
        """Seconds until the last of them is done, and what each gave. At most one job for each process."""
        begun = time.perf_counter()
        busy = self._processes[: len(jobs)]
        for process, job in zip(busy, jobs, strict=True):
            if process.stdin:
                process.stdin.write(json.dumps(job) + "\n")
                process.stdin.flush()
        answers = [_answer(process) for process in busy]
        return time.perf_counter() - begun, answers

    def share(self, work: Sequence[Any], **job: Any) -> tuple[float, list[Any]]:
        """One job, its `work` dealt out among the processes."""
        parts = [work[start :: len(self)] for start in range(len(self))]
        return self.run([job | {"work": part} for part in parts if part])


def _answer(process: "subprocess.Popen[str]") -> Any:
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        raise RuntimeError("A process of the benchmark has failed; what it says stands above.")
    return json.loads(line)
