"""Finding the parts of an encoded request, and putting those of a response together, as machine code.

It knows of protobuf's encoding (protobuf.dev/programming-guides/encoding) what requests of our clients have, and leaves all
else to protobuf itself.
"""

from typing import Any

import numba
import numpy as np

from assay_server._compiled import compiled

ID, PAYLOAD, TYPE, VERSION, TIME, KIND = 0, 2, 4, 6, 8, 9
"""The columns of the table: where each event's identifier begins, and in the next column ends; so with its payload, and one
that is not there ends before it begins; its type; its version; its time in nanoseconds since 1970; and which kind it is of."""
COLUMNS = 10

OPTIONS, KINDS, LONGEST_ID, LONGEST, DEEPEST, ODD = 0, 2, 3, 4, 5, 6
"""What is said of the requests together: where the options begin, and next to it end; how many kinds of events there are; and
of all events what `PackedEvents` says."""
FACTS = 7

MOST_BEFORE = 24
"""How many bytes come before the rest of a verdict and its identifier, at most: two tags and two lengths."""

MOST_KINDS = 4096
SLOTS = 8192  # A power of two, above the number of kinds.

_EVENT_ID, _EVENT_TYPE, _TIMESTAMP, _PAYLOAD_JSON, _CONTRACT_VERSION = 0x0A, 0x12, 0x1A, 0x2A, 0x32
_SECONDS, _NANOS = 0x08, 0x10
_SECONDS_BOUND = 9_000_000_000  # So that nanoseconds fit in 64 bits.
_BILLION = 1_000_000_000
_MOST_BITS = 63
_CONTINUES = 0x80

_INT = numba.types.int64
_BOOL = numba.types.boolean
_PLACES: Any = numba.types.UniTuple(_INT, 2)  # type: ignore[no-untyped-call]
_TAGS: Any = numba.types.UniTuple(_INT, 3)  # type: ignore[no-untyped-call]
_BYTES: Any = numba.types.Array(numba.types.uint8, 1, "C", readonly=True)
_ROW: Any = numba.types.Array(_INT, 1, "C")
_SLOTS: Any = numba.types.Array(numba.types.int16, 1, "C")
_TABLE: Any = numba.types.Array(_INT, 2, "C")
_ANY: Any = numba.types.Array(_INT, 2, "A")
_OUT: Any = numba.types.Array(numba.types.uint8, 1, "C")


@compiled(_PLACES(_BYTES, _INT, _INT))
def _varint(data: Any, at: int, end: int) -> Any:
    """Return the number at a place, and where it ends; -1 there if it is none that 63 bits hold."""
    number: Any = 0
    shift = 0
    while at < end and shift < _MOST_BITS:
        byte = np.int64(data[np.uintp(at)])
        at += 1
        number |= (byte & (_CONTINUES - 1)) << shift
        if byte < _CONTINUES:
            return number, at
        shift += 7
    return 0, -1


@compiled(_PLACES(_BYTES, _INT, _INT))
def _part(data: Any, at: int, end: int) -> tuple[int, int]:
    """Return where a part with its length before it begins and ends; -1 if it does not end before `end`."""
    size, start = _varint(data, at, end)
    if start < 0 or size > end - start:
        return 0, -1
    return start, start + size


@compiled(_BOOL(_BYTES, _INT, _INT))
def _is_ascii(data: Any, start: int, end: int) -> bool:
    every = np.uint8(0)
    for at in range(np.uintp(start), np.uintp(end)):
        every |= data[at]
    return bool(every < _CONTINUES)


@compiled(_BOOL(_BYTES, _INT, _INT, _INT, _INT))
def _is_same(data: Any, start: int, end: int, other: int, other_end: int) -> bool:
    same = end - start == other_end - other
    place = end - start
    while same and place > 0:  # From the end: names are more alike where they begin.
        place -= 1
        same = data[np.uintp(start + place)] == data[np.uintp(other + place)]
    return same


@compiled(_BOOL(_BYTES, _INT, _INT))
def _may_be_infinite(data: Any, start: int, end: int) -> bool:
    """Return whether there is NaN or Infinity in JSON text, or anything that begins as they do."""
    found = False
    for at in range(np.uintp(start + 1), np.uintp(end)):
        before, byte = data[at - np.uintp(1)], data[at]
        found |= ((before == ord("N")) & (byte == ord("a"))) | ((before == ord("I")) & (byte == ord("n")))
    if not found:
        return False
    for at in range(start, end - 2):
        first, second, third = data[np.uintp(at)], data[np.uintp(at + 1)], data[np.uintp(at + 2)]
        if first == ord("N") and second == ord("a") and third == ord("N"):
            return True
        if first == ord("I") and second == ord("n") and third == ord("f"):
            return True
    return False


@compiled(_INT(_BYTES, _INT, _INT))
def _brackets(data: Any, start: int, end: int) -> Any:
    """Return how many objects and lists begin in JSON text, or more."""
    count: Any = 0
    for at in range(np.uintp(start), np.uintp(end)):
        count += np.int64((data[at] == ord("{")) | (data[at] == ord("[")))
    return count


@compiled(_PLACES(_BYTES, _INT, _INT))
def _time(data: Any, at: int, end: int) -> tuple[int, int]:
    """Return a Timestamp in nanoseconds, and where it ends; -1 there if it is anything unusual."""
    seconds: Any = 0
    nanos: Any = 0
    if at < end and data[np.uintp(at)] == _SECONDS:
        seconds, at = _varint(data, at + 1, end)
    if 0 <= at < end and data[np.uintp(at)] == _NANOS:
        nanos, at = _varint(data, at + 1, end)
    if at != end or seconds > _SECONDS_BOUND or nanos >= _BILLION:
        return 0, -1
    return seconds * _BILLION + nanos, at


@compiled(_BOOL(_BYTES, _INT, _INT, _INT, _TABLE, _INT))
def _event(data: Any, at: int, end: int, no_time: int, table: Any, row: int) -> bool:
    """Write where the parts of an event are into a row of the table; return False if it has any other, or one twice."""
    for column in range(PAYLOAD + 2, COLUMNS):
        table[row, column] = 0
    table[row, ID], table[row, ID + 1] = 0, 0
    table[row, PAYLOAD], table[row, PAYLOAD + 1] = end + 1, end
    table[row, TIME] = no_time
    seen = 0
    while at < end:
        tag: Any = np.int64(data[np.uintp(at)])
        start, at = _part(data, at + 1, end)
        bit = 1 << (tag >> 3)
        if at < 0 or seen & bit:
            return False
        seen |= bit
        if tag == _PAYLOAD_JSON:
            table[row, PAYLOAD], table[row, PAYLOAD + 1] = start, at
        elif tag == _TIMESTAMP:
            table[row, TIME], after = _time(data, start, at)
            if after < 0:
                return False
        elif tag in (_EVENT_ID, _EVENT_TYPE, _CONTRACT_VERSION):
            column = ID if tag == _EVENT_ID else TYPE if tag == _EVENT_TYPE else VERSION
            table[row, column], table[row, column + 1] = start, at
            if not _is_ascii(data, start, at):
                return False
        else:
            return False
    return True


@compiled(_BOOL(_BYTES, _TABLE, _INT, _TABLE, _INT))
def _is_kind(data: Any, table: Any, row: int, kinds: Any, kind: int) -> bool:
    """Return whether an event has the type and the version of a kind."""
    return _is_same(data, table[row, TYPE], table[row, TYPE + 1], kinds[kind, 0], kinds[kind, 1]) and _is_same(
        data, table[row, VERSION], table[row, VERSION + 1], kinds[kind, 2], kinds[kind, 3]
    )


@compiled(_INT(_BYTES, _TABLE, _INT, _TABLE, _INT, _SLOTS, _INT))
def _kind(data: Any, table: Any, row: int, kinds: Any, found: int, slots: Any, last: int) -> Any:
    """Return which of the kinds found so far an event is of, most likely that of the last; their number if of none.

    Slots hold the kinds, each at the place that its event type leads to or after it, and -1 where there is none.
    """
    if last < found and _is_kind(data, table, row, kinds, last):
        return last
    place: Any = np.uint64(14695981039346656037)  # FNV-1a, of 64 bits.
    for at in range(np.uintp(table[row, TYPE]), np.uintp(table[row, TYPE + 1])):
        place = (place ^ np.uint64(data[at])) * np.uint64(1099511628211)
    place = (place ^ (place >> np.uint64(32))) & np.uint64(SLOTS - 1)
    while slots[place] >= 0:
        if _is_kind(data, table, row, kinds, slots[place]):
            return slots[place]
        place = (place + np.uint64(1)) & np.uint64(SLOTS - 1)
    if found < kinds.shape[0]:
        slots[place] = found
    return found


@compiled(_INT(_BYTES, _TABLE, _TAGS, _INT, _TABLE, _TABLE, _SLOTS, _ROW))
def scan(data: Any, requests: Any, tags: Any, no_time: int, table: Any, kinds: Any, slots: Any, facts: Any) -> int:
    """Find the events of requests that lie one after the other.

    Each may have what our clients send, in any order: an identifier, a type, a time between 1970 and 2255, JSON text, a
    version; each text in ASCII, and nothing twice.

    Args:
        data: The requests, uint8 (size,).
        requests: Where each ends; is given its sequence, and how many events there are up to its end; int64 (n, 3).
        tags: Those of its sequence, 256 if it has none; of its events; and of its options, which only the first may have.
        no_time: What stands for the time of an event that has none.
        table: Is given a row an event, int64 (most, COLUMNS).
        kinds: Is given where event type and version of each kind begin and end, int64 (MOST_KINDS, 4).
        slots: Where the kinds are looked up, int16 (SLOTS,).
        facts: Is given what is said of the whole, int64 (FACTS,).

    Returns:
        How many events there are; -1 if there is anything else in a request, or more than the tables hold.
    """
    sequence, events, options = tags
    at, count, found, which = 0, 0, 0, 0
    facts[:] = 0
    slots[:] = -1
    for request in range(requests.shape[0]):
        end, seen = requests[request, 0], 0
        requests[request, 1] = 0
        while at < end:
            tag: Any = np.int64(data[np.uintp(at)])
            if tag in (sequence, options):
                bit = 1 << (tag >> 3)
                if seen & bit or (tag == options and request > 0):
                    return -1
                seen |= bit
            if tag == sequence:
                requests[request, 1], at = _varint(data, at + 1, end)
                if at < 0:
                    return -1
                continue
            start, at = _part(data, at + 1, end)
            if at < 0:
                return -1
            if tag == options:
                facts[OPTIONS], facts[OPTIONS + 1] = start, at
                continue
            if tag != events or count == table.shape[0] or not _event(data, start, at, no_time, table, count):
                return -1
            which = _kind(data, table, count, kinds, found, slots, which)
            if which == found:
                if found == kinds.shape[0]:
                    return -1
                for part in range(4):
                    kinds[found, part] = table[count, TYPE + part]
                found += 1
            table[count, KIND] = which
            text, text_end = table[count, PAYLOAD], table[count, PAYLOAD + 1]
            facts[LONGEST_ID] = max(facts[LONGEST_ID], table[count, ID + 1] - table[count, ID])
            facts[LONGEST] = max(facts[LONGEST], text_end - text)
            facts[DEEPEST] = max(facts[DEEPEST], _brackets(data, text, text_end))
            if text >= text_end or data[np.uintp(text)] != ord("{") or _may_be_infinite(data, text, text_end):
                facts[ODD] = 1
            count += 1
        requests[request, 2] = count
    facts[KINDS] = found
    return count


@compiled(_INT(_OUT, _INT, _INT))
def _put_varint(out: Any, at: int, number: Any) -> Any:
    while number >= _CONTINUES:
        out[np.uintp(at)] = (number & (_CONTINUES - 1)) | _CONTINUES
        number >>= 7
        at += 1
    out[np.uintp(at)] = number
    return at + 1


@compiled(_INT(_INT))
def _varint_size(number: Any) -> Any:
    size = 1
    while number >= _CONTINUES:
        number >>= 7
        size += 1
    return size


@compiled(_INT(_BYTES, _INT, _INT, _OUT, _INT))
def _copy(data: Any, start: int, end: int, out: Any, at: int) -> Any:
    for place in range(np.uintp(end - start)):
        out[np.uintp(at) + place] = data[np.uintp(start) + place]
    return at + end - start


@compiled(_INT(_TAGS, _BYTES, _ANY, _BYTES, _TABLE, _ROW, _OUT, _ROW))
def put_rows(how: tuple[int, int, int], data: Any, ids: Any, parts: Any, places: Any, which: Any, out: Any, ends: Any) -> Any:
    """Write verdicts one after the other, each as a field of the message that holds them; return how many bytes that takes.

    A verdict is a whole message, or an identifier and what comes after it, which it shares with others.

    Args:
        how: The tag of the field, that of a verdict's identifier, and how many of the parts, the first ones, come after an
            identifier; the others are whole messages.
        data: What holds the identifiers.
        ids: Where each row's begins and ends, (n, 2).
        parts: What holds the rest.
        places: Where each part of that begins and ends, (m, 2).
        which: The part of each row, (n,).
        out: Where to write, with room for everything.
        ends: Is told where each row ends, (n,).
    """
    tag, id_tag, shared = how
    at: Any = 0
    for row in range(which.shape[0]):
        part = which[row]
        start, end = places[part, 0], places[part, 1]
        size = end - start
        out[np.uintp(at)] = tag
        at += 1
        if part >= shared:
            at = _put_varint(out, at, size)
        else:
            first, last = ids[row, 0], ids[row, 1]
            length = last - first
            if length:
                at = _put_varint(out, at, size + 1 + _varint_size(length) + length)
                out[np.uintp(at)] = id_tag
                at = _put_varint(out, at + 1, length)
                at = _copy(data, first, last, out, at)
            else:
                at = _put_varint(out, at, size)
        at = _copy(parts, start, end, out, at)
        ends[row] = at
    return at
