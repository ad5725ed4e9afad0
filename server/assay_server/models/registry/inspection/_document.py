"""Reads an estimator that anyone may have made: what it says it is made of is checked before anything is built."""

import importlib
import io
import json
import re
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np

from assay_server.models.registry._errors import ModelRefusedError

from . import _types as types
from ._arrays import read_array
from ._estimators import Fitted, check_estimator
from ._trees import check_steps, check_tree

_SCHEMA = "schema.json"
_MEMBER = re.compile(r"[0-9]{1,20}\.npy")
_PROTOCOL = 2
_MOST_MEMBERS = 100_000
_MOST_SCHEMA_BYTES = 64 << 20
_DEEPEST = 40
_KEYS = {"builtins.str": str, "builtins.int": int, "builtins.float": float, "builtins.bool": bool}

Node = dict[str, Any]


class Document:
    """The nodes of which skops builds an estimator, once they are known to be harmless.

    What is built is what was checked: it is put together anew from what this class knows, without the identities by which
    skops would take one node for another.

    Args:
        data: The file, which is a zip archive of a JSON document and of arrays.

    Raises:
        ModelRefusedError: If it is none, or has anything in it that is not known to be harmless.
    """

    def __init__(self, data: bytes) -> None:
        self._arrays: dict[str, bytes] = {}
        self._used: set[str] = set()
        self._steps = 0
        try:
            schema = self._unpack(data)
            self._root, self._value = self._read(schema, 0)
        except (zipfile.BadZipFile, ValueError, KeyError, TypeError, AttributeError, EOFError, RecursionError) as error:
            raise ModelRefusedError(
                f"estimator.skops cannot be read: {type(error).__name__} {str(error)[:200]}".strip()
            ) from None
        if not isinstance(self._value, Fitted):
            raise ModelRefusedError("estimator.skops holds no estimator")
        check_steps(self._steps)

    def rebuilt(self) -> bytes:
        """Return the file anew, of checked nodes only."""
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr(_SCHEMA, json.dumps({**self._root, "protocol": _PROTOCOL, "_skops_version": ""}))
            for name in sorted(self._used):
                archive.writestr(name, self._arrays[name])
        return stream.getvalue()

    def _unpack(self, data: bytes) -> Any:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > _MOST_MEMBERS or len({member.filename for member in members}) < len(members):
                raise ModelRefusedError("estimator.skops has too many parts, or one twice")
            if any(member.compress_type != zipfile.ZIP_STORED or member.flag_bits & 1 for member in members):
                raise ModelRefusedError("estimator.skops is compressed or encrypted")
            if sum(member.file_size for member in members) > len(data):
                raise ModelRefusedError("estimator.skops has parts that lie over each other")
            for member in members:
                if member.filename != _SCHEMA and _MEMBER.fullmatch(member.filename) is None:
                    raise ModelRefusedError(f"estimator.skops has a part {member.filename[:50]!r}, which is no array")
                self._arrays[member.filename] = archive.read(member)
        text = self._arrays.pop(_SCHEMA)
        if len(text) > _MOST_SCHEMA_BYTES:
            raise ModelRefusedError("estimator.skops says too much of what it holds")
        schema = json.loads(text)
        if schema["protocol"] != _PROTOCOL or type(schema["protocol"]) is not int:
            raise ModelRefusedError(f"estimator.skops is not of protocol {_PROTOCOL}")
        return schema

    def _read(self, node: Node, depth: int) -> tuple[Node, Any]:
        """Return a node made anew, and what it stands for: plain data, an array, or what is known of an object."""
        if depth > _DEEPEST:
            raise ModelRefusedError("estimator.skops nests too deeply")
        loader, name = node["__loader__"], f"{node['__module__']}.{node['__class__']}"
        allowed = types.TYPES.get(loader)
        if allowed is None or name not in allowed:
            raise ModelRefusedError(
                f"{name[:100]} is not among what a model may be made of: {', '.join(types.KEPT)}, and pipelines of these"
            )
        clean: Node = {"__class__": node["__class__"], "__module__": node["__module__"], "__loader__": loader}
        rest, value = getattr(self, f"_{loader}")(node, name, depth + 1)
        return {**clean, **rest}, value

    def _JsonNode(self, node: Node, name: str, depth: int) -> tuple[Node, Any]:  # noqa: N802  # As skops calls it.
        del name, depth
        return {"content": str(node["content"]), "is_json": True}, json.loads(node["content"])

    def _TypeNode(self, node: Node, name: str, depth: int) -> tuple[Node, Any]:  # noqa: N802
        del node, depth
        return {}, name

    def _SliceNode(self, node: Node, name: str, depth: int) -> tuple[Node, Any]:  # noqa: N802
        del name, depth
        ends = {end: node["content"][end] for end in ("start", "stop", "step")}
        if not all(end is None or type(end) is int for end in ends.values()):
            raise ModelRefusedError("estimator.skops has a slice that is none")
        return {"content": ends}, slice(*ends.values())

    def _ListNode(self, node: Node, name: str, depth: int) -> tuple[Node, Any]:  # noqa: N802
        del name
        parts = [self._read(part, depth) for part in _list(node["content"])]
        return {"content": [part for part, _ in parts]}, [value for _, value in parts]

    def _TupleNode(self, node: Node, name: str, depth: int) -> tuple[Node, Any]:  # noqa: N802
        rest, values = self._ListNode(node, name, depth)
        return rest, tuple(values)

    def _DictNode(self, node: Node, name: str, depth: int) -> tuple[Node, Any]:  # noqa: N802
        del name
        keys, key_types = self._expect("ListNode", node["key_types"], depth)
        content = {key: self._read(part, depth) for key, part in node["content"].items()}
        if len(key_types) != len(content):
            raise ModelRefusedError("estimator.skops has a dict with other keys than it says")
        values = {_KEYS[kind](key): value for kind, (key, (_, value)) in zip(key_types, content.items(), strict=True)}
        if len(values) != len(content):
            raise ModelRefusedError("estimator.skops has a dict with a key twice")
        return {"key_types": keys, "content": {key: part for key, (part, _) in content.items()}}, values

    def _NdArrayNode(self, node: Node, name: str, depth: int) -> tuple[Node, Any]:  # noqa: N802
        if node["type"] == "json":
            shape, size = self._expect("TupleNode", node["shape"], depth)
            parts = [self._read(part, depth) for part in _list(node["content"])]
            if name != "numpy.ndarray" or size != (len(parts),):
                raise ModelRefusedError("estimator.skops has an array of objects that is not flat")
            array = np.empty(len(parts), dtype=object)
            array[:] = [value for _, value in parts]
            return {"type": "json", "shape": shape, "content": [part for part, _ in parts]}, array
        if node["type"] != "numpy":
            raise ModelRefusedError("estimator.skops has an array of an unknown form")
        file = str(node["file"])
        array = read_array(self._arrays[file], file)
        self._used.add(file)
        rest = {"type": "numpy", "file": file}
        if name == "numpy.ndarray":
            return rest, array
        if array.shape or array.dtype.type is not getattr(np, name.removeprefix("numpy.")):
            raise ModelRefusedError("estimator.skops has a number that is none")
        return rest, array[()]

    def _DTypeNode(self, node: Node, name: str, depth: int) -> tuple[Node, Any]:  # noqa: N802
        del name
        content, array = self._expect("NdArrayNode", node["content"], depth)
        return {"content": content}, array.dtype

    def _LossNode(self, node: Node, name: str, depth: int) -> tuple[Node, Any]:  # noqa: N802
        arguments, values = self._expect("TupleNode", node["__reduce__"]["args"], depth)
        content, state = self._read(node["content"], depth)
        if state not in ({}, ()) or any(type(value) is not float for value in values):
            raise ModelRefusedError(f"estimator.skops has a {name} with a state")
        return {"__reduce__": {"args": arguments}, "content": content}, None

    def _TreeNode(self, node: Node, name: str, depth: int) -> tuple[Node, Any]:  # noqa: N802
        arguments, values = self._expect("TupleNode", node["__reduce__"]["args"], depth)
        content, state = self._expect("DictNode", node["content"], depth)
        width, classes, outputs = values
        nodes, leaf_values = state["nodes"], state["values"]
        if type(width) is not int or type(outputs) is not int or not (width > 0 and outputs > 0):
            raise ModelRefusedError("a tree has no columns or no outputs")
        if (
            not isinstance(classes, np.ndarray)
            or classes.dtype != np.intp
            or classes.shape != (outputs,)
            or (classes < 1).any()
        ):
            raise ModelRefusedError("a tree has other classes than outputs")
        if nodes.dtype != _tree_dtype() or nodes.ndim != 1 or not nodes.flags.c_contiguous:
            raise ModelRefusedError("a tree has nodes of another form than those of this scikit-learn")
        if leaf_values.dtype != np.float64 or leaf_values.shape != (len(nodes), outputs, classes.max()):
            raise ModelRefusedError("a tree has other values than nodes")
        if state["node_count"] != len(nodes) or type(state["node_count"]) is not int or type(state["max_depth"]) is not int:
            raise ModelRefusedError("a tree has another number of nodes than it says")
        left, right = nodes["left_child"], nodes["right_child"]
        leaves = left == -1
        if (leaves != (right == -1)).any():
            raise ModelRefusedError("a tree has a node with one child")
        self._steps += check_tree(left, right, nodes["feature"], leaves, width)
        return {"__reduce__": {"args": arguments}, "content": content}, Fitted(name, {"n_features": width})

    def _ObjectNode(self, node: Node, name: str, depth: int) -> tuple[Node, Any]:  # noqa: N802
        content, attributes = self._read(node["content"], depth)
        if attributes is None:
            return {"content": content}, Fitted(name, {})
        if content["__loader__"] != "DictNode" or not all(isinstance(key, str) for key in attributes):
            raise ModelRefusedError(f"estimator.skops has a {name} without attributes")
        made_of = getattr(importlib.import_module(node["__module__"]), node["__class__"])
        if overridden := next((key for key in attributes if hasattr(made_of, key)), None):
            raise ModelRefusedError(f"estimator.skops replaces {overridden[:50]} of {name}")
        fitted = Fitted(name, self._predictor(attributes) if name == types.PREDICTOR else attributes)
        check_estimator(fitted)
        return {"content": content}, fitted

    def _predictor(self, attributes: Mapping[str, Any]) -> Mapping[str, Any]:
        nodes, bitsets = attributes["nodes"], attributes["raw_left_cat_bitsets"]
        if nodes.dtype != _predictor_dtype() or nodes.ndim != 1 or bitsets.dtype != np.uint32:
            raise ModelRefusedError("a tree has nodes of another form than those of this scikit-learn")
        leaves = nodes["is_leaf"].astype(bool)
        if (nodes["is_categorical"][~leaves] != 0).any():
            raise ModelRefusedError("HistGradientBoostingClassifier: categorical features are not kept: use OneHot")
        columns = nodes["feature_idx"][~leaves]
        greatest = int(columns.max(initial=-1))
        self._steps += check_tree(nodes["left"], nodes["right"], nodes["feature_idx"], leaves, greatest + 1)
        return {"greatest_column": greatest}

    def _expect(self, loader: str, node: Node, depth: int) -> tuple[Node, Any]:
        if node["__loader__"] != loader:
            raise ModelRefusedError(f"estimator.skops has a {str(node['__loader__'])[:50]} in place of a {loader}")
        return self._read(node, depth)


def _list(content: Any) -> list[Node]:
    if not isinstance(content, list):
        raise ModelRefusedError("estimator.skops has something that is no list")
    return content


def _tree_dtype() -> np.dtype[Any]:
    from sklearn.tree._tree import NODE_DTYPE  # noqa: PLC0415  # Loading scikit-learn takes a second.

    dtype: np.dtype[Any] = NODE_DTYPE
    return dtype


def _predictor_dtype() -> np.dtype[Any]:
    from sklearn.ensemble._hist_gradient_boosting.common import PREDICTOR_RECORD_DTYPE  # noqa: PLC0415

    dtype: np.dtype[Any] = PREDICTOR_RECORD_DTYPE
    return dtype
