"""PDF and SVG: what is drawn; not dates, ids and the programs that wrote them."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

from lawnix.core.digest import Digest
from lawnix.store.meaning.values import of

_LARGEST_SVG: Final = 64 << 20  # bytes; it is parsed as a whole
_LARGEST_PDF: Final = 256 << 20

_LEFT_OUT: Final = {  # of dictionaries in a PDF
    "/Parent", "/Metadata", "/PieceInfo", "/LastModified", "/CreationDate", "/ModDate", "/ID", "/NM",
    "/StructParent", "/StructParents", "/Length", "/B",
}  # fmt: skip
_TOLD: Final = ("/Title", "/Author", "/Subject", "/Keywords")
_UNPACKED: Final = {"/FlateDecode", "/LZWDecode", "/ASCIIHexDecode", "/ASCII85Decode", "/RunLengthDecode"}
_SUBSET: Final = re.compile(r"^/[A-Z]{6}\+")

_DUBLIN_CORE: Final = "{http://purl.org/dc/elements/1.1/}"
_GENERATED: Final = re.compile(r"^([A-Za-z_-]*?)-?(?=[a-f]*\d)[0-9a-f]{5,}[\w-]*$")
_REFERENCE: Final = re.compile(r"#([\w:.-]+)")


def parts(path: Path, name: str, depth: int) -> Mapping[str, Digest]:
    """The drawing of an SVG file; the pages of a PDF file and what else is in its catalogue."""
    return _svg(path) if name.lower().endswith(".svg") else _pdf(path)


# ---------------------------------------------------------------------------------------------- SVG


def _svg(path: Path) -> Mapping[str, Digest]:
    if path.stat().st_size > _LARGEST_SVG:
        raise ValueError(f"more than {_LARGEST_SVG >> 20} MB of SVG")
    root = ElementTree.parse(path).getroot()  # noqa: S314  # expat neither fetches anything nor expands bombs
    for element in root.iter():
        for child in list(element):
            if child.tag in {f"{_DUBLIN_CORE}date", f"{_DUBLIN_CORE}creator"}:
                element.remove(child)
    _number_ids(root)
    text = ElementTree.canonicalize(ElementTree.tostring(root, encoding="unicode"), rewrite_prefixes=True)
    return {"drawing": of(text)}


def _number_ids(root: ElementTree.Element) -> None:
    """Put numbers, by order of occurrence, in the place of ids that a program drew at random."""
    ids = {element.get("id", "") for element in root.iter()}
    numbers: dict[str, str] = {}

    def numbered(name: str) -> str:
        generated = _GENERATED.match(name)
        if generated is None or name not in ids:
            return name
        return numbers.setdefault(name, f"{generated[1]}.{len(numbers)}")

    def replaced(text: str) -> str:
        return _REFERENCE.sub(lambda found: f"#{numbered(found[1])}", text)

    for element in root.iter():
        for key, value in element.items():
            element.set(key, numbered(value) if key == "id" else replaced(value))
        if element.text and element.tag.endswith("}style"):
            element.text = replaced(element.text)


# ---------------------------------------------------------------------------------------------- PDF


def _pdf(path: Path) -> Mapping[str, Digest]:
    import pypdf

    if path.stat().st_size > _LARGEST_PDF:
        raise ValueError(f"more than {_LARGEST_PDF >> 20} MB of PDF")
    with path.open("rb") as file:
        reader = pypdf.PdfReader(file)
        if reader.is_encrypted:
            raise ValueError("encrypted")
        pages = {
            page.indirect_reference.idnum: n
            for n, page in enumerate(reader.pages, 1)
            if page.indirect_reference
        }
        unpacked: dict[int, Digest] = {}
        found = {
            f"page {n}": of(_Pdf(pages, unpacked).plain(dict(page))) for n, page in enumerate(reader.pages, 1)
        }
        catalogue = {key: value for key, value in reader.root_object.items() if key != "/Pages"}
        found["document"] = of(_Pdf(pages, unpacked).plain(catalogue))
        for key in _TOLD:
            if key in (reader.metadata or {}):
                found[key.removeprefix("/").lower()] = of(str(reader.metadata[key]))  # type: ignore[index]
    return found


class _Pdf:
    """One walk through the objects that hang together; an object met before counts by when it was met."""

    def __init__(self, pages: Mapping[int, int], unpacked: dict[int, Digest]) -> None:
        self._pages = pages
        self._unpacked = unpacked
        self._met: dict[int, int] = {}

    def plain(self, value: Any) -> object:
        """An object, and what it refers to, as a value with a canonical form."""
        from pypdf import generic

        if isinstance(value, generic.IndirectObject):
            if value.idnum in self._pages:
                return ["page", self._pages[value.idnum]]
            if value.idnum in self._met:
                return ["again", self._met[value.idnum]]
            self._met[value.idnum] = len(self._met)
            return self._plain(value.get_object(), value.idnum)
        return self._plain(value, None)

    def _plain(self, value: Any, number: int | None) -> object:
        from pypdf import generic

        match value:
            case generic.StreamObject():
                return ["stream", *self._stream(value, number)]
            case dict():
                return self._dictionary(value)
            case list():
                return [self.plain(item) for item in value]
            case generic.NameObject():
                return ["name", _SUBSET.sub("/", str(value))]
            case generic.BooleanObject():
                return bool(value.value)
            case generic.NullObject() | None:
                return None
            case bool() | bytes():
                return value
            case int():
                return int(value)
            case float():
                return float(value)
            case str():
                return str(value)
            case _:
                raise TypeError(f"an object of an unknown kind: {type(value).__name__}")

    def _dictionary(self, value: Mapping[str, Any]) -> dict[str, object]:
        left_out = (
            _LEFT_OUT | {"/M"} if "/Rect" in value else _LEFT_OUT
        )  # of an annotation: when it was changed
        return {
            key: self.plain(value.raw_get(key) if hasattr(value, "raw_get") else value[key])
            for key in sorted(value)
            if key not in left_out
        }

    def _stream(self, stream: Any, number: int | None) -> tuple[object, Digest]:
        names = stream.get("/Filter", [])
        filters = set(names if isinstance(names, list) else [names])
        described = dict(self._dictionary(stream))
        if filters <= _UNPACKED:
            described = {
                key: value for key, value in described.items() if key not in {"/Filter", "/DecodeParms"}
            }
        if number is None or number not in self._unpacked:
            data = of(stream.get_data() if filters <= _UNPACKED else bytes(stream._data))  # noqa: SLF001  # as it is stored
            if number is None:
                return described, data
            self._unpacked[number] = data
        return described, self._unpacked[number]
