"""Accounts and those who hold them."""

from typing import Annotated, Literal

from pydantic import ConfigDict, EmailStr, Field, field_validator

from assay_server.contracts import EventContract, Sensitive


class UserRegistered(EventContract, event_type="user.registered", version="1.0.0"):
    """Somebody has opened an account."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Ada Lovelace", "email": "Ada@Example.com", "age": 36}]})

    name: Annotated[str, Field(min_length=1, max_length=100, description="How they want to be called.")]
    email: Annotated[EmailStr, Sensitive(), Field(description="Where to reach them, in lower case.")]
    age: Annotated[int, Field(ge=0, le=150, description="In years.")]
    role: Annotated[Literal["user", "moderator", "admin"], Field(description="What they may do.")] = "user"

    @field_validator("email")
    @classmethod
    def lower_case(cls, value: str) -> str:
        """An address is one and the same however it was typed."""
        return value.lower()
