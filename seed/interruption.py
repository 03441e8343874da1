"""Ctrl+C: noted when it comes, obeyed where the work can be broken off in order."""

import signal
from types import FrameType


class Interruption:
    """Whether whoever started the work wants it to end.

    Python would raise ``KeyboardInterrupt`` wherever it happens to be: where nobody can be told, as in a destructor, it is lost,
    and in the middle of a driver's work it leaves a connection that cannot be ended in order.
    """

    def __init__(self) -> None:
        self.asked = False
        self._too_late = False

    def install(self) -> None:
        """Have Ctrl+C noted here from now on, unless it is ignored, as for what runs in the background."""
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, self._note)

    def _note(self, _: int, __: FrameType | None) -> None:
        if self._too_late:
            return
        if self.asked:
            raise KeyboardInterrupt  # once more: whoever asks has waited long enough
        self.asked = True

    def check(self) -> None:
        """Obey, if that was asked for.

        Raises:
            KeyboardInterrupt: it was.
        """
        if self.asked:
            raise KeyboardInterrupt

    def check_last(self) -> None:
        """Obey for the last time: what follows is done whatever comes, so that what is said of it is true.

        Raises:
            KeyboardInterrupt: it was asked for before.
        """
        self._too_late = True
        self.check()
