"""All patient money: payments at the desk, bills, reminders, plans, refunds, collections."""
