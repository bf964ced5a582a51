"""The environment of builds: what makes ordinary formats write the same bytes twice."""

import contextlib
import os
import sys
import time
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

EPOCH: Final = (
    315532800  # 1980-01-01T00:00:00Z, the first time that a zip file can say; also the mtime of objects
)

_VARIABLES: Final = {
    "SOURCE_DATE_EPOCH": str(EPOCH),
    "PYTHONHASHSEED": "0",  # heeded by child processes; this one's was fixed when it started
    "LC_ALL": "C.UTF-8",
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
}


def build_environment() -> Mapping[str, str]:
    """The variables that a build is given beside the caller's."""
    return dict(_VARIABLES)


@contextlib.contextmanager
def entered(environment: Mapping[str, str]) -> Iterator[None]:
    """Within, this process has the variables of `environment`."""
    before = {name: os.environ.get(name) for name in environment}
    _update(environment)
    if "OMP_NUM_THREADS" in environment and "numpy" in sys.modules:
        _limit_threads(os.getpid())
    try:
        yield
    finally:
        _update(before)


def _update(variables: Mapping[str, str | None]) -> None:
    zone = os.environ.get("TZ")
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    if os.environ.get("TZ") != zone:
        time.tzset()


@cache
def _limit_threads(pid: int) -> None:
    """One thread for the libraries that were loaded, and have read the variables, before; once in each process."""
    from threadpoolctl import threadpool_limits  # only where something is built

    threadpool_limits(1)
