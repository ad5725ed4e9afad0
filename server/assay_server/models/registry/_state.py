"""Which version of a check's models is in service, which on trial, and which were before."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from ._errors import ModelRefusedError
from ._files import read_bytes, replace_bytes
from ._limits import PREVIOUS, STATE_BYTES
from ._names import Version

FILE = "state.json"


def _version(text: str) -> str:
    if Version.parse(text) is None:
        raise ValueError("it names no version, such as 7+51c0de42")
    return text


VersionText = Annotated[str, AfterValidator(_version)]


class State(BaseModel):
    """What a check's state file says. Replaced as a whole, under the folder's lock."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    format: Literal[1] = 1
    changes: Annotated[int, Field(ge=0)] = 0
    """How often it was written: whoever reads it knows a change even where it says the same again."""

    active: VersionText | None = None
    audit: VersionText | None = None
    previous: Annotated[tuple[VersionText, ...], Field(max_length=PREVIOUS)] = ()
    """Which were active before, the latest first."""

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Return the state that a file holds.

        Raises:
            ModelRefusedError: If it holds none.
        """
        try:
            return cls.model_validate_json(data)
        except ValidationError as error:
            problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
            where = ".".join(map(str, problem["loc"]))
            raise ModelRefusedError(f"{FILE} is none: {where} {problem['msg']}".replace("  ", " ")) from None

    def activated(self, version: str) -> Self:
        """Return the state once a version is active."""
        previous = [one for one in (self.active, *self.previous) if one is not None and one != version][:PREVIOUS]
        audit = None if self.audit == version else self.audit
        return self._changed(active=version, audit=audit, previous=tuple(dict.fromkeys(previous)))

    def rolled_back(self) -> Self:
        """Return the state once the version that was active before is so again."""
        version, *previous = self.previous
        return self._changed(active=version, previous=tuple(previous))

    def on_trial(self, version: str | None) -> Self:
        """Return the state once a version is on trial, or none."""
        return self._changed(audit=version)

    def _changed(self, **changes: object) -> Self:
        return self.model_copy(update={**changes, "changes": self.changes + 1})


def state_bytes(folder: Path) -> bytes:
    """Return what the state file of a check's folder holds; nothing if there is none.

    Raises:
        ModelRefusedError: If it cannot be read.
    """
    path = folder / FILE
    return read_bytes(str(path), STATE_BYTES) if path.is_symlink() or path.exists() else b""


def read_state(folder: Path) -> State:
    """Return the state of a check's folder.

    Raises:
        ModelRefusedError: If the file is none.
    """
    return State.parse(data) if (data := state_bytes(folder)) else State()


def write_state(folder: Path, state: State) -> None:
    """Replace the state of a check's folder."""
    replace_bytes(folder / FILE, state.model_dump_json(indent=2).encode())
