"""The tree of a sitting: what was taken back, edited or answered again lies beside the path that holds.

All of it is pure: a sitting's utterances go in, branches included, oldest first.
"""

from collections.abc import Sequence

from companion.conversation import Speaker, State, Utterance

Said = Sequence[Utterance]


def tip(said: Said) -> Utterance | None:
    """Return where the path that holds ends."""
    return next((utterance for utterance in reversed(said) if utterance.holds), None)


def last_words(said: Said) -> Utterance | None:
    """Return what the person said last on the path that holds."""
    return next((u for u in reversed(said) if u.holds and u.speaker is Speaker.PERSON), None)


def parent(said: Said, utterance: Utterance) -> Utterance | None:
    """Return what an utterance follows."""
    return next((other for other in said if other.id == utterance.parent), None)


def taken_back(said: Said) -> Utterance | None:
    """Return the end of the exchange that was taken back last where the path ends now; None if none was."""
    end = tip(said)
    words = [u for u in _children(said, end) if u.speaker is Speaker.PERSON]
    if not words:
        return None
    replies = [u for u in _children(said, words[-1]) if u.speaker is Speaker.COMPANION]
    return replies[-1] if replies else words[-1]


def attempts(said: Said) -> tuple[Utterance, ...]:
    """Return every reply to the person's last words, oldest first."""
    words = last_words(said)
    return tuple(u for u in _children(said, words) if u.speaker is Speaker.COMPANION) if words else ()


def ends(said: Said) -> tuple[Utterance, ...]:
    """Return the end of every branch, oldest first."""
    followed = {utterance.parent for utterance in said}
    return tuple(utterance for utterance in said if utterance.id not in followed or utterance == tip(said))


def end_of(said: Said, utterance: Utterance) -> Utterance:
    """Return the newest end that follows an utterance."""
    following = {utterance.id}
    for other in said:
        if other.parent in following:
            following.add(other.id)
    return next(u for u in reversed(said) if u.id in following)


def along(said: Said, utterance: Utterance) -> tuple[Utterance, ...]:
    """Return the whole way that leads through an utterance, to the newest end that follows it."""
    by_id = {other.id: other for other in said}
    way: list[Utterance] = []
    step: Utterance | None = end_of(said, utterance)
    while step is not None:
        way.append(step)
        step = by_id.get(step.parent) if step.parent is not None else None
    return tuple(reversed(way))


def fork(said: Said, end: Utterance) -> Utterance:
    """Return the first utterance of a branch that lies beside the path that holds; the end itself if none does."""
    first, step = end, end
    while not step.holds:
        first = step
        above = parent(said, step)
        if above is None:
            break
        step = above
    return first


def is_cut(utterance: Utterance | None) -> bool:
    """Tell whether it is a reply that did not reach its end."""
    return utterance is not None and utterance.speaker is Speaker.COMPANION and utterance.state is not State.COMPLETE


def _children(said: Said, of: Utterance | None) -> list[Utterance]:
    number = of.id if of else None
    return [utterance for utterance in said if utterance.parent == number]
