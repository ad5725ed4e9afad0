"""The third table: estimators against their compiled forms, one row and a thousand, on one thread.

Each of the nine kinds that Assay knows best is trained on 5,000 events of eight features, as `assay train` would. What is timed
is the same work in both forms: a matrix in, scores out. The least of many calls is shown, which other work disturbs least.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.covariance import EllipticEnvelope
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, SGDOneClassSVM
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import LocalOutlierFactor
from sklearn.svm import OneClassSVM
from threadpoolctl import threadpool_limits

from assay_server.models import FeatureKind, FeatureSpec, Floats, ModelKind, difference, raw_scores
from assay_server.models.compilation import seconds
from assay_server.models.training import ModelSpec, Trained, train

from .running import Settings

_EVENTS, _FEATURES, _MANY = 5_000, 8, 1_000
_ODD = 0.02

ESTIMATORS: dict[str, Callable[[], Any] | None] = {
    "IsolationForest": None,
    "LocalOutlierFactor": lambda: LocalOutlierFactor(novelty=True),
    "OneClassSVM": lambda: OneClassSVM(nu=0.05),
    "SGDOneClassSVM": lambda: SGDOneClassSVM(nu=0.05),
    "EllipticEnvelope": EllipticEnvelope,
    "GaussianMixture": lambda: GaussianMixture(3),
    "HistGradientBoostingClassifier": HistGradientBoostingClassifier,
    "RandomForestClassifier": RandomForestClassifier,
    "LogisticRegression": LogisticRegression,
}
"""What makes each of the nine; none for the one that Assay makes itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one kind of model takes."""

    name: str
    times: dict[str, float]
    """Seconds a call: `estimator_1`, `estimator_1000` and, if it compiles, `compiled_1` and `compiled_1000`."""

    difference: float | None = None
    """The largest between the scores of the two forms, relative to scores greater than 1."""

    reason: str = ""
    """Why there is no compiled form."""


def show(console: Console, _settings: Settings) -> dict[str, Any]:
    """Measure all nine, print the table, and return what is to be kept of it."""
    rows = []
    for name in ESTIMATORS:
        with console.status(f"{name} …"):
            rows.append(measure(name))
    console.print(table(rows))
    with console.status("parts …"):
        around = parts()
    console.print("; ".join(f"{what} {taken * 1e6:,.1f} µs" for what, taken in around.items()))
    kept = {row.name: {"seconds": row.times, "largest_difference": row.difference, "reason": row.reason} for row in rows}
    return {"models": kept, "parts": around}


def measure(name: str) -> Row:
    """Train one of the nine, and time both of its forms."""
    with threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trained, matrix = _trained(name)
        rows, one = matrix[:_MANY], matrix[:1]

        def plain(rows: Floats) -> Floats:
            return raw_scores(trained.estimator, trained.kind, rows)

        times = {"estimator_1": seconds(plain, one), "estimator_1000": seconds(plain, rows)}
        if trained.compiled.model is None:
            return Row(name=name, times=times, reason=trained.compiled.reason)
        score = trained.scorer.score
        times |= {"compiled_1": seconds(score, one), "compiled_1000": seconds(score, rows)}
        apart = max(difference(plain(matrix), score(matrix)), trained.compiled.difference or 0.0)
        return Row(name=name, times=times, difference=apart)


def parts() -> dict[str, float]:
    """Return what else a model costs, in seconds: encoding eight numbers, and explaining an event."""
    trained, matrix = _trained("IsolationForest")
    many, one = _columns(matrix[:_MANY]), _columns(matrix[:1])
    explainer = trained.explainer
    return {
        "encoding one event": seconds(lambda _: trained.encoding.encode(one), matrix[:1]),
        "a thousand": seconds(lambda _: trained.encoding.encode(many), matrix[:1]),
        "explaining one": seconds(lambda rows: explainer.amounts(rows[0]), np.full((1, _FEATURES), 9.0)),
    }


def table(rows: list[Row]) -> Table:
    """Return the table of rows that `measure` gave."""
    shown = Table(
        title="models: µs a call on one thread", caption="estimators that do not compile serve as they are, calls gathered"
    )
    shown.add_column("", no_wrap=True)
    for column in (
        "1 row: scikit-learn",
        "compiled",
        "ratio",
        "1,000 rows: scikit-learn",
        "compiled",
        "ratio",
        "largest difference",
    ):
        shown.add_column(column, justify="right")
    for row in rows:
        shown.add_row(
            row.name,
            *_cells(row.times, 1),
            *_cells(row.times, _MANY),
            row.reason if row.difference is None else f"{row.difference:.0e}",
        )
    return shown


def _cells(times: dict[str, float], rows: int) -> tuple[str, str, str]:
    estimator, compiled = times[f"estimator_{rows}"], times.get(f"compiled_{rows}")
    if compiled is None:
        return f"{estimator * 1e6:,.0f}", "", ""
    return f"{estimator * 1e6:,.0f}", f"{compiled * 1e6:,.1f}", f"{estimator / compiled:,.1f}"


def _trained(name: str) -> tuple[Trained, Floats]:
    """Return a model and the matrix that it was trained on: one event in fifty lies far off."""
    rng = np.random.default_rng(0)
    labels = rng.random(_EVENTS) < _ODD
    matrix = rng.normal(size=(_EVENTS, _FEATURES)) * np.where(labels, 4.0, 1.0)[:, None]
    features = [FeatureSpec(name=f"x{place}", kind=FeatureKind.NUMBER, source=f"x{place}") for place in range(_FEATURES)]
    factory = ESTIMATORS[name]
    if factory is None:
        spec = ModelSpec(kind=ModelKind.ISOLATION_FOREST)
    elif name.endswith(("Classifier", "Regression")):
        spec = ModelSpec(kind=ModelKind.CLASSIFIER, factory=factory, threshold=0.5)
    else:
        spec = ModelSpec(kind=ModelKind.ESTIMATOR, factory=factory)
    return train(spec, features, _columns(matrix), labels=labels if spec.kind is ModelKind.CLASSIFIER else None, seed=0), matrix


def _columns(matrix: Floats) -> dict[str, Floats]:
    return {f"x{place}": np.ascontiguousarray(column) for place, column in enumerate(matrix.T)}
