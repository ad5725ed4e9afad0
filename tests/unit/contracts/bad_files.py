"""One bad file for each way in which a module, an import or the head of a class can be bad."""

from tests.unit.contracts.bad import Bad, bare, header, module
from tests.unit.contracts.folders import HEADER, contract_text

GOOD = HEADER + contract_text("x: int")
OTHER = HEADER + contract_text("x: int", event_type="b")
TWICE = "is described in a.py:{line} too"
GOOD_LINE = GOOD.splitlines().index('class A(EventContract, event_type="a", version="1.0.0"):') + 1

FILES = {
    "syntax error": module("x = 1\ndef f(:  # here\n", "invalid syntax", "syntax"),
    "indentation": module("def f():\nreturn 1  # here\n", "indented", "syntax"),
    "empty": bare({"a.py": ""}, "empty", "delete"),
    "dot in its name": bare({"a.b.py": GOOD}, "dot", "Rename"),
    "dot in its folder's name": bare({"v1.2/a.py": GOOD}, "dot", "Rename"),
    "not UTF-8": bare({"a.py": "x = 'é'  # here".encode("latin-1")}, "utf-8", "Mend"),
    "NUL": bare({"a.py": b"x = 1\0\n"}, "null bytes", "Mend"),
    "sum of 20,000 parts": bare({"a.py": "x = " + "+".join("1" * 20_000)}, "too deep", "parts"),
    "50,000 signs": bare({"a.py": "x = " + "-" * 50_000 + "1"}, "too deep", "parts"),
    "module and package of one name": bare({"a.py": GOOD, "a/__init__.py": OTHER}, "a/ has the same name", "Rename"),
    "module and folder of one name": bare({"a.py": GOOD, "a/b.py": OTHER}, "a/ has the same name", "Rename"),
}

IMPORTS = {
    "exception at import": module("x = 1\nx / 0  # here\n", "ZeroDivisionError: division by zero", "line"),
    "exception in a function called at import": module(
        "def f():\n    return 1 / 0  # here\n\nf()\n", "ZeroDivisionError", "line"
    ),
    "exception in a module that others import": bare(
        {"b.py": "1 / 0  # here\n", "a.py": "from . import b\n", "c.py": "from .b import x\n"}, "ZeroDivisionError", "line"
    ),
    "exception in a class that is no contract": module(
        "class Helper:\n    x = {}['key']  # here\n", "KeyError: 'key'", "line", contract="Helper", field="x"
    ),
    "exit at import": module("import sys\nsys.exit(3)  # here\n", "SystemExit: 3", "line"),
    "silent exception": module("raise BufferError  # here\n", "BufferError", "line"),
    "module that does not exist": module("import no_such_module_anywhere  # here\n", "No module named", "line"),
    "sibling that does not exist": module("from .missing import x  # here\n", "the folder has no module missing", "Write it"),
    "sibling that does not exist, as a name": module(
        "from . import missing  # here\n", "cannot import name 'missing' from 'this folder'", "line"
    ),
    "name that a sibling lacks": module("from .b import x  # here\n", "cannot import name 'x' from 'b'", "line", b="y = 1\n"),
    "absolute import of a sibling": module(
        "import bb_sibling  # here\n", "the folder has it", "from .bb_sibling import", bb_sibling=GOOD
    ),
    "absolute import of a module in a folder": bare(
        {"a.py": "from billing_x.c import A  # here\n", "billing_x/c.py": GOOD}, "the folder has it", "from .billing_x import"
    ),
    "absolute import from a folder": bare(
        {"billing/a.py": "import bb_sibling  # here\n", "bb_sibling.py": GOOD}, "the folder has it", "from ..bb_sibling import"
    ),
    "import beyond the folder": module("from ..x import y  # here\n", "beyond top-level package", "line"),
}

CLASSES = {
    "no version": header('class A(EventContract, event_type="a"):', "None is no version", 'version="1.0.0"'),
    "two numbers for a version": header(
        'class A(EventContract, event_type="a", version="1.0"):', "'1.0' is no version", 'version="1.0.0"'
    ),
    "number for a version": header('class A(EventContract, event_type="a", version=1.0):', "1.0 is no version", "1.0.0"),
    "leading zero in a version": header('class A(EventContract, event_type="a", version="1.01.0"):', "no version", "1.0.0"),
    "suffix on a version": header('class A(EventContract, event_type="a", version="1.0.0rc1"):', "no version", "1.0.0"),
    "no event type": header('class A(EventContract, version="1.0.0"):', "None is no event type", 'event_type="flight.arrived"'),
    "event type with a space": header('class A(EventContract, event_type="a b", version="1.0.0"):', "'a b'", "letters"),
    "empty event type": header('class A(EventContract, event_type="", version="1.0.0"):', "'' is no event type", "letters"),
    "event type of 201 characters": header(
        f'class A(EventContract, event_type="{"a" * 201}", version="1.0.0"):', "no event type", "at most 200"
    ),
    "event type with a line break": header(
        'class A(EventContract, event_type="a\\n", version="1.0.0"):', "no event type", "letters"
    ),
    "option that does not exist": header(
        'class A(EventContract, event="a", version="1.0.0"):', "no option event", "event_type="
    ),
    "two in one file": Bad(
        files={"a.py": GOOD + contract_text("x: int", name="B").replace("):\n", "):  # here\n")},
        says=TWICE.format(line=GOOD_LINE),
        remedy="another version",
        contract="B",
    ),
    "two in two files": Bad(
        files={"b.py": GOOD.replace("):\n", "):  # here\n"), "a.py": GOOD},
        says=TWICE.format(line=GOOD_LINE),
        remedy="another version",
    ),
    "class that shadows one for the same event type": Bad(
        files={"a.py": GOOD + contract_text("y: int").replace("):\n", "):  # here\n")},
        says="too, by A",
        remedy="another version",
    ),
    "two made by one function": Bad(
        files={
            "a.py": f"{HEADER}\n\ndef make():\n    class A(EventContract, event_type='a', version='1.0.0'):  # here\n"
            "        x: int\n\n    return A\n\n\nfirst, second = make(), make()\n"
        },
        says="too, by A",
        remedy="another version",
    ),
}
