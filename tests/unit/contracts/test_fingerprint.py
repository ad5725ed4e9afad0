"""The fingerprint of a contract changes with what it judges by, and with nothing else."""

import os
import subprocess
import sys

import pytest

from tests.unit.contracts.folders import HEADER, Folder

BODY = """
'''What it is.'''

x: Annotated[float, Field(gt=0), ThreeSigma(k=4, by="kind", window="90d")]
tags: set[str] = {"a", "b", "c", "d", "e"}
kind: Literal["p", "q", "r"] = "p"
secret: Annotated[str | None, Sensitive()] = None
clock = Clock(max_age="7d")
table = Reference("t.csv", key="k")

@feature
def double(self) -> Annotated[float, ThreeSigma()]: return 2 * self.x

@rule
def small(self): return self.x < limit()
"""
BEFORE = "from .helper import limit\n"


@pytest.fixture
def base(folder: Folder) -> Folder:
    """Give a folder with a contract that imports a module, which imports another."""
    folder.contract(BODY, before=BEFORE)
    folder.write("helper.py", "from .constants import LIMIT\n\ndef limit(): return LIMIT\n")
    folder.write("constants.py", "LIMIT = 100\n")
    folder.write("t.csv", "k,v\n1,2\n")
    return folder


def test_a_reload_does_not_change_it(base: Folder) -> None:
    """Nor do the times of the files."""
    before = base.one().fingerprint
    for file in base.path.iterdir():
        os.utime(file, ns=(1, 1))
    assert base.one().fingerprint == before


def test_comments_and_formatting_do_not_change_it(base: Folder) -> None:
    """They are no part of what a module says."""
    before = base.one().fingerprint
    text = (base.path / "a.py").read_text()
    base.write(
        "a.py", "# A remark.\n\n\n" + text.replace("self.x < limit()", "(\n        self.x   <   limit()  # Small.\n    )")
    )
    assert base.one().fingerprint == before


def test_modules_that_the_contract_does_not_come_from_do_not_change_it(base: Folder) -> None:
    """Whether they come, change or go."""
    before = base.one().fingerprint
    base.write("other.py", "from .helper import limit\nX = 1\n")
    assert base.one().fingerprint == before


def test_reference_data_does_not_change_it_and_has_a_digest_of_its_own(base: Folder) -> None:
    """Verdicts can be told apart by either."""
    before = base.one()
    base.write("t.csv", "k,v\n1,3\n")
    after = base.one()
    assert after.fingerprint == before.fingerprint
    assert after.references["table"].digest != before.references["table"].digest
    assert len(after.references["table"].digest) == 8


def test_another_folder_with_the_same_files_gives_the_same(base: Folder) -> None:
    """So that replicas agree."""
    other = Folder(base.path.parent / "elsewhere")
    for file in base.path.iterdir():
        other.write(file.name, file.read_bytes())
    assert other.one().fingerprint == base.one().fingerprint
    other.close()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("self.x < limit()", "self.x <= limit()"),
        ("def small", "def tiny"),
        ("@rule\n", '@rule(enforcement="warn")\n'),
        ("@rule\n", "@rule(required=False)\n"),
        ("gt=0", "gt=1"),
        ('max_age="7d"', 'max_age="8d"'),
        ("Annotated[str | None, Sensitive()]", "str | None"),
        ('Literal["p", "q", "r"]', 'Literal["p", "q"]'),
        ('Reference("t.csv", key="k")', 'Reference("t.csv", key="v")'),
        ("x: Annotated", "z: Annotated"),
        ("k=4", "k=5"),
        ('window="90d"', 'window="91d"'),
        ('by="kind", ', ""),
        ("def double", "def twice"),
        ('version="1.0.0"', 'version="1.0.0", learn="live"'),
        ("What it is.", "What it was."),
    ],
)
def test_what_a_contract_says_changes_it(base: Folder, old: str, new: str) -> None:
    """Its schema, its markers, its rules: how they are enforced, and what they do."""
    before = base.one().fingerprint
    text = (base.path / "a.py").read_text()
    assert old in text
    base.write("a.py", text.replace(old, new))
    assert base.one().fingerprint != before


@pytest.mark.parametrize("file", ["helper.py", "constants.py"])
def test_modules_that_it_imports_change_it(base: Folder, file: str) -> None:
    """Directly, or through others."""
    before = base.one().fingerprint
    text = (base.path / file).read_text()
    base.write(file, text.replace("100", "101").replace("return LIMIT", "return LIMIT + 0"))
    assert base.one().fingerprint != before


@pytest.mark.parametrize(
    "statement",
    [
        "from . import helper",
        "from .helper import X",
        "from .helper import *",
        "import typing\nif True:\n    from .helper import X",
        "def f():\n    from .helper import X",
        "from .sub import X",
        "from .sub.deep import X",
        "from .sub import deep",
    ],
)
def test_an_import_counts_in_any_form(folder: Folder, statement: str) -> None:
    """Wherever it stands, and through packages too."""
    folder.contract(before=statement + "\n")
    for name in ("helper", "sub/__init__", "sub/deep"):
        folder.write(f"{name}.py", "X = 1\n")
    before = folder.one().fingerprint
    for name in ("helper", "sub/__init__", "sub/deep"):
        folder.write(f"{name}.py", "X = 2\n")
    assert folder.one().fingerprint != before


def test_models_of_one_name_in_two_modules_keep_it_stable(folder: Folder) -> None:
    """Although Pydantic tells them apart by the name of the package, which is another at each load."""
    for name in ("b", "c"):
        folder.write(f"{name}.py", f"class Item(BaseModel):\n    {name}: int\n", header=HEADER)
    folder.contract("x: b.Item\ny: c.Item", before="from . import b, c\n")
    assert folder.one().fingerprint == folder.one().fingerprint


def test_every_process_gives_the_same(base: Folder) -> None:
    """Whatever the order in which it keeps the members of a set."""
    text = (base.path / "a.py").read_text()
    base.write("a.py", text.replace('["p", "q", "r"]', '[tuple({"p", "q", "r", "s"})]'))
    program = (
        "import sys, pathlib\nfrom assay_server.contracts import load\n[contract] = load(pathlib.Path(sys.argv[1]))\n"
        "print(contract.fingerprint, contract.json_schema)"
    )
    outputs = [
        subprocess.run(
            [sys.executable, "-c", program, str(base.path)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.partition(" ")
        for seed in ("1", "2", "3")
    ]
    assert {fingerprint for fingerprint, *_ in outputs} == {base.one().fingerprint}
    assert len({order for *_, order in outputs}) > 1
