"""Every comparison with history passes what every check must."""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from assay_server.baselines import Baselines, Limits
from assay_server.checks import Batch, Check
from assay_server.contracts import Catalog, Contract, EventContract
from tests.unit.checks.history import check_of, contract_of, models_of
from tests.unit.checks.making import NOW
from tests.unit.checks.suite import CheckSuite

_RANDOM = np.random.default_rng(7)
_LOGNORMAL = np.exp(_RANDOM.normal(3, 0.5, 400)).tolist()
_HISTORY: list[dict[str, Any]] = [{"shop": "a", "x": value, "category": "often"} for value in _LOGNORMAL]
_HISTORY += [{"shop": "b", "x": 5.0, "category": "often"} for _ in range(40)]
_HISTORY += [{"shop": "c", "x": value, "category": "often"} for value in (1.0, 2.0, 3.0)]
_HISTORY += [{"shop": "a", "x": -1.0, "category": "once"}]
_EVENTS: list[dict[str, Any]] = [
    {"shop": shop, "x": x, "category": category}
    for shop in ("a", "b", "c", "new", "refused", None)
    for x, category in ((20.0, "often"), (5.0, "once"), (1e308, "never"), (-1e308, ""), (5.000001, "often"), (None, None))
]


class StatisticsSuite(CheckSuite):
    """A check by shop of a field x, and of a category."""

    body: ClassVar[str]
    _kept: ClassVar[dict[str, tuple[Catalog, Contract]]] = {}

    def _contract(self) -> Contract:
        if self.body not in self._kept:
            self._kept[self.body] = contract_of(f"shop: str | None = None\n{self.body}")
        return self._kept[self.body][1]

    def check(self) -> Check:
        """Return it, with three groups of which one is short of history, and no room for another."""
        baselines = Baselines(limits=Limits(groups=4), clock=lambda: NOW)
        check = check_of(self._contract(), baselines)
        models = models_of(self._contract(), [*_HISTORY, {**_HISTORY[0], "shop": "new"}])
        check.learn(Batch(range(len(models)), models, [NOW] * len(models)), live=False)
        baselines.publish()
        return check

    def models(self) -> Sequence[EventContract]:
        """Return events of shops with all kinds of history, with usual and odd values, and without any."""
        return models_of(self._contract(), _EVENTS)


class TestThreeSigma(StatisticsSuite):
    """By shop."""

    body = "x: Annotated[float | None, ThreeSigma(by='shop')] = None"


class TestThreeSigmaInAWindow(StatisticsSuite):
    """By shop, where it is required."""

    body = "x: Annotated[float | None, ThreeSigma(2, by='shop', window='30d', enforcement='reject')] = None"


class TestRobustSigma(StatisticsSuite):
    """By shop."""

    body = "x: Annotated[float | None, RobustSigma(by='shop')] = None"


class TestQuantileRange(StatisticsSuite):
    """By shop."""

    body = "x: Annotated[float | None, QuantileRange(by='shop', window='30d')] = None"


class TestQuantileRangeWithAMargin(StatisticsSuite):
    """Of quantiles on one side of the median."""

    body = "x: Annotated[float | None, QuantileRange(0.6, 0.9, 0.1, by='shop')] = None"


class TestNovelty(StatisticsSuite):
    """By shop."""

    body = "category: Annotated[str | None, Novelty(by='shop')] = None"


class TestNoveltyByShare(StatisticsSuite):
    """On trial."""

    body = "category: Annotated[str | None, Novelty(2, 0.01, by='shop', window='30d', enforcement='audit')] = None"


class TestSensitive(StatisticsSuite):
    """Whose values are shown nowhere."""

    body = "x: Annotated[float | None, Sensitive(), ThreeSigma(by='shop')] = None"


class TestFeature(StatisticsSuite):
    """That fails for some events, and is not there for others."""

    body = (
        "x: float | None = None\n@feature\ndef half(self) -> Annotated[float, ThreeSigma(by='shop')]:\n"
        "    return 1 / 0 if self.x == 5.000001 else self.x and self.x / 2"
    )


class TestFeatureAsAGroup(StatisticsSuite):
    """That fails for some events."""

    body = (
        "x: Annotated[float | None, ThreeSigma(by=('shop', 'first'))] = None\n"
        "@feature\ndef first(self) -> str:\n    return self.shop[0] if self.shop != 'b' else self.shop[9]"
    )
