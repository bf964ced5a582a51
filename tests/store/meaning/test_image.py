"""PNG: mode, size and pixels count; times and text do not."""

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from lawnix.store import meaning

PIXELS = np.arange(8 * 6 * 3, dtype="u1").reshape(8, 6, 3)


def save(path, image, text=None, **options):
    info = PngImagePlugin.PngInfo()
    for key, value in (text or {}).items():
        info.add_text(key, value)
    image.save(path, pnginfo=info, **options)
    return path


def test_text_times_and_compression_are_no_part_of_it(tmp_path, meant):
    image = Image.fromarray(PIXELS)
    one = save(tmp_path / "one.png", image, {"Software": "one", "Creation Time": "today"}, compress_level=0)
    other = save(
        tmp_path / "two.png",
        image,
        {"Software": "two", "Comment": "x"},
        compress_level=9,
        optimize=True,
        dpi=(72, 72),
    )
    assert one.read_bytes() != other.read_bytes()
    assert meant(one) == meant(other)


def palette(colour):
    image = Image.new("P", (2, 2))
    image.putpalette([0, 0, 0, *colour])
    return image


@pytest.mark.parametrize(("one", "other"), [
    (Image.fromarray(PIXELS), Image.fromarray(PIXELS + (np.indices(PIXELS.shape).sum(0) == 0).astype("u1"))),
    (Image.fromarray(PIXELS), Image.fromarray(PIXELS.transpose(1, 0, 2).copy())),
    (Image.new("RGB", (2, 2)), Image.new("RGBA", (2, 2))),
    (Image.new("L", (2, 2)), Image.new("1", (2, 2))),
    (Image.new("RGBA", (2, 2), (1, 2, 3, 4)), Image.new("RGBA", (2, 2), (1, 2, 3, 5))),
    (palette((1, 2, 3)), palette((1, 2, 4))),
    (Image.fromarray(np.array([[1, 256]], "u2")), Image.fromarray(np.array([[1, 257]], "u2"))),
])  # fmt: skip
def test_a_change_is_seen(tmp_path, meant, one, other):
    assert meant(save(tmp_path / "one.png", one)) != meant(save(tmp_path / "two.png", other))


def test_what_is_transparent_counts(tmp_path, meant):
    image = palette((1, 2, 3))
    assert meant(save(tmp_path / "one.png", image, transparency=0)) != meant(
        save(tmp_path / "two.png", image, transparency=1)
    )


def test_every_image_of_an_animation_counts(tmp_path, differing):
    frames = [Image.new("RGB", (4, 4), (n, 0, 0)) for n in range(3)]
    changed = [*frames[:2], Image.new("RGB", (4, 4), (9, 0, 0))]
    for name, images in (("one.png", frames), ("two.png", changed)):
        save(tmp_path / name, images[0], save_all=True, append_images=images[1:], duration=100)
    assert differing(tmp_path / "one.png", tmp_path / "two.png") == {"pixels (3)"}


def test_an_image_that_does_not_fit_is_refused(tmp_path, monkeypatch):
    path = save(tmp_path / "one.png", Image.fromarray(PIXELS))
    assert meaning.parts_of(path) is not None
    monkeypatch.setattr("lawnix.store.meaning.image._MOST_PIXELS", 47)
    assert meaning.parts_of(path) is None


def test_plots_of_matplotlib_mean_the_same(tmp_path, meant):
    figure = plot()
    figure.savefig(tmp_path / "one.png", metadata={"Software": "one"})
    figure.savefig(tmp_path / "two.png", metadata={"Software": "two"})
    assert meant(tmp_path / "one.png") == meant(tmp_path / "two.png")


def plot():
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2, 2))
    figure.subplots().plot([1, 2, 3])
    return figure
