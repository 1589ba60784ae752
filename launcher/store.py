"""Small JSON files in the data folder: secrets, ports, who runs here. Readable by their owner only."""

import base64
import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from launcher.output import Problem


def make_folder(path: Path, mode: int = 0o700) -> Path:
    try:
        path.mkdir(mode=mode, parents=True, exist_ok=True)
    except OSError as error:
        raise Problem(
            f"cannot make the folder {path}: {error.strerror}. HUB_DATA_DIR may name another."
        ) from None
    return path


class Store:
    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> dict[str, Any]:
        try:
            values = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except PermissionError:
            raise Problem(
                f"{self.path} belongs to another user: an earlier run as that user made it."
            ) from None
        except ValueError:
            # A file that cannot be read is never overwritten: it may hold the only copy of a key.
            raise Problem(
                f"{self.path} is damaged. Mend it, or remove it to start with new values."
            ) from None
        return values if isinstance(values, dict) else {}

    def write(self, values: dict[str, Any]) -> None:
        make_folder(self.path.parent)
        fresh = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        with os.fdopen(
            os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
        ) as file:
            json.dump(values, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)

    def update(self, **values: Any) -> None:
        self.write(self.read() | values)

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)


def _fernet_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


# Made once for each data folder. Secrets in the environment are used instead, and not stored.
SECRETS: dict[str, Callable[[], str]] = {
    "HUB_SECRET_KEY": lambda: secrets.token_urlsafe(48),
    "HUB_ENCRYPTION_KEYS": _fernet_key,
    "HUB_ADMIN_PASSWORD": lambda: secrets.token_urlsafe(12),
    "HUB_DEMO_TOKEN": lambda: secrets.token_urlsafe(24),
    "HUB_PRACTICE_PASSWORD": lambda: secrets.token_urlsafe(16),
}


def secrets_for(data: Path) -> dict[str, str]:
    """All secrets the hub needs, from the environment or from the data folder."""
    store = Store(data / "secrets.json")
    kept = store.read()
    missing = {
        name: make() for name, make in SECRETS.items() if not os.environ.get(name) and name not in kept
    }
    if missing:
        kept |= missing
        store.write(kept)
    return {name: os.environ.get(name) or kept[name] for name in SECRETS}
