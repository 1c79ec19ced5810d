"""What care keeps: a date, a kind and a number; and marks such as when the disclosure was said. A lock stays."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "care_counts",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "kind", name="pk_care_counts"),
    )
    op.create_table(
        "care_marks",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_care_marks"),
    )
    for verb in ("DELETE", "UPDATE"):
        op.execute(
            f"CREATE TRIGGER care_lock_{verb.lower()} BEFORE {verb} ON care_marks WHEN old.name = 'minor'"
            " BEGIN SELECT RAISE(ABORT, 'this lock stays'); END"
        )
