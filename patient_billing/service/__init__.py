"""The verbs of patient money: take a payment, make a statement; and what others read of them."""

from __future__ import annotations

from patient_billing.queries import (
    find_payment,
    get_statement,
    list_payments,
    list_statements,
    read_statement_pdf,
)
from patient_billing.service.payments import apply_unapplied, take_payment
from patient_billing.service.statements import list_guarantors_to_bill, make_statement

__all__ = [
    "apply_unapplied",
    "find_payment",
    "get_statement",
    "list_guarantors_to_bill",
    "list_payments",
    "list_statements",
    "make_statement",
    "read_statement_pdf",
    "take_payment",
]
