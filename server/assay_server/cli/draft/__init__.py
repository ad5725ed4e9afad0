"""Contracts drafted from samples: what the samples have in common, and a module that says so.

- `_observe`: what values were seen at each place of the samples.
- `_formats`: which texts are times, addresses and the like.
- `_types`: which type accepts all of them.
- `_names`: names for fields and classes that Python, Pydantic and the module itself allow.
- `_module`: the module's text.
- `_command`: from files to a file.
"""

from ._command import draft_contract
from ._module import draft_module
from ._observe import Observation

__all__ = ["Observation", "draft_contract", "draft_module"]
