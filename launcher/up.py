"""`./hub up`: the whole hub on this machine, from nothing to three lines to try."""

import http.client
import os
import signal
from collections.abc import Sequence
from contextlib import suppress

from launcher import install, neighbours, ports, services, system
from launcher.child import Child, Program
from launcher.front import Front
from launcher.keeper import Keeper, Stop
from launcher.output import Problem, say, step, tail, timed_step
from launcher.presence import Presence
from launcher.services import Environment
from launcher.settings import ROOT, Settings
from launcher.store import Store
from launcher.supervise import supervise

_MADE_LOGIN = "The first login was made."  # a line that manage.py hub_prepare prints


def up(settings: Settings, arguments: Sequence[str]) -> int:
    if arguments:
        raise Problem("./hub up takes no arguments; its settings are in the environment: see ./hub --help.")
    neighbours.wait_for_predecessor(settings)
    neighbours.check_port(settings)
    say(f"Sync hub in {ROOT}")
    install.ensure(settings, ["base", "embedded"] if settings.needs_services else ["base"])
    return Front(lambda keeper: _Up(keeper, settings).run()).wait()


class _Up:
    def __init__(self, keeper: Keeper, settings: Settings) -> None:
        self.keeper, self.settings = keeper, settings
        self.data = settings.data
        self.logs = settings.data / "logs"
        self.presence = Presence(settings.data)
        self.env: Environment = {}

    def run(self) -> int:
        # Another hub may be here since the front looked: one that was killed early is stopping only now.
        while not self.presence.claim(pid=self.keeper.front, command="up", url=self.settings.base):
            neighbours.wait_for_predecessor(self.settings, self.keeper.pause)
        try:
            self._start()
            supervise(self.keeper)
        except Stop:
            say("\nStopping …")
        finally:
            with suppress(OSError):  # a full disk must not hide the reason for stopping
                self.presence.record.update(state="stopping")
        self.keeper.stop_all()
        self.presence.record.remove()
        say("Stopped; the data stays in " + str(self.data))
        return 0

    def _start(self) -> None:
        given = {"DATABASE_URL": self.settings.database_url, "REDIS_URL": self.settings.redis_url}
        urls = services.start(self.keeper, self.settings, self.data, given)
        self.env = services.environment(self.settings, self.data, urls)
        self.logs.mkdir(parents=True, exist_ok=True)
        if not self.settings.config:
            self._practice_odoo()
        unseen = self._prepare()
        self._start_programs()
        # From here on, `./hub manage` may use these services as a guest.
        self.presence.record.update(state="ready", urls=urls)
        self._invite(unseen)

    def _manage(self, command: str, *arguments: str, **more: str) -> str:
        program = [self.settings.python, "manage.py", command, *arguments]
        done = self.keeper.run(Program(command, program, self.env | more, self.logs / f"{command}.log"))
        if done.code:
            raise Problem(f"{command} failed:\n{done.output}")
        return done.output

    def _prepare(self) -> bool:
        """Makes tables, a configuration and a first login. Whether its password was not shown yet."""
        file, kept = self.settings.config, []
        if not file:
            file, kept = ROOT / "demo" / "hub.yaml", ["--if-empty"]
        with timed_step("database", f"up to date, {file.name} applied, login admin is there"):
            said = self._manage(
                "hub_prepare", f"--apply={file}", *kept,
                DJANGO_SUPERUSER_USERNAME="admin",
                DJANGO_SUPERUSER_EMAIL="admin@localhost",
                DJANGO_SUPERUSER_PASSWORD=self.env["HUB_ADMIN_PASSWORD"],
            )  # fmt: skip
        state = Store(self.data / "state.json")
        if _MADE_LOGIN in said:
            state.update(admin_is_told=False)
        return state.read().get("admin_is_told") is False

    def _practice_odoo(self) -> None:
        port = ports.choose(Store(self.data / "state.json"), "practice")
        self.env["HUB_PRACTICE_URL"] = f"http://127.0.0.1:{port}"
        child = self._launch(
            "practice Odoo", "practice-odoo",
            ["demo.odoo", "--host", "127.0.0.1", "--port", str(port),
             "--data", str(self.data / "practice-odoo.sqlite"),
             # As one argument, since a made password may begin with a dash.
             f"--password={self.env['HUB_PRACTICE_PASSWORD']}"],
        )  # fmt: skip
        with timed_step("practice", "an Odoo to try things on"):
            if not self.keeper.wait_until(child, lambda: system.answers("127.0.0.1", port), 30):
                raise Problem(
                    f"the practice Odoo did not start ({child.how_it_ended()}):\n{tail(child.program.log)}"
                )

    def _start_programs(self) -> None:
        # A first pull may take hours, and must not hold up pushes.
        for name, queues in (("worker", "push,housekeeping,celery"), ("puller", "pull")):
            worker = ["celery", "-A", "synchub", "worker", "-n", f"{name}@%h", "-Q", queues,
                      "--concurrency", "2", "--without-gossip", "--without-mingle"]  # fmt: skip
            # A warm shutdown finishes running tasks, a cold one gives them back. An orphan would look for a Redis that is gone,
            # too, perhaps for ever. Killing it loses nothing.
            self._launch(
                name,
                name,
                worker,
                stop=((signal.SIGTERM, 10.0), (signal.SIGQUIT, 3.0)),
                orphaned=signal.SIGKILL,
            )
        # On SIGTERM it writes its timetable, and may wait for itself if it was just reading it.
        beat = ["celery", "-A", "synchub", "beat", "--pidfile="]
        self._launch("beat", "beat", beat, orphaned=signal.SIGKILL)
        web = ["synchub.server", "--interface", "wsgi", "--no-ws", "--backlog", "1024",
               "--host", self.settings.address, "--port", str(self.settings.port),
               "--workers", "2", "--blocking-threads", "4", "--workers-kill-timeout", "8",
               "--respawn-failed-workers", "--respawn-interval", "0.5",
               "synchub.wsgi:application"]  # fmt: skip
        child = self._launch("web", "web", web, stop=((signal.SIGTERM, 10.0),))
        with timed_step("web", f"listening on {self.settings.base}"):
            if not self.keeper.wait_until(child, self._is_healthy, 60):
                raise Problem(
                    f"the web server did not start ({child.how_it_ended()}):\n{tail(child.program.log, 30)}"
                )
        for other in self.keeper.children:
            if other.program.name in ("worker", "puller", "beat"):
                step(other.program.name, f"started, log in {other.program.log}")

    def _launch(
        self,
        name: str,
        log: str,
        module: Sequence[str],
        stop: Sequence[tuple[int, float]] = ((signal.SIGTERM, 5.0),),
        orphaned: int = signal.SIGTERM,
    ) -> Child:
        argv = [self.settings.python, "-m", *module]
        return self.keeper.start(
            Program(name, argv, self.env, self.logs / f"{log}.log", stop=stop, orphaned=orphaned)
        )

    def _is_healthy(self) -> bool:
        host = self.settings.written_host.strip("[]")
        # Django answers only to allowed names; `.example.com` and `*` are patterns.
        name = self.env["HUB_ALLOWED_HOSTS"].split(",")[0].strip(" .*") or "localhost"
        connection = http.client.HTTPConnection(host, self.settings.port, timeout=5)
        try:
            connection.request("GET", "/healthz", headers={"Host": name})
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _invite(self, unseen: bool) -> None:
        base = self.settings.base
        say(f"\nThe hub is ready:  {base}")
        say(f"Admin:             {base}/admin/   login: admin")
        if unseen:
            source = (
                "from HUB_ADMIN_PASSWORD"
                if os.environ.get("HUB_ADMIN_PASSWORD")
                else "printed only this once"
            )
            say(f"                   password: {self.env['HUB_ADMIN_PASSWORD']}   ({source})")
            Store(self.data / "state.json").update(admin_is_told=True)
        else:
            say("                   password: as set the first time (./hub manage changepassword admin)")
        if not self.settings.config:
            say(f"Practice Odoo:     {self.env['HUB_PRACTICE_URL']}   (look at its contacts, change one)")
        if self.settings.is_everywhere:
            say("From other machines:  under the names in HUB_ALLOWED_HOSTS (comma separated)")
        say("\nThree lines to try in another terminal:\n")
        try:
            say(self._manage("hub_try_lines", "--base", base, "--wait", "15"))
        except (Problem, OSError) as problem:
            # The hub runs. A full disk or a killed PostgreSQL at this point is no reason to stop it.
            say(f"They cannot be told now ({problem}). Later: ./hub manage hub_try_lines --base {base}")
        say(f"\nLogs are in {self.logs}. Ctrl-C stops everything; the data stays.")
