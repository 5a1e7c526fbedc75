"""The pivot of grouped counts, against the plainest loop."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from survey_app.documents.pivot import pivot_sums

CELLS = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.integers(0, 10**12)), max_size=30
)


@given(CELLS)
def test_sums_are_those_of_a_loop(cells: list[tuple[str, str, int]]) -> None:
    sums: Counter[tuple[str, str]] = Counter()
    for row, column, number in cells:
        sums[row, column] += number
    expected = {
        row: [sums[row, column] if (row, column) in sums else None for column in "zyx"]
        for row in "cba"
        if any((row, column) in sums for column in "zyx")
    }
    found = pivot_sums(cells, rows="cba", columns="zyx")
    assert found == expected and list(found) == list(expected)


def test_what_is_not_asked_for_is_left_out() -> None:
    cells = [("a", "x", 1), ("a", "gone", 5), ("elsewhere", "x", 7)]
    assert pivot_sums(cells, rows=["b", "a"], columns=["x", "y"]) == {"a": [1, None]}
    assert pivot_sums([], rows=["a"], columns=["x"]) == {}
