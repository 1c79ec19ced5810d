"""Whatever finds the words: servers, the embedded engine, a script, or nothing but listening."""
