"""Which path holds: what was taken back, or answered otherwise, stays and does not hold; and bookmarks."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

ASIDE = """
UPDATE utterances SET holds = 0 WHERE id NOT IN (
  WITH RECURSIVE path(id, parent_id) AS (
    SELECT id, parent_id FROM utterances WHERE id IN (SELECT max(id) FROM utterances GROUP BY conversation_id)
    UNION ALL
    SELECT utterances.id, utterances.parent_id FROM utterances JOIN path ON utterances.id = path.parent_id
  ) SELECT id FROM path
)
"""
"""Until now the path to what was said last in a sitting was the one that held."""


def upgrade() -> None:
    """Mark what lies aside, and make the table."""
    op.add_column("utterances", sa.Column("holds", sa.Boolean(), server_default="1", nullable=False))
    op.execute(ASIDE)
    op.create_table(
        "bookmarks",
        sa.Column("utterance_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["utterance_id"], ["utterances.id"], name="fk_bookmarks_utterance_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("utterance_id", name="pk_bookmarks"),
    )
