"""One bad folder for each way in which a model's folder can be bad: from what, what is done to it, and what is said of it."""

import json
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


BAD: dict[str, Bad] = {
    # Files.
    "a_file_is_truncated": Bad("forest", unsealed(lambda f: os.truncate(f / "estimator.skops", 1000)), "had .* when it was"),
    "a_file_is_missing": Bad("forest", unsealed(lambda f: (f / "model.onnx").unlink()), "model.onnx is missing"),
    "a_file_is_swapped": Bad(
        "forest",
        unsealed(lambda f: (f / "estimator.skops").write_bytes((f / "estimator.skops").read_bytes().replace(b"1", b"2"))),
        "not what was registered",
    ),
    "a_file_is_a_pickle_unsealed": Bad("forest", unsealed(lambda f: (f / "model.onnx").write_bytes(a_pickle())), "had .* when"),
    "a_file_more": Bad("forest", unsealed(lambda f: (f / "model.pkl").write_bytes(a_pickle())), "does not name: 'model.pkl'"),
    "a_file_is_a_link": Bad("forest", unsealed(linked("model.onnx")), "model.onnx cannot be opened as a file"),
    "the_manifest_is_a_link": Bad("forest", unsealed(linked("manifest.json")), "manifest.json cannot be opened as a file"),
    "a_file_is_a_pipe": Bad("forest", unsealed(piped), "estimator.skops is no plain file"),
    "a_file_is_a_folder": Bad("forest", unsealed(in_a_folder), "model.onnx is no plain file"),
    "the_folder_is_a_link": Bad("forest", unsealed(linked_folder), "cannot be opened as a folder"),
    "a_file_is_huge": Bad("forest", huge, "estimator.skops has .* bytes, and may have"),
    "a_file_is_replaced_by_a_pickle": Bad("forest", replaced("estimator.skops", a_pickle), "cannot be read: BadZipFile"),
    # The manifest.
    "the_manifest_is_missing": Bad("forest", unsealed(lambda f: (f / "manifest.json").unlink()), "manifest.json is missing"),
    "the_manifest_is_cut": Bad(
        "forest", lambda d: d.seal_with(d.path("manifest.json").read_bytes()[:500]), "manifest.json is none: Invalid JSON"
    ),
    "the_manifest_is_a_pickle": Bad("forest", lambda d: d.seal_with(a_pickle()), "manifest.json is none: Invalid JSON"),
    "the_manifest_is_another": Bad(
        "forest", unsealed(lambda f: (f / "manifest.json").write_bytes(b"{}")), "manifest.json is not what was registered"
    ),
    "the_manifest_is_huge": Bad("forest", huge_manifest, "manifest.json has .* bytes"),
    "the_manifest_nests": Bad("forest", lambda d: d.seal_with(b"[" * 100_000), "manifest.json is none"),
    "a_key_more": Bad("forest", set_manifest(hook="os.system"), "hook: Extra inputs"),
    "a_key_less": Bad("forest", lambda d: d.manifest(lambda m: m.pop("threshold")), "threshold: Field required"),
    "the_threshold_is_nan": Bad("forest", set_manifest(threshold=float("nan")), "threshold: Input should be a finite number"),
    "the_threshold_is_too_large": Bad(
        "forest",
        lambda d: d.seal_with(
            json.dumps({**json.loads(d.path("manifest.json").read_bytes()), "threshold": 0})
            .replace(": 0,", ": 1e400,")
            .encode()
        ),
        "finite number",
    ),
    "a_format_to_come": Bad("forest", set_manifest(format=2), "format: Input should be 1"),
    "another_number": Bad("forest", set_manifest(number=3), "in the wrong folder"),
    "another_event_type": Bad("forest", set_manifest(event_type="other"), "in the wrong folder"),
    "a_path_out_of_the_folder": Bad("forest", of_path("../../../../etc/passwd"), r"files.*passwd"),
    "an_absolute_path": Bad("forest", of_path("/etc/passwd"), r"files.*passwd"),
    "no_estimator": Bad("forest", lambda d: d.manifest(lambda m: m["files"].pop("estimator.skops")), "is not among its files"),
    "other_features": Bad("forest", features(lambda f: f[0].update(source="d")), "fingerprint is not that of its features"),
    "fewer_features": Bad("forest", features(lambda f: f.pop()), "fingerprint is not that of its features"),
    "a_feature_twice": Bad("forest", features(lambda f: f.append(f[0])), "two features have the same name"),
    "a_feature_of_no_kind": Bad("forest", features(lambda f: f[0].update(kind="code")), "encoding|kind"),
    "a_narrow_typical_event": Bad(
        "forest", set_manifest(typical={"row": [1.0], "deviations": [1.0]}), "typical event has other columns"
    ),
    "descending_percentiles": Bad(
        "forest", lambda d: d.manifest(lambda m: m["percentiles"].reverse()), "numbers in ascending order"
    ),
    # What the estimator is made of.
    "no_archive": Bad("forest", replaced("estimator.skops", lambda: b"nothing"), "cannot be read: BadZipFile"),
    "a_truncated_archive": Bad("forest", truncated("estimator.skops"), "cannot be read: BadZipFile"),
    "a_compressed_archive": Bad("forest", archived(lambda p: zipped(p, zipfile.ZIP_DEFLATED)), "compressed or encrypted"),
    "a_part_twice": Bad("forest", archived(duplicated), "one twice"),
    "a_part_that_is_no_array": Bad("forest", lambda d: d.schema(with_part), "which is no array"),
    "an_old_protocol": Bad("forest", lambda d: d.schema(schema_version), "not of protocol 2"),
    "deep_nesting": Bad("forest", lambda d: d.schema(deep), "nests too deeply"),
    "a_function": Bad("forest", extra(node("FunctionNode", "os.system")), "os.system is not among"),
    "a_harmless_function": Bad("forest", extra(node("FunctionNode", "numpy.sqrt")), "numpy.sqrt is not among"),
    "a_type": Bad("forest", extra(node("TypeNode", "builtins.eval")), "builtins.eval is not among"),
    "a_type_as_an_object": Bad(
        "forest", extra(node("ObjectNode", "subprocess.Popen", content=plain(None))), "subprocess.Popen is not among"
    ),
    "a_call": Bad(
        "forest",
        extra(node("ConstructorFromReduceNode", "os.system", content=many("TupleNode", plain("true")))),
        "os.system is not among",
    ),
    "a_partial": Bad("forest", extra(node("PartialNode", "functools.partial", content={})), "functools.partial is not among"),
    "a_method": Bad(
        "forest", extra(node("MethodNode", "builtins.str", content={"func": "format", "obj": plain("")})), "builtins.str is not"
    ),
    "an_operator": Bad(
        "forest", extra(node("OperatorFuncNode", "operator.methodcaller", attrs=plain([]))), "methodcaller is not"
    ),
    "a_reference": Bad("forest", extra({**node("CachedNode", "builtins.str"), "__id__": 1}), "builtins.str is not among"),
    "a_generator": Bad(
        "forest", extra(node("RandomGeneratorNode", "numpy.random._generator.Generator", content={})), "Generator is not among"
    ),
    "an_estimator_that_is_not_listed": Bad(
        "forest", extra(node("ObjectNode", "sklearn.svm._classes.SVC", content=plain(None))), "SVC is not among"
    ),
    "a_type_under_another_loader": Bad("forest", extra(node("ListNode", "os.system", content=[])), "os.system is not among"),
    "an_attribute_in_place_of_a_method": Bad("forest", renamed_attribute("offset_", "score_samples"), "replaces score_samples"),
    "an_array_of_objects": Bad("forest", lambda d: d.schema(object_array), "Python objects, which would be a pickle"),
    "an_array_larger_than_the_machine": Bad(
        "forest", lambda d: d.schema(longer_header), "truncated, or longer than its header"
    ),
    "all_processors": Bad("forest", lambda d: d.attribute("n_jobs", 1000), "n_jobs has to be None"),
    # Trees.
    "a_child_out_of_bounds": Bad("forest", assign(f"{TREE}.nodes", "left_child", a_branch, 10**6), "child is out of bounds"),
    "a_child_before_the_first": Bad("forest", assign(f"{TREE}.nodes", "right_child", a_branch, -7), "child is out of bounds"),
    "a_cycle": Bad("forest", assign(f"{TREE}.nodes", "left_child", a_branch, 0), "may be a cycle"),
    "a_node_that_leads_to_itself": Bad("forest", assign(f"{TREE}.nodes", "left_child", lambda _: 0, 0), "may be a cycle"),
    "half_a_leaf": Bad("forest", assign(f"{TREE}.nodes", "left_child", a_branch, -1), "a node with one child"),
    "a_column_out_of_bounds": Bad("forest", assign(f"{TREE}.nodes", "feature", a_branch, 10**6), "a column that is not there"),
    "a_column_before_the_first": Bad("forest", assign(f"{TREE}.nodes", "feature", a_branch, -5), "a column that is not there"),
    "more_nodes_than_there_are": Bad("forest", lambda d: d.attribute(f"{TREE}.node_count", 10**6), "another number of nodes"),
    "fewer_values_than_nodes": Bad("forest", lambda d: d.array(f"{TREE}.values", lambda a: a[:-1]), "other values than nodes"),
    "other_nodes": Bad("forest", lambda d: d.array(f"{TREE}.nodes", lambda a: a["left_child"]), "nodes of another form"),
    "no_nodes": Bad("forest", lambda d: d.array(f"{TREE}.nodes", lambda a: a[:0]), "other values than nodes"),
    "a_wider_tree": Bad("forest", lambda d: d.attribute("estimators_.3.n_features_in_", 30), "another number of columns"),
    "a_tree_of_no_width": Bad("forest", lambda d: d.attribute("n_features_in_", None), "n_features_in_ is no count"),
    "a_subset_of_other_columns": Bad(
        "forest", lambda d: d.array("estimators_features_.3", lambda a: a[:1]), "another number of columns"
    ),
    "a_boosted_child_out_of_bounds": Bad("boosting", assign(CLICK, "left", a_branch, 10**6), "child is out of bounds"),
    "a_boosted_cycle": Bad("boosting", assign(CLICK, "right", a_branch, 0), "may be a cycle"),
    "a_boosted_column_out_of_bounds": Bad(
        "boosting", assign(CLICK, "feature_idx", a_branch, 10**6), "a column that is not there"
    ),
    "a_boosted_column_before_the_first": Bad(
        "boosting", assign(CLICK, "feature_idx", a_branch, -9), "a column that is not there"
    ),
    "a_boosted_category": Bad("boosting", assign(CLICK, "is_categorical", a_branch, 1), "categorical features"),
    # What else compiled code takes for granted.
    "fewer_support_vectors": Bad(
        "svm", lambda d: d.array("support_vectors_", lambda a: a[:2].copy()), "support_vectors_ is no"
    ),
    "narrower_support_vectors": Bad(
        "svm", lambda d: d.array("support_vectors_", lambda a: a[:, :1].copy()), "support_vectors_ is no array"
    ),
    "fewer_coefficients": Bad("svm", lambda d: d.array("_dual_coef_", lambda a: a[:, :2].copy()), "_dual_coef_ is no array"),
    "another_machine": Bad("svm", renamed_attribute("tol", "_impl", "c_svc"), "replaces _impl"),
    "a_sparse_machine": Bad("svm", lambda d: d.attribute("_sparse", True), "sparse"),
    "narrower_neighbours": Bad("lof", lambda d: d.array("_fit_X", lambda a: a[:, :1].copy()), "_fit_X is no array"),
    "a_tree_of_neighbours": Bad("lof", lambda d: d.attribute("_tree", [1]), "must not be kept"),
    "a_metric_of_ones_own": Bad("lof", lambda d: d.attribute("effective_metric_", "pyfunc"), "the metric has to be one of"),
    "a_smaller_precision": Bad(
        "envelope", lambda d: d.array("precision_", lambda a: a[:1, :1].copy()), "precision_ is no array"
    ),
    "more_categories_than_columns": Bad(
        "pipeline", lambda d: d.attribute("steps.0.1._n_features_outs", [1, 1, 1]), "a column for each category"
    ),
    # The compiled form.
    "no_graph": Bad("forest", replaced("model.onnx", lambda: b"nothing"), "model.onnx is no model"),
    "a_truncated_graph": Bad("forest", truncated("model.onnx"), "model.onnx"),
    "a_pickle_for_a_graph": Bad("forest", replaced("model.onnx", a_pickle), "model.onnx is no model"),
    "an_empty_graph": Bad("forest", replaced("model.onnx", lambda: b""), "model.onnx does not take"),
    "data_of_another_file": Bad("forest", lambda d: d.graph(external), "data from another file"),
    "another_domain": Bad("forest", lambda d: d.graph(of_domain), "com.microsoft"),
    "a_loop": Bad("forest", lambda d: d.graph(with_loop), "If, which is not allowed"),
    "a_hidden_graph": Bad("forest", lambda d: d.graph(hidden_graph), "a graph within"),
    "a_function_of_its_own": Bad("forest", lambda d: d.graph(with_function), "more than a graph"),
    "other_inputs": Bad("forest", lambda d: d.graph(wider), "does not take 3 features"),
    "a_compiled_child_out_of_bounds": Bad("forest", tree_of("nodes_truenodeids", at(0, 10**6)), "child is out of bounds"),
    "a_compiled_cycle": Bad("forest", tree_of("nodes_falsenodeids", back), "may be a cycle"),
    "a_compiled_column_out_of_bounds": Bad("forest", tree_of("nodes_featureids", at(0, 10**6)), "a column that is not there"),
    "a_compiled_column_before_the_first": Bad("forest", tree_of("nodes_featureids", at(0, -3)), "a column that is not there"),
    "columns_that_differ_in_length": Bad("forest", tree_of("nodes_featureids", lambda v: v.pop()), "differ in length"),
    "nodes_in_disorder": Bad("forest", tree_of("nodes_nodeids", lambda v: v.reverse()), "not in order"),
    "weights_of_no_leaf": Bad("forest", tree_of("target_nodeids", at(0, 0)), "not its leaves'"),
    "many_results": Bad(
        "forest", lambda d: d.graph(lambda m: setattr(attribute(m, "n_targets"), "i", 10**9)), "than one result"
    ),
    "more_memory_than_there_is": Bad("forest", lambda d: d.graph(memory), "memory|alloc"),
    # Scores.
    "a_score_that_is_no_number": Bad("forest", lambda d: d.graph(shifted(float("nan"))), "no finite number"),
    "an_estimator_that_gives_nan": Bad("svm", lambda d: d.array("_intercept_", lambda a: a * np.nan), "no finite number|NaN"),
    "another_score": Bad("forest", lambda d: d.graph(shifted(1e-5)), "differs by 1e-05, and may by 1e-06"),
    "another_estimator": Bad("svm", lambda d: d.array("_intercept_", lambda a: a + 1e-3), "a score that differs by"),
    "other_canaries": Bad("forest", canaries(lambda t: t.__setitem__((5, -1), 0.9)), "a score that differs by"),
    "a_canary_that_is_no_number": Bad("forest", canaries(lambda t: t.__setitem__((5, -1), np.nan)), "no finite number"),
    "no_canaries": Bad("forest", canaries(lambda t: t[:0]), "0 rows"),
    "narrower_canaries": Bad("forest", canaries(lambda t: t[:, 1:]), "other columns than the features"),
    "canaries_in_a_pickle": Bad(
        "forest",
        replaced("canaries.npy", lambda: npy(np.array([Runs(RAN)], dtype=object), allow_pickle=True)),
        "which would be a pickle",
    ),
    "truncated_canaries": Bad("forest", truncated("canaries.npy"), "canaries.npy is truncated"),
    # Time.
    "ten_seconds_for_the_canaries": Bad("lof", slow, "scoring with it takes more than 5 s|scoring one row takes"),
    "a_tree_many_times_over": Bad("forest", repeated(4000), "takes more than|too much"),
}
