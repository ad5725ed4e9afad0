"""From a class that an author wrote to a contract that can be judged by, or to what is wrong with it."""

import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from pydantic.errors import PydanticUndefinedAnnotation
from pydantic_core import CoreSchema, SchemaValidator

from ._contract import EventContract
from ._examples import judge_example
from ._feature import Feature, features_of
from ._fingerprint import fingerprint_of
from ._history_markers import HistoryMarker
from ._json_schema import json_schema_of
from ._loaded import Contract
from ._markers import Clock, Resource, Sensitive
from ._model_markers import ModelMarker
from ._models import ModelDeclaration, model_from
from ._modules import Package, Source
from ._places import field_naming, line_of, plain_text
from ._problems import DeclarationError, Problem
from ._reads import fields_read
from ._reference import Reference, load_reference
from ._rule import Rule, rules_of
from ._sensitivity import Sensitivity
from ._statistics import Declared, Statistic
from ._strict import strict_schema, strict_validator
from ._version import Version

_EVENT_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,199}", re.ASCII)

T = TypeVar("T")


class Checker:
    """Checks one class, and gathers what is wrong with it in `problems`."""

    def __init__(self, model: type[EventContract], source: Source, package: Package, folder: Path) -> None:
        self.problems: list[Problem] = []
        self._model = model
        self._source = source
        self._package = package
        self._folder = folder

    def contract(self) -> Contract | None:
        """Return the contract; None if anything is wrong with it."""
        model = self._model
        event_type = self._event_type()
        version = self._version()
        clock = self._clock()
        references = _declared(model, Reference)
        for name, reference in references.items():
            self._attempt(name, partial(load_reference, reference, self._folder))
        if not self._attempt("", self._complete):
            return None
        if not self._check_defaults():
            return None
        rules = self._attempt("", lambda: rules_of(model)) or ()
        schema = self._attempt("", lambda: strict_schema(model))
        json_schema = self._attempt("", lambda: json_schema_of(model, self._package.root))
        if self.problems or schema is None or json_schema is None or version is None:
            return None
        return self._attempt("", lambda: self._contract(event_type, version, clock, references, rules, schema, json_schema))

    def _contract(
        self,
        event_type: str,
        version: Version,
        clock: Clock | None,
        references: dict[str, Reference],
        rules: tuple[Rule, ...],
        schema: CoreSchema,
        json_schema: dict[str, Any],
    ) -> Contract | None:
        model = self._model
        validator = strict_validator(schema)
        examples = self._examples(json_schema.get("examples", []), validator, rules)
        sensitivity = Sensitivity(schema)
        sensitive = sensitivity.fields(schema)
        features = features_of(model)
        declared = self._values(schema, sensitivity, features, sensitive)
        if declared is None:
            return None
        statistics = self._statistics(declared)
        models = self._models(declared)
        if self.problems:
            return None
        enforced = [(rule.name, rule.execution, rule.enforcement, rule.required, rule.timeout) for rule in rules]
        said = [clock, *enforced, sorted(sensitive), *statistics, *models, model.__assay_learn__]
        fingerprint = fingerprint_of(json_schema, said, self._package.with_imports(self._source))
        return Contract(
            model=model,
            event_type=event_type,
            version=version,
            fingerprint=fingerprint,
            full_version=f"{version}+{fingerprint}",
            description=" ".join((model.__doc__ or "").partition("\n\n")[0].split()),
            json_schema=json.dumps(json_schema, ensure_ascii=False),
            examples=examples,
            schema=schema,
            validator=validator,
            clock=clock,
            rules=rules,
            discreet_rules=frozenset(
                rule.name for rule in rules if sensitive and fields_read(model, rule.function, self._package) & sensitive
            ),
            features=features,
            statistics=statistics,
            models=models,
            learns_live=model.__assay_learn__ == "live",
            references=references,
            resources=_declared(model, Resource),
            path=str(self._source.path),
            line=line_of(self._source, model.__name__) or 1,
        )

    def _problem(self, message: str, remedy: str, field: str = "") -> None:
        self.problems.append(
            Problem(
                path=str(self._source.path),
                line=line_of(self._source, self._model.__name__, field),
                contract=self._model.__name__,
                field=field,
                message=message,
                remedy=remedy,
            )
        )

    def _attempt(self, field: str, attempt: Callable[[], T]) -> T | None:
        """Return what `attempt` returns; None, and a problem noted, if it finds a declaration wrong."""
        try:
            return attempt()
        except DeclarationError as error:
            self._problem(error.message, error.remedy, error.field or field)
        except (Exception, SystemExit) as error:  # noqa: BLE001  # Code of the author's is asked for schemas and more.
            text = f"{type(error).__name__}: {plain_text(error, self._package)}"
            self._problem(text, "Mend the code that this comes from.", field)
        return None

    def _event_type(self) -> str:
        event_type = self._model.__assay_event_type__
        if not isinstance(event_type, str) or not _EVENT_TYPE.fullmatch(event_type):
            self._problem(
                f"{event_type!r} is no event type",
                'Write letters, digits and . _ : / - only, at most 200, such as event_type="flight.arrived".',
            )
        return str(event_type)

    def _version(self) -> Version | None:
        try:
            return Version.parse(self._model.__assay_version__)
        except ValueError as error:
            self._problem(str(error), 'Give the class a version: class …(EventContract, event_type=…, version="1.0.0").')
        return None

    def _clock(self) -> Clock | None:
        clocks = _declared(self._model, Clock)
        if len(clocks) > 1:
            self._problem("a contract has one Clock at most", f"Keep one of {', '.join(clocks)}.", list(clocks)[-1])
        return next(iter(clocks.values()), None)

    def _complete(self) -> bool:
        """Make sure that Pydantic knows all types that the fields name; they may have been defined after the class."""
        try:
            self._model.model_rebuild(raise_errors=True)
        except PydanticUndefinedAnnotation as error:
            raise DeclarationError(
                f"a field names {error.name!r}, which is not there",
                "Import or define it in this module.",
                field_naming(self._source, self._model.__name__, error.name or ""),
            ) from None
        return True

    def _check_defaults(self) -> bool:
        """Return whether no field has a default that was meant to be something else, and has no schema either."""
        fine = True
        for name, field in self._model.model_fields.items():
            if isinstance(field.default, Sensitive | HistoryMarker):
                marker = type(field.default).__name__
                self._problem(f"{marker}() is no default", f"Write {name}: Annotated[…, {marker}()].", name)
                fine = False
            elif isinstance(field.default, ModelMarker):
                kind = type(field.default).__name__
                self._problem(f"{kind} is no default", f"Leave out the annotation: {name} = {kind}(…).", name)
                fine = False
            elif isinstance(field.default, Feature):
                self._problem(f"{name} is a field and a feature", "Rename one of them.", name)
                fine = False
        return fine

    def _examples(self, examples: object, validator: SchemaValidator, rules: tuple[Rule, ...]) -> tuple[dict[str, Any], ...]:
        accepted: list[dict[str, Any]] = []
        if not isinstance(examples, list):
            self._problem("the examples are no list", 'Write {"examples": [{…}]}.', "model_config")
            return ()
        for number, example in enumerate(examples, 1):
            complaint = judge_example(example, validator, rules)
            if complaint:
                self._problem(
                    f"example {number} does not pass: {complaint}", "Mend the example or the contract.", "model_config"
                )
            elif isinstance(example, dict):
                accepted.append(example)
        return tuple(accepted)

    def _values(
        self, schema: CoreSchema, sensitivity: Sensitivity, features: tuple[Feature[Any], ...], sensitive: frozenset[str]
    ) -> Declared | None:
        model = self._model
        hidden = [(one, bool(sensitive and fields_read(model, one.function, self._package) & sensitive)) for one in features]
        return self._attempt("", lambda: Declared(schema, sensitivity, hidden))

    def _statistics(self, declared: Declared) -> tuple[Statistic, ...]:
        for name in declared.misplaced():
            self._problem(
                "a marker is where there is no single value, such as in a list",
                "Derive one, and mark what it returns: @feature def …(self) -> Annotated[float, …].",
                name,
            )
        found = [self._attempt(name, partial(declared.statistic, value, marker)) for name, value, marker in declared.markers()]
        return tuple(statistic for statistic in found if statistic is not None)

    def _models(self, declared: Declared) -> tuple[ModelDeclaration, ...]:
        markers = _declared(self._model, ModelMarker)  # type: ignore[type-abstract]  # Asked for its subclasses.
        found = [self._attempt(name, partial(model_from, name, marker, declared.values)) for name, marker in markers.items()]
        return tuple(model for model in found if model is not None)


def _declared(model: type, kind: type[T]) -> dict[str, T]:
    """Return what a class and its bases declare of a kind, by name, bases first."""
    found = {name: value for base in reversed(model.__mro__) for name, value in vars(base).items()}
    return {name: value for name, value in found.items() if isinstance(value, kind)}
