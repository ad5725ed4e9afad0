"""What a worker tells."""

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from assay_server.admin import Phase
from assay_server.workers._report import Report


def test_a_report_arrives_as_it_was_sent() -> None:
    """On one line, whatever is in it."""
    gauge = GaugeMetricFamily("g", "A gauge.", labels=("name",))
    gauge.add_metric(('quo"ted\nü',), 1e18)
    counter = CounterMetricFamily("c", "A counter.", value=3)
    report = Report(Phase.SERVING, lives=False, details={"status": "serving", "error": "a\nb"}, metrics=[gauge, counter])
    line = report.encode()
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    found = Report.decode(line)
    assert (found.phase, found.lives, found.details) == (report.phase, False, report.details)
    assert [(one.name, one.type, one.documentation) for one in found.metrics] == [
        ("g", "gauge", "A gauge."),
        ("c", "counter", "A counter."),
    ]
    assert [one.samples for one in found.metrics] == [gauge.samples, counter.samples]


def test_a_worker_that_has_nothing_to_tell_starts() -> None:
    """Until there is something that serves."""
    assert Report.decode(Report.of(None).encode()) == Report(Phase.STARTING)
