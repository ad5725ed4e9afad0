"""The circuit breaker, by its own clock."""

from assay_server.checks._breaker import Breaker


class _Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def _open(clock: _Clock) -> Breaker:
    breaker = Breaker(failures=2, pause=1.0, longest=4.0, clock=clock)
    for _ in range(2):
        assert breaker.allows()
        breaker.failed()
    return breaker


def test_opens_after_failures_in_a_row() -> None:
    """A success in between starts the count anew; what nobody waited for changes nothing."""
    breaker = Breaker(failures=2, clock=_Clock())
    breaker.failed()
    breaker.succeeded()
    breaker.failed()
    breaker.dropped()
    assert (breaker.is_open, breaker.allows()) == (False, True)
    breaker.failed()
    assert (breaker.is_open, breaker.allows()) == (True, False)


def test_allows_one_trial_after_the_pause() -> None:
    """And no second one until the first is told of."""
    clock = _Clock()
    breaker = _open(clock)
    clock.now += 0.9
    assert not breaker.allows()
    clock.now += 0.1
    assert [breaker.allows(), breaker.allows()] == [True, False]
    breaker.dropped()
    assert [breaker.allows(), breaker.allows()] == [True, False]


def test_trial_that_succeeds_closes_it() -> None:
    """And the next pause is as short as the first."""
    clock = _Clock()
    breaker = _open(clock)
    clock.now += 1
    assert breaker.allows()
    breaker.succeeded()
    assert [breaker.allows(), breaker.allows()] == [True, True]
    breaker.failed()
    breaker.failed()
    clock.now += 1
    assert breaker.allows()


def test_pause_doubles_with_each_trial_that_fails_up_to_the_longest() -> None:
    """1, 2, 4 and 4 seconds."""
    clock = _Clock()
    breaker = _open(clock)
    for pause in (1, 2, 4, 4):
        clock.now += pause - 0.1
        assert not breaker.allows()
        clock.now += 0.2
        assert breaker.allows()
        breaker.failed()
        clock.now -= 0.1


def test_failures_that_were_under_way_when_it_opened_do_not_lengthen_the_pause() -> None:
    """They began before anybody knew."""
    clock = _Clock()
    breaker = _open(clock)
    for _ in range(98):
        breaker.failed()
    clock.now += 1
    assert breaker.allows()
