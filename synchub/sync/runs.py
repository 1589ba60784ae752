"""Runs: what a person sees of background work while it goes on and afterwards."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import TracebackType

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Least, Now

from endpoints.models import ASKED, Run, RunKind, RunState
from synchub.sync import ready

MAX_ATTEMPTS = 5
TURN_SECONDS = 60.0  # of a long run that goes on afterwards: then another one may have the worker
STALE_SECONDS = 300  # a run that gave no sign for so long has lost its worker
_MOST_COUNTED = 30_000  # tries; the column holds little more
_LISTED = 20  # records that did not come in as they should


class RunLog:
    """Writes a run's progress. Used in `with`: leaving it ends the run, by an exception as failed."""

    def __init__(
        self,
        endpoint_id: int | None,
        kind: RunKind,
        total: int | None = None,
        *,
        connection_id: int | None = None,
        asked: Run | None = None,
    ) -> None:
        """Of an endpoint, or else of a connection. `asked` is a run that somebody asked for: it is carried on, not begun."""
        self._run = asked or Run.objects.create(
            endpoint_id=endpoint_id, connection_id=connection_id, kind=kind, total=total
        )
        self._message = ""
        self._odd: dict[int, str] = {}
        self._ends = RunState.DONE

    def __enter__(self) -> "RunLog":
        return self

    @property
    def id(self) -> int:
        return int(self._run.pk)

    def progress(self, *, seen: int = 0, changed: int = 0, failed: int = 0) -> None:
        Run.objects.filter(pk=self._run.pk).update(
            seen=F("seen") + seen, changed=F("changed") + changed, failed=F("failed") + failed, beat_at=Now()
        )

    def notes(self, odd: Mapping[int, str]) -> None:
        """What is wrong with some records, by Odoo id: a person has to see to them."""
        if odd:
            self._odd |= odd
            self.progress(failed=len(odd))

    def expects(self, total: int) -> None:
        """How many records it will see."""
        Run.objects.filter(pk=self._run.pk).update(total=total, beat_at=Now())

    def says(self, message: str) -> None:
        """What came of it, for a person."""
        self._message = message

    def trouble(self, message: str) -> None:
        """The run cannot go on for this reason."""
        self._message, self._ends = message, RunState.FAILED

    def stopped(self, message: str) -> None:
        """Somebody wants it to stand still; what is left goes on in another run."""
        self._message, self._ends = message, RunState.INTERRUPTED

    def goes_on(self, message: str = "") -> None:
        """It is not at its end: a worker takes it up where it is."""
        self._message, self._ends = message, RunState.QUEUED

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.trouble(ready.told(error, again=self._run.kind not in ASKED))
        self._message = "\n".join(filter(None, (self._message, self._listed())))
        run = Run.objects.filter(pk=self._run.pk)
        if self._ends == RunState.QUEUED:
            run.update(state=self._ends, message=self._message, beat_at=Now(), attempts=0)
            return
        if self._ends == RunState.FAILED and self._run.kind == RunKind.PUSH and self._is_one_more_try():
            return
        run.update(state=self._ends, message=self._message, ended_at=Now(), beat_at=Now())

    def _is_one_more_try(self) -> bool:
        """It has met what the one before it had met, and done nothing else: then that one lasts until now, and this is none of
        its own. While Odoo is away there is a try every half a minute, for each endpoint that has something to send."""
        nothing = {"changed": 0, "failed": 0}
        of = Run.objects.filter(endpoint=self._run.endpoint_id, kind=RunKind.PUSH)
        before = of.filter(pk__lt=self._run.pk).order_by("-pk").values_list("pk", flat=True).first()
        with transaction.atomic():
            # A record that was made without what it waits for counts as nothing yet, and an undo knows of it by its footprint.
            if not of.filter(pk=self._run.pk, footprints=None, **nothing).exists():
                return False
            same = of.filter(pk=before or 0, state=RunState.FAILED, message=self._message, **nothing)
            if not same.update(
                ended_at=Now(), beat_at=Now(), attempts=Least(F("attempts") + 1, _MOST_COUNTED)
            ):
                return False
            of.filter(pk=self._run.pk).delete()
        return True

    def _listed(self) -> str:
        listed = [f"Odoo id {odoo_id}: {text}" for odoo_id, text in list(self._odd.items())[:_LISTED]]
        more = len(self._odd) - len(listed)
        return "\n".join([*listed, f"And {more:,} more, which the list of records has."] if more else listed)


def last(endpoint_id: int, kind: RunKind) -> int | None:
    """The id of the newest run of this kind."""
    return (
        Run.objects.filter(endpoint=endpoint_id, kind=kind)
        .order_by("-pk")
        .values_list("pk", flat=True)
        .first()
    )


def end_interrupted(endpoint_id: int, kinds: Sequence[RunKind]) -> None:
    """Whoever holds the lock under which such runs go on knows that no other one is alive."""
    _interrupt(Run.objects.filter(endpoint_id=endpoint_id, kind__in=kinds, state=RunState.RUNNING))


def end_stale() -> None:
    gone = Now() - timedelta(seconds=STALE_SECONDS)
    _interrupt(Run.objects.filter(state=RunState.RUNNING, beat_at__lt=gone))


def _interrupt(runs: QuerySet[Run]) -> None:
    # What a person asked for is taken up again.
    again = runs.filter(kind__in=ASKED, attempts__lt=MAX_ATTEMPTS)
    again.filter(kind__in=[RunKind.REREAD, RunKind.REMOVAL]).update(state=RunState.QUEUED)
    again.update(state=RunState.QUEUED, seen=0, changed=0, failed=0)
    runs.update(
        state=RunState.INTERRUPTED,
        ended_at=F("beat_at"),
        message="Its worker is gone. What it left undone goes on in another run.",
    )
