"""Writes the 277CAs of the clearinghouse and of each payer for one 837P transaction.

Source:
    TR3 005010X214.
"""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING

import edi
from edi.acknowledge_277ca import to_277ca
from edi.acknowledge_submission import answer_batch
from edi.acknowledge_values import Entity, StatusCode
from edi.writer import NewGroup, NewInterchange, write

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from edi.acknowledge_277ca import BatchAnswer, ClaimAnswer, ProviderAnswer
    from simulator.values import Clearinghouse, PayerContract, Route, Rule

_GUIDE = "005010X214"


def answer_as_clearinghouse(
    batch: BatchAnswer, house: Clearinghouse, codes: Mapping[str, tuple[StatusCode, ...]]
) -> BatchAnswer:
    """Return what the clearinghouse says of a batch.

    Args:
        batch: The batch as read; its claims' codes are replaced.
        house: Who speaks.
        codes: By claim number.
    """
    return replace(
        batch,
        source=Entity("AY", "2", house.name, "", "", "", "46", house.id),
        code=StatusCode("A1", "19", "AY"),
        providers=_answer(batch.providers, codes, {}),
    )


def answer_as_payer(
    batch: BatchAnswer,
    payer: PayerContract,
    codes: Mapping[str, tuple[StatusCode, ...]],
    numbers: Mapping[str, str],
) -> BatchAnswer:
    """Return what a payer says of those claims of a batch that it received.

    Args:
        batch: The batch as read.
        payer: Who speaks.
        codes: By claim number, for this payer's claims alone.
        numbers: The payer's own claim numbers by claim number.
    """
    return replace(
        batch,
        source=Entity("PR", "2", payer.name, "", "", "", "PI", payer.payer_id),
        code=StatusCode("A1", "19", "PR"),
        trace=f"{batch.trace}{payer.payer_id}",
        providers=_answer(batch.providers, codes, numbers),
    )


def answer_late(
    data: bytes,
    transaction: int,
    payer: PayerContract,
    rules: Mapping[str, Rule],
    *,
    at: dt.datetime,
) -> BatchAnswer:
    """Return what a payer says of claims that it accepted before and rejects after all.

    Args:
        data: The 837 as it came.
        transaction: Which ST of it, from 0.
        payer: Who speaks.
        rules: By claim number, why.
        at: When.
    """
    read = next(islice(edi.read(BytesIO(data)), transaction, None))
    nothing_found = edi.TransactionReport(
        st=read.st,
        guide=read.guide,
        control=read.control,
        version="",
        claims=0,
        first_index=read.header.index,
        last_index=0,
        faults=[],
    )
    codes = {
        number: (StatusCode(rule.category, rule.status or "21", rule.entity),)
        for number, rule in rules.items()
    }
    batch = answer_as_payer(answer_batch(read, nothing_found, at=at), payer, codes, {})
    return replace(batch, trace=f"{batch.trace}L")


def _answer(
    providers: Sequence[ProviderAnswer],
    codes: Mapping[str, tuple[StatusCode, ...]],
    numbers: Mapping[str, str],
) -> tuple[ProviderAnswer, ...]:
    answered = (
        replace(
            provider,
            claims=tuple(
                _tell(claim, codes[claim.claim_number], numbers)
                for claim in provider.claims
                if claim.claim_number in codes
            ),
        )
        for provider in providers
    )
    return tuple(provider for provider in answered if provider.claims)


def _tell(
    claim: ClaimAnswer, codes: tuple[StatusCode, ...], numbers: Mapping[str, str]
) -> ClaimAnswer:
    told = replace(claim, codes=codes)
    if not told.is_accepted:
        return told
    return replace(told, payer_claim_number=numbers.get(claim.claim_number, ""))


def write_277ca(
    batches: Sequence[BatchAnswer],
    *,
    sender_group: str,
    route: Route,
    at: dt.datetime,
    control: int,
) -> bytes:
    """Return a 277CA file with one transaction for each batch."""
    made = NewInterchange(
        sender=route.house,
        receiver=route.practice,
        at=at,
        control=control,
        is_test=route.is_test,
        groups=[
            NewGroup(
                functional_id="HN",
                sender=sender_group,
                receiver=route.practice_group,
                at=at,
                control=control,
                version=_GUIDE,
                transactions=[
                    to_277ca(batch, control=f"{number:04d}", at=at)
                    for number, batch in enumerate(batches, 1)
                ],
            )
        ],
    )
    return write(made, faults=[])
