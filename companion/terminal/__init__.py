"""The faces in a terminal: the chat, the plain talk line by line, and what both have in common."""
