"""What exported graphs fix besides their signatures, compared."""

from dataclasses import replace
from typing import Any

import pytest

from namedtorch.archive.compare import compare
from namedtorch.archive.interface import Fixed, Input, Interface, Length, Output, Sequence
from namedtorch.archive.manifest import Manifest
from namedtorch.signature.hint_json import ELIDED
from namedtorch.signature.hints import DictHint, Hint, ListHint, OptionalHint, PlainHint
from namedtorch.signature.signature import Kind, Parameter, Signature
from tests.archive.compare_models import ONE, exported, function, manifest_of, tensor


def test_what_an_exported_graph_fixes() -> None:
    scaled = function(tensor("N"), x=tensor("N"), scale=(PlainHint("float"), 1.0))
    whole = manifest_of(scaled)
    once = exported(scaled, replace(ONE, fixed=(Fixed(("scale",), 1.0),)))
    twice = exported(scaled, replace(ONE, fixed=(Fixed(("scale",), 2.0),)))
    assert compare(whole, once).reasons == (
        "`scale`: the new model takes 1.0 alone, and the old one takes any",
    )
    assert compare(once, twice).reasons == (
        "`scale`: the new model takes 2.0 alone, and the old one takes 1.0",
    )
    assert compare(once, whole).changes == (
        "`scale`: the old model takes 1.0 alone, and the new one takes any",
    )
    assert compare(once, once).verdict == "identical"
    # Nobody who was written for the old model gives what it has not.
    bare = manifest_of(function(tensor("N"), x=tensor("N")))
    assert compare(bare, once).verdict == "compatible"


def test_what_was_exported_as_none_is_said_once() -> None:
    old = manifest_of(function(tensor("N"), x=tensor("N"), mask=(OptionalHint(tensor("N")), None)))
    none = function(tensor("N"), x=tensor("N"), mask=(PlainHint("None"), None))
    new = exported(none, replace(ONE, fixed=(Fixed(("mask",), None),)))
    assert compare(old, new).reasons == (
        "`mask`: the new model asks for `None`, and a caller of the old model has a tensor, `N`",
    )
    # Who gives None, or leaves it out, may do so where a mask is taken too.
    assert compare(new, old).verdict == "compatible"
    needed = manifest_of(function(tensor("N"), x=tensor("N"), mask=tensor("N")))
    assert compare(new, needed).reasons == (
        "the new model needs `mask`, and a caller of the old model may leave it out",
        "`mask` may be None in a caller of the old model, and the new model asks for `N`",
    )


def test_how_long_the_lists_of_an_exported_graph_are() -> None:
    images = function(ListHint(tensor("C ?K")), images=ListHint(tensor("C ?H ?W")))
    whole = manifest_of(images)

    def of_length(length: int) -> Manifest:
        inputs = tuple(Input(f"images_{place}", ("images", place)) for place in range(length))
        names = tuple(f"output_{place}" for place in range(length))
        result = Sequence("list", tuple(Output(place) for place in range(length)))
        return exported(images, Interface(inputs, names, result, lengths=(Length(("images",), length),)))

    assert compare(whole, of_length(2)).reasons == (
        "`images`: the new model takes 2 elements, and the old one takes any number",
    )
    assert compare(of_length(2), of_length(3)).reasons == (
        "`images`: the new model takes 3 elements, and the old one takes 2",
    )
    assert compare(of_length(2), whole).verdict == "compatible"
    found = compare(of_length(2), of_length(2))
    assert (found.verdict, found.notes) == ("identical", ())


def test_a_place_is_the_same_under_another_name() -> None:
    """What is passed by position alone may be called anything."""

    def times(name: str, **interface: Any) -> Manifest:
        count = Parameter(name, PlainHint("int"), Kind.POSITIONAL_ONLY)
        signature = Signature((Parameter("x", tensor("N"), Kind.POSITIONAL_ONLY), count), tensor("N"))
        return exported(signature, replace(ONE, **interface)) if interface else manifest_of(signature)

    whole, twice = times("n"), times("count", fixed=(Fixed(("count",), 2),))
    assert compare(whole, twice).reasons == (
        "`count`: the new model takes 2 alone, and the old one takes any",
    )
    assert compare(times("n", fixed=(Fixed(("n",), 2),)), twice).verdict == "identical"


def with_keys(hint: Hint, *keys: str | int) -> Manifest:
    """A graph whose argument is a dict with these keys."""
    inputs = tuple(Input(f"state_{key}", ("state", key)) for key in keys)
    lengths = () if keys else (Length(("state",), 0),)
    return exported(function(tensor("N"), state=hint), Interface(inputs, ("y",), Output(0), lengths=lengths))


@pytest.mark.parametrize("hint", [DictHint(tensor("N")), PlainHint("dict[str, Tensor]")])
def test_the_keys_of_the_dicts_of_an_exported_graph(hint: Hint) -> None:
    whole = manifest_of(function(tensor("N"), state=hint))
    assert compare(whole, with_keys(hint, "h", "c")).reasons == (
        "`state`: the new model takes the keys 'h', 'c' alone, and the old one takes any",
    )
    assert compare(with_keys(hint, "h"), with_keys(hint, "h", "c")).reasons == (
        "`state`: the new model takes the keys 'h', 'c' alone, and the old one takes 'h'",
    )
    assert compare(with_keys(hint), with_keys(hint, "h")).reasons == (
        "`state`: the new model takes the keys 'h' alone, and the old one takes none",
    )
    assert compare(with_keys(hint, "h", "c"), whole).verdict == "compatible"
    assert compare(with_keys(hint, "h", "c"), with_keys(hint, "c", "h")).verdict == "identical"


def test_a_list_of_tensors_without_dims_has_no_keys() -> None:
    hint = PlainHint("list[dict[str, Tensor]]")
    inputs = (Input("states_0_h", ("states", 0, "h")),)
    once = Interface(inputs, ("y",), Output(0), lengths=(Length(("states",), 1),))
    signature = function(tensor("N"), states=hint)
    assert compare(manifest_of(signature), exported(signature, once)).reasons == (
        "`states`: the new model takes 1 element, and the old one takes any number",
        "`states[0]`: the new model takes the keys 'h' alone, and the old one takes any",
    )


def test_an_element_that_may_be_none_and_was_exported_as_a_tensor() -> None:
    masks = function(tensor("N"), masks=ListHint(OptionalHint(tensor("N"))))

    def graph(first: bool) -> Manifest:
        inputs, fixed = (Input("masks_0", ("masks", 0)),), (Fixed(("masks", 1), None),)
        if not first:
            inputs, fixed = (Input("masks_1", ("masks", 1)),), (Fixed(("masks", 0), None),)
        return exported(
            masks, Interface(inputs, ("y",), Output(0), fixed=fixed, lengths=(Length(("masks",), 2),))
        )

    assert compare(graph(True), graph(True)).verdict == "identical"
    assert compare(graph(True), graph(False)).reasons == (
        "`masks[0]`: the new model takes None alone, and the old one takes a tensor",
        "`masks[1]`: the new model takes a tensor alone, and the old one takes None",
    )
    assert (
        "`masks[0]`: the new model takes a tensor alone, and the old one takes None too"
        in compare(manifest_of(masks), graph(True)).reasons
    )


def test_a_default_that_no_file_holds_is_fixed() -> None:
    sized = function(tensor("N"), x=tensor("N"), size=(PlainHint("tuple[int, int]"), ELIDED))
    assert compare(manifest_of(sized), exported(sized, ONE)).reasons == (
        "`size`: the new model takes its default alone, and the old one takes any",
    )
    assert compare(exported(sized, ONE), exported(sized, ONE)).verdict == "identical"
    assert compare(exported(sized, ONE), manifest_of(sized)).verdict == "compatible"
