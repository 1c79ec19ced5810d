"""What replies cost: tokens as the server counted them, beside our own estimate, to learn how a model counts."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "usage",
        sa.Column("utterance_id", sa.Integer(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("estimated_tokens", sa.Integer(), nullable=False),
        sa.Column("prompt_tokens", sa.Integer(), nullable=False),
        sa.Column("cached_tokens", sa.Integer(), nullable=False),
        sa.Column("completion_tokens", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["utterance_id"], ["utterances.id"], name="fk_usage_utterance_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("utterance_id", name="pk_usage"),
    )
    op.create_index("ix_usage_model_utterance_id", "usage", ["model", "utterance_id"])
