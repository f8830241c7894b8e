"""XML from outside, read piece by piece: no document type, no entities, bounded in size, depth and memory.

Entities can be declared in a document type only, and that stands before the first element: a strict parser reads so far
first and refuses it. Only then the quick one of the standard library reads the rest.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO
from xml.etree.ElementTree import (  # safe here: what makes it unsafe is refused before, see above
    Element,
    ParseError,
    XMLPullParser,
)
from xml.parsers import expat

from app.kit.rules import Refused
from app.kit.words import N_

CHUNK = 64 * 1024
LARGEST_FILE = 64 * 1024 * 1024
DEEPEST = 40
MOST_ELEMENTS_AT_ONCE = 50_000
LONGEST_PROLOG = 64 * 1024

NOT_XML = N_("This file cannot be read: it is not whole, or not the XML banks write.")


class _Begun(Exception):
    """The first element begins: there is no document type."""


def namespace_of(file: BinaryIO) -> str:
    """The namespace of the first element; raises `Refused` for a document type or what is no XML."""
    begun: list[str] = []

    def element(name: str, _attributes: object) -> None:
        begun.append(name)
        raise _Begun

    def document_type(*_facts: object) -> None:
        raise Refused("This file declares a document type. Banks do not write that, so it is not read.")

    parser = expat.ParserCreate(namespace_separator="}")
    parser.StartElementHandler = element
    parser.StartDoctypeDeclHandler = document_type
    try:
        parser.Parse(file.read(LONGEST_PROLOG), False)
    except _Begun:
        file.seek(0)
        return begun[0].rpartition("}")[0]
    except expat.ExpatError:
        raise Refused(NOT_XML) from None
    raise Refused(NOT_XML)  # the first element does not begin where a bank's would


def require_bounded(file: BinaryIO) -> None:
    """Refuse by its length a file no bank would send, before a byte of it is read."""
    file.seek(0, 2)
    if file.tell() > LARGEST_FILE:
        raise Refused("This file is larger than %(most)s MB.", most=LARGEST_FILE // 1024 // 1024)
    file.seek(0)


def pieces(file: BinaryIO, inside: str, wanted: frozenset[str]) -> Iterator[tuple[str, Element]]:
    """The elements of these names that stand right inside elements named `inside`, with ("", …) where one ends.

    Names are without namespace, in their subtrees too. What was read is forgotten at once. Raises `Refused`.
    """
    parser: Any = XMLPullParser(events=("start", "end"))
    way: list[Element] = []
    alive = 0
    try:
        while chunk := file.read(CHUNK):
            parser.feed(chunk)
            for event, element in parser.read_events():
                assert isinstance(element, Element)
                if event == "start":
                    element.tag = element.tag.rpartition("}")[2]
                    way.append(element)
                    alive += 1
                    if len(way) > DEEPEST or alive > MOST_ELEMENTS_AT_ONCE:
                        raise Refused(NOT_XML)
                    continue
                way.pop()
                parent = way[-1] if way else None
                if parent is not None and parent.tag == inside and element.tag in wanted:
                    yield element.tag, element
                    alive -= sum(1 for _ in element.iter())
                    parent.remove(element)
                elif element.tag == inside:
                    yield "", element
        parser.close()
    except ParseError:
        raise Refused(NOT_XML) from None
