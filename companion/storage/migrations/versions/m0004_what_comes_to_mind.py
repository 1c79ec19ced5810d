"""What comes to mind: an index that knows by what it was made, sittings by their dates, vectors of what was said.

The index of 0002 is dropped; `companion.storage.index` makes it anew whenever it is missing or stale, as it is now.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Drop the old index, and make the tables."""
    op.execute("DROP TABLE utterance_terms_vocabulary")
    op.execute("DROP TABLE utterance_terms")
    op.create_table(
        "indexes",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_indexes"),
    )
    op.create_table(
        "vectors",
        sa.Column("utterance_id", sa.Integer(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["utterance_id"], ["utterances.id"], name="fk_vectors_utterance_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("utterance_id", name="pk_vectors"),
    )
    op.create_index("ix_conversations_persona_started_at", "conversations", ["persona", "started_at"])
