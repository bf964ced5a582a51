"""Values without places: what variables hold decides results, but not where a project happens to lie."""

import re
from pathlib import Path


def placeless(value: str, file: Path | None = None) -> str:
    """A value without the places of the user's home and of the project: that which `file` is of, or else this one."""
    here = Path.cwd()
    root = here if file is None or file.is_relative_to(here) else file.parent
    for name, place in (("project", root), ("home", Path("~").expanduser())):
        value = re.sub(rf"{re.escape(str(place))}(?=[/:]|\Z)", f"<{name}>", value)
    return value
