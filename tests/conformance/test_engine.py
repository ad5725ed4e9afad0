"""The conformance cases, through the engine as a library."""

from collections.abc import Iterator

import pytest

from assay.v1.validation_service_pb2 import ValidateRequest, ValidateResponse
from assay_server.engine import Engine, Limits
from assay_server.rpc.convert import EventReader, ResponseWriter, read_options
from tests.conformance.engine import engine as engine_of_cases
from tests.conformance.reading import Case, cases

CASES = [case for case in cases() if case.expects_verdict]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with engine_of_cases() as made:
        yield made


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
async def test_case(engine: Engine, case: Case) -> None:
    """What the case says."""
    request = ValidateRequest(event=case.event(), options=case.options())
    [verdict] = engine.judge([EventReader(Limits()).read(request.event)], read_options(request))
    response = ValidateResponse.FromString(await ResponseWriter(4 << 20).one(verdict))
    case.check(response.verdict)
