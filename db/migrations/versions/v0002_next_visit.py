"""The list of sessions tells who is due: the next visit joins the kinds that it is read from."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the index of the list anew."""
    op.execute("DROP INDEX entry_headline")
    op.execute(
        """CREATE INDEX entry_headline ON entry (kind, number) WHERE kind IN (
    'SessionOpened', 'PatientIdentified', 'OrderSigned', 'InfusionStarted', 'InfusionPaused',
    'InfusionResumed', 'InfusionEnded', 'SessionFinished', 'Retracted', 'NextVisitPlanned'
)"""
    )
