"""What can be set, from where, and what it means.

A flag beats the environment, which beats the file, which beats the default. `python -m assay_server.settings` prints a
table of them all.
"""

import os
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BeforeValidator, ByteSize, Field, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from ._addresses import check_address, is_local
from ._durations import parse_duration

if TYPE_CHECKING:
    from .baselines import Limits as BaselineLimits
    from .engine import Limits

PREFIX = "ASSAY_"
FILE = Path("assay.toml")

FLAGS = frozenset(
    {
        *(
            "config",
            "listen",
            "admin",
            "workers",
            "contracts",
            "data",
            "tls_certificate",
            "tls_key",
            "tls_client_ca",
            "insecure",
        ),
        *("store", "log_level", "log_format"),
    }
)
"""The settings that `assay serve` has a flag for; the others are set with `--set NAME=VALUE`."""

# What a verdict takes once everything is left out that may be: its event_id, version, time and flags.
_VERDICT_BYTES = 400


class SettingsError(Exception):
    """Something is set that cannot be; the text says what, where, and what to do."""


def _seconds(value: object) -> object:
    """Read "500ms", "30m" and plain numbers, which are seconds."""
    if not isinstance(value, str) or value.replace(".", "", 1).isdecimal():
        return value
    return parse_duration(value).total_seconds()


def _seconds_or_off(value: object) -> object:
    return None if value == "off" else _seconds(value)


def _unless_off(value: object) -> object:
    return None if value == "off" else value


def _listed(value: object) -> object:
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


Seconds = Annotated[float, BeforeValidator(_seconds), Field(gt=0, allow_inf_nan=False)]
SecondsFromZero = Annotated[float, BeforeValidator(_seconds), Field(ge=0, allow_inf_nan=False)]
SecondsOrOff = Annotated[Annotated[float, Field(gt=0, allow_inf_nan=False)] | None, BeforeValidator(_seconds_or_off)]
Count = Annotated[int, Field(gt=0)]


class _FileSource(PydanticBaseSettingsSource):
    """The settings file; a setting itself, which the sources before this one know."""

    def __call__(self) -> dict[str, Any]:
        named = self.current_state.get("config")
        path = FILE if named is None else Path(named)
        if named is None and not path.exists():
            return {}
        try:
            return tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:  # What is no TOML, or no UTF-8, is a ValueError.
            raise SettingsError(f"{path}: cannot be read as TOML: {error}. Mend it, or name another with --config.") from None

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Say that the file has nothing for one field: it is taken whole, so that what it should not have is seen."""
        del field
        return None, field_name, False


class Settings(BaseSettings):
    """All that can be set. A duration is a number of seconds, or one with ms, s, m, h or d; a size may have KiB or MiB."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True, env_ignore_empty=True)

    config: Path | None = Field(None, description="The file with these settings, in TOML; `assay.toml` if there is one.")
    listen: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)] = Field(
        ("127.0.0.1:50051",), min_length=1, description="Where to listen: `HOST:PORT`, `unix:PATH`, or several, with commas."
    )
    admin: Annotated[str | None, BeforeValidator(_unless_off)] = Field(
        "127.0.0.1:9464", description="Where to serve metrics and health over HTTP, without TLS: `HOST:PORT`, or `off`."
    )
    workers: Count | None = Field(
        None,
        description="How many processes share the ports; by default one a core, or just one if `listen` has a Unix socket.",
    )
    contracts: Path = Field(Path("contracts"), description="The folder with the contracts.")
    data: Path = Field(Path("data"), description="The folder for what the server learns; made when it is needed.")
    store: str | None = Field(
        None,
        description="The URL of the database for baselines: `postgresql://…` or `sqlite:///…`; by default, a file in `data`.",
    )

    tls_certificate: Path | None = Field(
        None, description="The server's certificate chain, in PEM. A replaced file is used for the connections that follow."
    )
    tls_key: Path | None = Field(None, description="The certificate's key, in PEM, not encrypted.")
    tls_client_ca: Path | None = Field(
        None, description="Who signs the callers' certificates, in PEM. If set, callers must have one (mTLS)."
    )
    insecure: bool = Field(False, description="Allow plain text beyond this machine, as behind a proxy that does TLS.")

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least severe events to log; at `debug`, a line for each call."
    )
    log_format: Literal["auto", "console", "json"] = Field(
        "auto", description="For people or for programs; `auto` is `console` on a terminal, else `json`."
    )

    max_payload_bytes: ByteSize = Field(ByteSize(256 << 10), gt=0, description="The longest payload, as JSON text.")
    max_depth: Count = Field(64, le=128, description="How deep a payload's objects and lists may nest.")
    max_findings: Count = Field(100, description="How many findings a verdict holds; the others are counted.")
    max_events: Count = Field(10_000, description="How many events a message may hold.")
    max_groups: Count = Field(100_000, description="How many groups each check keeps; events of others are not compared by it.")
    max_request_bytes: ByteSize = Field(ByteSize(4 << 20), gt=0, description="The longest message that is taken.")
    max_response_bytes: ByteSize = Field(
        ByteSize(4 << 20), gt=0, description="The longest answer; details that do not fit are left out."
    )
    max_concurrent_calls: Count = Field(
        1000, description="How many unary calls may be in progress; those beyond get RESOURCE_EXHAUSTED."
    )
    max_concurrent_streams: Count = Field(100, description="How many calls a connection may have in progress; others wait.")

    max_stream_age: SecondsOrOff = Field(
        1800.0, description="The age at which a stream is ended, for its caller to open another; or `off`."
    )
    max_connection_age: SecondsOrOff = Field(
        1800.0, description="The age at which a connection takes no more calls, so that callers spread anew; or `off`."
    )
    max_connection_age_grace: Seconds = Field(
        2100.0, description="For how long a connection of that age still serves the calls that it has."
    )
    keepalive_time: Seconds = Field(120.0, description="After how much silence a connection is asked for a sign of life.")
    keepalive_timeout: Seconds = Field(20.0, description="How long to wait for that sign before closing the connection.")
    min_ping_interval: Seconds = Field(
        300.0, description="The least time between two pings of a caller without calls; one that sends more is cut off."
    )
    handshake_timeout: Seconds = Field(20.0, description="How long a new connection may take to begin to speak.")
    compression: Literal["none", "deflate", "gzip"] = Field("none", description="How to compress answers.")
    reuse_port: bool = Field(False, description="Let other servers listen on the same port, to share its connections.")

    drain_pause: SecondsFromZero = Field(
        0.5, description="On SIGTERM: how long calls are still taken after health has said NOT_SERVING."
    )
    drain_timeout: Seconds = Field(8.0, description="On SIGTERM: how long, with the pause, calls may take to finish.")
    stall_after: Seconds = Field(1.0, description="How long the event loop may be held up before the log says by what.")
    batch_scheduling: bool = Field(
        True,
        description="Whether threads wait for each other and do not interrupt (Linux, SCHED_BATCH): an eighth less CPU a call; "
        "beside other programs that keep its core busy, a lone caller is answered some 2 ms later.",
    )
    stuck_after: Seconds = Field(
        10.0, description="Of several workers: how long the event loop of one may be held up before another replaces it."
    )

    @field_validator("admin")
    @classmethod
    def _is_served_at_a_port(cls, address: str | None) -> str | None:
        if address is not None and address.startswith("unix:"):
            raise ValueError(f"{address!r} is no HOST:PORT: write one, or off")
        return None if address is None else check_address(address)

    @field_validator("listen")
    @classmethod
    def _listens_on_addresses(cls, addresses: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(check_address, addresses))

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key go together: set both, or neither")
        if self.tls_client_ca is not None and self.tls_certificate is None:
            raise ValueError("tls_client_ca needs tls_certificate and tls_key: set them too")
        open_addresses = [address for address in self.listen if not is_local(address)]
        if open_addresses and self.tls_certificate is None and not self.insecure:
            raise ValueError(
                f"listen: others than this machine can reach {', '.join(open_addresses)}, and would be answered in plain "
                "text: set tls_certificate and tls_key, or insecure if that is meant"
            )
        sockets = [address for address in self.listen if address.startswith("unix:")]
        if sockets and self.workers is not None and self.workers > 1:
            raise ValueError(
                f"workers: processes cannot share {', '.join(sockets)}: set workers to 1, or listen on ports alone"
            )
        if self.max_response_bytes < self.max_events * _VERDICT_BYTES:
            raise ValueError(
                f"max_response_bytes has no room for {self.max_events} verdicts: set it to {self.max_events * _VERDICT_BYTES} "
                "or more, or max_events to less"
            )
        if self.drain_pause >= self.drain_timeout:
            raise ValueError("drain_timeout has to be longer than drain_pause, which is part of it")
        self._check_ages()
        return self

    def _check_ages(self) -> None:
        if self.max_connection_age is None:
            return
        if self.max_stream_age is None or self.max_stream_age > self.max_connection_age_grace:
            raise ValueError(
                "a connection at its max_connection_age cuts off the streams that outlast its max_connection_age_grace: "
                "set max_stream_age to no more than that, or max_connection_age to off"
            )

    @property
    def baselines(self) -> str | Path:
        """Where baselines are kept: the URL of a database, or a file of SQLite in the data folder."""
        return self.store or self.data / "baselines.sqlite3"

    @property
    def models(self) -> Path:
        """Where models are kept: a folder in the data folder."""
        return self.data / "models"

    @property
    def limits(self) -> "Limits":
        """What one event may cost."""
        from .engine import Limits  # noqa: PLC0415  # A supervisor does without.

        return Limits(payload_bytes=self.max_payload_bytes, depth=self.max_depth, findings=self.max_findings)

    @property
    def baseline_limits(self) -> "BaselineLimits":
        """How much history a check may keep."""
        from .baselines import Limits as BaselineLimits  # noqa: PLC0415  # A supervisor does without.

        return BaselineLimits(groups=self.max_groups)

    @classmethod
    def load(cls, **flags: Any) -> Self:
        """Return the settings that flags, environment and file give together; a flag that is None is not given.

        Raises:
            SettingsError: If any of them cannot be.
        """
        given = {name: value for name, value in flags.items() if value is not None}
        try:
            return cls(**given)
        except ValidationError as error:
            problems = (_problem(problem["loc"], problem["msg"], given) for problem in error.errors())
            raise SettingsError("\n".join(problems)) from None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put the file behind the environment; there are no other sources."""
        return init_settings, env_settings, _FileSource(settings_cls)


def _problem(location: tuple[int | str, ...], message: str, flags: dict[str, Any]) -> str:
    message = message.removeprefix("Value error, ")
    if not location:
        return message
    name = str(location[0])
    if name in flags:
        where = f"--{name.replace('_', '-')}" if name in FLAGS else f"--set {name}"
    elif (variable := PREFIX + name.upper()) in os.environ:
        where = variable
    else:
        where = f"{name}, in the settings file"
    if name not in Settings.model_fields:
        return f"{where}: there is no such setting. Take it out, or mend its name."
    return f"{where}: {message}. It says: {Settings.model_fields[name].description}"


def table() -> str:
    """Return all settings as a table in Markdown."""
    lines = ["| setting | in the environment | default | what it is |", "| --- | --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        lines.append(f"| `{name}` | `{PREFIX}{name.upper()}` | {_shown(field.default)} | {field.description} |")
    return "\n".join(lines)


def _shown(default: object) -> str:
    match default:
        case None:
            return ""
        case bool():
            return f"`{str(default).lower()}`"
        case ByteSize():
            return f"`{default.human_readable(separator=' ').replace('.0 ', ' ')}`"
        case float():
            return f"`{default:g}s`"
        case tuple():
            return f"`{', '.join(default)}`"
        case _:
            return f"`{default}`"


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")
