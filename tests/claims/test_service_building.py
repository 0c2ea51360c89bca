"""From a signed visit to claims, batches and files at the partner."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from audit.service import reading
from claims import queries
from claims.jobs.sending import send_batches
from claims.models import BatchClaimRow
from claims.service import batch_claims, build_claims, count_by_state, list_overdue
from claims.values import ClaimState
from coding import service as coding
from coding.values import LineChoice
from config.blobs import read_blob
from config.money import Money
from gateways.files import HostKeyChangedError, NameTakenError
from ledger import service as ledger
from practice import service as practice
from tests.factories.claims import AT, Office
from tests.factories.oracles import find_pyx12_errors
from tests.factories.practice import make_partner, make_provider
from tests.factories.sftp import running_sftp

if TYPE_CHECKING:
    from pathlib import Path

    from claims.values import Claim, ClaimId
    from config.actor import Actor
    from config.tenancy import Database
    from tests.factories.sftp import SftpServer


def get(office: Office, *claim_ids: ClaimId) -> list[Claim]:
    with reading(office.database, office.actor, purpose="payment") as session:
        found = queries.get_claims(session, claim_ids)
    return [found[key] for key in claim_ids]


def make_batch(office: Office, count: int = 1) -> list[ClaimId]:
    claims = office.build(*(office.take_in() for _ in range(count)))
    office.scrub(*claims)
    with office.writing() as session:
        assert batch_claims(session, office.actor, office.partner_id, at=AT) is not None
    return claims


def send(office: Office, keys: Path) -> list[str]:
    return send_batches(office.database, office.actor, keys=keys, at=AT)


def test_visit_is_built_once_and_charged_once(office: Office) -> None:
    visit_id = office.take_in(codes=("99213", "93000"))
    (claim_id,) = office.build(visit_id)
    assert office.build(visit_id) == []
    (claim,) = get(office, claim_id)
    assert claim.total == Money(19_500)
    assert claim.number.isalnum()
    assert len(claim.number) <= 14
    with reading(office.database, office.actor, purpose="payment") as session:
        totals = ledger.get_totals(session)
    assert (totals.billed, totals.open) == (Money(19_500), Money(19_500))


def test_visit_that_is_not_signed_is_refused_by_name(office: Office) -> None:
    visit_id = office.take_in()
    with office.writing() as session:
        coding.reopen_coding(session, office.actor, visit_id, reason="again", now=AT)
    with office.writing() as session:
        built = build_claims(session, office.actor, [visit_id], at=AT)
    assert built.claims == ()
    assert [f.code for f in built.findings] == ["visit-not-signed"]


def test_line_that_the_law_keeps_from_the_payer_is_charged_to_the_guarantor(
    office: Office,
) -> None:
    visit_id = office.take_in(codes=("99213", "93000"))
    with office.writing() as session:
        held = coding.get_coded_visits(session, [visit_id])[visit_id].lines[1]
        coding.hold_line(
            session, office.actor, visit_id, held.id, "paid-in-full-restriction", now=AT
        )
    (claim_id,) = office.build(visit_id)
    with reading(office.database, office.actor, purpose="payment") as session:
        content = queries.get_contents(session, [claim_id])[claim_id]
        balances = ledger.get_line_balances(session, [held.id])[held.id]
    assert [line.code for line in content.lines] == ["99213"]
    assert content.total == Money(15_000)
    assert balances.patient == Money(4_500)
    assert not any(balances.insurance.values())


def test_visit_splits_by_rendering_clinician(office: Office) -> None:
    visit_id = office.take_in(codes=("99213",))
    with office.writing() as session:
        other = practice.save_provider(session, make_provider(npi="1003000126", family="Lindqvist"))
        coding.reopen_coding(session, office.actor, visit_id, reason="second clinician", now=AT)
        coding.add_line(
            session,
            office.actor,
            visit_id,
            LineChoice("93000", (1,), provider_id=other),
            folder=office.codes,
        )
        coding.sign_off(session, office.actor, visit_id, folder=office.codes, now=AT)
    claims = office.build(visit_id)
    with reading(office.database, office.actor, purpose="payment") as session:
        contents = queries.get_contents(session, claims)
    rendering = [contents[key].rendering for key in claims]
    assert [r.family for r in rendering if r] == ["Okonkwo-Reyes", "Lindqvist"]


def test_batch_takes_ready_claims_only_and_each_once(office: Office) -> None:
    claims = make_batch(office, 3)
    built = office.bill()
    with office.writing() as session:
        assert batch_claims(session, office.actor, office.partner_id, at=AT) is None
    assert [c.state for c in get(office, *claims)] == [ClaimState.BATCHED] * 3
    assert get(office, built)[0].state is ClaimState.BUILT
    with reading(office.database, office.actor, purpose="payment") as session:
        carried = session.scalars(select(BatchClaimRow.claim_id)).all()
    assert sorted(carried) == sorted(claims)


def test_interchange_numbers_never_come_again(office: Office) -> None:
    for _ in range(3):
        make_batch(office)
    with reading(office.database, office.actor, purpose="payment") as session:
        batches = queries.list_batches(session, "written")
    assert [batch.interchange_control for batch in batches] == [1, 2, 3]
    assert len({batch.file_name for batch in batches}) == 3


def test_batch_lands_in_the_partners_folder_as_it_was_stored(
    office: Office, tmp_path: Path
) -> None:
    (claim_id,) = make_batch(office)
    (name,) = send(office, tmp_path)
    with reading(office.database, office.actor, purpose="payment") as session:
        (batch,) = queries.list_batches(session, "sent")
        stored = read_blob(session, batch.blob_id)
        events = [row.kind for row in queries.list_events(session, claim_id)]
    assert (office.home / "outbox" / name).read_bytes() == stored
    assert get(office, claim_id)[0].state is ClaimState.SENT
    assert events[-2:] == ["batched", "sent"]
    assert send(office, tmp_path) == []


@pytest.mark.oracle
def test_pyx12_accepts_the_batch_that_was_sent(office: Office, tmp_path: Path) -> None:
    make_batch(office, 3)
    (name,) = send(office, tmp_path)
    data = (office.home / "outbox" / name).read_bytes()
    assert data.count(b"CLM*") == 3
    assert find_pyx12_errors(data) == []


def test_file_that_was_uploaded_before_a_cut_is_not_sent_twice(
    office: Office, tmp_path: Path
) -> None:
    (claim_id,) = make_batch(office)
    with reading(office.database, office.actor, purpose="payment") as session:
        (batch,) = queries.list_batches(session, "written")
        place = office.home / "outbox" / batch.file_name
        place.write_bytes(read_blob(session, batch.blob_id))
    assert send(office, tmp_path) == [place.name]
    assert get(office, claim_id)[0].state is ClaimState.SENT
    assert len(list((office.home / "outbox").iterdir())) == 1


def test_other_file_under_the_name_stops_the_sending(office: Office, tmp_path: Path) -> None:
    (claim_id,) = make_batch(office)
    with reading(office.database, office.actor, purpose="payment") as session:
        (batch,) = queries.list_batches(session, "written")
    place = office.home / "outbox" / batch.file_name
    place.write_bytes(b"not ours")
    with pytest.raises(NameTakenError):
        send(office, tmp_path)
    assert place.read_bytes() == b"not ours"
    assert get(office, claim_id)[0].state is ClaimState.BATCHED


def office_at(
    server: SftpServer, database: Database, actor: Actor, codes: Path, home: Path
) -> Office:
    address = server.address
    assert address.private_key_file is not None
    (server.root / "out").mkdir(exist_ok=True)
    office = Office(database, actor, codes, home)
    with office.writing() as session:
        practice.save_partner(
            session,
            make_partner(
                transport="sftp",
                host=address.host,
                port=address.port,
                username=address.username,
                host_key=address.host_key,
                key_file=address.private_key_file.name,
                outbox="/out",
                inbox="/in",
            ),
        )
    return office


def test_batch_goes_to_a_real_sftp_server_under_its_pinned_key(
    database: Database, actor: Actor, codes_folder: Path, tmp_path: Path
) -> None:
    with running_sftp(tmp_path) as server:
        office = office_at(server, database, actor, codes_folder, tmp_path / "partner")
        (claim_id,) = make_batch(office)
        assert server.address.private_key_file is not None
        (name,) = send(office, server.address.private_key_file.parent)
        assert (server.root / "out" / name).read_bytes().startswith(b"ISA*00*")
        assert sorted(p.name for p in (server.root / "out").iterdir()) == [name]
    assert get(office, claim_id)[0].state is ClaimState.SENT


def test_nothing_is_sent_to_a_server_with_another_key(
    database: Database, actor: Actor, codes_folder: Path, tmp_path: Path
) -> None:
    other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHEchbTjoHVXcvUbGcRxVLrfTWNWIRxXbQzVHrm3Zj2b"
    with running_sftp(tmp_path) as server:
        office = office_at(server, database, actor, codes_folder, tmp_path / "partner")
        with office.writing() as session:
            partner = practice.get_partner(session, office.partner_id)
            practice.save_partner(session, replace(partner, host_key=other))
        (claim_id,) = make_batch(office)
        assert server.address.private_key_file is not None
        with pytest.raises(HostKeyChangedError):
            send(office, server.address.private_key_file.parent)
        assert list((server.root / "out").iterdir()) == []
    assert get(office, claim_id)[0].state is ClaimState.BATCHED


def test_every_claim_is_counted_in_one_state_with_an_owner(office: Office) -> None:
    make_batch(office, 2)
    office.bill(person={"birth_date": None})
    with reading(office.database, office.actor, purpose="payment") as session:
        counts = count_by_state(session, today=AT.date())
        late = list_overdue(session, today=AT.date().replace(day=20))
    assert [(c.state, c.count, c.overdue) for c in counts] == [
        (ClaimState.BUILT, 1, 0),
        (ClaimState.BATCHED, 2, 0),
    ]
    assert len(late) == 3
