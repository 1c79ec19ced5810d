"""Where memory is kept: SQLite is the only truth, and everything else in the file can be rebuilt from it."""
