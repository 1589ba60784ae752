"""What the values of environment variables have to look like. Each raises ValidationError, in words for whoever sets it.

No message repeats a value that is a secret, or may hold one.
"""

from ipaddress import ip_network
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import dj_database_url
from cryptography.fernet import Fernet
from environs import ValidationError


def are_fernet_keys(keys: list[str]) -> None:
    try:
        if not keys:
            raise ValueError
        for key in keys:
            Fernet(key)
    except ValueError:
        raise ValidationError(
            "Not a comma separated list of Fernet keys (url-safe base64 of 32 bytes)."
        ) from None


def are_networks(texts: list[str]) -> None:
    try:
        for text in texts:
            ip_network(text)
    except ValueError as error:
        raise ValidationError(f"Not a comma separated list of networks (10.0.0.0/8): {error}.") from None


def is_postgresql(url: str) -> None:
    try:
        found = dj_database_url.parse(url)
    except ValueError:  # a port that is no number, a password with a slash in it
        found = {}
    if "postgresql" not in found.get("ENGINE", "") or not found.get("NAME"):
        raise ValidationError(
            "Not the address of a PostgreSQL database: write it as postgres://user:password@host:port/name, and of the "
            "password what is neither a letter nor a digit as %2F."
        )


def is_redis(url: str) -> None:
    try:
        parts = urlsplit(url)
        found = parts.scheme in ("redis", "rediss") and parts.hostname and parts.port != 0
    except ValueError:
        found = False
    if not found:
        raise ValidationError("Not the address of a Redis: write it as redis://:password@host:port/0.")


def is_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError("No such time zone; write one like Europe/Brussels.")


def are_origins(texts: list[str]) -> None:
    if not all(text.startswith(("https://", "http://")) for text in texts):
        raise ValidationError("Each begins with https:// or http://, like https://hub.example.com.")
