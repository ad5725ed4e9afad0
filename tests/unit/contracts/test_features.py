"""Features and what is compared with history, as a contract declares them."""

from typing import Any

import pytest

from assay_server.contracts import Enforcement, EventContract, Novelty, QuantileRange, RobustSigma, ThreeSigma, feature
from tests.unit.contracts.folders import Folder, read

SPEED = """
distance: float = 10
time: float = 2
calls: ClassVar[list[str]] = []

@feature
def speed(self) -> Annotated[float, ThreeSigma()]:
    '''Miles an hour.

    And more.
    '''
    self.calls.append("speed")
    return self.distance / self.time

@feature
def slow_ness(self) -> float: return 1 / self.speed

@rule
def fast(self): return self.speed > 1 and self.slow_ness < 2
"""


def test_a_feature_is_read_as_an_attribute_and_computed_once(folder: Folder) -> None:
    """By rules and other features; what the event is, is not changed by it."""
    folder.contract(SPEED)
    contract = folder.one()
    event, same = read(contract, "{}"), read(contract, "{}")
    assert (event.speed, event.slow_ness, event.speed) == (5.0, 0.2, 5.0)
    assert event.calls == ["speed"]
    assert contract.rules[0].function(event) is True
    assert event.calls == ["speed"]
    assert event == same
    assert event.model_dump() == {"distance": 10, "time": 2}
    assert event.model_dump_json() == '{"distance":10.0,"time":2.0}'
    assert repr(event) == repr(same)
    assert "speed" not in contract.json_schema
    assert [(one.name, one.description) for one in contract.features] == [
        ("speed", "Miles an hour."),
        ("slow_ness", "slow ness"),
    ]


def test_a_feature_works_on_a_frozen_model_and_one_that_keeps_unknown_keys(folder: Folder) -> None:
    """It is no assignment, and no such key."""
    folder.contract('model_config = ConfigDict(frozen=True, extra="allow")\n' + SPEED)
    event = read(folder.one(), '{"speeds": 3}')
    assert event.speed == 5
    assert event.model_extra == {"speeds": 3}
    assert event.model_dump() == {"distance": 10, "time": 2, "speeds": 3}


def test_a_payload_cannot_set_a_feature(folder: Folder) -> None:
    """An unknown key is ignored as any other."""
    folder.contract(SPEED)
    assert read(folder.one(), '{"speed": 99}').speed == 5


def test_a_feature_that_fails_is_tried_each_time(folder: Folder) -> None:
    """And raises for whoever reads it."""
    folder.contract(SPEED)
    event = read(folder.one(), '{"time": 0}')
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            _ = event.speed


def test_features_are_inherited_and_replaced(folder: Folder) -> None:
    """As methods are; one that is replaced by something else is gone."""
    folder.contract(
        "@feature\ndef p(self) -> Annotated[float, ThreeSigma()]: return 2.0\nq: ClassVar[int] = 1\n",
        before="""
        class Base(EventContract):
            @feature
            def p(self) -> Annotated[float, RobustSigma()]: return 1.0
            @feature
            def q(self) -> Annotated[float, RobustSigma()]: return 1.0
            @feature
            def r(self) -> Annotated[float, RobustSigma()]: return 1.0
        """,
        bases="Base, ",
    )
    contract = folder.one()
    assert [one.name for one in contract.features] == ["p", "r"]
    assert [(one.check, one.field) for one in contract.statistics] == [
        ("statistics.three_sigma", "@p"),
        ("statistics.robust_sigma", "@r"),
    ]
    assert read(contract, "{}").p == 2.0


def test_features_work_outside_of_a_folder() -> None:
    """As in a notebook; on the class, a feature is itself."""

    class Local(EventContract):
        x: float

        @feature
        def double(self) -> float:
            """Twice as much."""
            return 2 * self.x

    assert Local(x=3).double == 6
    assert Local.double.name == "double"


@pytest.mark.parametrize(
    ("field", "sensitive"),
    [
        ("open", False),
        ("secret", True),
        ("reads_open", False),
        ("reads_secret", True),
        ("reads_through", True),
        ("passes_on", True),
    ],
)
def test_a_feature_that_may_read_a_sensitive_field_is_sensitive(folder: Folder, field: str, sensitive: bool) -> None:
    """Through other features, too."""
    folder.contract(
        """
        open: Annotated[float, ThreeSigma()] = 1
        secret: Annotated[float, Sensitive(), ThreeSigma()] = 1

        @feature
        def reads_open(self) -> Annotated[float, ThreeSigma()]: return self.open
        @feature
        def reads_secret(self) -> Annotated[float, ThreeSigma()]: return self.secret
        @feature
        def reads_through(self) -> Annotated[float, ThreeSigma()]: return self.reads_open + self.reads_secret
        @feature
        def passes_on(self) -> Annotated[float, ThreeSigma()]: return sum(vars(self).values())

        @rule
        def tells(self): return str(self.reads_through)
        @rule
        def does_not_tell(self): return str(self.reads_open)
        """
    )
    contract = folder.one()
    [statistic] = [one for one in contract.statistics if one.path == field]
    assert statistic.sensitive == sensitive
    assert contract.discreet_rules == {"tells"}


def test_what_a_marker_says_is_what_the_contract_compares(folder: Folder) -> None:
    """With the defaults of authors' documentation."""
    folder.contract(
        """
        shop: Shop
        x: Annotated[float | None, ThreeSigma(by=["shop.country", "kind"], window="90d", min_samples=5), QuantileRange()]
        kind: Annotated[Literal["p", "q"], Novelty(min_share=0.1, enforcement="reject")] = "p"
        other: Annotated[int, RobustSigma(name="far", enforcement="reject", required=False)] | None = None
        """,
        before="class Shop(BaseModel):\n    country: str\n    size: Annotated[int, ThreeSigma(4)]\n",
    )
    contract = folder.one()
    assert not contract.learns_live
    size, x, quantiles, kind, other = contract.statistics
    assert (size.check, size.field, size.path, size.marker) == (
        "statistics.three_sigma",
        "/shop/size",
        "shop.size",
        ThreeSigma(4),
    )
    assert (x.by, x.window, x.marker.min_samples) == (("shop.country", "kind"), 90 * 86_400 * 10**9, 5)
    assert (x.enforcement, x.required, x.sensitive) == (Enforcement.WARN, False, False)
    assert (quantiles.marker, quantiles.window, quantiles.by) == (QuantileRange(0.001, 0.999, 0), None, ())
    assert (kind.marker, kind.required) == (Novelty(1, 0.1, enforcement="reject"), True)
    assert (other.check, other.enforcement, other.required) == ("statistics.far", Enforcement.REJECT, False)
    assert ThreeSigma() == ThreeSigma(3, min_samples=30, by=())
    assert RobustSigma() == RobustSigma(k=3.5)


@pytest.mark.parametrize(
    "annotation",
    [
        "Annotated[int, ThreeSigma()]",
        "Annotated[Decimal, ThreeSigma()]",
        "Annotated[PositiveFloat, ThreeSigma()]",
        "Annotated[float, ThreeSigma(), AfterValidator(abs)]",
        "Annotated[float, BeforeValidator(abs), ThreeSigma(), Field(gt=0)]",
        "Optional[Annotated[float, ThreeSigma()]]",
        "Annotated[Optional[float], ThreeSigma()]",
        "Annotated[Union[int, Decimal], ThreeSigma()]",
        "Annotated[Literal[1, 2], ThreeSigma()]",
        "Annotated[Size, ThreeSigma()]",
        "Annotated[Annotated[Size, ThreeSigma()], Sensitive()]",
        "Price",
    ],
)
def test_a_number_may_be_written_in_many_ways(folder: Folder, annotation: str) -> None:
    """Wherever in the annotation the marker stands."""
    before = "class Size(IntEnum):\n    S = 1\n\nPrice = Annotated[float, ThreeSigma()]\n"
    folder.contract(f"x: {annotation}", before=before)
    [statistic] = folder.one().statistics
    assert (statistic.check, statistic.path) == ("statistics.three_sigma", "x")


def test_a_type_that_fields_share_is_marked_for_the_field_alone(folder: Folder) -> None:
    """An Enum's schema is one for all of its fields."""
    folder.contract(
        "x: Annotated[Size, Novelty()] = Size.S\ny: Size = Size.S\nz: list[Size] = []",
        before="class Size(Enum):\n    S = 's'\n",
    )
    contract = folder.one()
    assert [one.path for one in contract.statistics] == ["x"]
    assert read(contract, '{"x": "s"}').x.value == "s"


@pytest.mark.parametrize(
    ("base", "own", "live"),
    [(None, None, False), (None, "live", True), ("live", None, True), ("live", "history", False), (None, "history", False)],
)
def test_learning_is_the_contracts_choice(folder: Folder, base: Any, own: Any, live: bool) -> None:
    """A subclass does as its base does unless it says otherwise."""

    def option(learn: str | None) -> str:
        return f", learn='{learn}'" if learn else ""

    folder.write(
        "a.py",
        f"""
        from assay_server.contracts import EventContract
        class Base(EventContract{option(base)}): pass
        class A(Base, event_type="a", version="1.0.0"{option(own)}): x: int
        """,
    )
    assert folder.one().learns_live is live
