"""The page for people: the contacts, latest change first, and a form to change one "in Odoo"."""

from html import escape
from typing import Any
from urllib.parse import parse_qs

from demo.odoo.errors import OdooError
from demo.odoo.rpc import Database

# A person at this page works as the administrator.
_ADMIN = 2
_EDITABLE = {"name": "Name", "email": "Email", "phone": "Phone", "city": "City"}
_SHOWN = {
    "id": "ID",
    "ref": "Reference",
    "name": "Name",
    "email": "Email",
    "city": "City",
    "write_date": "Changed",
}
_ROWS = 50

_STYLE = """
*{box-sizing:border-box}
body{margin:0;font:15px/1.5 system-ui,sans-serif;color:#1f2333;background:#f4f4f7}
header{background:#714b67;color:#fff;padding:14px 20px}
header a{color:#fff;text-decoration:none;font-weight:600;font-size:18px}
header span{opacity:.8;margin-left:10px;font-size:13px}
main{max-width:1100px;margin:0 auto;padding:20px}
h1{font-size:20px;margin:0 0 4px}
p{margin:0 0 16px;color:#5b6072}
.card{background:#fff;border:1px solid #e2e2ea;border-radius:8px;overflow:hidden}
table{width:100%;border-collapse:collapse}
th,td{text-align:left;padding:9px 14px;border-bottom:1px solid #ededf2;white-space:nowrap}
td:nth-child(3),td:nth-child(4){white-space:normal;overflow-wrap:anywhere}
th{font-size:12px;color:#5b6072;background:#fafafc;font-weight:600}
tr:last-child td{border-bottom:0}
tbody tr:hover{background:#faf7f9}
td a{color:#714b67;font-weight:600}
form.card{padding:20px;max-width:520px}
label{display:block;margin-bottom:14px;font-size:13px;color:#5b6072}
input{display:block;width:100%;margin-top:4px;padding:9px 11px;font:inherit;color:inherit;border:1px solid #c9c9d4;
border-radius:6px;background:#fff}
input:focus-visible,button:focus-visible,a:focus-visible{outline:2px solid #714b67;outline-offset:2px}
button{padding:10px 18px;font:inherit;font-weight:600;color:#fff;background:#714b67;border:0;border-radius:6px}
.error{color:#a3192c;font-weight:600}
@media(max-width:640px){
main{padding:14px}
thead{display:none}
tr{display:block;padding:10px 14px;border-bottom:1px solid #ededf2}
td{display:flex;gap:10px;padding:2px 0;border:0}
td::before{content:attr(data-label);flex:0 0 84px;color:#5b6072;font-size:13px}
td:empty{display:none}
}
"""


def _page(title: str, content: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>"
        '<header><a href="/">Practice Odoo</a><span>made-up data, safe to change</span></header>'
        f"<main>{content}</main></body></html>"
    )


NOT_FOUND = _page("Not found · Practice Odoo", '<h1>Not found</h1><p><a href="/">All contacts</a></p>')


def partners(database: Database) -> str:
    """The last changed contacts."""
    kwargs = {"fields": list(_SHOWN), "order": "write_date desc, id desc", "limit": _ROWS}
    rows = database.run(_ADMIN, "res.partner", "search_read", [[]], kwargs)
    total = database.run(_ADMIN, "res.partner", "search_count", [[]], {})
    head = "".join(f"<th>{label}</th>" for label in _SHOWN.values())
    body = "".join(f"<tr>{_cells(row)}</tr>" for row in rows)
    return _page(
        "Practice Odoo",
        f"<h1>Contacts</h1><p>{min(_ROWS, total)} of {total:,}, latest change first. Open one to change it.</p>"
        f'<div class="card"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>',
    )


def _cells(row: dict[str, Any]) -> str:
    cells = []
    for name, label in _SHOWN.items():
        text = escape(str(row[name] or ""))
        if name == "name":
            text = f'<a href="/practice/partner/{row["id"]}">{text or "(no name)"}</a>'
        cells.append(f'<td data-label="{label}">{text}</td>')
    return "".join(cells)


def partner_form(database: Database, number: str, error: str = "") -> str | None:
    """The form for one contact, or None where there is no such contact."""
    if not number.isdecimal():
        return None
    found = database.run(_ADMIN, "res.partner", "read", [[int(number)], [*_EDITABLE, "display_name"]], {})
    if not found:
        return None
    inputs = "".join(
        f'<label>{label}<input name="{name}" value="{escape(str(found[0][name] or ""))}"></label>'
        for name, label in _EDITABLE.items()
    )
    shown = escape(str(found[0]["display_name"]))
    problem = f'<p class="error" role="alert">{escape(error)}</p>' if error else ""
    return _page(
        f"{found[0]['display_name']} · Practice Odoo",
        f"<h1>{shown}</h1><p>Contact {number}</p>{problem}"
        f'<form class="card" method="post" action="/practice/partner/{number}">{inputs}<button>Save</button></form>',
    )


def save_partner(database: Database, number: str, body: bytes) -> str | None:
    """Save a form; gives the page to show again where Odoo refuses."""
    sent = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    vals = {name: sent[name][0].strip() or False for name in _EDITABLE if name in sent}
    if not number.isdecimal():
        return NOT_FOUND
    try:
        database.run(_ADMIN, "res.partner", "write", [[int(number)], vals], {})
    except OdooError as error:
        return partner_form(database, number, str(error)) or NOT_FOUND
    return None
