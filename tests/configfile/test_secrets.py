"""Secrets come from the file or from variables, are never shown, and stay where they are not given."""

import pytest
from django.core.management import CommandError, call_command

from endpoints.models import AccessKey
from endpoints.models.access import token_digests
from mappings.models import Connection
from tests.configfile.conftest import FILE, NOBODY

REFERENCES = (
    FILE.replace(f"url: {NOBODY}", "url: {env: ODOO_URL}")
    .replace("secret: s3cret", "secret: {env: ODOO_SECRET}")
    .replace("token: t0ken-of-the-shop", "token: {env: SHOP_TOKEN}")
)
BASIC = FILE.replace("    keys:", "    auth: basic\n    keys:").replace(
    "{name: shop, token: t0ken-of-the-shop}", "{name: shop, login: shop, password: pa55}"
)
VARIABLES = {"ODOO_URL": NOBODY, "ODOO_SECRET": "s3cret", "SHOP_TOKEN": "t0ken-of-the-shop"}


@pytest.fixture
def variables(monkeypatch):
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_variables_are_named_in_the_database_and_their_values_used(file, variables):
    file.apply(REFERENCES)
    connection, key = Connection.objects.get(), AccessKey.objects.get()
    assert (connection.url_env, connection.effective_url) == ("ODOO_URL", NOBODY)
    assert (connection.secret_env, connection.effective_secret) == ("ODOO_SECRET", "s3cret")
    assert key.secret_env == "SHOP_TOKEN"
    assert key.token_digest in token_digests("t0ken-of-the-shop")
    assert file.apply() == ["Nothing to change."]


def test_every_variable_that_is_not_set_is_named(file, monkeypatch):
    monkeypatch.setenv("ODOO_SECRET", "")
    assert file.refused(REFERENCES) == [
        "hub.yaml:3: connections[0].url: environment variable ODOO_URL is not set",
        "hub.yaml:6: connections[0].secret: environment variable ODOO_SECRET is empty",
        "hub.yaml:19: endpoints[0].keys[0].token: environment variable SHOP_TOKEN is not set",
    ]


def test_secrets_that_the_hub_has_stay_where_their_variables_are_not_set(file, variables):
    file.apply(REFERENCES)
    for name in VARIABLES:
        variables.delenv(name)
    assert file.apply(REFERENCES.replace("mapping: partner\n", "mapping: partner\n    limit: 5\n")) == [
        "note: environment variable ODOO_URL is not set; the url of connection main stays as it is",
        "note: environment variable ODOO_SECRET is not set; the secret of connection main stays as it is",
        "note: environment variable SHOP_TOKEN is not set; the token of access key shop of endpoint partners stays as it is",
        "~ endpoint partners: limit 100 → 5",
    ]
    assert Connection.objects.get().secret == "s3cret"
    assert AccessKey.objects.get().token_digest in token_digests("t0ken-of-the-shop")


def test_a_new_value_of_a_variable_is_a_changed_secret(file, variables):
    file.apply(REFERENCES)
    variables.setenv("ODOO_SECRET", "n3w")
    variables.setenv("SHOP_TOKEN", "n3wer")
    said = file.apply()
    assert said == [
        "~ connection main: secret changed",
        "~ endpoint partners: access key shop: token changed",
    ]
    assert "n3w" not in " ".join(said)
    assert AccessKey.objects.get().token_digest in token_digests("n3wer")
    assert file.apply() == ["Nothing to change."]


def test_a_secret_moves_from_the_file_to_a_variable_and_back(applied, variables):
    assert applied.apply(REFERENCES) == [
        f"~ connection main: url {NOBODY} → {NOBODY} (from ODOO_URL)",
        "~ connection main: secret is read from ODOO_SECRET",
        "~ endpoint partners: access key shop: token comes from SHOP_TOKEN",
    ]
    assert applied.apply(FILE) == [
        f"~ connection main: url {NOBODY} (from ODOO_URL) → {NOBODY}",
        "~ connection main: secret is no longer read from ODOO_SECRET",
        "~ endpoint partners: access key shop: token comes from the file itself",
    ]
    assert Connection.objects.get().secret_env == AccessKey.objects.get().secret_env == ""


def test_what_the_hub_itself_lives_on_goes_into_no_connection(file, variables):
    """Also where the file is somebody else's."""
    said = "HUB_SECRET_KEY is the hub's own, and is sent to nobody"
    [problem] = file.refused(REFERENCES.replace("ODOO_SECRET", "HUB_SECRET_KEY"))
    assert said in problem
    [problem] = file.refused(FILE.replace("login: hub", "login: {env: HUB_SECRET_KEY}"))
    assert said in problem


def test_a_password_is_hashed_once_and_not_again(file):
    file.apply(BASIC)
    stored = AccessKey.objects.get().password_hash
    assert file.apply() == ["Nothing to change."]
    assert file.apply(BASIC.replace("mapping: partner\n", "mapping: partner\n    limit: 5\n")) == [
        "~ endpoint partners: limit 100 → 5"
    ]
    assert AccessKey.objects.get().password_hash == stored


def test_login_and_password_change_by_themselves(file):
    file.apply(BASIC)
    assert file.apply(BASIC.replace("login: shop", "login: store")) == [
        "~ endpoint partners: access key shop: login shop → store"
    ]
    assert file.apply(BASIC.replace("login: shop", "login: store").replace("pa55", "0ther")) == [
        "~ endpoint partners: access key shop: password changed"
    ]


def test_a_token_becomes_a_login_and_back(applied):
    assert applied.apply(BASIC) == [
        "~ endpoint partners: auth bearer → basic",
        "~ endpoint partners: access key shop: token → password",
    ]
    key = AccessKey.objects.get()
    assert (key.login, key.token_digest) == ("shop", "")
    applied.apply(FILE)
    key = AccessKey.objects.get()
    assert (key.login, key.password_hash) == ("", "")
    assert key.token_digest in token_digests("t0ken-of-the-shop")


def test_a_variable_that_is_not_set_does_not_make_a_token_of_a_password(file):
    file.apply(BASIC)
    [problem] = file.refused(REFERENCES.replace("{env: ODOO_SECRET}", "s").replace("{env: ODOO_URL}", NOBODY))
    assert problem.endswith("environment variable SHOP_TOKEN is not set")


def test_a_token_of_an_older_encryption_key_is_still_the_same(applied, settings):
    from cryptography.fernet import Fernet

    settings.HUB_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *settings.HUB_ENCRYPTION_KEYS]
    assert applied.apply() == ["Nothing to change."]


def test_secrets_are_encrypted_anew_before_an_older_key_goes(applied, settings, capsys):
    from cryptography.fernet import Fernet

    [old] = settings.HUB_ENCRYPTION_KEYS
    new = Fernet.generate_key().decode()
    settings.HUB_ENCRYPTION_KEYS = [new, old]
    call_command("hub_rekey")
    assert "1 secret is encrypted with the first key." in capsys.readouterr().out
    settings.HUB_ENCRYPTION_KEYS = [new]
    assert Connection.objects.get().secret == "s3cret"
    settings.HUB_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(CommandError, match=r"None of the keys reads the secrets of: main\. Enter them again"):
        call_command("hub_rekey")


def test_a_login_may_come_from_a_variable(file, monkeypatch):
    monkeypatch.setenv("ODOO_LOGIN", "hub@example.com")
    text = FILE.replace("login: hub", "login: {env: ODOO_LOGIN}")
    file.apply(text)
    assert Connection.objects.get().login == "hub@example.com"
    monkeypatch.delenv("ODOO_LOGIN")
    assert file.apply() == [
        "note: environment variable ODOO_LOGIN is not set; the login of connection main stays as it is",
        "Nothing to change.",
    ]


def test_an_access_key_can_be_switched_off(applied):
    text = FILE.replace("t0ken-of-the-shop}", "t0ken-of-the-shop, enabled: false}")
    assert applied.apply(text) == ["~ endpoint partners: access key shop: enabled true → false"]
    assert AccessKey.objects.get().enabled is False
