"""Traces: what a script of bash sources, and what it sets."""

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lawnix.sandbox.launch import PATH

_MARK: Final = "\x1f"  # separates the parts of a line of the trace; no script has it
_PROGRAM: Final = """\
exec {{BASH_XTRACEFD}}>{trace}
PS4='+{mark}${{BASH_SOURCE-}}{mark}${{PWD}}{mark}'
lawnix_ps4=$PS4
trap 'PS4=$lawnix_ps4; builtin set -x' DEBUG  # a script that ends its own trace does not end ours
set -xT
{commands}
status=$?
{{ trap - DEBUG; set +xT; }} 2>/dev/null
[ $status = 0 ] && env -0 >{left}
exit $status
"""


def traced(commands: str, trace: Path, left: Path) -> str:
    """Commands that run those, write to the file `trace` what these do, and to `left` the variables that they leave."""
    places = {"trace": shlex.quote(str(trace)), "left": shlex.quote(str(left))}
    return _PROGRAM.format(mark=_MARK, commands=commands, **places)


def variables_in(left: bytes) -> dict[str, str]:
    """The variables that were left."""
    pairs = (each.decode("utf-8", "surrogateescape").partition("=") for each in left.split(b"\0") if each)
    return {name: value for name, _, value in pairs}


def sourced_in(trace: str) -> Iterator[Path]:
    """The files that commands came from, or that were sourced without a command in them."""
    for line in dict.fromkeys(trace.splitlines()):
        nesting, *said = line.split(_MARK, 3)
        if len(said) < 3 or nesting.strip("+"):  # the rest of a command of several lines
            continue
        source, directory, command = said
        yield from _there(source, directory)
        words = command.split(maxsplit=1)
        if words and words[0] in ("source", "."):
            try:
                name = shlex.split(words[1])[0]
            except (ValueError, IndexError):
                continue
            places = [directory] if "/" in name else [*PATH.split(":"), directory]
            yield from (found for place in places for found in _there(name, place))


def _there(name: str, directory: str) -> Iterator[Path]:
    if name and (place := Path(directory, name)).is_file():
        yield place
