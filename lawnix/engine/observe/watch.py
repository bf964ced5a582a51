"""Watching one build, and the Python children that it starts."""

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from lawnix.engine.observe.declared import Declared
from lawnix.engine.observe.heard import heard
from lawnix.engine.observe.judge import judged
from lawnix.engine.observe.surroundings import Surroundings


class Watch:
    """What is seen of one build.

    Attributes:
        observed: What it touched undeclared, when it has ended; None where nobody looks.
    """

    def __init__(self) -> None:
        self.observed: Mapping[str, Sequence[str]] | None = None

    @contextlib.contextmanager
    def over(self, declared: Declared, around: Surroundings, directory: Path) -> Iterator[None]:
        """Within, a build goes on in `directory`."""
        started = time.time()
        with heard(str(directory / "observed")) as recorder:
            yield
        self.observed = judged(recorder.all(), declared, around, directory, started)
