"""What is kept of a body: a beginning of it, with its secrets hidden. Pure, and linear in the length of the text.

The text is looked through as it was sent, not parsed: what is no JSON, or was cut, is redacted the same way, and what has no
secret is kept to the letter, so that it can be sent again.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

HIDDEN = "•••"

# Parts of names, of which only letters and digits are looked at: new_password, X-API-Key, clientSecret.
_IN_NAMES = (
    "password", "passwd", "passphrase", "pwd", "secret", "token", "apikey", "accesskey", "privatekey", "encryptionkey",
    "credential", "authorization", "cookie", "signature", "sessionid", "otp", "cvv", "cvc",
)  # fmt: skip
# Whole words in names: smtp_pass, but not passenger.
_WORDS = frozenset({"pass", "auth", "pin", "jwt", "bearer"})
_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+")
_NOT_NAME = re.compile(r"[^a-z0-9]")

# One JSON string, or what is left of one, and whether it is a key.
_STRING = re.compile(r'"((?:[^"\\]|\\.)*+)(?:"(\s*:\s*)?|\\?\Z)', re.DOTALL)
_SCALAR = re.compile(r"[^\s,\]}]*")
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)
# Outside of JSON: password=…, 'token': '…', api_key: …
_LOOSE = re.compile(
    r"""(?i)((?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)
        [\w.\-]{0,40}(?:['"”’]|%22)?(?:\s{0,3}(?:[:=]|%3A)\s{0,3}|(?<=["'])\s{0,3}(?=["'])))
        ("(?:[^"\\]|\\.)*+"?|'[^']*+'?|“[^”]*+”?|[^\s,;&}\]"'“]++)""",
    re.VERBOSE,
)
# What looks like a secret wherever it stands.
_SHAPES = re.compile(
    r"(?i)(?<=bearer )[\w\-.~+/=]{8,}|(?<=basic )[a-z0-9+/=]{8,}|\bhub_[\w\-]{20,}"
    r"|\beyJ[\w\-]{8,2000}\.[\w\-]{8,4000}\.[\w\-]*|(?<=://)[^\s/:@\"]{1,200}:[^\s/@\"]{1,200}(?=@)"
)
# Where none of these is in a text, nothing above is.
_SUSPECT = (
    "pass", "pwd", "secret", "token", "key", "credential", "auth", "cookie", "signature", "session", "otp", "cvv", "cvc",
    "pin", "jwt", "bearer", "basic", "hub_", "eyj", "://", "\\u",
)  # fmt: skip
# In JSON as everywhere.
_PLAIN = re.compile(r"[A-Za-z0-9._~+/=:\-]*")
_SHORTEST = 4  # characters of a secret that is looked for elsewhere: shorter ones are in everything
_MOST = 50  # secrets of one text that are looked for elsewhere


@dataclass(frozen=True)
class Redacted:
    """`hidden` are the values that were taken out of `text`."""

    text: str
    hidden: frozenset[str] = frozenset()


def is_secret(name: str, more: Iterable[str] = ()) -> bool:
    """Whether a value of this name is hidden. `more` are names besides those that are known."""
    bare = _NOT_NAME.sub("", name.lower())
    if any(part in bare for part in _IN_NAMES):
        return True
    if any(bare == _NOT_NAME.sub("", one.lower()) for one in more):
        return True
    return any(word.lower() in _WORDS for word in _WORD.findall(name))


def redact(text: str, known: Iterable[str] = (), more: Iterable[str] = ()) -> Redacted:
    """`known` are secrets to be hidden wherever they stand, `more` further names of secrets."""
    more = tuple(more)
    hidden: set[str] = set()
    lowered = text.lower()
    if more or any(part in lowered for part in _SUSPECT):
        text = _shapes(_loose(_by_name(text, more, hidden), hidden), hidden)
    found = text
    for secret in sorted({*known, *hidden}, key=len, reverse=True)[:_MOST]:
        if len(secret) >= _SHORTEST and secret != HIDDEN:
            for written in _spellings(secret):
                found = found.replace(written, HIDDEN)
    if found != text:
        hidden |= {secret for secret in known if secret in text}
    return Redacted(found, frozenset(hidden))


def _spellings(secret: str) -> tuple[str, ...]:
    """As it is, and as JSON writes it."""
    if _PLAIN.fullmatch(secret):
        return (secret,)
    return secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]


def _by_name(text: str, more: tuple[str, ...], hidden: set[str]) -> str:
    """Values of JSON whose key names a secret, objects and lists included."""
    pieces, done, at = [], 0, 0
    while found := _STRING.search(text, at):
        at = found.end()
        if found[2] is None or not is_secret(_decoded(found[1]), more):
            continue
        end = _end_of_value(text, at)
        value = text[at:end]
        if value in ("null", "true", "false", '""', f'"{HIDDEN}"'):
            continue
        hidden |= _texts(value)
        pieces += [text[done:at], f'"{HIDDEN}"']
        done = at = end
    return "".join([*pieces, text[done:]]) if pieces else text


def _end_of_value(text: str, start: int) -> int:
    if start >= len(text):
        return start
    if text[start] == '"':
        found = _STRING.match(text, start)
        return _after_quote(found, text) if found else len(text)
    if text[start] not in "{[":
        scalar = _SCALAR.match(text, start)
        return scalar.end() if scalar else start
    depth, at = 0, start
    while found := _BRACKETS.search(text, at):
        at = found.end()
        depth += 1 if found[0] in ("{", "[") else -1 if found[0] in ("}", "]") else 0
        if depth == 0:
            return at
    return len(text)


def _after_quote(found: "re.Match[str]", text: str) -> int:
    """A value's end: without the colon that may follow in what is no JSON."""
    return min(found.end(1) + 1, len(text))


def _texts(value: str) -> set[str]:
    """The strings and numbers in a JSON value."""
    if value[0] not in '"{[':
        return {value}
    return {_decoded(found[1]) for found in _STRING.finditer(value) if found[2] is None}


def _decoded(inner: str) -> str:
    if "\\" not in inner:
        return inner
    try:
        return str(json.loads(f'"{inner}"', strict=False))
    except ValueError:
        return inner


def _loose(text: str, hidden: set[str]) -> str:
    def hide(found: "re.Match[str]") -> str:
        value = found[2]
        bare = value.strip("\"'“”")
        if bare in ("", HIDDEN, "null", "true", "false") or value[0] in "{[":
            return found[0]
        hidden.add(bare)
        opening = value[0] if value[0] in "\"'“" else ""
        closing = value[-1] if len(value) > 1 and value[-1] in "\"'”" and opening else ""
        return f"{found[1]}{opening}{HIDDEN}{closing}"

    return _LOOSE.sub(hide, text)


def _shapes(text: str, hidden: set[str]) -> str:
    def hide(found: "re.Match[str]") -> str:
        hidden.add(found[0])
        return HIDDEN

    return _SHAPES.sub(hide, text)
