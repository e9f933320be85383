"""Departments as a tree."""

from hypothesis import given
from hypothesis import strategies as st

from shared.directory import Department
from shared.directory.tree import Branch, tree


def department(code: str, parent: str = "") -> Department:
    return Department(code, f"name of {code}", parent)


def shape(branches: list[Branch]) -> dict[str, object]:
    return {branch.department.org_code: shape(list(branch.children)) for branch in branches}


def test_children_may_come_before_their_parents():
    found = tree([department("c", "b"), department("b", "a"), department("d", "a"), department("a")])
    assert shape(found) == {"a": {"b": {"c": {}}, "d": {}}}


def test_unknown_parents_make_a_top():
    assert shape(tree([department("b", "nowhere"), department("a")])) == {"a": {}, "b": {}}


def test_a_circle_begins_with_its_smallest_code():
    found = tree([department("a", "c"), department("b", "d"), department("c", "b"), department("d", "c")])
    assert shape(found) == {"b": {"c": {"a": {}, "d": {}}}}
    assert shape(tree([department("a", "a")])) == {"a": {}}


def test_a_chain_may_be_long():
    codes = [f"{number:05}" for number in range(5000)]
    found = tree(department(code, parent) for code, parent in zip(codes, ["", *codes], strict=False))
    assert [(depth, each.org_code) for depth, each in found[0].walk()] == list(enumerate(codes))


@given(st.dictionaries(st.sampled_from("abcdefg"), st.sampled_from("abcdefgx")))
def test_every_department_stands_in_it_once(parents):
    found = tree(department(code, parent) for code, parent in parents.items())
    walked = [each for branch in found for _, each in branch.walk()]
    assert sorted(each.org_code for each in walked) == sorted(parents)


@given(st.dictionaries(st.sampled_from("abcdefg"), st.sampled_from("abcdefgx")))
def test_below_a_department_are_only_its_own(parents):
    waiting = tree(department(code, parent) for code, parent in parents.items())
    while waiting:
        branch = waiting.pop()
        assert {child.department.parent_code for child in branch.children} <= {branch.department.org_code}
        waiting += branch.children
