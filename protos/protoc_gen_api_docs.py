"""A protoc plugin that writes api.md: every service, message and enum, as the comments in the protos describe them."""

import re
import sys
from collections.abc import Iterable, Iterator

from google.protobuf.compiler import plugin_pb2
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    MethodDescriptorProto,
    ServiceDescriptorProto,
)

INTRODUCTION = """\
<!-- Made by `make generate` from the comments in protos/: change those. -->

# The API

What the protos in [protos/assay/v1](../protos/assay/v1) say, on one page. All names are of the package `assay.v1`. A server
tells the same by reflection; [README](../README.md#ask) has first calls. In proto3 an absent field is its type's
default: 0, false, "" or nothing.
"""
READING_ORDER = ("validation_service", "event", "verdict", "catalog_service")
"""The files that a reader wants first; any others follow, by name."""

WELL_KNOWN = "https://protobuf.dev/reference/protobuf/google.protobuf/#"

Path = tuple[int, ...]
MESSAGES, ENUMS, SERVICES = (
    FileDescriptorProto.DESCRIPTOR.fields_by_name[name].number for name in ("message_type", "enum_type", "service")
)
METHODS = ServiceDescriptorProto.DESCRIPTOR.fields_by_name["method"].number
FIELDS, ONEOFS, INNER_MESSAGES, INNER_ENUMS = (
    DescriptorProto.DESCRIPTOR.fields_by_name[name].number for name in ("field", "oneof_decl", "nested_type", "enum_type")
)
VALUES = EnumDescriptorProto.DESCRIPTOR.fields_by_name["value"].number


class Names:
    """What a comment may speak of, to make it a link or code."""

    def __init__(self, files: list[FileDescriptorProto]) -> None:
        self._fields: dict[str, set[str]] = {}
        self._code: set[str] = set()
        for file in files:
            self._take(file.message_type, file.enum_type)
            self._fields |= {service.name: {method.name for method in service.method} for service in file.service}
        self._code |= {name for names in self._fields.values() for name in names if "_" in name}

    def _take(self, messages: Iterable[DescriptorProto], enums: Iterable[EnumDescriptorProto]) -> None:
        for message in messages:
            self._fields[message.name] = {field.name for field in message.field}
            self._take(message.nested_type, message.enum_type)
        for enum in enums:
            self._fields[enum.name] = set()
            self._code |= {value.name for value in enum.value}

    def marked(self, comment: str) -> str:
        """Return a comment with links to the types that it names, and with fields and values as code.

        A type of one word (Event, Finding) is linked only with a field behind it: alone, it may be a plain word.
        """
        return re.sub(r"(?<![\w.\"`])([A-Za-z]\w*)(?:\.(\w+))?(?![\w\"`])", self._mark, comment)

    def _mark(self, match: re.Match[str]) -> str:
        name, field = match[1], match[2]
        if field is not None and field in self._fields.get(name, ()):
            return f"[{match[0]}](#{name.lower()})"
        if field is None and name in self._fields and re.search(r"[a-z][A-Z]", name):
            return f"[{name}](#{name.lower()})"
        return f"`{name}`" if field is None and name in self._code else match[0]


class Page:
    """The Markdown of one file's services, messages and enums."""

    def __init__(self, file: FileDescriptorProto, names: Names) -> None:
        self._file = file
        self._names = names
        self._comments = {
            tuple(place.path): "\n".join(line.removeprefix(" ") for line in place.leading_comments.rstrip().split("\n"))
            for place in file.source_code_info.location
            if place.leading_comments
        }

    def lines(self) -> Iterator[str]:
        """Yield the file's part of the page."""
        for number, service in enumerate(self._file.service):
            yield from self._service(service, (SERVICES, number))
        yield from self._types(self._file.message_type, self._file.enum_type, (), MESSAGES, ENUMS)

    def _types(
        self,
        messages: Iterable[DescriptorProto],
        enums: Iterable[EnumDescriptorProto],
        path: Path,
        message_key: int,
        enum_key: int,
    ) -> Iterator[str]:
        for number, message in enumerate(messages):
            if not message.options.map_entry:
                yield from self._message(message, (*path, message_key, number))
        for number, enum in enumerate(enums):
            yield from self._enum(enum, (*path, enum_key, number))

    def _service(self, service: ServiceDescriptorProto, path: Path) -> Iterator[str]:
        yield from ("", f"## {service.name}", "", self._text(path))
        for number, method in enumerate(service.method):
            yield from ("", f"### {method.name}", "", self._text((*path, METHODS, number)), "")
            yield f"`{self._file.package}.{service.name}/{method.name}` takes {taken(method)}"
            yield f"and answers with {answered(method)}."

    def _message(self, message: DescriptorProto, path: Path) -> Iterator[str]:
        yield from ("", f"## {message.name}", "", self._text(path))
        if message.field:
            yield from ("", "| # | field | type | meaning |", "| --: | --- | --- | --- |")
        maps = {f".{self._file.package}.{message.name}.{inner.name}": inner for inner in message.nested_type}
        shown: set[int] = set()
        for number, field in enumerate(message.field):
            if field.HasField("oneof_index") and not field.proto3_optional and field.oneof_index not in shown:
                shown.add(field.oneof_index)
                members = [
                    f"`{one.name}`"
                    for one in message.field
                    if one.HasField("oneof_index") and one.oneof_index == field.oneof_index
                ]
                name, said = message.oneof_decl[field.oneof_index].name, self._cell((*path, ONEOFS, field.oneof_index))
                yield f"| | *{name}* | at most one of {', '.join(members)} | {said} |"
            row = f"{field.number} | `{field.name}` | {typed(field, maps.get(field.type_name))}"
            yield f"| {row} | {self._cell((*path, FIELDS, number))} |"
        yield from self._types(message.nested_type, message.enum_type, path, INNER_MESSAGES, INNER_ENUMS)

    def _enum(self, enum: EnumDescriptorProto, path: Path) -> Iterator[str]:
        yield from ("", f"## {enum.name}", "", self._text(path), "", "| # | value | meaning |", "| --: | --- | --- |")
        for number, value in enumerate(enum.value):
            yield f"| {value.number} | `{value.name}` | {self._cell((*path, VALUES, number))} |"

    def _text(self, path: Path) -> str:
        return self._names.marked(self._comments.get(path, ""))

    def _cell(self, path: Path) -> str:
        paragraphs = re.split(r"\n\s*\n", self._text(path).replace("|", "\\|"))
        return "<br><br>".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def typed(field: FieldDescriptorProto, entry: DescriptorProto | None) -> str:
    """Return a field's type, with a link to where it is described; `entry` is what a map's keys and values are."""
    if entry is not None and entry.options.map_entry:
        key, value = entry.field
        return f"map of {typed(key, None)} to {typed(value, None)}"
    label = "repeated " if field.label == FieldDescriptorProto.LABEL_REPEATED else ""
    label = "optional " if field.proto3_optional else label
    if not field.type_name:
        return f"{label}{FieldDescriptorProto.Type.Name(field.type).removeprefix('TYPE_').lower()}"
    return label + linked(field.type_name)


def linked(type_name: str) -> str:
    """Return a link to a message or an enum."""
    full, short = type_name.removeprefix("."), type_name.rpartition(".")[2]
    return f"[{full}]({WELL_KNOWN}{short.lower()})" if full.startswith("google.protobuf.") else f"[{short}](#{short.lower()})"


def taken(method: MethodDescriptorProto) -> str:
    """Return what a method's callers send."""
    return ("a stream of " if method.client_streaming else "") + linked(method.input_type)


def answered(method: MethodDescriptorProto) -> str:
    """Return what a method's callers get."""
    return ("a stream of " if method.server_streaming else "") + linked(method.output_type)


def contents(files: list[FileDescriptorProto]) -> Iterator[str]:
    """Yield the list of what is on the page: the methods of services, then all types."""
    yield ""
    for file in files:
        for service in file.service:
            methods = ", ".join(f"[{method.name}](#{method.name.lower()})" for method in service.method)
            yield f"- **[{service.name}](#{service.name.lower()})**: {methods}"
    for file in files:
        names = [message.name for message in file.message_type] + [enum.name for enum in file.enum_type]
        types = ", ".join(map(linked, names))
        yield f"- `{file.name.rpartition('/')[2]}`: {types}"


def main() -> int:
    """Answer the CodeGeneratorRequest on standard input."""
    request = plugin_pb2.CodeGeneratorRequest.FromString(sys.stdin.buffer.read())
    wanted = [file for file in request.proto_file if file.name in set(request.file_to_generate)]
    order = {name: number for number, name in enumerate(READING_ORDER)}
    wanted.sort(key=lambda file: (order.get(file.name.rpartition("/")[2].removesuffix(".proto"), len(order)), file.name))
    names = Names(wanted)
    lines = [INTRODUCTION.rstrip(), *contents(wanted), *(line for file in wanted for line in Page(file, names).lines())]
    response = plugin_pb2.CodeGeneratorResponse(supported_features=plugin_pb2.CodeGeneratorResponse.FEATURE_PROTO3_OPTIONAL)
    response.file.add(name="api.md", content="\n".join(lines) + "\n")
    sys.stdout.buffer.write(response.SerializeToString())
    return 0


if __name__ == "__main__":
    sys.exit(main())
