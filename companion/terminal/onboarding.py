"""The first meeting: what is asked once, and never stands in the way: whatever is no answer is simply said.

Her greeting asks for a name, and the disclosure stands before it. Here it is asked whether she may remember, and then
she asks one question of her own. Where a person must be asked how old they are, that comes before both.
"""

from typing import TYPE_CHECKING

from companion.terminal.minds import Minds
from companion.terminal.screen import Screen

if TYPE_CHECKING:
    from companion.dialogue.engine import Companion

MAY_I = (
    "May she remember what you tell her? It stays in one file on this computer. Answer yes or no; or say anything else,"
    " and this is not asked again."
)
YES = "She will. /memories shows what she keeps, /forget takes it away."
NO = (
    "Then nothing is kept, nor what you have said so far. To change that, write `remember: yes` into config.yaml"
    " (`companion paths` says where it is)."
)

ANSWERS = {"yes": True, "y": True, "sure": True, "of course": True, "no": False, "n": False, "never": False}


class FirstMeeting:
    """One meeting, from the first words to her question.

    Args:
        companion: who is met.
        minds: keeps what is chosen, and opens a memory that forgets.
        screen: where the questions are shown.
    """

    def __init__(self, companion: "Companion", minds: Minds, screen: Screen) -> None:
        self._companion, self._minds, self._screen = companion, minds, screen
        self._asked = self.over = False

    def answer(self, said: str) -> bool:
        """Take what was said for an answer, if it is one; tell whether it was."""
        if not self._asked or self.over:
            return False
        may = ANSWERS.get(said.strip().strip(".!").lower())
        if may is None:
            self._minds.keep("remember", "asked")
        elif may:
            self._minds.keep("remember", "yes")
            self._screen.notice(YES)
        else:
            self._minds.keep("remember", "no")
            if self._minds.forgetful is not None:
                self._companion.forget_this_sitting(self._minds.forgetful)
            self._screen.notice(NO)
        self.over = True
        if may:
            self._her_question()
        return may is not None

    def after_turn(self) -> None:
        """Ask what is still to be asked, once she has answered."""
        if not self._asked:
            self._asked = True
            self._screen.notice(MAY_I)

    def _her_question(self) -> None:
        lines = self._companion.persona.greetings.asks
        if lines:
            self._screen.line()
            self._screen.reread(self._companion.add(lines[0]))


def first_meeting(companion: "Companion", minds: Minds, screen: Screen) -> FirstMeeting | None:
    """Return the meeting that is under way, if the two have hardly met and nothing was chosen yet."""
    if minds.remember is not None or len(companion.store.conversations(companion.persona.id)) > 1:
        return None
    return FirstMeeting(companion, minds, screen)
