"""Several versions of an event type may be in service, and an event says which it means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay_server.contracts import Catalog, Version
from tests.unit.contracts.folders import Folder

VERSIONS = ["1.0.0", "1.2.0", "1.2.10", "1.9.0", "1.10.0", "2.0.0", "10.0.0", "0.9.0"]


@pytest.fixture
def catalog(folder: Folder) -> Catalog:
    """Give a catalog with many versions of one event type, and with one of another."""
    for number, version in enumerate(VERSIONS):
        folder.contract(file=f"a{number}.py", version=version)
    folder.contract(file="b.py", event_type="b", version="0.0.1")
    return folder.load()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", "10.0.0"),
        ("1", "1.10.0"),
        ("1.2", "1.2.10"),
        ("1.2.0", "1.2.0"),
        ("1.2.10", "1.2.10"),
        ("10", "10.0.0"),
        ("0", "0.9.0"),
        ("1.2+9f3a12c4", "1.2.10"),
        ("1.2.0+anything at all + more", "1.2.0"),
        ("2+", "2.0.0"),
        ("1.1", None),
        ("1.2.1", None),
        ("3", None),
    ],
)
def test_a_version_or_its_beginning_finds_the_newest_that_begins_so(catalog: Catalog, asked: str, found: str | None) -> None:
    """Numbers count as numbers, only up to a dot, and build metadata does not count."""
    contract = catalog.find("a", asked)
    assert (contract and str(contract.version)) == found


@pytest.mark.parametrize(
    "asked",
    [
        *(
            "1.",
            ".1",
            "1..0",
            "1.2.0.0",
            "v1",
            "01",
            "1.02",
            "-1",
            " 1",
            "1 ",
            "1\n",
            "latest",
            "*",
            "1.x",
            "\x00",
            "+",
            "+1.0.0",
        ),
        *("\N{FULLWIDTH DIGIT ONE}", "1e0", "0x1", "9" * 10_000, "1." * 10_000, "None", ">=1"),
    ],
)
def test_what_is_no_version_finds_nothing(catalog: Catalog, asked: str) -> None:
    """It is no error either: the event's verdict says that there is no such version."""
    assert catalog.find("a", asked) is None


def test_what_a_verdict_names_finds_the_same_contract_again(catalog: Catalog) -> None:
    """The full version can be sent back."""
    for contract in catalog:
        assert catalog.find(contract.event_type, contract.full_version) is contract


def test_an_unknown_event_type_finds_nothing(catalog: Catalog) -> None:
    """Whatever the version."""
    assert catalog.find("c") is None
    assert catalog.find("c", "1.0.0") is None
    assert catalog.find("A") is None
    assert "c" not in catalog
    assert "a" in catalog


def test_a_catalog_goes_by_event_type_and_then_from_the_newest_version_to_the_oldest(catalog: Catalog) -> None:
    """Numerically."""
    assert [(contract.event_type, str(contract.version)) for contract in catalog] == [
        *(("a", version) for version in ["10.0.0", "2.0.0", "1.10.0", "1.9.0", "1.2.10", "1.2.0", "1.0.0", "0.9.0"]),
        ("b", "0.0.1"),
    ]
    assert len(catalog) == 9


def test_the_empty_catalog_knows_nothing_and_can_be_closed() -> None:
    """A server starts with it."""
    catalog = Catalog()
    assert (len(catalog), list(catalog), catalog.find("a"), "a" in catalog, catalog.signature) == (0, [], None, False, ())
    catalog.close()


numbers = st.integers(0, 999_999_999)


@given(numbers, numbers, numbers)
def test_a_version_reads_as_it_is_written(major: int, minor: int, patch: int) -> None:
    """And back."""
    version = Version(major, minor, patch)
    assert Version.parse(str(version)) == version


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1.0",
        "1.0.0.0",
        "01.0.0",
        "1.0.0 ",
        "1.0.0\n",
        "1.0.-1",
        "1.0.0+x",
        "1000000000.0.0",
        "\N{FULLWIDTH DIGIT ONE}.0.0",
        None,
        1,
        (1, 0, 0),
    ],
)
def test_anything_but_three_numbers_is_no_version(text: object) -> None:
    """The error shows what was written, and what to write."""
    with pytest.raises(ValueError, match=r'is no version: write three numbers, such as "1\.0\.0"'):
        Version.parse(text)
