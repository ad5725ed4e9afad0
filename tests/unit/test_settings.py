"""Settings: where they come from, what they may be, and what is said about those that may not."""

from inspect import signature
from pathlib import Path
from typing import Any

import pytest

from assay_server.baselines import Limits as BaselineLimits
from assay_server.cli._serve import serve
from assay_server.engine import Limits
from assay_server.settings import FLAGS, Settings, SettingsError, table


@pytest.fixture(autouse=True)
def empty_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run each test in an empty folder, with no setting in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"ASSAY_{name.upper()}", raising=False)


def refused(**flags: Any) -> str:
    with pytest.raises(SettingsError) as caught:
        Settings.load(**flags)
    return str(caught.value)


def test_defaults_are_those_that_the_documentation_promises() -> None:
    """The names that stay, and the limits of the core."""
    settings = Settings.load()

    assert (("127.0.0.1:50051",), Path("contracts"), Path("data")) == (settings.listen, settings.contracts, settings.data)
    assert Limits() == settings.limits
    assert BaselineLimits() == settings.baseline_limits


def test_a_flag_beats_the_environment_beats_the_file_beats_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each where the one before says nothing."""
    Path("assay.toml").write_text('listen = "127.0.0.1:1"\ncontracts = "file"\ndata = "file"\nmax_events = 7\n')
    monkeypatch.setenv("ASSAY_LISTEN", "127.0.0.1:2")
    monkeypatch.setenv("ASSAY_CONTRACTS", "environment")

    settings = Settings.load(listen=["127.0.0.1:3"], contracts=None)

    assert (("127.0.0.1:3",), Path("environment"), Path("file"), 7, 100) == (
        settings.listen,
        settings.contracts,
        settings.data,
        settings.max_events,
        settings.max_findings,
    )


@pytest.mark.parametrize("by", ["flag", "environment"])
def test_the_file_can_be_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: Any) -> None:
    """--config and ASSAY_CONFIG name it; assay.toml is then not read."""
    Path("assay.toml").write_text("max_events = 1\n")
    other = tmp_path / "other.toml"
    other.write_text("max_findings = 2\n")
    if by == "environment":
        monkeypatch.setenv("ASSAY_CONFIG", str(other))

    settings = Settings.load(config=other if by == "flag" else None)

    assert (settings.max_events, settings.max_findings) == (10_000, 2)


@pytest.mark.parametrize(
    ("written", "seconds"), [("500ms", 0.5), ("2s", 2.0), ("1.5m", 90.0), ("1h", 3600.0), ("0.25", 0.25), ("3", 3.0)]
)
def test_durations_have_units(monkeypatch: pytest.MonkeyPatch, written: Any, seconds: int) -> None:
    """Or are seconds."""
    monkeypatch.setenv("ASSAY_STALL_AFTER", written)

    assert seconds == Settings.load().stall_after


def test_a_pause_may_be_none_at_all() -> None:
    """Zero is a duration where nothing needs waiting for."""
    assert Settings.load(drain_pause="0").drain_pause == 0.0


def test_ages_can_be_switched_off() -> None:
    """With the word `off`."""
    settings = Settings.load(max_stream_age="off", max_connection_age="off")

    assert (settings.max_stream_age, settings.max_connection_age) == (None, None)


def test_sizes_have_units(monkeypatch: pytest.MonkeyPatch) -> None:
    """As people write them."""
    monkeypatch.setenv("ASSAY_MAX_REQUEST_BYTES", "8MiB")

    assert Settings.load().max_request_bytes == 8 << 20


def test_several_addresses_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the environment; a file has a list, and a flag is repeated."""
    monkeypatch.setenv("ASSAY_LISTEN", "127.0.0.1:0, unix:/tmp/assay.sock")
    assert Settings.load().listen == ("127.0.0.1:0", "unix:/tmp/assay.sock")

    monkeypatch.delenv("ASSAY_LISTEN")
    Path("assay.toml").write_text('listen = ["[::1]:1", "localhost:2"]\n')
    assert Settings.load().listen == ("[::1]:1", "localhost:2")


def test_metrics_and_health_are_served_on_this_machine_unless_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere, or not at all."""
    assert Settings.load().admin == "127.0.0.1:9464"
    assert Settings.load(admin="0.0.0.0:9464").admin == "0.0.0.0:9464"
    assert Settings.load(admin="off").admin is None
    monkeypatch.setenv("ASSAY_ADMIN", "off")
    assert Settings.load().admin is None
    assert refused(admin="9464").startswith("--admin: '9464' is no address")
    assert refused(admin="unix:/tmp/s").startswith("--admin: 'unix:/tmp/s' is no HOST:PORT: write one, or off")


@pytest.mark.parametrize("address", ["50051", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:50051", "unix:", "", "a:b"])
def test_what_is_no_address_is_refused(address: Any) -> None:
    """With an example of what is."""
    assert refused(listen=[address]).startswith("--listen: ")
    assert "HOST:PORT" in refused(listen=[address])


@pytest.mark.parametrize("address", ["0.0.0.0:1", "[::]:1", "192.168.1.1:1", "example.com:1"])
def test_plain_text_beyond_this_machine_is_refused(address: Any) -> None:
    """Unless it is meant, or there is TLS."""
    assert f"others than this machine can reach {address}" in refused(listen=[address])

    assert (address,) == Settings.load(listen=[address], insecure=True).listen
    assert (address,) == Settings.load(listen=[address], tls_certificate="c.pem", tls_key="k.pem").listen


@pytest.mark.parametrize("address", ["127.0.0.1:1", "127.8.8.8:1", "[::1]:1", "localhost:1", "unix:/tmp/s"])
def test_plain_text_on_this_machine_is_allowed(address: Any) -> None:
    """Nobody else can listen in."""
    assert (address,) == Settings.load(listen=[address]).listen


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"tls_certificate": "c.pem"}, "tls_certificate and tls_key go together"),
        ({"tls_key": "k.pem"}, "tls_certificate and tls_key go together"),
        ({"tls_client_ca": "ca.pem"}, "tls_client_ca needs tls_certificate"),
        ({"max_events": 100_000}, "max_response_bytes has no room for 100000 verdicts: set it to 40000000 or more"),
        ({"drain_timeout": "100ms"}, "drain_timeout has to be longer than drain_pause"),
        ({"max_stream_age": "off"}, "set max_stream_age to no more than that"),
        ({"max_stream_age": "2h"}, "set max_stream_age to no more than that"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(flags: dict[str, str], said: str) -> None:
    """With what to do about it."""
    assert said in refused(**flags)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_events", "many"),
        ("max_events", "0"),
        ("stall_after", "soon"),
        ("stall_after", "nan"),
        ("log_level", "loud"),
        ("compression", "zip"),
        ("max_request_bytes", "4 parsecs"),
        ("insecure", "perhaps"),
    ],
)
def test_a_bad_value_is_named_with_its_place_and_its_meaning(monkeypatch: pytest.MonkeyPatch, name: Any, value: Any) -> None:
    """Whoever set it can mend it."""
    flag = f"--{name.replace('_', '-')}" if name in FLAGS else f"--set {name}"
    assert refused(**{name: value}).startswith(f"{flag}: ")

    monkeypatch.setenv(f"ASSAY_{name.upper()}", value)
    said = refused()
    assert said.startswith(f"ASSAY_{name.upper()}: ")
    assert str(Settings.model_fields[name].description) in said

    monkeypatch.delenv(f"ASSAY_{name.upper()}")
    Path("assay.toml").write_text(f'{name} = "{value}"\n')
    assert refused().startswith(f"{name}, in the settings file: ")


def test_all_that_is_wrong_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not one after the other."""
    Path("assay.toml").write_text('max_events = "many"\nlog_level = "loud"\n')

    assert len(refused().splitlines()) == 2


def test_a_setting_that_does_not_exist_is_refused() -> None:
    """A name that is mistyped would be without effect."""
    Path("assay.toml").write_text('lissten = "127.0.0.1:1"\n')

    assert refused() == "lissten, in the settings file: there is no such setting. Take it out, or mend its name."


@pytest.mark.parametrize("content", [b"listen = ", b"\xff\xfe", None])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, content: Any) -> None:
    """What was named must be there, and be TOML."""
    path = tmp_path / "named.toml"
    if content is not None:
        path.write_bytes(content)

    assert refused(config=path).startswith(f"{path}: cannot be read as TOML: ")


def test_the_table_has_every_setting_with_its_default_and_meaning() -> None:
    """README holds it."""
    lines = table().splitlines()

    assert list(Settings.model_fields) == [line.split("`")[1] for line in lines[2:]]
    assert any(line.startswith("| `listen` | `ASSAY_LISTEN` | `127.0.0.1:50051` | Where to listen: ") for line in lines)
    assert any(line.startswith("| `max_request_bytes` | `ASSAY_MAX_REQUEST_BYTES` | `4 MiB` | ") for line in lines)
    assert all(line.count(" | ") == 3 for line in lines)


def test_the_flags_are_those_of_assay_serve() -> None:
    """`--set` is for all others."""
    assert set(signature(serve).parameters) - {"others"} == FLAGS
