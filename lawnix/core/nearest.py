"""Nearest names: what somebody could have meant who wrote a name that is none."""

from collections.abc import Iterable


def nearest_to(name: str, known: Iterable[str], most: int = 3, *, cutoff: float = 0.6) -> list[str]:
    """The names in `known` that are like `name`, the nearest first, at most `most`; `cutoff` as difflib has it."""
    from difflib import get_close_matches  # only where somebody made a mistake

    return get_close_matches(name, sorted(known), most, cutoff)
