"""What a line does with a value without code: steps between the JSON outside and the JSON that its field's type takes.

Each step works both ways. Inward, steps run in order and then the type's `parse`; outward, the type's `present` and then the
steps in reverse order. `inward` refuses with a sentence (WrongValue); `outward` never fails. A value that `inward` has
accepted comes back the same after `outward` and `inward`.
"""

from mappings.steps.lookup import Lookup, scalar
from mappings.steps.number import NumberText, Rounded
from mappings.steps.step import Step
from mappings.steps.text import Tidied

__all__ = ["Lookup", "NumberText", "Rounded", "Step", "Tidied", "scalar"]
