"""Where in an author's files something stands."""

import ast
import re
import traceback

from pydantic.errors import PydanticErrorMixin

from ._modules import Package, Source
from ._problems import DeclarationError, Problem

_FIELD = re.compile(r"""Field ["']([^"']+)["']|attribute was detected: `(\w+)|incorrect fields: [\w.]+\.(\w+)""")
_TYPE = re.compile(r"Unable to generate pydantic-core schema for <class '(?:[^']*\.)?(\w+)'>")

_ADDRESS = re.compile(r":\d{6,}(?=\.)| at 0x[0-9a-f]+")

_REMEDY = "Mend the code at this line; the folder is imported as one package."


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


def field_naming(source: Source, class_name: str, name: str) -> str:
    """Return the first field of a class whose annotation names something; empty if there is none."""
    node = class_node(source, class_name)
    for part in node.body if node else []:
        match part:
            case ast.AnnAssign(target=ast.Name(id=field)) if re.search(rf"\b{re.escape(name)}\b", ast.unparse(part.annotation)):
                return field
    return ""


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
    field, message, remedy = _describe(error, package, path)
    if contract and (found := _TYPE.search(str(error))):
        field = field_naming(path, contract, found[1])
        message, remedy = f"Pydantic cannot read the type {found[1]}", "Use another, or give it __get_pydantic_core_schema__."
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


def _describe(error: BaseException, package: Package, source: Source) -> tuple[str, str, str]:
    """Return field, message and remedy."""
    if isinstance(error, DeclarationError):
        return error.field, error.message, error.remedy
    text = plain_text(error, package)
    found = _FIELD.search(text)
    field = next(filter(None, found.groups())) if found else ""
    if "look-around" in text or "backreferences" in text or "regex parse error" in text:
        return (
            field,
            "the pattern is none that a linear-time engine takes: " + text.rpartition("error: ")[2],
            "Use the syntax of Rust's regex (no look-around, no back-references), or check it in a field_validator.",
        )
    if isinstance(error, ModuleNotFoundError) and error.name:
        name = error.name.removeprefix(f"{package.root}.")
        if name != error.name:
            return "", f"the folder has no module {name}", "Write it, or mend the import."
        if any(module == name or module.startswith(f"{name}.") for module in package.sources):
            dots = "." * (source.name.count(".") + 1 + (source.is_package and source.name != ""))
            return "", f"{text}, but the folder has it", f"Import it relatively: from {dots}{name} import …"
    return field, f"{type(error).__name__}: {text}" if text else type(error).__name__, _REMEDY


def plain_text(error: BaseException, package: Package) -> str:
    """Return what an exception says, without what changes from load to load, and without what only leads away."""
    text = error.message if isinstance(error, PydanticErrorMixin) else str(error)
    text = _ADDRESS.sub("", text)
    return text.strip().partition("\n\nIf you got")[0].replace(f"{package.root}.", "").replace(package.root, "this folder")
