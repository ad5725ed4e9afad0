"""Where in an author's files something stands."""

import ast
import re
import traceback

from ._modules import Package, Source
from ._problems import DeclarationError, Problem

_FIELD = re.compile(r'Field "([^"]+)"')


def class_node(source: Source, name: str) -> ast.ClassDef | None:
    """Return the definition of the class with this qualified name ("Outer.Inner"); the last one, if there are several."""
    wanted = name.rpartition(".")[2]
    nodes = [node for node in ast.walk(source.tree) if isinstance(node, ast.ClassDef) and node.name == wanted]
    return nodes[-1] if nodes else None


def line_of(source: Source, class_name: str, field: str = "") -> int | None:
    """Return the line of a class, or of an attribute that its body declares."""
    node = class_node(source, class_name)
    if node is None:
        return None
    for part in node.body:
        match part:
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]) if name == field:
                return part.lineno
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if name == field:
                return part.lineno
    return node.lineno


def problem_of(error: BaseException, package: Package, source: Source) -> Problem:
    """Describe an exception that importing a module raised, with the place in the author's code that raised it."""
    path, line = source, 1
    by_file = {found.code.co_filename: found for found in package.sources.values()}
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename in by_file:
            path, line = by_file[frame.filename], frame.lineno or 1
    enclosing = [
        node
        for node in ast.walk(path.tree)
        if isinstance(node, ast.ClassDef) and _first_line(node) <= line <= (node.end_lineno or line)
    ]
    contract = enclosing[-1].name if enclosing else ""
    field, message, remedy = _describe(error, package)
    if contract and field:
        line = line_of(path, contract, field) or line
    elif enclosing and (name := _name_at(enclosing[-1], line)):
        field = name
    return Problem(path=str(path.path), line=line, contract=contract, field=field, message=message, remedy=remedy)


def _first_line(node: ast.ClassDef) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


def _name_at(node: ast.ClassDef, line: int) -> str:
    """Return the name of the attribute or method of a class that a line belongs to."""
    for part in node.body:
        decorators = part.decorator_list if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) else []
        first = min([part.lineno, *(decorator.lineno for decorator in decorators)])
        if first <= line <= (part.end_lineno or first):
            match part:
                case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                    return name
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                    return name
    return ""


def _describe(error: BaseException, package: Package) -> tuple[str, str, str]:
    """Return field, message and remedy."""
    if isinstance(error, DeclarationError):
        return error.field, error.message, error.remedy
    text = str(error).strip()
    found = _FIELD.search(text)
    field = found[1] if found else ""
    if "look-around" in text or "backreferences" in text or "regex parse error" in text:
        return (
            field,
            "the pattern is none that a linear-time engine takes: " + text.rpartition("error: ")[2],
            "Use the syntax of Rust's regex (no look-around, no back-references), or check it in a field_validator.",
        )
    if isinstance(error, ModuleNotFoundError) and error.name and error.name.partition(".")[0] in package.sources:
        return "", f"{text}, but the folder has it", f"Import it relatively: from .{error.name} import …"
    message = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return field, message, "Mend the code at this line; the folder is imported as one package."
