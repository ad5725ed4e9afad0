"""docs/api.md: everything of the protos is on it, and every link leads somewhere. `make lint` holds it to the comments."""

import re
from pathlib import Path

import pytest
from google.protobuf.descriptor import Descriptor, FileDescriptor

from assay.v1 import catalog_service_pb2, error_reason_pb2, event_pb2, validation_service_pb2, verdict_pb2

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "api.md").read_text()
SECTIONS = {part.partition("\n")[0]: part for part in re.split(r"^##+ ", PAGE, flags=re.MULTILINE)[1:]}
FILES = [
    module.DESCRIPTOR for module in (catalog_service_pb2, error_reason_pb2, event_pb2, validation_service_pb2, verdict_pb2)
]


def messages(file: FileDescriptor) -> list[Descriptor]:
    return list(file.message_types_by_name.values())


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name.rpartition("/")[2])
def test_everything_is_described(file: FileDescriptor) -> None:
    """Each method, field and enum value, with its number and what it means."""
    for service in file.services_by_name.values():
        assert service.name in SECTIONS
        for method in service.methods:
            assert f"`{service.full_name}/{method.name}`" in SECTIONS[method.name]
    for message in messages(file):
        for field in message.fields:
            assert re.search(
                rf"^\| {field.number} \| `{field.name}` \| [^|]+ \| \S.* \|$", SECTIONS[message.name], re.MULTILINE
            )
        for oneof in message.oneofs:
            synthetic = oneof.name.startswith("_")
            assert synthetic or f"| *{oneof.name}* |" in SECTIONS[message.name]
    for enum in file.enum_types_by_name.values():
        for value in enum.values:
            assert re.search(rf"^\| {value.number} \| `{value.name}` \| \S.* \|$", SECTIONS[enum.name], re.MULTILINE)


def test_types_are_links() -> None:
    """What a field holds, and what a method takes and gives, is one click away."""
    assert "| 1 | `event` | [Event](#event) |" in SECTIONS["ValidateRequest"]
    assert "| repeated [Finding](#finding) |" in SECTIONS["Verdict"]
    assert "| map of string to string |" in SECTIONS["GetBaselineRequest"]
    assert "| optional double |" in SECTIONS["StatisticalEvidence"]
    assert "takes a stream of [ValidateStreamRequest](#validatestreamrequest)" in SECTIONS["ValidateStream"]


def test_comments_name_what_is_on_the_page_as_links_and_code() -> None:
    """A field of another type is a link to that type, an enum's value is code."""
    assert "As in [Verdict.contract_version](#verdict)." in SECTIONS["EventType"]
    assert "If unspecified, `ENFORCEMENT_WARN`." in SECTIONS["ValidateOptions"]


def test_links_lead_somewhere() -> None:
    """To one heading each, or to a file."""
    headings = [heading.lower() for heading in SECTIONS]
    assert len(set(headings)) == len(headings)
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= set(headings)
    for path in re.findall(r"\]\((\.\.[^)#]*)", PAGE):
        assert (ROOT / "docs" / path).exists()


def test_readme_leads_to_it() -> None:
    """Where it shows how to ask."""
    assert "(docs/api.md)" in (ROOT / "README.md").read_text()
