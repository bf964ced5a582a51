"""PNG: mode, size and pixels, with the palette and what is transparent; not dates, programs and other text."""

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from lawnix.core.digest import Digest
from lawnix.store.meaning import arrays
from lawnix.store.meaning.values import Values, unique

_MOST_PIXELS: Final = 1 << 25  # an image is unpacked as a whole
_GREY: Final = 0
_HEADER: Final = struct.Struct(">8s4x4sIIBB")  # signature, "IHDR", width, height, bits, kind of colour


def parts(path: Path, name: str, depth: int) -> Mapping[str, Digest]:
    """The pixels of the image, or of every image of an animation."""
    with path.open("rb") as file:
        signature, chunk, width, height, bits, colour = _HEADER.unpack(file.read(_HEADER.size))
        if signature != b"\x89PNG\r\n\x1a\n" or chunk != b"IHDR":
            raise ValueError("no PNG")
        if width * height > _MOST_PIXELS:
            raise ValueError(f"an image of {width} x {height} pixels")
        if bits == 16 and colour != _GREY:
            raise ValueError("16 bits a colour, of which Pillow keeps 8")
        file.seek(0)
        found: dict[str, Digest] = {}
        with Image.open(file, formats=["PNG"]) as image:
            for number in range(getattr(image, "n_frames", 1)):
                image.seek(number)
                found[unique("pixels", found)] = _pixels(image)
    return found


def _pixels(image: Image.Image) -> Digest:
    image.load()
    palette = image.getpalette() if image.mode == "P" else None
    transparent = image.info.get("transparency")
    values = Values(image.mode, image.size, palette, transparent, image.info.get("duration"))
    arrays.feed(values, "", np.asarray(image))
    return values.digest()
