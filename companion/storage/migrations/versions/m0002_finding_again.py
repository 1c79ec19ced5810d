"""Finding again: a full-text index over everything said.

`utterance_terms` holds, under the id of each utterance, the words of its text as `companion.memory.words` folds and
stems them, so that any language and any database can be served the same; `utterance_terms_vocabulary` counts them.
"""

from alembic import op
from sqlalchemy import text

from companion.memory import words

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the index and fill it with what was said before it existed."""
    op.execute('CREATE VIRTUAL TABLE utterance_terms USING fts5(terms, tokenize = "unicode61 remove_diacritics 0")')
    op.execute("CREATE VIRTUAL TABLE utterance_terms_vocabulary USING fts5vocab(utterance_terms, row)")
    connection = op.get_bind()
    for row in connection.execute(text("SELECT id, text FROM utterances")).all():
        connection.execute(
            text("INSERT INTO utterance_terms (rowid, terms) VALUES (:id, :terms)"),
            {"id": row.id, "terms": " ".join(words.terms(row.text))},
        )
