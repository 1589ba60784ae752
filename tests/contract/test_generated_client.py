"""A client that openapi-python-client makes of a running hub's description, unchanged."""

import subprocess
import sys
from pathlib import Path

from tests.contract.conftest import Served

USING_IT = """
import sys
from client import AuthenticatedClient
from client.api.partners import change_partners, create_partners, delete_partners, list_partners, read_partners
from client.api.countries import list_countries
from client.models import ContactRef, DryRun, NewPartner, Partner, PartnerChange, PartnersPage, Problem, LineProblem

with AuthenticatedClient(base_url=sys.argv[1], token=sys.argv[2], raise_on_unexpected_status=True) as client:
    sent = NewPartner(customer_id="GEN-1", name="Ada Byron", city="Ghent", tags=["generated"],
                      contacts=[ContactRef(customer_id="GEN-2", name="Mary")])
    made = create_partners.sync(client=client, body=sent)
    assert isinstance(made, Partner) and made.customer_id == "GEN-1" and made.contacts[0].name == "Mary", made

    twice = create_partners.sync(client=client, body=sent)
    assert isinstance(twice, LineProblem) and twice.status_code.value == "DUPLICATE" and twice.key == "customer_id", twice

    changed = change_partners.sync("GEN-1", client=client, body=PartnerChange(city="Bruges", is_company=True))
    assert isinstance(changed, Partner) and (changed.city, changed.is_company) == ("Bruges", True), changed

    page = list_partners.sync(client=client, city="Bruges", limit=1)
    assert isinstance(page, PartnersPage) and page.count == 1 and page.results[0].name == "Ada Byron", page

    rehearsed = change_partners.sync("GEN-1", client=client, body=PartnerChange(city="Rome"), dry_run=True)
    assert isinstance(rehearsed, DryRun) and rehearsed.values["city"] == "Rome", rehearsed

    assert list_countries.sync(client=client, limit=3).results[0].code
    assert delete_partners.sync("GEN-1", client=client).message
    gone = read_partners.sync("GEN-1", client=client)
    assert isinstance(gone, Problem) and gone.request_id, gone
"""


def test_a_generated_client_works_unchanged(served: Served, tmp_path: Path):
    document = tmp_path / "openapi.json"
    document.write_bytes(served.get("/openapi.json"))
    run(
        [
            sys.executable, "-m", "openapi_python_client", "generate", "--path", str(document), "--meta", "none",
            "--output-path", str(tmp_path / "client"), "--fail-on-warning",
        ],
        tmp_path,
    )  # fmt: skip
    script = tmp_path / "using_it.py"
    script.write_text(USING_IT)
    run([sys.executable, str(script), served.url, served.token], tmp_path)


def run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
