"""What `assay contracts show` makes of a JSON Schema: a list of fields, a payload, and a call."""

import base64
import json
import shlex
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from pydantic import AwareDatetime, BaseModel, EmailStr, Field, HttpUrl

from assay_server.cli._fields import fields_of
from assay_server.cli._grpcurl import grpcurl_call
from assay_server.cli._options import Where
from assay_server.cli._plausible import plausible_payload


class Color(Enum):
    """Two of them."""

    RED = "red"
    BLUE = "blue"


class Cat(BaseModel):
    """One branch of a union."""

    kind: Literal["cat"]
    lives: Annotated[int, Field(gt=0, lt=10)]


class Dog(BaseModel):
    """The other branch."""

    kind: Literal["dog"]


class Node(BaseModel):
    """Contains itself."""

    children: list["Node"] = []


class Whole(BaseModel):
    """One of each kind of field."""

    name: Annotated[str, Field(min_length=1, max_length=100, description="What it is called.")]
    color: Color = Color.RED
    pet: Annotated[Cat | Dog, Field(discriminator="kind")]
    mail: EmailStr | None = None
    at: AwareDatetime
    link: HttpUrl
    scores: Annotated[list[Annotated[float, Field(ge=0, le=1)]], Field(min_length=2)]
    by_key: dict[str, Cat]
    pair: tuple[int, str]
    node: Node
    anything: Any = None
    code: Annotated[str, Field(pattern="^[A-Z]{2}$")] = "XY"
    even: Annotated[int, Field(multiple_of=2, ge=10)]


FIELDS = {field.name: field for field in fields_of(Whole.model_json_schema())}


@pytest.mark.parametrize(
    ("name", "kind", "constraints", "required", "default"),
    [
        ("name", "string", "1 to 100 characters", True, ""),
        ("color", '"red" | "blue"', "", False, '"red"'),
        ("pet", "object", "", True, ""),
        ("pet.lives", "integer", "> 0, < 10", True, ""),
        ("mail", "string (email) | null", "", False, ""),
        ("at", "string (date-time)", "", True, ""),
        ("link", "string (uri)", "1 to 2083 characters", True, ""),
        ("scores", "list of number", "at least 2 items", True, ""),
        ("by_key", "object of object", "", True, ""),
        ("by_key.*.lives", "integer", "> 0, < 10", True, ""),
        ("pair", "[integer, string]", "2 items", True, ""),
        ("node.children", "list of object", "", False, "[]"),
        ("anything", "any", "", False, ""),
        ("code", "string", "matches ^[A-Z]{2}$", False, '"XY"'),
        ("even", "integer", "at least 10, multiple of 2", True, ""),
    ],
)
def test_fields(name: str, kind: str, constraints: str, required: bool, default: str) -> None:
    """Nested ones too, through references, unions, lists and objects."""
    field = FIELDS[name]
    assert (field.type, field.constraints, field.required, field.default) == (kind, constraints, required, default)


def test_descriptions_and_schemas_that_contain_themselves() -> None:
    """The former are shown; the latter have an end."""
    assert FIELDS["name"].description == "What it is called."
    assert max(name.count(".") for name in FIELDS) < 10


def test_a_plausible_payload_is_one_that_the_schema_accepts() -> None:
    """What is required, within its bounds."""
    payload = plausible_payload(Whole.model_json_schema())
    assert set(payload) == {"name", "pet", "at", "link", "scores", "by_key", "pair", "node", "even"}
    Whole.model_validate(payload)


def test_a_call_is_quoted_for_the_shell() -> None:
    """Whatever stands in the payload."""
    payload = {"text": """it's "quoted" $HOME `ls` \\ é"""}
    words = shlex.split(grpcurl_call(Where(server="unix:/run/assay.sock"), "a.b", "", payload))
    assert words[:3] == ["grpcurl", "-plaintext", "-d"]
    assert json.loads(words[3]) == {"event": {"event_type": "a.b", "payload": payload}}
    assert words[4:] == ["-unix", "/run/assay.sock", "assay.v1.ValidationService/Validate"]


def test_integers_that_a_struct_would_round_travel_as_json() -> None:
    """Base64, as bytes are in Protobuf's JSON."""
    payload = {"n": [2**53 + 1]}
    words = shlex.split(grpcurl_call(Where(), "a.b", "1.2", payload))
    event = json.loads(words[3])["event"]
    assert event["contract_version"] == "1.2"
    assert json.loads(base64.b64decode(event["payload_json"])) == payload


def test_a_call_over_tls_shows_no_token() -> None:
    """It names the files, and leaves the token to the environment."""
    words = shlex.split(grpcurl_call(Where(server="h:1", tls_ca="ca.pem", token="secret"), "a", "", {}))  # type: ignore[arg-type]
    assert words[1:3] == ["-cacert", "ca.pem"]
    assert "-plaintext" not in words
    assert not any("secret" in word for word in words)
