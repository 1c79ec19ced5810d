"""The offline listener: hears acts by a small grammar, answers from memory, and speaks from the persona's phrase bank."""
