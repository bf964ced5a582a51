"""PDF and SVG: what is drawn counts; dates, ids and programs do not."""

import datetime

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    TextStringObject,
)

from lawnix.store import meaning


def plot(changed=""):
    figure = Figure(figsize=(3, 2))
    axes = figure.subplots()
    axes.plot(
        [1, 2, 4 if changed == "value" else 3], marker="o", color="red" if changed == "colour" else "blue"
    )
    axes.bar([1, 2], [1, 2], hatch="/")
    axes.imshow([[1, 2], [3, 5 if changed == "image" else 4]], extent=(0, 3, 0, 4), aspect="auto")
    axes.set_title("two" if changed == "text" else "one")
    return figure


def save(path, figure, salt, **metadata):
    with mpl.rc_context({"svg.hashsalt": salt, "svg.fonttype": "none" if path.suffix == ".svg" else "path"}):
        figure.savefig(path, metadata=metadata)
    return path


@pytest.mark.parametrize("ending", [".svg", ".pdf"])
def test_dates_ids_and_programs_are_no_part_of_it(tmp_path, differing, ending):
    date, creator = ("Date", "Creator") if ending == ".svg" else ("CreationDate", "Producer")
    values = (
        ("2020-01-01", "2024-01-01")
        if ending == ".svg"
        else (
            datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC),
            datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC),
        )
    )
    one = save(tmp_path / f"one{ending}", plot(), "one", **{date: values[0], creator: "one"})
    other = save(tmp_path / f"two{ending}", plot(), "two", **{date: values[1], creator: "two"})
    assert one.read_bytes() != other.read_bytes()
    assert differing(one, other) == set()


@pytest.mark.parametrize("ending", [".svg", ".pdf"])
@pytest.mark.parametrize("changed", ["value", "colour", "text", "image"])
def test_a_change_is_seen(tmp_path, meant, ending, changed):
    one = save(tmp_path / f"one{ending}", plot(), "salt")
    assert meant(one) != meant(save(tmp_path / f"two{ending}", plot(changed), "salt"))


@pytest.mark.parametrize(("old", "new"), [
    ("<!-- made on DATE -->", ""),
    ("DATE", "tomorrow"),
    ("ID", "ffeedd0011"),
    ('width="10pt" height="10pt"', "height='10pt'  width='10pt'"),
])  # fmt: skip
def test_how_a_drawing_is_written_is_no_part_of_it(tmp_path, meant, svg, old, new):
    assert old in svg
    for name, text in (("one.svg", svg), ("two.svg", svg.replace(old, new))):
        (tmp_path / name).write_text(
            text.replace("DATE", "today").replace("ID", "0c1d2e3f4a"), encoding="utf-8"
        )
    assert meant(tmp_path / "one.svg") == meant(tmp_path / "two.svg")


@pytest.mark.parametrize(("old", "new"), [
    ("L 5 5", "L 5 6"),
    ('id="axes_1"', 'id="axes_2"'),
    ("url(#pID1)", "url(#mID2)"),
    ("#mID2", "#pID1"),
    ("<use", "<image"),
    ('x="3"', 'y="3"'),
])  # fmt: skip
def test_a_change_of_a_drawing_is_seen(tmp_path, meant, svg, old, new):
    assert old in svg
    for name, text in (("one.svg", svg), ("two.svg", svg.replace(old, new))):
        (tmp_path / name).write_text(text.replace("ID", "0c1d2e3f4a"), encoding="utf-8")
    assert meant(tmp_path / "one.svg") != meant(tmp_path / "two.svg")


def test_prefixes_are_no_part_of_it(tmp_path, meant, svg):
    (tmp_path / "one.svg").write_text(svg, encoding="utf-8")
    other = svg.replace("xlink:href", "x:href").replace("xmlns:xlink", "xmlns:x")
    (tmp_path / "two.svg").write_text(other, encoding="utf-8")
    assert meant(tmp_path / "one.svg") == meant(tmp_path / "two.svg")


def test_entities_neither_fetch_nor_explode(tmp_path):
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    lines = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    for number, (entities, use) in enumerate([
        (f'<!ENTITY e0 "0123456789">{lines}', "&e11;"),
        (f'<!ENTITY x SYSTEM "file://{tmp_path}/secret.txt">', "&x;"),
    ]):  # fmt: skip
        path = tmp_path / f"{number}.svg"
        path.write_text(
            f'<!DOCTYPE svg [{entities}]><svg xmlns="http://www.w3.org/2000/svg"><text>{use}</text></svg>',
            encoding="utf-8",
        )
        assert meaning.parts_of(path) is None


def write_pdf(path, *, changed="", compress=True, password=None, extra=0):
    def new(thing, one, other):
        return other if thing == changed else one

    writer = PdfWriter()
    for _ in range(extra):
        writer._add_object(DictionaryObject())  # so that objects have other numbers
    font = DictionaryObject({
        NameObject("/Type"): NameObject("/Font"),
        NameObject("/BaseFont"): NameObject(f"/{'ABCDEF' if extra else 'UVWXYZ'}+{new('font', 'Times', 'Courier')}"),
    })  # fmt: skip
    font = writer._add_object(font)
    for number in range(new("pages", 2, 3)):
        page = writer.add_blank_page(width=72, height=new("size", 72, 73))
        stream = DecodedStreamObject()
        stream.set_data(f"{new('drawing', 0, 1) if number else 0} 0 m 5 5 l S".encode())
        page[NameObject("/Contents")] = writer._add_object(stream.flate_encode() if compress else stream)
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
        )
        note = DictionaryObject({
            NameObject("/Subtype"): NameObject("/Text"),
            NameObject("/Rect"): ArrayObject([FloatObject(0)] * 4),
            NameObject("/Contents"): TextStringObject(new("note", "hello", "goodbye")),
            NameObject("/M"): TextStringObject(f"D:{extra}"),
            NameObject("/P"): page.indirect_reference,
        })  # fmt: skip
        page[NameObject("/Annots")] = ArrayObject([writer._add_object(note)])
    writer.add_outline_item(title=new("outline", "first", "second"), page_number=1)
    writer.add_metadata(
        {"/Title": new("title", "a", "b"), "/CreationDate": f"D:2020010100000{extra}", "/Creator": str(extra)}
    )
    if password is not None:
        writer.encrypt(password)
    writer.write(path)
    return path


def test_numbers_of_objects_compression_and_dates_in_a_pdf_are_no_part_of_it(tmp_path, differing):
    one = write_pdf(tmp_path / "one.pdf")
    assert differing(one, write_pdf(tmp_path / "two.pdf", compress=False, extra=3)) == set()


@pytest.mark.parametrize(("changed", "places"), [
    ("drawing", {"page 2"}),
    ("font", {"page 1", "page 2"}),
    ("size", {"page 1", "page 2"}),
    ("note", {"page 1", "page 2"}),
    ("outline", {"document"}),
    ("title", {"title"}),
    ("pages", {"page 3"}),
])  # fmt: skip
def test_a_change_of_a_pdf_is_seen_in_its_place(tmp_path, differing, changed, places):
    one, other = write_pdf(tmp_path / "one.pdf"), write_pdf(tmp_path / "two.pdf", changed=changed)
    assert len(PdfReader(one).pages) == 2
    assert differing(one, other) == places


def test_an_encrypted_pdf_is_refused(tmp_path):
    assert meaning.parts_of(write_pdf(tmp_path / "one.pdf", password="x")) is None
