"""What is kept only after asking: health, sex, other people's secrets, credentials. For whoever keeps memories."""

import re

from companion.care.signs import DANGERS, Level, read
from companion.care.wording import folded

_CLASSES = {
    "credentials": r"\b(password|passwort|passcode|pin (is|code|number)|contrasena|mot de passe|api[ _-]?key|secret key"
    r"|iban|cvv|seed phrase|private key|sk-[a-z0-9]{8,}|credit card number)\b|\b(?:\d[ -]?){13,19}\b",
    "health": r"\b(diagnos\w+|hiv|aids|cancer|krebs|tumou?r|chemo\w*|depression|depressed|bipolar|schizo\w+|ptsd|adhd"
    r"|autis\w+|medication|antidepress\w+|pregnan\w+|schwanger\w*|miscarriage|abortion|addict\w*|rehab|overdos\w+"
    r"|therapist|psychiatr\w+|insulin|epilep\w+|dementia|disorder)\b",
    "sex": r"\b(sex|sexual\w*|porn\w*|orgasm\w*|erection|masturbat\w+|affair with|slept with|gay|lesbian|bisexual"
    r"|transgender|fetish|kink\w*|nudes?)\b",
    "others": r"\b(told me in confidence|it is a secret|it's a secret|nobody (else )?knows|don't tell anyone"
    r"|dont tell anyone|keep (this|it) (secret|between us)|promised not to tell|between you and me)\b",
}
_COMPILED = {name: re.compile(pattern) for name, pattern in _CLASSES.items()}


NEVER_KEPT = "credentials"
"""The class that is kept on no account."""


def is_grave(words: str) -> bool:
    """Tell whether words belong to a crisis: kept if the person wants it, and never small talk."""
    return read(words).level is Level.EXPLICIT


def classes(words: str) -> tuple[str, ...]:
    """Return the sensitive classes that a text touches: `credentials`, `health`, `sex`, `others`, `crisis`."""
    text = folded(words)
    found = tuple(name for name, pattern in _COMPILED.items() if pattern.search(text))
    return (*found, "crisis") if any(kind in read(words) for kind in DANGERS) else found
