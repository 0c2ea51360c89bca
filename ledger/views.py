"""The pages of the book: trial balance, aging, entries and postings; each number opens its rows."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request

from audit.service import reading
from config import clock
from config.finding import MissingError
from config.http import app_database, read_page_key, request_actor, request_purpose
from ledger import pages
from ledger.values.postings import EntryFilter, EntryId

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from uuid import UUID

    from config.pages import Words
    from config.tenancy import PracticeSession
    from ledger.values.accounts import Account
    from ledger.values.postings import EntryKind

blueprint = Blueprint("ledger", __name__, template_folder="templates")


@blueprint.app_template_filter("account_name")
def name_account(account: Account) -> Words:
    """Return what people call an account; for the pages of later packages too."""
    return pages.ACCOUNTS[account]


@blueprint.app_template_filter("entry_kind")
def name_entry_kind(kind: EntryKind) -> Words:
    """Return what people call a kind of entry."""
    return pages.ENTRY_KINDS[kind]


@blueprint.get("/ledger")
def show_balance() -> str:
    """Show the trial balance."""
    with _reading() as session:
        page = pages.build_balance(session, on=_read_day())
    return render_template("ledger/balance.html", page=page)


@blueprint.get("/ledger/aging")
def show_aging() -> str:
    """Show what payers and patients owe by age."""
    with _reading() as session:
        page = pages.build_aging(session, on=_read_day())
    return render_template("ledger/aging.html", page=page)


@blueprint.get("/ledger/open")
def list_open_items() -> str:
    """Show the open items behind a number of the aging page."""
    bucket = request.args.get("bucket", "")
    if bucket and (not bucket.isdecimal() or len(bucket) > 1):
        raise MissingError("no such age")
    choice = pages.OpenChoice(
        party=request.args.get("party", ""),
        bucket=int(bucket) if bucket else None,
        is_credit=request.args.get("credit") == "1",
    )
    with _reading() as session:
        page = pages.build_open_items(session, choice, on=_read_day())
    return render_template("ledger/open.html", page=page)


@blueprint.get("/ledger/entries")
def list_entries() -> str:
    """Show entries: of an account, a visit, a claim, a remittance."""
    chosen = EntryFilter(
        account=pages.read_account(request.args.get("account", "")),
        visit_id=_read_key("visit"),
        claim_id=_read_key("claim"),
        charge_line_id=_read_key("line"),
        payer_id=_read_key("payer"),
        guarantor_id=_read_key("guarantor"),
        remittance_id=_read_key("remittance"),
        on=_read_day() if request.args.get("on") else None,
    )
    after = _read_key("after")
    with _reading() as session:
        page = pages.build_entries(
            session,
            chosen,
            after=EntryId(after) if after else None,
            address=request.args.to_dict(),
        )
    return render_template("ledger/entries.html", page=page)


@blueprint.get("/ledger/postings/<uuid:posting_id>")
def show_posting(posting_id: UUID) -> str:
    """Show a posting with its entries."""
    with _reading() as session:
        page = pages.build_posting(session, posting_id)
    return render_template("ledger/posting.html", page=page)


def _reading() -> AbstractContextManager[PracticeSession]:
    return reading(app_database(), request_actor(), purpose=request_purpose())


def _read_key(name: str) -> UUID | None:
    return read_page_key(request.args.get(name))


def _read_day() -> dt.date:
    """Return the day that the address names; today where it names none.

    Raises:
        MissingError: It names no day.
    """
    text = request.args.get("on", "")
    if not text:
        return clock.today()
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise MissingError("no such day") from None
