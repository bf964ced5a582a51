"""Watching one build, and the Python children that it starts."""

import contextlib
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from lawnix.engine.observe.declared import Declared
from lawnix.engine.observe.doors import listening
from lawnix.engine.observe.events import TAKERS
from lawnix.engine.observe.judge import judged
from lawnix.engine.observe.recording import FILE_VARIABLE, Recorder, recorded
from lawnix.engine.observe.surroundings import Surroundings

_CHILDREN: Final = str(Path(__file__).with_name("children"))


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
        recorder = Recorder(str(directory / "observed"))
        with listening(), _handed_on(recorder.file), recorded(recorder, TAKERS):
            yield
        self.observed = judged(recorder.all(), declared, around, directory, started)


@contextlib.contextmanager
def _handed_on(file: str) -> Iterator[None]:
    """Within, Python children are watched, too."""
    before = {name: os.environ.get(name) for name in ("PYTHONPATH", FILE_VARIABLE)}
    path = before["PYTHONPATH"]
    os.environ["PYTHONPATH"] = _CHILDREN if not path else f"{_CHILDREN}{os.pathsep}{path}"
    os.environ[FILE_VARIABLE] = file
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
