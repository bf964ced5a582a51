"""A forked worker, from its own side: it builds what it is asked to until the other end of its channel is closed."""

import contextlib
import ctypes
import os
import signal
import sys
from pathlib import Path
from typing import Final, Never

from lawnix.core.realization import Outputs
from lawnix.engine.build import build
from lawnix.engine.capture import LastingCapture
from lawnix.engine.environment import entered
from lawnix.engine.executor.channel import Channel, Packer
from lawnix.engine.graph import Graph
from lawnix.engine.messages import BuildRequest
from lawnix.engine.session import Session

_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h


def serve(channel: Channel, graph: Graph, session: Session, parent: int) -> Never:
    """Build what comes over `channel`, in the order in which it comes; does not return."""
    outputs: dict[int, Outputs] = {}
    directory, packer, capture = "", Packer(), LastingCapture()

    def started(place: Path | None) -> None:
        nonlocal directory
        if (fresh := str(place or "")) != directory:  # else it builds where it did before
            directory = fresh
            channel.send(directory)

    try:
        _settle_in(parent)
        session.store.after_fork_in_child()
        with entered(session.environment):
            while True:
                for batch in channel.receive():
                    for request, news in batch:
                        outputs.update(news)
                        result = build(
                            BuildRequest(*request), graph, outputs, session, started, capture.captured
                        )
                        capture.pass_on()
                        channel.send(packer.pack(result))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        os._exit(0)
    except BaseException:  # nothing may return into the copied frames of the parent
        capture.end()
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
