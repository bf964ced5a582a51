"""What the outputs of a build mean, where that says more than their bytes do."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from lawnix.core.canonical import canonical_at
from lawnix.core.derivation import OutputSpec
from lawnix.core.digest import digest
from lawnix.core.realization import Meaning
from lawnix.store.meaning import format_of, parts_of

DigestFunction = Callable[[Path], object]
"""What an author gives to say what a file means: a value that has a canonical form."""


def meanings_of(
    specs: Sequence[OutputSpec],
    places: Mapping[str, str],
    functions: Callable[[], Mapping[str, DigestFunction]],
) -> dict[str, Meaning]:
    """The meanings of outputs by name, of those that are not known by their bytes.

    Args:
        specs: How the outputs are declared.
        places: Where they lie; those that were left out have none.
        functions: Tells the author's functions by the name of the output; asked only where one is declared.

    Raises:
        NoCanonicalFormError: An author's function returned a value that has no canonical form.
    """
    found: dict[str, Meaning] = {}
    for spec in specs:
        place = places.get(spec.name)
        if place is None or spec.digest == "bytes":
            continue
        if spec.digest.startswith("function "):
            form = canonical_at(
                functions()[spec.name](Path(place)), f"what is digested of output {spec.name}"
            )
            found[spec.name] = Meaning(spec.digest, digest("meaning", form))
        elif format_of(spec.name) is not None and (parts := parts_of(Path(place), spec.name)) is not None:
            found[spec.name] = Meaning(parts.methods, parts.digest())
    return found
