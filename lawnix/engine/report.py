"""What a run tells while it goes on; who shows it is a door's business."""

from typing import Protocol

from lawnix.core.realization import Realization
from lawnix.engine.messages import Failed
from lawnix.engine.plan import Plan


class Reporter(Protocol):
    """Is told what happens, in the process of the run."""

    def planned(self, plan: Plan) -> None:
        """Nothing has run yet."""

    def started(self, number: int) -> None:
        """A build of the node begins."""

    def printed(self, number: int, text: bytes) -> None:
        """A build printed something."""

    def built(self, number: int, realization: Realization | None) -> None:
        """A build ended well."""

    def suspended(self, number: int) -> None:
        """A build waits for tasks that it found at run time."""

    def failed(self, number: int, failure: Failed, *, again: bool) -> None:
        """A build failed; whether it is tried again."""

    def ended(self) -> None:
        """Nothing more will happen."""


class Silence:
    """A reporter that tells nobody."""

    def planned(self, plan: Plan) -> None:
        """Tell nobody."""

    def started(self, number: int) -> None:
        """Tell nobody."""

    def printed(self, number: int, text: bytes) -> None:
        """Tell nobody."""

    def built(self, number: int, realization: Realization | None) -> None:
        """Tell nobody."""

    def suspended(self, number: int) -> None:
        """Tell nobody."""

    def failed(self, number: int, failure: Failed, *, again: bool) -> None:
        """Tell nobody."""

    def ended(self) -> None:
        """Tell nobody."""
