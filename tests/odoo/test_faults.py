"""What Odoo's faults mean. The texts were recorded from Odoo 18.0; `…` stands for the frames of a traceback."""

import pytest

from synchub.errors import OdooError, OdooMisconfigured, OdooPermanent, OdooRetryable, OdooUnknownOutcome
from synchub.odoo.faults import error_of, exception_of, is_aborted, is_after_commit, is_passing

FRAMES = """Traceback (most recent call last):
  File "/odoo/addons/base/controllers/rpc.py", line 156, in xmlrpc_2
    response = self._xmlrpc(service)
               ^^^^^^^^^^^^^^^^^^^^^
  File "/odoo/http.py", line 421, in dispatch_rpc
    return dispatch(method, params)
           ^^^^^^^^^^^^^^^^^^^^^^^^
"""
MARSHALLING = """Traceback (most recent call last):
  File "/odoo/addons/base/controllers/rpc.py", line 156, in xmlrpc_2
    response = self._xmlrpc(service)
  File "/usr/lib/python3.12/xmlrpc/client.py", line 528, in dump_nil
    raise TypeError("cannot marshal None unless allow_none is enabled")
"""
REFERENCED = (
    "The operation cannot be completed: another model requires the record being deleted."
    " If possible, archive it instead.\n\nModel: Contact (res.partner)\nConstraint: res_partner_country_id_fkey\n"
)

GROUPS = "This operation is allowed for the following groups:\n\t- Extra Rights/Contact Creation"

# Code, what stands before the message in a traceback's last line, the message.
REFUSED = [
    (2, "", "Object no.such.model doesn't exist"),
    (1, "AttributeError: ", "The method 'res.partner.no_such_method' does not exist"),
    (4, "", "Private methods (such as 'res.partner._write') cannot be called remotely."),
    (1, "ValueError: ", "Invalid field res.partner.no_such_field in leaf ('no_such_field', '=', 1)"),
    (1, "ValueError: ", "Invalid leaf ('name', '~~', 'x')"),
    (1, "ValueError: ", "Invalid field 'no_such_field' on model 'res.partner'"),
    (2, "", "The operation cannot be completed: Contacts require a name"),
    (1, "ValueError: ", "Wrong value for res.partner.type: 'nope'"),
    (2, "", REFERENCED),
    (1, "ValueError: ", "could not convert string to float: 'abc'"),
    (1, "ValueError: ", "time data '31/12/2025' does not match format '%Y-%m-%d'"),
    (2, "", "Record does not exist or has been deleted.\n(Record: res.partner(99999999,), User: 2)"),
    (2, "", "You can not delete a sent quotation or a confirmed sales order. You must first cancel it."),
    (1, "xml.parsers.expat.ExpatError: ", "not well-formed (invalid token): line 28, column 16"),
    (4, "", "You are not allowed to delete 'Contact' (res.partner) records.\n\n" + GROUPS),
    (2, "", "Invalid language code: fr_FR"),
]


@pytest.mark.parametrize(("code", "prefix", "message"), REFUSED)
@pytest.mark.parametrize("frames", [FRAMES, "Traceback (most recent call last):\n  …\n"])
def test_what_odoo_refuses_is_permanent_and_in_its_own_words(
    code: int, prefix: str, message: str, frames: str
) -> None:
    error = error_of(code, frames + prefix + message if code == 1 else message)
    assert type(error) is OdooPermanent
    assert (error.code, error.message) == (code, message.strip())


def test_no_login() -> None:
    error = error_of(3, "Access Denied")
    assert type(error) is OdooMisconfigured
    assert error.code == 3
    assert "API key" in error.message


def test_no_such_database() -> None:
    where = 'connection to server at "127.0.0.1", port 5432 failed'
    error = error_of(
        1, FRAMES + f'psycopg2.OperationalError: {where}: FATAL:  database "nodb" does not exist'
    )
    assert type(error) is OdooMisconfigured
    assert error.code == 1
    assert error.message.startswith("Odoo knows no such database")
    assert "Traceback" not in error.message


@pytest.mark.parametrize(
    ("kind", "exception"),
    [
        (
            OdooRetryable,
            "psycopg2.errors.SerializationFailure: could not serialize access due to concurrent update",
        ),
        (
            OdooRetryable,
            "psycopg2.errors.SerializationFailure: could not serialize access due to a\nCONTEXT:  b",
        ),
        (
            OdooRetryable,
            "psycopg2.errors.DeadlockDetected: deadlock detected\nDETAIL:  Process 1\n  ShareLock",
        ),
        (OdooRetryable, 'psycopg2.errors.LockNotAvailable: could not obtain lock on row in relation "a"'),
        (OdooRetryable, "psycopg2.errors.InFailedSqlTransaction: current transaction is aborted"),
        (OdooRetryable, "psycopg2.OperationalError: FATAL:  sorry, too many clients already"),
        (OdooRetryable, "psycopg2.OperationalError: FATAL:  remaining connection slots are reserved"),
        (OdooRetryable, "psycopg2.pool.PoolError: The Connection Pool Is Full"),
        (OdooRetryable, 'psycopg2.OperationalError: connection to server at "db" failed: Connection refused'),
        (OdooRetryable, "psycopg2.OperationalError: FATAL:  the database system is starting up"),
        (OdooUnknownOutcome, "psycopg2.OperationalError: server closed the connection unexpectedly\n\tThis"),
        (OdooUnknownOutcome, "psycopg2.errors.AdminShutdown: terminating connection due to a command"),
        (OdooUnknownOutcome, "psycopg2.InterfaceError: connection already closed"),
        (OdooUnknownOutcome, "MemoryError"),
        (OdooUnknownOutcome, "Exception: CPU time limit exceeded."),
        (OdooPermanent, "KeyError: 'x'"),
        (OdooPermanent, "ZeroDivisionError: division by zero"),
    ],
)
def test_exceptions(kind: type[OdooError], exception: str) -> None:
    assert type(error_of(1, FRAMES + exception)) is kind


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (FRAMES + "AssertionError", "AssertionError"),
        (FRAMES + "AssertionError: ", "AssertionError:"),
        ("no traceback at all", "no traceback at all"),
        ("Error: 1", "1"),
        ("", "Odoo failed without saying why."),
        ("Traceback (most recent call last):\n  File x\n    y", "y"),
        (
            FRAMES + "psycopg2.Error: no column\nLINE 1: SELECT a\n               ^\n",
            "no column\nLINE 1: SELECT a\n               ^",
        ),
        (
            FRAMES
            + "KeyError: 1\n\nDuring handling of it, another exception occurred:\n\n"
            + FRAMES
            + "ValueError: 2",
            "2",
        ),
        (FRAMES + "ValueError: " + "x" * 5000, "x" * 999 + "…"),
    ],
)
def test_messages_for_people(text: str, message: str) -> None:
    assert error_of(1, text).message == message


@pytest.mark.parametrize("code", [1, 2])
@pytest.mark.parametrize(
    "rest", ["{'type': 'x', 'context': {}}, 'Go', None)", "163, 'Go')", "{'until': datetime.date(1, 1, 1)}, "]
)
def test_an_error_with_a_button_is_its_words(code: int, rest: str) -> None:
    words = "You can't archive “Bo”.\nArchive the user first."
    assert error_of(code, f"({words!r}, {rest}").message == words
    assert error_of(code, f"({words + 'x' * 2000!r}, {rest}").message.startswith(words)


def test_other_codes_and_empty_texts() -> None:
    assert type(error_of(99, "what")) is OdooPermanent
    assert error_of(2, " ").message == "Odoo answered with fault 2 and no text."
    assert type(error_of(2, "could not serialize access due to concurrent update")) is OdooRetryable


def test_a_result_that_cannot_be_written_down_comes_after_the_commit() -> None:
    text = MARSHALLING + "TypeError: cannot marshal None unless allow_none is enabled"
    assert is_after_commit(1, text)
    assert is_after_commit(
        1, MARSHALLING + "TypeError: cannot marshal <class 'odoo.api.res.partner'> objects"
    )
    assert is_after_commit(1, MARSHALLING + "TypeError: dictionary key must be string")
    assert is_after_commit(1, MARSHALLING + "OverflowError: int exceeds XML-RPC limits")
    assert not is_after_commit(2, text)
    # Odoo code that itself speaks XML-RPC failed in the middle of the call.
    assert not is_after_commit(1, FRAMES + "TypeError: cannot marshal None unless allow_none is enabled")
    assert not is_after_commit(1, MARSHALLING + "ValueError: something else")


@pytest.mark.parametrize(
    "text",
    [
        "konnte Zugriff nicht serialisieren wegen gleichzeitiger Aktualisierung\n",
        "Verklemmung (Deadlock) entdeckt\nDETAIL:  Prozess 1 wartet auf ShareLock",
        "aktuelle Transaktion wurde abgebrochen, Befehle werden bis zum Ende der Transaktion ignoriert\n",
        "n'a pas pu sérialiser un accès à cause d'une mise à jour en parallèle\n",
        "n'a pas pu obtenir un verrou sur la relation « ir_sequence »",
        "la transaction est annulée, les commandes sont ignorées jusqu'à la fin du bloc\nde la transaction",
        "no se pudo serializar el acceso debido a un update concurrente",
        "serializzazione dell'accesso fallita a causa di modifiche concorrenti",
        "impossibile serializzare l'accesso a causa dell'eliminazione simultanea",
        "не удалось сериализовать доступ из-за параллельного изменения",
        "обнаружена взаимоблокировка",
        "更新が同時に行われたためアクセスの直列化ができませんでした",
        "由于同步更新而无法串行访问",
        '无法在关系 "ir_sequence"中的记录上获得锁',
    ],
)
def test_a_transaction_that_was_rolled_back_is_known_in_postgresql_s_language(text):
    """`load` answers with its words alone, and they are in the language of the machine it runs on."""
    assert is_passing(text)
    assert is_passing(f"Erreur de base de données inconnue : '{text}'")
    assert is_aborted(text) == ("ransak" in text or "la transaction est" in text)


def test_the_exception_at_the_end() -> None:
    assert exception_of(FRAMES + "ValueError: a\n  b\nc\n") == "ValueError: a\n  b\nc"
    assert is_passing("Unknown database error: 'could not serialize access due to concurrent update'")
    assert not is_passing("No matching record found")
