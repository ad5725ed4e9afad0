"""What holds for all tests."""

from hypothesis import settings

pytest_plugins = ("tests.conformance.gathering", "tests.sharing")

# How long an example takes says how busy the machine is; what hangs is ended by pytest's own timeout.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")
