"""The history of the memory file's layout, oldest first in `versions/`. Forward only.

Alembic takes a third of a second to load, so it is asked only when the file is behind `HEAD`.
"""

HEAD = "0008"
"""The newest revision; a test holds it to what is in `versions/`."""
