"""Whatever is wrong with a file, the one who can mend it is told what, where, and what to do."""

import os

import pytest

from assay_server.contracts import ContractsError, DeclarationError, Problem
from tests.unit.contracts import bad_declarations, bad_files, bad_models
from tests.unit.contracts.bad import Bad
from tests.unit.contracts.folders import Folder

CASES = [
    pytest.param(case, id=f"{group}: {name}")
    for group, cases in {
        "file": bad_files.FILES,
        "import": bad_files.IMPORTS,
        "class": bad_files.CLASSES,
        "field": bad_declarations.FIELDS,
        "example": bad_declarations.EXAMPLES,
        "rule": bad_declarations.RULES,
        "declaration": bad_declarations.DECLARATIONS,
        "statistics": bad_declarations.STATISTICS,
        "feature": bad_declarations.FEATURES,
        "learning": bad_declarations.LEARNING,
        "model": bad_models.MODELS,
        "model's features": bad_models.FEATURES,
        "factory": bad_models.FACTORIES,
    }.items()
    for name, case in cases.items()
]


@pytest.mark.parametrize("case", CASES)
def test_a_bad_file_gives_one_problem_with_its_place_and_a_remedy(folder: Folder, case: Bad) -> None:
    """The folder is not loaded, and the problem names file, line, class and field."""
    for name, content in case.files.items():
        folder.write(name, content)
    [problem] = folder.problems()
    path, line = case.place
    assert problem.path == path
    if line is not None:
        assert problem.line == line
    assert (problem.contract, problem.field) == (case.contract, case.field)
    assert case.says in problem.message
    assert case.remedy in problem.remedy


@pytest.mark.parametrize("case", CASES)
def test_a_problem_reads_alike_at_each_load(folder: Folder, case: Bad) -> None:
    """It holds nothing that changes, such as the name under which the folder was imported: logs can be compared."""
    for name, content in case.files.items():
        folder.write(name, content)
    first = folder.problems()
    assert first == folder.problems()
    assert "assay_contracts_" not in str(first)
    assert "\0" not in str(first)


def test_everything_that_is_wrong_with_a_folder_is_told_at_once_in_order(folder: Folder) -> None:
    """By file and line, also where some files are no Python at all."""
    folder.write("d.py", "1 / 0\n")
    folder.write("a/unreadable.py", "def f(:\n")
    folder.write("empty.py", "")
    folder.contract("x: int\n@rule(enforcement='maybe')\ndef f(self): return True", file="c.py", name="C")
    folder.contract(
        'x: Annotated[str, Field(pattern=re.compile("a"))]\nclock = Clock(max_age="1d")\nother = Clock(max_age="1d")\n'
        'table = Reference("missing.csv", key="k")',
        file="b.py",
        name="B",
        version="one",
    )
    problems = folder.problems()
    assert [(problem.path, problem.contract, problem.field) for problem in problems] == [
        ("a/unreadable.py", "", ""),
        ("b.py", "B", ""),
        ("b.py", "B", "x"),
        ("b.py", "B", "other"),
        ("b.py", "B", "table"),
        ("c.py", "C", "f"),
        ("d.py", "", ""),
        ("empty.py", "", ""),
    ]
    lines = [problem.line for problem in problems if problem.path == "b.py"]
    assert lines == sorted(lines, key=lambda line: line or 0)


def test_two_contracts_for_one_event_are_told_besides_what_else_is_wrong(folder: Folder) -> None:
    """One load shows both."""
    folder.contract(file="a.py")
    folder.contract(file="b.py")
    folder.contract(file="c.py", event_type="c", version="1")
    assert [problem.path for problem in folder.problems()] == ["b.py", "c.py"]


def test_a_module_that_rests_on_one_that_cannot_be_read_adds_no_problem_of_its_own(folder: Folder) -> None:
    """Not through others either: there is one cause, and one problem."""
    folder.write("base.py", "def f(:\n")
    folder.write("middle.py", "from .base import f\n")
    folder.contract(file="top.py", before="from . import middle\n")
    assert [problem.path for problem in folder.problems()] == ["base.py"]


def test_a_module_that_fails_is_told_once_however_many_import_it(folder: Folder) -> None:
    """With the place where it fails."""
    folder.write("base.py", "x = 1\nx / 0\n")
    for name in ("a", "b", "c"):
        folder.contract(file=f"{name}.py", before="from .base import x\n", event_type=name)
    assert [(problem.path, problem.line) for problem in folder.problems()] == [("base.py", 2)]


def test_a_folder_with_one_bad_file_is_not_loaded_at_all(folder: Folder) -> None:
    """All or nothing: the good contracts are not in service without the bad one."""
    folder.contract(file="good.py", event_type="good")
    folder.contract(file="bad.py", event_type="bad", version="one")
    with pytest.raises(ContractsError) as caught:
        folder.load()
    assert [problem.path for problem in caught.value.problems] == ["bad.py"]


def test_a_missing_folder_is_told(folder: Folder) -> None:
    """By its name, with what to do."""
    folder.path.rmdir()
    [problem] = folder.problems()
    assert problem.path == str(folder.path)
    assert "no such folder" in problem.message
    assert "--contracts" in problem.remedy


def test_a_file_in_place_of_a_folder_is_told(folder: Folder) -> None:
    """It is no folder, whatever it is."""
    folder.path.rmdir()
    folder.path.write_text("x = 1\n")
    [problem] = folder.problems()
    assert "no such folder" in problem.message


def test_a_link_to_nothing_is_told(folder: Folder) -> None:
    """A contract that a link no longer leads to must not go out of service unnoticed."""
    folder.contract(file="good.py")
    (folder.path / "gone.py").symlink_to(folder.path / "nowhere.py")
    [problem] = folder.problems()
    assert (problem.path, problem.message) == ("gone.py", "it is a link to nothing")


def test_a_link_to_itself_is_told(folder: Folder) -> None:
    """It leads nowhere either."""
    (folder.path / "loop.py").symlink_to("loop.py")
    assert [problem.path for problem in folder.problems()] == ["loop.py"]


def test_a_reference_through_a_link_that_leaves_the_folder_is_refused(folder: Folder) -> None:
    """What a contract reads lies in its folder."""
    outside = folder.path.parent / "outside.csv"
    outside.write_text("k\n1\n")
    (folder.path / "inside.csv").symlink_to(outside)
    folder.contract('x: int\ntable = Reference("inside.csv", key="k")')
    [problem] = folder.problems()
    assert "outside" in problem.message


def test_a_pipe_is_not_waited_for(folder: Folder) -> None:
    """Only files are modules."""
    os.mkfifo(folder.path / "pipe.py")
    folder.contract()
    assert [problem.path for problem in folder.problems()] == ["pipe.py"]


def test_a_problem_reads_as_place_name_message_and_remedy() -> None:
    """As compilers write it, so that editors find the place."""
    problem = Problem(path="a.py", line=3, contract="A", field="x", message="it is wrong", remedy="Mend it.")
    assert str(problem) == "a.py:3: A.x: it is wrong\n    Mend it."
    assert str(Problem(message="it is wrong", remedy="Mend it.")) == "it is wrong\n    Mend it."


def test_an_error_is_made_of_its_problems_in_order() -> None:
    """By file, line, field and message, whatever the order in which they were found."""
    problems = [Problem(path=path, line=line, message="m", remedy="r") for path, line in [("b", 1), ("a", 2), ("a", None)]]
    error = ContractsError(problems)
    assert [(problem.path, problem.line) for problem in error.problems] == [("a", None), ("a", 2), ("b", 1)]
    assert str(error) == "\n".join(map(str, error.problems))


def test_a_declaration_error_reads_without_the_loader_too() -> None:
    """An author sees it in a notebook."""
    assert str(DeclarationError("it is wrong", "Mend it.")) == "it is wrong. Mend it."
