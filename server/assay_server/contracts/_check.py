"""From a class that an author wrote to a contract that can be judged by, or to what is wrong with it."""

import ast
import hashlib
import json
import re
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticUserError
from pydantic_core import SchemaValidator, to_json

from ._contract import EventContract
from ._loaded import Contract
from ._markers import Clock, Resource
from ._modules import Package, Source
from ._places import line_of
from ._problems import DeclarationError, Problem
from ._reads import fields_read
from ._reference import Reference
from ._rule import Execution, Rule, rules_of
from ._sensitivity import Sensitivity
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
            self._attempt(name, lambda reference=reference: self._load(reference))
        rules = rules_of(model)
        schema = self._attempt("", lambda: strict_schema(_complete(model)))
        json_schema = self._attempt("", lambda: _json_schema(model))
        if self.problems or schema is None or json_schema is None or version is None:
            return None
        validator = strict_validator(schema)
        examples = self._examples(json_schema.get("examples", []), validator, rules)
        sensitivity = Sensitivity(schema)
        sensitive = sensitivity.fields(schema)
        if self.problems:
            return None
        fingerprint = self._fingerprint(json_schema, [clock, rules, sorted(sensitive)])
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

    def _attempt(self, field: str, attempt: Any) -> Any:
        """Return what `attempt` returns; None, and a problem noted, if it finds a declaration wrong."""
        try:
            return attempt()
        except DeclarationError as error:
            self._problem(error.message, error.remedy, error.field or field)
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

    def _load(self, reference: Reference) -> None:
        file = (self._folder / reference.path).resolve()
        if not file.is_relative_to(self._folder.resolve()):
            raise DeclarationError(f"{reference.path} is outside the contracts folder", "Put the file beside the contracts.")
        try:
            content = file.read_bytes()
        except OSError as error:
            raise DeclarationError(
                f"{reference.path} cannot be read: {error.strerror}", "Put the file there; the path is relative to the folder."
            ) from None
        reference.load(content)

    def _examples(
        self, examples: list[object], validator: SchemaValidator, rules: tuple[Rule, ...]
    ) -> tuple[dict[str, Any], ...]:
        accepted: list[dict[str, Any]] = []
        for number, example in enumerate(examples, 1):
            complaint = _judge_example(example, validator, rules)
            if complaint:
                self._problem(
                    f"example {number} does not pass: {complaint}", "Mend the example or the contract.", "model_config"
                )
            elif isinstance(example, dict):
                accepted.append(example)
        return tuple(accepted)

    def _fingerprint(self, json_schema: dict[str, Any], markers: list[object]) -> str:
        rules = [repr((rule.name, rule.execution, rule.enforcement, rule.required, rule.timeout)) for rule in markers[1]]  # type: ignore[attr-defined]
        parts = [
            json.dumps(json_schema, sort_keys=True),
            repr(markers[0]),
            *rules,
            repr(markers[2]),
            *(f"{source.path}: {ast.dump(source.tree)}" for source in self._package.with_imports(self._source)),
        ]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8]


def _declared(model: type, kind: type[T]) -> dict[str, T]:
    """Return what a class and its bases declare of a kind, by name, bases first."""
    found = {name: value for base in reversed(model.__mro__) for name, value in vars(base).items()}
    return {name: value for name, value in found.items() if isinstance(value, kind)}


def _complete(model: type[EventContract]) -> type[EventContract]:
    if not model.__pydantic_complete__:
        try:
            model.model_rebuild(raise_errors=True)
        except PydanticUserError as error:
            raise DeclarationError(
                f"a type that the fields name is not there: {error.message}", "Import or define it in this module."
            ) from None
    return model


def _json_schema(model: type[EventContract]) -> dict[str, Any]:
    try:
        schema = model.model_json_schema()
    except PydanticInvalidForJsonSchema as error:
        raise DeclarationError(
            f"a field has a type that JSON Schema cannot describe: {error.message}",
            "Use another type, or describe it with pydantic.WithJsonSchema.",
        ) from None
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _judge_example(example: object, validator: SchemaValidator, rules: tuple[Rule, ...]) -> str:
    """Return what is wrong with an example, or an empty text."""
    if not isinstance(example, dict):
        return "it is no object"
    try:
        event = validator.validate_json(to_json(example))
        for rule in rules:
            if rule.execution is Execution.INLINE:
                result = rule.function(event)
                if result is False or isinstance(result, str):
                    return f"rules.{rule.name}: {result or rule.description}"
    except ValidationError as error:
        return "; ".join(f"{'.'.join(map(str, part['loc']))}: {part['msg']}" for part in error.errors()[:3])
    except Exception as error:  # noqa: BLE001  # An author's own code may raise anything.
        return f"{type(error).__name__}: {error}"
    return ""
