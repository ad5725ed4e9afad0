"""What each feature added to a score: amounts that add up to the score less that of a typical event.

typical = Typical.of(matrix)
explainer = Explainer(scorer, typical, encoding.owners)
amounts = explainer.amounts(row)
"""

from ._explainer import Explainer
from ._orders import amounts_of_sets, contributions
from ._typical import Typical

__all__ = ["Explainer", "Typical", "amounts_of_sets", "contributions"]
