"""Who may do what. The administrator may do everything; everybody else keeps out of the settings."""

from demo.odoo.env import Env
from demo.odoo.errors import AccessError
from demo.odoo.models import Model

# Logins whose rights are unlimited: OdooBot and the administrator.
UNLIMITED = (1, 2)
_VERBS = {"read": "access", "write": "modify", "create": "create", "unlink": "delete"}
_SETTINGS = "Administration/Settings"
# Operations that only a group has, by model; a model that is not here is open to every user.
_RESERVED: dict[str, dict[str, str]] = {
    "res.partner": {"unlink": "Extra Rights/Contact Creation"},
    "ir.cron": dict.fromkeys(_VERBS, _SETTINGS),
    **{
        model: dict.fromkeys(("write", "create", "unlink"), _SETTINGS)
        for model in (
            "res.country",
            "res.country.state",
            "res.currency",
            "res.company",
            "res.users",
            "res.lang",
        )
    },
    **{
        model: dict.fromkeys(("write", "create", "unlink"), _SETTINGS)
        for model in ("ir.model", "ir.model.fields", "ir.model.data")
    },
    "ir.model": dict.fromkeys(_VERBS, "Administration/Access Rights"),
}


def may(env: Env, model: Model, operation: str) -> bool:
    return env.uid in UNLIMITED or operation not in _RESERVED.get(model.name, {})


def check(env: Env, model: Model, operation: str) -> None:
    if may(env, model, operation):
        return
    raise AccessError(
        f"You are not allowed to {_VERBS[operation]} '{model.label}' ({model.name}) records.\n\n"
        f"This operation is allowed for the following groups:\n\t- {_RESERVED[model.name][operation]}\n\n"
        "Contact your administrator to request access if necessary."
    )
