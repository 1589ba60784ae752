"""hypothesis strategies: values that XML-RPC carries."""

from hypothesis import strategies as st

from synchub.odoo.wire import LARGEST, SMALLEST, unsendable_text

TEXTS = st.text(st.characters(exclude_categories=["Cs"])).filter(
    lambda text: unsendable_text(text) is None
) | (
    st.sampled_from(["", " ", "\r\n", "a\rb", "\n", "]]>", "&#13;", "&amp;", "<value>", "<!DOCTYPE x>", "😀"])
)
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(SMALLEST, LARGEST)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=5),
    max_leaves=25,
)
