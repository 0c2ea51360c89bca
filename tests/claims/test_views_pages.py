"""The pages of the claim cycle over a practice that bills, is answered and posts."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from access.values import Role
from tests.factories.pages import counted, make_app, seat
from tests.factories.remittances import Billed, Check, Svc

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

    from config.ids import PracticeId
    from config.tenancy import Database
    from tests.factories.remittances import BilledClaim, Desk

# No page sends more, however many rows it shows (its own audit entry included).
STATEMENTS_MAX = 40
ANSWER = Svc("99213", 15000, 9200, "CO-45 5800")


@pytest.fixture
def client(
    database: Database, practice_id: PracticeId, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> FlaskClient:
    seat(monkeypatch, practice_id, Role.BILLER)
    return make_app(tmp_path, database).test_client()


@pytest.fixture
def claim(desk: Desk) -> BilledClaim:
    """One claim that was answered and posted."""
    billed = desk.bill()
    desk.answer(Check((billed.clp(ANSWER),)))
    return billed


def _count_entries(database: Database) -> int:
    with database.engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM audit_entry")).scalar_one())


def _open(client: FlaskClient, path: str) -> str:
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200, path
    return answer.text


def _find(page: str, pattern: str) -> str:
    found = re.search(pattern, page)
    assert found is not None, pattern
    return found[0].replace("&amp;", "&")


def test_every_page_opens_within_its_statements_and_every_page_with_patients_is_recorded(
    client: FlaskClient, claim: BilledClaim, database: Database
) -> None:
    remittance = _find(_open(client, "/remittances"), r"/remittances/[0-9a-f-]{36}")
    posting = _find(_open(client, "/ledger/entries"), r"/ledger/postings/[0-9a-f-]{36}")
    patient = _find(_open(client, "/patients"), r"/patients/P[0-9A-Z]+")
    with_patients = [
        "/claims", "/claims?queue=done", f"/claims/{claim.number}",
        f"/claims/{claim.number}/fields", f"/claims?patient={patient.rsplit('/', 1)[1]}",
        "/remittances", remittance, "/patients", patient,
    ]  # fmt: skip
    without = [
        "/home", "/claims?queue=held", "/denials", "/messages", "/ledger", "/ledger/aging",
        "/ledger/entries", "/ledger/entries?account=charges", "/ledger/open", posting,
    ]  # fmt: skip
    for path in (*with_patients, *without):
        before = _count_entries(database)
        with counted(database) as count:
            _open(client, path)
        assert count.statements <= STATEMENTS_MAX, path
        if path in with_patients:
            assert _count_entries(database) == before + 1, path


def test_worklist_sends_as_many_statements_for_many_claims_as_for_few(
    client: FlaskClient, desk: Desk, database: Database
) -> None:
    desk.bill()
    with counted(database) as few:
        _open(client, "/claims?queue=waiting")
    desk.bill_all([(Billed(),)] * 9)
    with counted(database) as many:
        page = _open(client, "/claims?queue=waiting")
    assert len(re.findall(r"<tr data-row", page)) == 10
    assert many.statements == few.statements


def test_worklist_goes_on_where_its_page_ends(
    client: FlaskClient, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("claims.pages_lists.PAGE_ROWS", 2)
    numbers = {claim.number for claim in desk.bill_all([(Billed(),)] * 5)}
    for first in ("/claims?queue=waiting", "/claims"):
        seen: list[str] = []
        path: str | None = first
        while path:
            page = _open(client, path)
            seen += re.findall(r'<a href="/claims/(C[0-9A-Z]+)"', page)
            link = re.search(r'<a href="([^"]+)" rel="next"', page)
            path = link[1].replace("&amp;", "&") if link else None
        assert sorted(seen) == sorted(numbers)


def test_claim_page_ties_to_the_ledger_rows_that_its_amounts_open(
    client: FlaskClient, claim: BilledClaim
) -> None:
    page = _open(client, f"/claims/{claim.number}")
    assert claim.number in page
    links = re.findall(r'<a href="(/ledger/entries\?line=[^"]+)">\$([\d,.]+)</a>', page)
    assert links
    charge = links[0][1]
    assert f"${charge}" in _open(client, links[0][0])
    for posting in set(re.findall(r"/ledger/postings/[0-9a-f-]{36}", page)):
        _open(client, posting)
    assert "above the agreed fee" in page
    assert "CLM</b>*" + claim.number in page


def test_claim_that_is_not_there_and_another_practices_look_alike(
    client: FlaskClient,
    claim: BilledClaim,
    tmp_path: Path,
    database: Database,
    other_practice_id: PracticeId,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    missing = client.get("/claims/C00000000X")
    seat(monkeypatch, other_practice_id, Role.BILLER)
    theirs = make_app(tmp_path / "other", database).test_client().get(f"/claims/{claim.number}")
    assert missing.status_code == theirs.status_code == 404
    assert "There is nothing under this address" in theirs.text
    assert claim.number not in re.sub(r'value="[^"]*"', "", theirs.text)


def test_remittance_shows_why_a_claim_waits(client: FlaskClient, desk: Desk) -> None:
    billed = desk.bill()
    desk.answer(Check((replace(billed.clp(ANSWER), number="C99999999Z"),)))
    listed = _open(client, "/remittances?view=quarantined")
    path = _find(listed, r"/remittances/[0-9a-f-]{36}")
    page = _open(client, path)
    assert "No claim of ours has this number. Match it by hand." in page
    assert "to the cent" in page
    spanish = client.get(path, headers={"Accept-Language": "es"}).text
    assert "Ningún reclamo nuestro tiene este número." in spanish


@pytest.mark.parametrize(
    "path",
    [
        "/claims?queue=none", "/claims?after=nonsense&queue=held", "/claims?after=1",
        "/claims?patient=P0", "/claims/%00", "/remittances?view=x", "/remittances?after='",
        "/ledger/entries?account=gold", "/ledger/entries?visit=1", "/ledger?on=never",
        "/ledger/open?bucket=x", "/messages?state=lost", "/patients/P1", "/denials?after=2~3",
    ],
)  # fmt: skip
def test_address_that_names_nothing_is_a_missing_page(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_balance_and_aging_open_the_rows_that_add_up(
    client: FlaskClient, claim: BilledClaim
) -> None:
    claim.desk.bill()  # one that is still open
    for path, behind in (
        ("/ledger", r"/ledger/entries\?account="),
        ("/ledger/aging", "/ledger/open"),
    ):
        page = _open(client, path)
        links = re.findall(rf'<a href="({behind}[^"]*)">\$([\d,.]+)</a>', page)
        assert links, path
        for link, amount in links:
            rows = _open(client, link.replace("&amp;", "&"))
            foot = re.search(r"<tfoot>.*?(\N{MINUS SIGN}?\$[\d,.]+)", rows, re.DOTALL)
            assert foot is not None
            assert foot[1].lstrip("\N{MINUS SIGN}") == f"${amount}"


def test_finding_by_number_opens_the_claim_and_names_stay_out_of_addresses(
    client: FlaskClient, claim: BilledClaim
) -> None:
    mark = re.search(r'name="csrf_token" value="([^"]+)"', _open(client, "/home"))
    assert mark is not None
    form = {"csrf_token": mark[1], "words": claim.number.lower()}
    found = client.post("/find", data=form)
    assert found.headers["Location"] == f"/claims/{claim.number}"
    answer = client.post("/find", data={"csrf_token": mark[1], "words": "Somebody"})
    assert answer.status_code == 307
    assert answer.headers["Location"] == "/patients"
