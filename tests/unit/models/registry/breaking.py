"""What can be done to a model's folder to make it bad, and what a bad one is."""

import os
import pickle
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import AttributeProto, ModelProto, TensorProto, helper, numpy_helper

from assay_server.models.registry import _limits as limits
from tests.unit.models.registry.making import Damaged, node_at, npy, plain, zipped

TREE = "estimators_.3.tree_"
CLICK = "_predictors.2.0.nodes"


@dataclass(frozen=True)
class Bad:
    """A way in which a folder is bad.

    Attributes:
        base: Which sound model it is made from.
        damage: What is done to it.
        says: What the reason has to say, as a regular expression.
    """

    base: str
    damage: Callable[[Damaged], Any]
    says: str


class Runs:
    """What runs code when it is unpickled: it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)


RAN = Path("/tmp") / f"assay-ran-{os.getpid()}"  # A name only: whoever makes it has run code that was in a model's folder.


def a_pickle() -> bytes:
    """Return a pickle that shows itself if it is read."""
    return pickle.dumps(Runs(RAN))


def replaced(name: str, data: Callable[[], bytes]) -> Callable[[Damaged], Any]:
    """Replace a file, sealed."""
    return lambda damaged: damaged.file(name, data())


def set_manifest(**fields: Any) -> Callable[[Damaged], Any]:
    """Set fields of the manifest, sealed."""
    return lambda damaged: damaged.manifest(lambda document: document.update(fields))


def truncated(name: str) -> Callable[[Damaged], Any]:
    """Cut a file in half, sealed."""
    return lambda damaged: damaged.file(name, damaged.path(name).read_bytes()[: damaged.path(name).stat().st_size // 2])


def assign(path: str, field: str, where: Callable[[NDArray[Any]], Any], value: Any) -> Callable[[Damaged], Any]:
    """Set one node of a tree."""

    def change(array: NDArray[Any]) -> None:
        array[field][where(array)] = value

    return lambda damaged: damaged.array(path, change)


def a_branch(nodes: NDArray[Any]) -> Any:
    """Return the second branch of a tree."""
    leaves = nodes["left_child"] == -1 if "left_child" in (nodes.dtype.names or ()) else nodes["is_leaf"] == 1
    return np.flatnonzero(~leaves)[1]


def node(loader: str, name: str, **content: Any) -> dict[str, Any]:
    """Return a node of what skops builds."""
    module, _, of_class = name.rpartition(".")
    return {"__class__": of_class, "__module__": module, "__loader__": loader, **content}


def many(loader: str, *nodes: dict[str, Any]) -> dict[str, Any]:
    """Return a node of a list or a tuple."""
    return node(loader, "builtins.list" if loader == "ListNode" else "builtins.tuple", content=list(nodes))


def extra(made: dict[str, Any]) -> Callable[[Damaged], Any]:
    """Give the estimator one more attribute."""

    def change(document: dict[str, Any], _: dict[str, bytes]) -> None:
        attributes = document["content"]
        attributes["content"]["extra"] = made
        attributes["key_types"]["content"].append(node("TypeNode", "builtins.str"))

    return lambda damaged: damaged.schema(change)


def renamed_attribute(old: str, new: str, value: Any = None) -> Callable[[Damaged], Any]:
    """Give an attribute the name of something that the class has."""

    def change(document: dict[str, Any], _: dict[str, bytes]) -> None:
        attributes = document["content"]["content"]
        attributes[new] = attributes.pop(old) if value is None else plain(value)
        if value is not None:
            del attributes[old]

    return lambda damaged: damaged.schema(change)


def repeated(times: int) -> Callable[[Damaged], Any]:
    """Let a forest have each of its trees many times over, which costs the file nearly nothing."""

    def change(document: dict[str, Any], _: dict[str, bytes]) -> None:
        trees = node_at(document, "estimators_")
        trees["content"] *= times

    return lambda damaged: damaged.schema(change)


def slow(damaged: Damaged) -> None:
    """Let a model compare each row with more than a million others, by a metric that takes its time."""
    rows = 1_500_000
    rng = np.random.default_rng(0)

    def change(document: dict[str, Any], parts: dict[str, bytes]) -> None:
        arrays = {
            "_fit_X": rng.normal(size=(rows, 3)),
            "_lrd": np.ones(rows),
            "_distances_fit_X_": np.ones((rows, 1)),
        }
        for number, (name, array) in enumerate(arrays.items()):
            parts[f"{number}.npy"] = npy(array)
            node_at(document, name).update(type="numpy", file=f"{number}.npy")
        for name, value in {"n_samples_fit_": rows, "n_neighbors_": 1, "n_neighbors": 1, "_fit_method": "brute"}.items():
            node_at(document, name).update(plain(value))
        node_at(document, "effective_metric_").update(plain("minkowski"))
        options = node_at(document, "effective_metric_params_")
        options["content"] = {"p": plain(3.7)}
        options["key_types"]["content"] = [node("TypeNode", "builtins.str")]

    damaged.schema(change)


def archived(change: Callable[[dict[str, bytes]], bytes]) -> Callable[[Damaged], Any]:
    """Pack the estimator's archive anew."""

    def damage(damaged: Damaged) -> None:
        with zipfile.ZipFile(damaged.path("estimator.skops")) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        damaged.file("estimator.skops", change(parts))

    return damage


def duplicated(parts: dict[str, bytes]) -> bytes:
    """Return an archive that has a part twice."""
    name = next(name for name in parts if name.endswith(".npy"))
    other = "9" * (len(name) - 4) + ".npy"
    data = zipped({**parts, other: parts[name]})
    return data.replace(other.encode(), name.encode())


def schema_version(document: dict[str, Any], _: dict[str, bytes]) -> None:
    """Claim an old protocol, whose loaders check less."""
    document["protocol"] = 0


def with_part(document: dict[str, Any], parts: dict[str, bytes]) -> None:
    """Add a part that is no array."""
    parts["../../evil.npy"] = b""


def object_array(document: dict[str, Any], parts: dict[str, bytes]) -> None:
    """Hold an array of Python objects, which NumPy keeps as a pickle."""
    file = node_at(document, f"{TREE}.nodes")["file"]
    parts[file] = npy(np.array([Runs(RAN)], dtype=object), allow_pickle=True)


def longer_header(document: dict[str, Any], parts: dict[str, bytes]) -> None:
    """Claim an array of more bytes than any machine has."""
    file = node_at(document, f"{TREE}.values")["file"]
    data = parts[file]
    end = data.index(b"\n") + 1
    header = str({"descr": "<f8", "fortran_order": False, "shape": (2**40, 1, 1)}).encode()
    parts[file] = data[:10] + header.ljust(end - 11) + b"\n" + data[end:]


def deep(document: dict[str, Any], _: dict[str, bytes]) -> None:
    """Nest lists in lists."""
    made = plain(1)
    for _level in range(300):
        made = many("ListNode", made)
    node_at(document, "n_features_in_").update(made)


def tree_of(field: str, change: Callable[[list[int]], Any]) -> Callable[[Damaged], Any]:
    """Change a column of the compiled form's trees."""

    def apply(model: ModelProto) -> None:
        values = list(attribute(model, field).ints)
        change(values)
        del attribute(model, field).ints[:]
        attribute(model, field).ints.extend(values)

    return lambda damaged: damaged.graph(apply)


def attribute(model: ModelProto, name: str) -> AttributeProto:
    """Return an attribute of a node of a graph."""
    return next(one for node in model.graph.node for one in node.attribute if one.name == name)


def at(position: int, value: int) -> Callable[[list[int]], Any]:
    """Set one element."""
    return lambda values: values.__setitem__(position, value)


def back(values: list[int]) -> None:
    """Lead from a branch below the root back to the root."""
    values[next(position for position, value in enumerate(values) if position and value)] = 0


def external(model: ModelProto) -> None:
    """Let a constant be read from a file."""
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")


def of_domain(model: ModelProto) -> None:
    """Use operators of another domain."""
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))


def with_loop(model: ModelProto) -> None:
    """Have a graph within the graph."""
    body = helper.make_graph([], "body", [], [])
    model.graph.node.append(helper.make_node("If", ["features"], ["never"], then_branch=body, else_branch=body))


def hidden_graph(model: ModelProto) -> None:
    """Have a graph in an attribute of an operator that has none."""
    model.graph.node[0].attribute.append(helper.make_attribute("body", helper.make_graph([], "body", [], [])))


def with_function(model: ModelProto) -> None:
    """Define an operator."""
    imports = [helper.make_opsetid("", 18)]
    model.functions.append(helper.make_function("", "Evil", [], [], [], imports))


def memory(model: ModelProto) -> None:
    """Multiply a column by a row that have a million elements each."""
    size = 1_000_000
    for name, shape in (("column", (size, 1)), ("row", (1, size))):
        model.graph.initializer.append(numpy_helper.from_array(np.zeros(shape), name))
    model.graph.node.insert(0, helper.make_node("MatMul", ["column", "row"], ["product"]))
    model.graph.node.insert(1, helper.make_node("ReduceSum", ["product"], ["nothing"], keepdims=0))
    last = model.graph.node[-1]
    inner = last.input[0]
    last.CopyFrom(helper.make_node("Add", [inner, "nothing"], ["score"]))


def shifted(by: float) -> Callable[[ModelProto], None]:
    """Add a number to the score."""

    def change(model: ModelProto) -> None:
        model.graph.initializer.append(numpy_helper.from_array(np.array(by), "by"))
        last = model.graph.node[-1]
        last.CopyFrom(helper.make_node("Add", [last.input[0], "by"], ["score"]))

    return change


def wider(model: ModelProto) -> None:
    """Take other features."""
    model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 30


def canaries(change: Callable[[NDArray[Any]], Any]) -> Callable[[Damaged], Any]:
    """Change the table of canaries, sealed."""

    def damage(damaged: Damaged) -> None:
        table = np.load(damaged.path("canaries.npy"))
        changed = change(table)
        damaged.file("canaries.npy", npy(table if changed is None else changed))

    return damage


def unsealed(change: Callable[[Path], Any]) -> Callable[[Damaged], Any]:
    """Change files without sealing the manifest."""
    return lambda damaged: change(damaged.folder)


def linked(name: str) -> Callable[[Path], Any]:
    """Replace a file by a link to itself elsewhere."""

    def change(folder: Path) -> None:
        elsewhere = folder.parent / f".{name}"
        (folder / name).rename(elsewhere)
        (folder / name).symlink_to(elsewhere)

    return change


def piped(folder: Path) -> None:
    """Replace a file by a pipe, to which nobody writes."""
    (folder / "estimator.skops").unlink()
    os.mkfifo(folder / "estimator.skops")


def in_a_folder(folder: Path) -> None:
    """Replace a file by a folder."""
    (folder / "model.onnx").unlink()
    (folder / "model.onnx").mkdir()


def linked_folder(folder: Path) -> None:
    """Replace the folder by a link to itself elsewhere."""
    elsewhere = folder.with_name(".elsewhere")
    folder.rename(elsewhere)
    folder.symlink_to(elsewhere, target_is_directory=True)


def huge(damaged: Damaged) -> None:
    """Let a file be larger than any may be, of nothing but zeros that take no place on the disk."""
    size = limits.FILE_BYTES["estimator.skops"] + 1
    os.truncate(damaged.path("estimator.skops"), size)
    damaged.manifest(lambda document: document["files"]["estimator.skops"].update(bytes=size))


def huge_manifest(damaged: Damaged) -> None:
    """Let the manifest be larger than any may be."""
    damaged.seal_with(damaged.path("manifest.json").read_bytes() + b" " * limits.MANIFEST_BYTES)


def of_path(path: str) -> Callable[[Damaged], Any]:
    """Name a file that is elsewhere."""

    def change(document: dict[str, Any]) -> None:
        document["files"][path] = document["files"].pop("estimator.skops")

    return lambda damaged: damaged.manifest(change)


def features(change: Callable[[list[dict[str, Any]]], Any]) -> Callable[[Damaged], Any]:
    """Change the features in the manifest."""
    return lambda damaged: damaged.manifest(lambda document: change(document["encoding"]["features"]))
