"""`python -m demo.odoo`: start a practice Odoo and serve until told to stop."""

import argparse
import signal
import sys
import threading
from typing import Any

from demo.odoo.practice import DEFAULT_RECORDS, PracticeOdoo


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m demo.odoo", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8069, help="0 picks a free one")
    parser.add_argument("--data", metavar="FILE.sqlite", help="keep the records in this file")
    parser.add_argument("--database", default="practice")
    parser.add_argument("--login", default="admin")
    parser.add_argument("--password", default="admin")
    parser.add_argument(
        "--seed-records", type=int, default=DEFAULT_RECORDS, metavar="N", help="contacts at first"
    )
    parser.add_argument("--faults", action="store_true", help="let tests arm faults at /practice/faults")
    options = parser.parse_args()
    odoo = PracticeOdoo(
        host=options.host,
        port=options.port,
        data=options.data,
        database=options.database,
        login=options.login,
        password=options.password,
        seed_records=options.seed_records,
        remote_faults=options.faults,
    )

    def stop(*_signal: Any) -> None:
        # From another thread: `stop` waits for the loop that this one is in.
        threading.Thread(target=odoo.stop).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print(  # noqa: T201 — whoever started it waits for this line
        f"practice Odoo ready at {odoo.url} (database {odoo.database}, login {odoo.login})", flush=True
    )
    odoo.serve()
    odoo.close()
    sys.exit(0)


if __name__ == "__main__":
    main()
