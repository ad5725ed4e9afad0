"""Unions that a bad payload would have tried in every combination are refused when a contract is loaded."""

import pytest

from .folders import Folder

REFUSED = {
    "two models that hold lists of either": """
        class X(BaseModel):
            of: "list[X | Y]" = []

        class Y(BaseModel):
            of: "list[X | Y]" = []
            more: int
    """,
    "a model and a dictionary": """
        class X(BaseModel):
            of: "X | dict[str, X] | None" = None

        Y = X
    """,
    "through a third model": """
        class Z(BaseModel):
            either: "X | Y"

        class X(BaseModel):
            z: "Z | None" = None

        class Y(BaseModel):
            z: "list[Z]" = []
    """,
    "two kinds of list": """
        class X(BaseModel):
            of: "list[X] | tuple[X, X] | None" = None

        Y = X
    """,
}

TAKEN = {
    "with a discriminator": """
        class X(BaseModel):
            kind: Literal["x"]
            of: "list[Annotated[X | Y, Field(discriminator='kind')]]" = []

        class Y(BaseModel):
            kind: Literal["y"]
            of: "list[Annotated[X | Y, Field(discriminator='kind')]]" = []
    """,
    "only one branch leads back": """
        class X(BaseModel):
            of: "list[X | Y]" = []

        class Y(BaseModel):
            leaf: int
    """,
    "an object and a list": """
        class X(BaseModel):
            of: "X | list[X] | str | None" = None

        Y = X
    """,
    "nothing leads back": """
        class X(BaseModel):
            a: int

        class Y(BaseModel):
            b: int | list[int]
    """,
}


@pytest.mark.parametrize("models", REFUSED.values(), ids=REFUSED)
def test_a_union_that_several_of_its_branches_contain_is_refused(folder: Folder, models: str) -> None:
    """With the field that leads there, and the remedy."""
    folder.contract("x: int\nroot: X | Y", before=models)
    [problem] = folder.problems()
    assert problem.field == "root"
    assert "union" in problem.message
    assert "discriminator" in problem.remedy


@pytest.mark.parametrize("models", TAKEN.values(), ids=TAKEN)
def test_other_unions_are_taken(folder: Folder, models: str) -> None:
    """Recursive ones too, where a value can go one way only."""
    folder.contract("x: int\nroot: X | Y", before=models)
    assert folder.problems() == ()


def test_json_of_any_shape_is_taken(folder: Folder) -> None:
    """It is the most common recursive union."""
    folder.contract("x: int\nroot: Shape", before="from pydantic import JsonValue as Shape\n")
    assert folder.problems() == ()
