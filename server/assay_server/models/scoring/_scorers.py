"""The two forms in which a model serves: compiled, and as the estimator itself."""

from typing import Any, ClassVar, Protocol

from threadpoolctl import ThreadpoolController

from assay_server.models.features import Floats

from ._kinds import ModelKind, raw_scores


class Scorer(Protocol):
    """Gives scores, higher for what is more anomalous. Deterministic: a row's score does not depend on those beside it."""

    @property
    def compiled(self) -> bool:
        """Whether it is fast enough for the event loop; if not, it belongs into an executor, calls gathered."""

    def score(self, matrix: Floats) -> Floats:
        """Return the scores of a matrix's rows: float64 (n,) for float64 (n, width). Safe to call from several threads."""


class OnnxScorer:
    """A compiled model: one input `features`, double (n, width), and one output `score`, double (n)."""

    compiled: ClassVar[bool] = True

    def __init__(self, model: bytes) -> None:
        """Load a model that `compile_estimator` gave."""
        import onnxruntime  # noqa: PLC0415  # Whoever serves no such model does without.

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.add_session_config_entry("session.inter_op.allow_spinning", "0")
        options.log_severity_level = 4
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._run = self._session.run

    def score(self, matrix: Floats) -> Floats:
        """Return the scores of a matrix's rows."""
        scores: Floats = self._run(("score",), {"features": matrix})[0]
        return scores


class EstimatorScorer:
    """An estimator as it is, for what does not compile.

    Threads that libraries start for a call are kept from it: on few rows they take longer to meet than to work, and on a busy
    machine a hundred times as long.
    """

    compiled: ClassVar[bool] = False

    def __init__(self, estimator: Any, kind: ModelKind) -> None:
        self._estimator = estimator
        self._kind = kind
        self._libraries = ThreadpoolController()

    def score(self, matrix: Floats) -> Floats:
        """Return the scores of a matrix's rows.

        Raises:
            ValueError: The estimator refuses a row.
        """
        with self._libraries.limit(limits=1):
            return raw_scores(self._estimator, self._kind, matrix)
