"""A folder of modules becomes a catalog of contracts."""

import gc
import sys
import weakref
from pathlib import Path

import pytest

from assay_server.contracts import Enforcement, Execution, load
from tests.unit.contracts.folders import HEADER, Folder, contract_text, outcomes, read


def test_an_empty_folder_has_no_contracts(folder: Folder) -> None:
    """That is no error: they may still come."""
    assert list(folder.load()) == []


def test_a_contract_says_what_it_is(folder: Folder) -> None:
    """Everything that the catalog shows, and that judging needs."""
    file = folder.contract(
        '''
        """What happened.

        And more about it.
        """

        model_config = ConfigDict(json_schema_extra={"examples": [{"x": 1}]})

        x: Annotated[int, Field(description="How many.")]
        clock = Clock(max_age="7d", enforcement="warn")

        @rule
        def positive(self):
            """It is
            positive.

            Or else.
            """
            return self.x > 0

        @rule(enforcement="warn", blocking=True, timeout="200ms", required=True)
        def waits(self): ...

        @rule(enforcement="audit")
        async def is_awaited(self): ...
        ''',
        event_type="some.thing",
        version="1.2.3",
    )
    contract = folder.one()
    assert contract.event_type == "some.thing"
    assert str(contract.version) == "1.2.3"
    assert contract.full_version == f"1.2.3+{contract.fingerprint}"
    assert len(contract.fingerprint) == 8
    assert contract.description == "What happened."
    assert contract.examples == ({"x": 1},)
    assert '"How many."' in contract.json_schema
    assert "https://json-schema.org/draft/2020-12/schema" in contract.json_schema
    assert contract.clock is not None
    assert contract.clock.enforcement is Enforcement.WARN
    assert contract.path == "a.py"
    assert file.read_text().splitlines()[contract.line - 1].startswith("class A(")
    said = [
        (rule.name, rule.execution, rule.enforcement, rule.required, rule.timeout.total_seconds(), rule.description)
        for rule in contract.rules
    ]
    assert said == [
        ("positive", Execution.INLINE, Enforcement.REJECT, True, 1.0, "It is positive."),
        ("waits", Execution.BLOCKING, Enforcement.WARN, True, 0.2, "waits"),
        ("is_awaited", Execution.ASYNC, Enforcement.AUDIT, False, 1.0, "is awaited"),
    ]


@pytest.mark.parametrize("name", [".hidden.py", ".hidden/a.py", "__pycache__/a.py", "a.pyc", "a.py~", "a.txt", "..data/a.py"])
def test_what_is_hidden_or_no_module_is_left_alone(folder: Folder, name: str) -> None:
    """Editors, Python and Kubernetes keep such files beside the modules."""
    folder.write(name, "this is no python(\n")
    folder.contract()
    assert len(folder.load()) == 1


def test_a_folder_that_ends_as_a_module_does_is_no_module(folder: Folder) -> None:
    """Nor is one that ends as a table does a table."""
    (folder.path / "data.csv").mkdir()
    folder.contract(file="sub/a.py")
    assert len(folder.load()) == 1


def test_modules_import_each_other_relatively_at_any_depth(folder: Folder) -> None:
    """With and without `__init__.py`, by name and by module, up and down, and under `from __future__ import annotations`."""
    folder.write("common.py", "Currency = Literal['EUR', 'USD']\n", header=HEADER)
    folder.write("billing/__init__.py", "LIMIT = 10\n")
    folder.write("billing/deep/parts.py", "class Item(BaseModel):\n    price: float\n", header=HEADER)
    folder.contract(
        "items: list[parts.Item]\ncurrency: Currency\n@rule\ndef few(self): return len(self.items) < LIMIT",
        file="billing/a.py",
        before="from ..common import Currency\nfrom . import LIMIT\nfrom .deep import parts\n",
    )
    contract = folder.one()
    assert contract.path == "billing/a.py"
    assert outcomes(contract, '{"items": [{"price": "1.5"}], "currency": "EUR"}') == {"few": True}


def test_the_folder_itself_may_be_a_package(folder: Folder) -> None:
    """With contracts in its `__init__.py`."""
    folder.write("__init__.py", HEADER + contract_text("x: int", event_type="root"))
    folder.contract(before="from . import A as Root\n", name="B")
    assert [contract.event_type for contract in folder.load()] == ["a", "root"]


def test_modules_that_import_each_other_in_a_circle_load_as_python_loads_them(folder: Folder) -> None:
    """Whichever comes first."""
    folder.contract(file="a.py", before="from . import b\n", event_type="a")
    folder.contract(file="b.py", before="from . import a\n", event_type="b")
    assert len(folder.load()) == 2


def test_a_rule_may_import_when_it_runs(folder: Folder) -> None:
    """The modules of the folder are there as long as the contracts are in service."""
    folder.write("tables.py", "LIMIT = 3\n")
    folder.contract("x: int\n@rule\ndef small(self):\n    from .tables import LIMIT\n    return self.x < LIMIT")
    assert outcomes(folder.one()) == {"small": True}


def test_each_load_has_modules_of_its_own(folder: Folder) -> None:
    """So that the old contracts go on as they were while the new ones come into service."""
    folder.write("tables.py", "LIMIT = 3\n")
    folder.contract("x: int\n@rule\ndef small(self):\n    from .tables import LIMIT\n    return self.x < LIMIT")
    old = folder.one()
    folder.write("tables.py", "LIMIT = 0\n")
    new = folder.one()
    assert (outcomes(old), outcomes(new)) == ({"small": True}, {"small": False})


def test_a_module_of_the_folder_hides_no_other(folder: Folder) -> None:
    """It may be called as one of the standard library or of a package."""
    folder.write("json.py", "X = 1\n")
    folder.contract(before="import json\nfrom .json import X\nassert json.dumps(X) == '1'\n")
    assert len(folder.load()) == 1


def test_a_module_may_look_for_files_beside_it(folder: Folder) -> None:
    """By `__file__`, as modules do."""
    folder.write("greeting.txt", "hello")
    folder.contract(before="from pathlib import Path\n\nTEXT = (Path(__file__).parent / 'greeting.txt').read_text()\n")
    assert len(folder.load()) == 1


def test_a_field_may_name_what_is_defined_later(folder: Folder) -> None:
    """Also where the class was defined before it."""
    folder.contract("x: Later", after="\n\nclass Later(BaseModel):\n    y: Annotated[float, Field(gt=0)]\n")
    assert read(folder.one(), '{"x": {"y": 1}}').x.y == 1.0


def test_a_contract_may_put_off_its_schema(folder: Folder) -> None:
    """Pydantic's `defer_build` is one of its options."""
    folder.contract("model_config = ConfigDict(defer_build=True)\nx: int\n@rule\ndef one(self): return self.x == 1")
    assert outcomes(folder.one()) == {"one": True}


def test_fields_may_be_called_what_the_options_of_a_contract_are_called(folder: Folder) -> None:
    """And what schemas are made of."""
    names = ["event_type", "version", "model_x", "type", "metadata", "default", "ref", "rule", "definitions", "items"]
    folder.contract("\n".join(f"{name}: str" for name in names))
    payload = "{" + ", ".join(f'"{name}": "{name}"' for name in names) + "}"
    event = read(folder.one(), payload)
    assert {name: getattr(event, name) for name in names} == {name: name for name in names}


def test_every_class_with_an_event_type_is_a_contract_wherever_it_stands(folder: Folder) -> None:
    """Within another class, made by a function of another module, or with a name that another takes later: none is lost."""
    folder.write(
        "making.py",
        """
        def make(event_type):
            class Made(EventContract, event_type=event_type, version="1.0.0"):
                x: int

            return Made
        """,
        header=HEADER,
    )
    folder.contract(
        event_type="shadowed",
        before="""
        from .making import make

        class Outer:
            class Inner(EventContract, event_type="inner", version="1.0.0"):
                x: int

        made = [make("made.1"), make("made.2")]
        """,
        after=contract_text("x: int", event_type="shadowing"),
    )
    found = {contract.event_type for contract in folder.load()}
    assert found == {"inner", "made.1", "made.2", "shadowed", "shadowing"}


def test_a_contract_by_another_name_is_one_contract(folder: Folder) -> None:
    """In its module and in those that import it."""
    folder.contract(after="\n\nSame = A\n")
    folder.write("b.py", "from .a import A, Same\n\nThird = A\n")
    assert len(folder.load()) == 1


def test_a_base_without_an_event_type_is_shared_and_no_contract_itself(folder: Folder) -> None:
    """Its fields, rules, tables and clock are those of the contracts that derive from it, in other modules too."""
    folder.write("units.csv", "code,name\nkg,kilogram\n")
    folder.write(
        "base.py",
        """
        class Mixin:
            @rule
            def from_mixin(self): return True

            units = Reference("units.csv", key="code")

        class Base(EventContract):
            unit: str = "kg"
            clock = Clock(max_age="1d")

            @rule
            def known(self): return self.unit in self.units
        """,
        header=HEADER,
    )
    for name in ("b", "c"):
        text = f"from .base import Base, Mixin\n\nclass X(Base, Mixin, event_type='{name}', version='1.0.0'):\n    x: int\n"
        folder.write(f"{name}.py", text)
    catalog = folder.load()
    assert [contract.event_type for contract in catalog] == ["b", "c"]
    for contract in catalog:
        assert outcomes(contract, '{"x": 1, "unit": "lb"}') == {"from_mixin": True, "known": False}
        assert contract.clock is not None
        assert list(contract.references) == ["units"]


def test_the_rules_of_bases_come_first_and_can_be_replaced_or_taken_out(folder: Folder) -> None:
    """A rule is an attribute of its class, as any method is."""
    folder.contract(
        """
        @rule(enforcement="warn")
        def second(self): return "A"
        @rule
        def third(self): return super().third() or "A"
        def fourth(self): return "A"
        @rule
        def fifth(self): return "A"
        """,
        before="""
        class Base(EventContract):
            x: int
            @rule
            def first(self): return "Base"
            @rule
            def second(self): return "Base"
            @rule
            def third(self): return None
            @rule
            def fourth(self): return "Base"
        """,
        bases="Base, ",
    )
    contract = folder.one()
    assert outcomes(contract) == {"first": "Base", "second": "A", "third": "A", "fifth": "A"}
    assert [rule.enforcement.name for rule in contract.rules] == ["REJECT", "WARN", "REJECT", "REJECT"]


def test_a_contract_derived_from_a_contract_is_one_of_its_own(folder: Folder) -> None:
    """The usual way to the next version; without an event type it is a base again."""
    folder.contract(
        after="class B(A, event_type='a', version='1.1.0'):\n    y: int = 0\n\nclass C(A):\n    z: int\n",
    )
    assert [str(contract.version) for contract in folder.load()] == ["1.1.0", "1.0.0"]


def test_a_generic_base_serves_several_contracts(folder: Folder) -> None:
    """As generic models do."""
    folder.contract(
        "y: int = 0",
        before="""
        from typing import Generic, TypeVar
        T = TypeVar("T")
        class Base(EventContract, Generic[T]):
            x: T
        """,
        bases="Base[list[float]], ",
    )
    assert read(folder.one(), '{"x": ["1.5"]}').x == [1.5]


def test_class_options_of_pydantic_stand_beside_those_of_a_contract(folder: Folder) -> None:
    """`extra="forbid"` in the head of a class is Pydantic's."""
    folder.write(
        "a.py", HEADER + 'class A(EventContract, event_type="a", version="1.0.0", extra="forbid", frozen=True):\n    x: int\n'
    )
    assert folder.one().model.model_config["extra"] == "forbid"


def test_examples_are_shown_as_json_has_them(folder: Folder) -> None:
    """An author may write them as Python has them."""
    folder.contract(
        'model_config = ConfigDict(json_schema_extra={"examples": [{"x": Decimal("1.50"), "y": date(2020, 1, 2)}]})\n'
        "x: Decimal\ny: date"
    )
    assert folder.one().examples == ({"x": "1.50", "y": "2020-01-02"},)


def test_rules_that_take_time_are_not_asked_about_examples(folder: Folder) -> None:
    """They may need what is there only in service."""
    folder.contract(
        """
        model_config = ConfigDict(json_schema_extra={"examples": [{"x": 1}]})
        x: int
        @rule(blocking=True)
        def blocking(self): raise RuntimeError
        @rule
        async def awaited(self): raise RuntimeError
        """
    )
    assert len(folder.load()) == 1


def test_models_of_one_name_in_two_modules_are_told_apart(folder: Folder) -> None:
    """In the JSON Schema too, which does not name the package that the folder is for the moment."""
    for name in ("b", "c"):
        folder.write(f"{name}.py", f"class Item(BaseModel):\n    {name}: int\n", header=HEADER)
    folder.contract("x: b.Item\ny: c.Item", before="from . import b, c\n")
    contract = folder.one()
    assert "assay_contracts_" not in contract.json_schema
    assert "#/$defs/b__Item" in contract.json_schema
    assert folder.one().json_schema == contract.json_schema


def test_a_folder_may_be_a_link_and_have_links_in_it(folder: Folder) -> None:
    """To files and to folders, as Kubernetes projects a ConfigMap; one that leads up again is gone round once."""
    data = folder.path / "..2025_01_01"
    for name in ("a", "sub/b"):
        folder.contract(file=f"..2025_01_01/{name}.py", event_type=name.replace("/", "."))
    folder.write("..2025_01_01/t.csv", "k\n1\n")
    (folder.path / "..data").symlink_to(data.name)
    (folder.path / "a.py").symlink_to("..data/a.py")
    (folder.path / "sub").symlink_to("..data/sub")
    (data / "sub" / "again").symlink_to(".")
    link = folder.path.parent / "link"
    link.symlink_to(folder.path)
    catalog = load(link)
    assert [contract.event_type for contract in catalog] == ["a", "sub.b"]
    assert [path for path, *_ in catalog.signature] == ["a.py", "sub/b.py"]
    catalog.close()


def test_a_folder_may_be_named_relatively(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a command line."""
    folder.contract('x: int\nt = Reference("t.csv", key="k")')
    folder.write("t.csv", "k\n1\n")
    monkeypatch.chdir(folder.path.parent)
    catalog = load(Path("contracts"))
    assert [contract.path for contract in catalog] == ["a.py"]
    catalog.close()


def test_a_hundred_loads_leave_nothing_behind(folder: Folder) -> None:
    """No modules, no finders, also where the folder does not load; and the classes go when nobody holds them."""
    folder.contract(before="from .sub import b\n")
    folder.write("sub/b.py", "X = 1\n")
    finders = list(sys.meta_path)
    modules = set(sys.modules)
    models = []
    for number in range(100):
        catalog = load(folder.path)
        models.append(weakref.ref(next(iter(catalog)).model))
        catalog.close()
        catalog.close()
        if number % 10 == 0:
            folder.write("bad.py", f"{number} / 0\n")
            assert folder.problems()
            (folder.path / "bad.py").unlink()
    del catalog
    gc.collect()
    assert sys.meta_path == finders
    assert {name for name in set(sys.modules) - modules if "assay_contracts_" in name} == set()
    assert sum(model() is not None for model in models) <= 1


def test_closing_one_catalog_leaves_the_others_working(folder: Folder) -> None:
    """Each has modules of its own."""
    folder.write("tables.py", "LIMIT = 3\n")
    folder.contract("x: int\n@rule\ndef small(self):\n    from .tables import LIMIT\n    return self.x < LIMIT")
    old, new = folder.load(), folder.load()
    old.close()
    [contract] = new
    assert outcomes(contract) == {"small": True}
