"""Folders of models that must be refused, one for each way to be bad, and what is said of them."""

import json
import os
import zipfile

import numpy as np

from tests.unit.models.registry.breaking import (
    CLICK,
    RAN,
    TREE,
    Bad,
    Runs,
    a_branch,
    a_pickle,
    archived,
    assign,
    at,
    attribute,
    back,
    canaries,
    deep,
    duplicated,
    external,
    extra,
    features,
    hidden_graph,
    huge,
    huge_manifest,
    in_a_folder,
    linked,
    linked_folder,
    longer_header,
    many,
    memory,
    node,
    object_array,
    of_domain,
    of_path,
    piped,
    renamed_attribute,
    repeated,
    replaced,
    schema_version,
    set_manifest,
    shifted,
    slow,
    tree_of,
    truncated,
    unsealed,
    wider,
    with_function,
    with_loop,
    with_part,
)
from tests.unit.models.registry.making import npy, plain, zipped

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
