"""What is worth keeping: memories with their evidence, what was let go, and how far has been read."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables."""
    op.add_column("summaries", sa.Column("profile", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "memories",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("persona", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("aspect", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("valid_to", sa.BigInteger(), nullable=True),
        sa.Column("superseded_by", sa.Integer(), nullable=True),
        sa.Column("kept_at", sa.BigInteger(), nullable=False),
        sa.Column("recalled", sa.Integer(), nullable=False),
        sa.Column("recalled_at", sa.BigInteger(), nullable=True),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("doubtful", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["superseded_by"], ["memories.id"], name="fk_memories_superseded_by", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_memories"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_memories_persona_id", "memories", ["persona", "id"])
    op.create_table(
        "evidence",
        sa.Column("memory_id", sa.Integer(), nullable=False),
        *_span("evidence"),
        sa.ForeignKeyConstraint(["memory_id"], ["memories.id"], name="fk_evidence_memory_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("memory_id", "utterance_id", "begins", name="pk_evidence"),
    )
    op.create_index("ix_evidence_utterance_id", "evidence", ["utterance_id"])
    op.create_table("let_go", *_span("let_go"), sa.PrimaryKeyConstraint("utterance_id", "begins", name="pk_let_go"))
    op.create_table(
        "readings",
        sa.Column("persona", sa.Text(), nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("upto_id", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("persona", "reader", name="pk_readings"),
    )


def _span(table: str) -> tuple[sa.Column[int] | sa.ForeignKeyConstraint, ...]:
    """Return the columns of a span of an utterance."""
    return (
        sa.Column("utterance_id", sa.Integer(), nullable=False),
        sa.Column("begins", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["utterance_id"], ["utterances.id"], name=f"fk_{table}_utterance_id", ondelete="CASCADE"
        ),
    )
