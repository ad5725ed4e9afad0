"""One bad file for each way in which a model on a contract can be bad."""

from tests.unit.contracts.bad import Bad, body

FIELDS = """
y: float
kind: str = ""
at: datetime | None = None
open: bool = True
secret: Annotated[str, Sensitive()] = ""
tags: list[str] = []
"""

SKLEARN = """
from functools import partial

from sklearn.covariance import EllipticEnvelope
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import LocalOutlierFactor
from sklearn.preprocessing import StandardScaler


def failing(): raise OSError("no such file")
"""


def forest(arguments: str, says: str, remedy: str) -> Bad:
    """Return a case of an isolation forest with these arguments."""
    return body(f"{FIELDS}x = IsolationForest({arguments})  # here", says, remedy)


def features(text: str, says: str, remedy: str, *, more: str = "") -> Bad:
    """Return a case of an isolation forest with these features."""
    return body(f"{FIELDS}{more}x = IsolationForest(features=({text}))  # here", says, remedy)


def made(declaration: str, says: str, remedy: str) -> Bad:
    """Return a case of a model that a factory makes."""
    return body(f"{FIELDS}x = {declaration}  # here", says, remedy, before=SKLEARN)


MODELS = {
    "features that are one text": forest('features="y"', "is no tuple of names", 'features=("distance", "speed")'),
    "features that are one marker": forest("features=Hour()", "is no tuple of names", 'features=("distance", "speed")'),
    "features that are a set": forest('features={"y"}', "is no tuple of names", 'features=("distance", "speed")'),
    "no features": forest("features=()", "no features", 'features=("distance", "speed")'),
    "too many features": forest('features=("y",) * 101', "more than 100 features", "features="),
    "feature that is a number": forest('features=("y", 3)', "3 in features is no name", "OneHot"),
    "feature that is a class": forest('features=("y", Hour)', "in features is no name", "Hour()"),
    "option that is not there": forest('features=("y",), tree=3', "unexpected keyword argument 'tree'", "line"),
    "enforcement that is none": forest('features=("y",), enforcement="block"', "'block' is no enforcement", "warn"),
    "required that is a text": forest('features=("y",), required="yes"', "neither True nor False", "required=False"),
    "contamination of nothing": forest('features=("y",), contamination=0', "contamination=0", "contamination=0.001"),
    "contamination of most": forest('features=("y",), contamination=0.6', "up to 0.5", "contamination=0.001"),
    "contamination that is a text": forest('features=("y",), contamination="auto"', "'auto'", "contamination=0.001"),
    "contamination that is no number": forest('features=("y",), contamination=float("nan")', "nan", "contamination=0.001"),
    "no trees": forest('features=("y",), trees=0', "trees=0 is no whole number from 1", "trees=100"),
    "more trees than can be served": forest('features=("y",), trees=1001', "to 1000", "trees=100"),
    "half a tree": forest('features=("y",), trees=0.5', "no whole number", "trees=100"),
    "one sample": forest('features=("y",), samples=1', "samples=1 is no whole number from 2", "samples=256"),
    "model with an annotation": body(
        f'{FIELDS}x: IsolationForest = IsolationForest(features=("y",))  # here',
        "is no type of a field",
        "x = IsolationForest(…)",
    ),
    "model as a default": body(
        f'{FIELDS}x: float = IsolationForest(features=("y",))  # here', "is no default", "x = IsolationForest(…)"
    ),
    "model that marks a field": body(
        'x: Annotated[float, IsolationForest(features=("x",))]  # here', "is no type of a field", "x = IsolationForest(…)"
    ),
}

FEATURES = {
    "feature that is not there": features('"y", "z"', "names 'z', which is neither a field nor a feature", "at, kind"),
    "part that is not there": features('"y.z",', "names 'y.z'", "Name one of"),
    "category as a number": features('"kind",', "'kind', which is a category", 'OneHot("kind")'),
    "time as a number": features('"at",', "'at', which is a time", 'Hour("at")'),
    "list as a number": features('"tags",', "no single number", "@feature"),
    "feature twice": features('"y", "open", "y"', "has 'y' twice", "once"),
    "number and category of one name": features('"size", OneHot("size")', "has 'size' twice", "once", more="size: int\n"),
    "OneHot of nothing": features("OneHot(''),", "names no field", 'OneHot("carrier")'),
    "OneHot of what is not there": features('OneHot("z"),', "OneHot(\"z\") names 'z'", "Name one of"),
    "OneHot of a number": features('OneHot("y"),', "'y', which is no category", "a Literal"),
    "Frequency of a list": features('Frequency("tags"),', "'tags', which is no category", "a Literal"),
    "OneHot of a sensitive field": features('OneHot("secret"),', "keeps the categories", "Take OneHot or Sensitive() away"),
    "Frequency of a feature that reads a sensitive field": features(
        'Frequency("first"),',
        "keeps the categories",
        "Take Frequency",
        more="@feature\ndef first(self) -> str: return self.secret[:1]\n",
    ),
    "Hour of a text": features('Hour("kind"),', "'kind', which is no datetime", "Name a datetime"),
    "Weekday of a number": features("Weekday(3),", "Weekday(3) names no field", "Weekday"),
    "marker of features on a field": body(
        "y: float\nx: Annotated[str, OneHot('x')]  # here", "marks no field", "among the features of a model"
    ),
    "label that is not there": made(
        'Classifier(LogisticRegression, ("y",), "z")', "label names 'z', which is neither", "Name one of"
    ),
    "label that is a number": made('Classifier(LogisticRegression, ("open",), "y")', "'y', which is no bool", "-> bool"),
    "label among the features": made(
        'Classifier(LogisticRegression, ("y", "open"), "open")', "'open' is among the features", "Take it out"
    ),
}

FACTORIES = {
    "estimator in place of a factory": made(
        'Estimator(EllipticEnvelope(), ("y",))', "no function, it is a made EllipticEnvelope", "lambda"
    ),
    "factory that wants arguments": made('Estimator(lambda rows: rows, ("y",))', "wants arguments", "lambda: …"),
    "factory of no estimator": made('Estimator(lambda: 3, ("y",))', "no estimator of scikit-learn's, but int", "lambda: …"),
    "factory of a class": made('Estimator(lambda: EllipticEnvelope, ("y",))', "no estimator", "lambda: …"),
    "factory that fails": made('Estimator(failing, ("y",))', "the factory fails: OSError: no such file", "lambda"),
    "estimator that does not score": made('Estimator(StandardScaler, ("y",))', "neither score_samples", "outlier detector"),
    "outlier factor of training events alone": made('Estimator(LocalOutlierFactor, ("y",))', "neither", "novelty=True"),
    "classifier without probabilities": made('Classifier(EllipticEnvelope, ("y",), "open")', "no predict_proba", "Estimator"),
    "contamination of an estimator": made('Estimator(EllipticEnvelope, ("y",), contamination=1)', "contamination=1", "0.001"),
    "label that is no text": made('Classifier(LogisticRegression, ("y",), None)', "label=None names no field", "was_fraud"),
    "threshold of nothing": made('Classifier(LogisticRegression, ("y",), "open", threshold=0)', "threshold=0", "threshold=0.5"),
    "threshold above 1": made('Classifier(LogisticRegression, ("y",), "open", threshold=50)', "threshold=50", "threshold=0.5"),
}
