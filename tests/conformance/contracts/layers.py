"""Rules of every kind, clocks, and fields whose values nobody may see."""

import asyncio
from typing import Annotated, Any

from pydantic import BaseModel, Field, field_validator

from assay_server.contracts import Clock, EventContract, Sensitive, rule


class Ruled(EventContract, event_type="ruled", version="1.0.0"):
    """Says itself which rules find something, and which fail."""

    found: set[str] = Field(default_factory=set)
    fail: set[str] = Field(default_factory=set)

    @rule
    def rejects(self) -> bool:
        """Nothing is to be rejected."""
        return self._apply("rejects")

    @rule(enforcement="warn")
    def warns(self) -> bool | str:
        """Nothing is to be warned of."""
        return self._apply("warns") or "warned of, in the rule's own words"

    @rule(enforcement="audit")
    def tries(self) -> bool:
        """On trial."""
        return self._apply("tries")

    @rule(required=False)
    def may_fail(self) -> bool:
        """Not required."""
        return self._apply("may_fail")

    @rule
    async def awaited(self) -> bool:
        """Takes its time."""
        await asyncio.sleep(0)
        return self._apply("awaited")

    @rule(blocking=True)
    def blocks(self) -> bool:
        """Takes a thread."""
        return self._apply("blocks")

    @rule(enforcement="audit", required=True)
    def tries_failing(self) -> bool:
        """On trial, and required."""
        return self._apply("tries_failing")

    def _apply(self, name: str) -> bool:
        if name in self.fail:
            raise ValueError(name)
        return name not in self.found


class Clocked(EventContract, event_type="clocked", version="1.0.0"):
    """At most an hour old, and at most a minute ahead."""

    clock = Clock(max_age="1h", max_ahead="1m")


class Warned(EventContract, event_type="clocked.warned", version="1.0.0"):
    """Found when it is old, and read all the same."""

    number: int = 0
    clock = Clock(max_age="1h", enforcement="warn")


class Card(BaseModel):
    """A model with a sensitive field."""

    number: Annotated[str, Sensitive(), Field(min_length=12)]
    holder: str = ""


class Guarded(EventContract, event_type="guarded", version="1.0.0"):
    """Quotes what it may not."""

    secret: Annotated[str, Sensitive()] = ""
    pin: Annotated[int, Sensitive(), Field(lt=10_000)] = 0
    quoted: Annotated[Any, Sensitive()] = None
    card: Card | None = None
    open: int = 0

    @field_validator("quoted")
    @classmethod
    def nothing(cls, value: object) -> object:
        """Refuse whatever there is."""
        if value is not None:
            raise ValueError(f"not {value}")
        return value

    @rule
    def no_secrets(self) -> bool | str:
        """There is no secret."""
        return not self.secret or f"{self.secret} is secret"
