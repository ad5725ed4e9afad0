"""NDJSON: one row a line."""

import json
import re
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from ._problems import FileError
from ._rows import LONGEST_ROW, Envelope, Row, RowOptions, RowProblem, bad_row, make_row
from ._sources import Source

_BLOCK = 1 << 18
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_BEGIN = re.compile(r"[ \t\r\n]*\{[ \t\r\n]*(\}[ \t\r\n]*)?")
_NAME = re.compile(r'"((?:[^"\\]|\\.)*)"[ \t\r\n]*:[ \t\r\n]*')
_AFTER = re.compile(r"[ \t\r\n]*([,}])[ \t\r\n]*")


class _Member(NamedTuple):
    """A member of an object: its value as JSON text, and as text if it is one."""

    raw: str
    text: str | None


# Numbers stay the text that they are: nothing is to be rounded, and a payload's are not looked at.
_decoder: Any = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
_scan_value = _decoder.scan_once


def read_ndjson(source: Source, options: RowOptions) -> Iterator[list[Row]]:
    """Yield the rows of a file as soon as they have come in.

    Raises:
        FileError: If the file cannot be read, or has a line beyond all measure.
    """
    number = 0
    for lines in _lines(source):
        rows: list[Row] = []
        for line in lines:
            number += 1
            if line and not line.isspace():
                rows.append(_row(source, number, line, options))
        if rows:
            yield rows


def _lines(source: Source) -> Iterator[list[bytes]]:
    stream, file = source.open()
    number, rest = 1, b""
    try:
        while block := stream.read1(_BLOCK):
            lines = (rest + block).split(b"\n")
            rest = lines.pop()
            if number == 1 and lines:
                lines[0] = lines[0].removeprefix(_BYTE_ORDER_MARK)
            number += len(lines)
            if len(rest) > LONGEST_ROW:
                message = f"the line is longer than {LONGEST_ROW >> 20} MiB: that is not NDJSON, which has one object a line"
                raise FileError(source.name, message, "Convert it, for example with jq -c.", row=number)
            if source.size is not None:
                source.done = file.tell()
            if lines:
                yield lines
        if rest:
            yield [rest.removeprefix(_BYTE_ORDER_MARK) if number == 1 else rest]
    except (OSError, EOFError, zlib.error) as error:
        remedy = "Get the whole file again; the rows before have been read."
        raise FileError(source.name, f"it cannot be read on: {error}", remedy, row=number) from None
    finally:
        if not source.is_standard_input:
            file.close()


def _row(source: Source, number: int, line: bytes, options: RowOptions) -> Row:
    may_be_event = b"payload" in line and b"event_type" in line
    try:
        if may_be_event or options.timestamp or options.event_id or b"\\u" in line:
            members = _members(line.decode())
            if members and _is_event(members):
                payload = members["payload"].raw.encode()
                return make_row(source, number, line, payload, _own_envelope(members))
            if members:
                return make_row(source, number, line, line, _given_envelope(members, options))
    except UnicodeDecodeError:
        pass  # The payload is no JSON: whoever judges it says so.
    except RecursionError:
        return bad_row(source, number, line, options, RowProblem("envelope.too_deep", "the line nests too deep to be read"))
    return make_row(source, number, line, line, Envelope(options.event_type, None, "", options.contract_version, ""))


def _members(text: str) -> dict[str, _Member] | None:
    """Return the members of an object; the last of those with one name. None if the text is no JSON object."""
    begin = _BEGIN.match(text)
    if begin is None:
        return None
    members: dict[str, _Member] = {}
    position, more = begin.end(), begin[1] is None
    try:
        while more:
            name = _NAME.match(text, position)
            if name is None:
                return None
            start = name.end()
            value, end = _scan_value(text, start)
            raw = text[start:end]
            members[_unescaped(name[1])] = _Member(raw, value if raw[0] == '"' else None)
            after = _AFTER.match(text, end)
            if after is None:
                return None
            position, more = after.end(), after[1] == ","
    except (StopIteration, ValueError):  # There is no value where one is due, or it is none.
        return None
    return members if position == len(text) else None


def _unescaped(name: str) -> str:
    return str(json.loads(f'"{name}"')) if "\\" in name else name


def _is_event(members: dict[str, _Member]) -> bool:
    event_type, payload = members.get("event_type"), members.get("payload")
    return event_type is not None and event_type.text is not None and payload is not None and payload.raw[0] == "{"


def _own_envelope(members: dict[str, _Member]) -> Envelope:
    return Envelope(
        _text(members.get("event_type")),
        _text(members.get("timestamp")) or None,
        _text(members.get("event_id")),
        _text(members.get("contract_version")),
        "timestamp",
    )


def _given_envelope(members: dict[str, _Member], options: RowOptions) -> Envelope:
    return Envelope(
        options.event_type,
        (_text(members.get(options.timestamp)) or None) if options.timestamp else None,
        _text(members.get(options.event_id)) if options.event_id else "",
        options.contract_version,
        options.timestamp,
    )


def _text(member: _Member | None) -> str:
    """Return a value as text: what a text says, nothing for null, and JSON for all else."""
    if member is None or member.raw == "null":
        return ""
    if member.text is None:
        return member.raw
    # Half of a surrogate pair cannot travel; escaped, it can.
    return member.text if member.text.isascii() or _has_utf8(member.text) else member.raw[1:-1]


def _has_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
