"""Alembic's entry: runs the revisions on the connection that `web.upgrading` hands over."""

from __future__ import annotations

from alembic import context


def run_migrations() -> None:
    """Run the revisions in the caller's transaction."""
    attributes = context.config.attributes
    context.configure(
        connection=attributes["connection"],
        target_metadata=attributes["metadata"],
        render_as_batch=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run_migrations()
