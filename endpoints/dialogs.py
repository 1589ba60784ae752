"""Methods of Odoo that answer with a dialog: they want to be told more by a person first, and here is none."""

from typing import Any


def left_open(action: str, answer: Any) -> str:
    """Why a method that answered so may not have done what it was called for; empty where it asks for nothing."""
    if not isinstance(answer, dict) or answer.get("type") != "ir.actions.act_window":
        return ""
    if answer.get("target") != "new":  # a screen that shows what was done
        return ""
    dialog = answer.get("name") or answer.get("res_model")
    return (
        f"“{action}” opens a dialog in Odoo (“{dialog}”), and nobody is here to answer it: it may not be done. Look at the "
        "record there, and do it there; for others to come, let the action call a method that asks for nothing."
    )
