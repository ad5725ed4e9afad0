"""What a model looks at: declared features, and how their values become a matrix of numbers.

encoding = Encoding.fit(features, columns)
matrix = encoding.encode(columns)
"""

from ._encoding import Column, Encoding, Floats
from ._single import SingleEncoder
from ._spec import FeatureKind, FeatureSpec, fingerprint

__all__ = ["Column", "Encoding", "FeatureKind", "FeatureSpec", "Floats", "SingleEncoder", "fingerprint"]
