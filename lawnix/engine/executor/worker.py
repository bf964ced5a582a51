"""A forked worker, from its own side: it builds what it is asked to until the other end of its pipe is closed."""

import contextlib
import ctypes
import os
import signal
import sys
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, Never

from lawnix.core.realization import Outputs
from lawnix.engine.build import build
from lawnix.engine.environment import entered
from lawnix.engine.graph import Graph
from lawnix.engine.session import Session

_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h


@dataclass(frozen=True, slots=True)
class Started:
    """A worker builds in another directory than before."""

    directory: Path | None


def serve(connection: Connection, graph: Graph, session: Session, parent: int) -> Never:
    """Build what comes over `connection`, in the order in which it comes; does not return."""
    outputs: dict[int, Outputs] = {}
    directories: list[Path | None] = [None]

    def started(directory: Path | None) -> None:
        if directory != directories[-1]:
            directories[:] = [directory]
            connection.send(Started(directory))

    try:
        _settle_in(parent)
        session.store.after_fork_in_child()
        with entered(session.environment):
            while True:
                request, news = connection.recv()
                outputs.update(news)
                connection.send(build(request, graph, outputs, session, started))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        os._exit(0)
    except BaseException:  # nothing may return into the copied frames of the parent
        sys.excepthook(*sys.exc_info())
        os._exit(70)


def _settle_in(parent: int) -> None:
    """Become a process of one's own, that ends with its parent."""
    with contextlib.suppress(OSError):
        os.setpgid(0, 0)
    with contextlib.suppress(OSError, AttributeError):  # not on Linux: then a closed pipe ends it
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
