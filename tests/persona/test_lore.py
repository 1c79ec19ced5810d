"""What comes up: keys, logic, time, chance, decorators, and expressions that would never end."""

import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion import yaml
from companion.persona import decorators, loading, lore, lorebooks
from companion.persona.lore import Book, Entry, Talk, activated, within
from companion.persona.macros import Names


def up(entry: Entry | dict[str, Any], *texts: str, **talk: Any) -> bool:
    """Tell whether an entry comes up when these things were said."""
    if isinstance(entry, Entry):
        return activated(Book((entry,)), Talk(texts, **talk)) != ()
    return activated(lorebooks.book({"entries": [{"content": "x", **entry}]}), Talk(texts, **talk)) != ()


def contents(book: Book, *texts: str, **talk: Any) -> list[str]:
    return [entry.content for entry in activated(book, Talk(texts, **talk))]


# Keys


@pytest.mark.parametrize(
    ("entry", "text", "comes"),
    [
        ({"keys": ["clock"]}, "The Clock stopped.", True),
        ({"keys": ["clock"], "case_sensitive": True}, "The Clock stopped.", False),
        ({"keys": ["clock", "tower"]}, "a tower", True),
        ({"keys": []}, "clock", False),
        ({"keys": ["", "  "]}, "clock", False),
        ({"keys": ["cat"], "extensions": {"match_whole_words": True}}, "concatenate", False),
        ({"keys": ["cat"], "extensions": {"match_whole_words": True}}, "a cat.", True),
        ({"keys": ["old cat"], "extensions": {"match_whole_words": True}}, "bold cats", True),
        ({"keys": ["時計"], "extensions": {"match_whole_words": True}}, "古い時計台", True),
        ({"keys": ["cat"]}, "concatenate", True),
        ({"keys": ["/c.t/i"]}, "a CUT", True),
        ({"keys": ["/c.t/"]}, "a CUT", False),
        ({"keys": ["c.t"]}, "a cut", False),
        ({"keys": ["c.t"], "use_regex": True}, "a cut", True),
        ({"keys": ["(unclosed"], "use_regex": True}, "(unclosed", False),
        ({"keys": ["x"], "use_regex": True, "constant": True}, "y", False),
        ({"keys": ["x"], "constant": True}, "y", True),
        ({"keys": ["a"], "use_regex": True, "selective": True, "secondary_keys": ["b"]}, "a", True),
    ],
)
def test_keys_bring_it_up(entry, text, comes):
    assert up(entry, text) is comes


@pytest.mark.parametrize(
    ("logic", "text", "comes"),
    [
        (0, "k a", True), (0, "k", False),
        (1, "k a", True), (1, "k a b", False), (1, "k", True),
        (2, "k", True), (2, "k a", False),
        (3, "k a b", True), (3, "k a", False),
    ],
)  # fmt: skip
def test_second_keys_have_their_logic(logic, text, comes):
    entry = {"keys": ["k"], "secondary_keys": ["a", "b"], "selective": True, "extensions": {"selectiveLogic": logic}}
    assert up(entry, text) is comes


def test_second_keys_do_not_count_unless_the_entry_says_so():
    assert up({"keys": ["k"], "secondary_keys": ["a"], "selective": False}, "k")


def test_a_disabled_entry_does_not_come():
    assert lorebooks.book({"entries": [{"keys": ["k"], "content": "x", "enabled": False}]}).entries == ()
    assert lorebooks.book({"entries": {"0": {"key": ["k"], "content": "x", "disable": True}}}).entries == ()


def test_an_entry_without_content_tells_nothing():
    assert not up({"keys": ["k"], "content": " \n"}, "k")


def test_keys_are_sought_only_so_far_back():
    talk = ["clock", "b", "c", "d", "e"]
    assert not up({"keys": ["clock"]}, *talk)
    assert up({"keys": ["clock"], "extensions": {"scan_depth": 5}}, *talk)
    assert lorebooks.book({"scan_depth": 5, "entries": []}).scan_depth == 5


def test_an_expression_that_never_ends_is_no_match_and_costs_little():
    catastrophes = [r"(a|a)*\1b$", r"(.*)(.*)(.*)(.*)\1\2\3z", r"^(([a-z])+.)+[0-9]([a-z])+$", r"(x+x+)+y"]
    entries = tuple(Entry("x", keys=(pattern,), use_regex=True) for pattern in catastrophes * 30)
    began = time.process_time()
    assert contents(Book(entries), "a" * 3000 + "x" * 3000) == []
    assert time.process_time() - began < 10 * lore.REGEX_SECONDS_IN_ALL


# Order, room, chance, groups, recursion, time


def test_entries_are_told_in_their_order():
    entries = [{"keys": ["k"], "content": name, "insertion_order": order} for name, order in (("b", 2), ("a", 1))]
    before = {"keys": ["k"], "content": "c", "insertion_order": 9, "position": "before_char"}
    assert contents(lorebooks.book({"entries": [*entries, before]}), "k") == ["c", "a", "b"]


def test_when_room_is_short_the_lowest_priority_goes_first_and_what_is_constant_stays():
    entries = (Entry("aa", priority=1), Entry("bb", priority=9), Entry("cc", constant=True, priority=0))
    assert [entry.content for entry in within(entries, 4, len)] == ["bb", "cc"]


def test_without_priorities_the_lowest_order_goes_first():
    assert [entry.content for entry in within((Entry("a", order=1), Entry("b", order=2)), 1, len)] == ["b"]


def test_what_ignores_the_budget_comes_whatever_it_costs():
    assert within((Entry("long text", ignores_budget=True),), 0, len)


def test_chance_decides_alike_for_the_same_talk_and_about_as_often_as_asked():
    entry = Entry("x", keys=("k",), probability=30)
    came = [up(entry, "k", seed=str(seed)) for seed in range(400)]
    assert came == [up(entry, "k", seed=str(seed)) for seed in range(400)]
    assert 80 < sum(came) < 160
    assert not up(Entry("x", keys=("k",), probability=0), "k")


def test_of_one_group_only_one_comes():
    entries = tuple(Entry(name, keys=("k",), group="weather", weight=w) for name, w in (("sun", 1), ("rain", 99)))
    came = [contents(Book(entries), "k", seed=str(seed)) for seed in range(100)]
    assert {len(names) for names in came} == {1}
    assert sum(names == ["rain"] for names in came) > 80


def test_what_is_told_brings_up_more_if_the_book_is_recursive():
    entries = (Entry("the tower", keys=("clock",)), Entry("a bell", keys=("tower",)))
    assert contents(Book(entries, recursive=True), "clock") == ["the tower", "a bell"]
    assert contents(Book(entries), "clock") == ["the tower"]


def test_recursion_can_be_kept_from_bringing_up_and_from_being_brought_up():
    tower, bell = Entry("the tower", keys=("clock",)), Entry("a bell", keys=("tower",))
    assert contents(Book((Entry("the tower", keys=("clock",), recurses=False), bell), recursive=True), "clock") == [
        "the tower"
    ]
    assert contents(Book((tower, Entry("a bell", keys=("tower",), recursed=False)), recursive=True), "clock") == [
        "the tower"
    ]
    only = Entry("a bell", keys=("tower",), only_recursed=True)
    assert contents(Book((tower, only), recursive=True), "tower") == []
    assert contents(Book((tower, only), recursive=True), "clock") == ["the tower", "a bell"]


def test_entries_that_bring_up_each_other_come_once():
    entries = (Entry("b", keys=("a",)), Entry("a", keys=("b",)))
    assert contents(Book(entries, recursive=True), "a") == ["b", "a"]


def test_in_recursion_hidden_keys_count_and_comments_do_not():
    entries = (
        Entry("x {{hidden_key:tower}} {{// castle}}", keys=("k",)),
        Entry("y", keys=("tower",)),
        Entry("z", keys=("castle",)),
    )
    assert len(contents(Book(entries, recursive=True), "k", names=Names("a", "b"))) == 2


def test_delay_and_cooldown_are_counted_in_messages():
    assert not up(Entry("x", keys=("k",), delay=2), "a", "k")
    assert up(Entry("x", keys=("k",), delay=2), "a", "b", "k")
    resting = Entry("x", keys=("k",), cooldown=3)
    assert [up(resting, "k", told={"x": age}) for age in (0, 1, 3, 4)] == [True, False, False, True]
    sticky = Entry("x", keys=("k",), sticky=2, cooldown=1)
    assert [up(sticky, "k", told={"x": age}) for age in (2, 3, 4)] == [True, False, True]


# Decorators, one by one


def decorated(lines: str, *texts: str, **talk: Any) -> bool:
    return up({"keys": ["k"], "content": f"{lines}\nx"}, *texts, **talk)


def test_decorators_are_not_told():
    assert decorators.read("@@depth 3\n  @@role user\n\nText.\n@@not_at_the_top")[1] == "Text.\n@@not_at_the_top"


def test_activate_only_after():
    assert [decorated("@@activate_only_after 2", "k", replies=n) for n in (0, 1, 2, 3)] == [False, False, True, True]


def test_activate_only_every():
    assert [decorated("@@activate_only_every 2", "k", replies=n) for n in (0, 1, 2, 4)] == [False, False, True, True]


def test_keep_activate_after_match():
    assert decorated("@@keep_activate_after_match", "nothing", told={"x": 7})
    assert not decorated("@@keep_activate_after_match", "nothing")


def test_dont_activate_after_match():
    assert decorated("@@dont_activate_after_match", "k")
    assert not decorated("@@dont_activate_after_match", "k", told={"x": 7})


def test_scan_depth():
    assert decorated("@@scan_depth 9", "k", "a", "b", "c", "d", "e")
    assert not decorated("@@scan_depth 0", "k")


def test_is_greeting():
    assert [decorated("@@is_greeting 1", "k", greeting=which) for which in (0, 1, None)] == [False, True, False]


def test_ignore_on_max_context():
    assert decorated("@@ignore_on_max_context", "k")
    assert not decorated("@@ignore_on_max_context", "k", full=True)


def test_additional_keys_may_be_given_more_than_once():
    assert decorated("@@additional_keys a, b\n@@additional_keys c", "c")
    assert decorated("@@additional_keys a, b", "b")


def test_exclude_keys():
    assert not decorated("@@exclude_keys a,b", "k b")


def test_activate_and_dont_activate():
    assert decorated("@@activate", "nothing")
    assert not decorated("@@dont_activate", "k")
    assert decorated("@@dont_activate\n@@activate", "nothing")


@pytest.mark.parametrize(
    ("line", "position"),
    [
        ("@@depth 0", 4), ("@@reverse_depth 1", 0), ("@@position before_desc", 0), ("@@position after_desc", 1),
        ("@@position personality", 1), ("@@position scenario", 1), ("@@depth 2\n@@position before_desc", 0),
    ],
)  # fmt: skip
def test_where_it_would_stand_becomes_its_place_among_others(line, position):
    assert lorebooks.book({"entries": [{"content": f"{line}\nx"}]}).entries[0].position == position


def test_what_has_no_meaning_here_is_read_and_kept():
    marks, _ = decorators.read("@@role assistant\n@@is_user_icon hat\n@@disable_ui_prompt system_prompt")
    assert (marks.role, marks.user_icon, marks.disable_ui_prompt) == ("assistant", "hat", "system_prompt")


def test_unknown_and_invalid_decorators_are_ignored():
    marks, text = decorators.read("@@unheard_of\n@@depth deep\n@@role nobody\n@@instruct_depth 3\nx")
    assert (marks, text) == (decorators.Decorators(), "x")


def test_the_first_of_a_repeated_decorator_wins():
    assert decorators.read("@@depth 1\n@@depth 2\nx")[0].depth == 1


def test_a_fallback_stands_in_for_what_is_not_known_above_it():
    assert decorators.read("@@unheard_of\n@@@depth 2\nx")[0].depth == 2
    assert decorators.read("@@depth 1\n@@@scan_depth 2\nx")[0].scan_depth is None
    five = "@@a_\n@@@b_\n@@@c_\n@@@d_\n@@@e_\n@@@depth 5\nx"
    assert decorators.read(five)[0].depth == 5


# Formats


def test_a_world_of_sillytavern_is_read_with_its_defaults():
    world = {"entries": {"0": {"uid": 0, "key": ["Eldoria"], "keysecondary": [], "comment": "c", "content": "A forest.",
             "constant": False, "selective": True, "order": 100, "position": 0, "disable": False}}}  # fmt: skip
    (entry,) = lorebooks.book(world).entries
    assert (entry.keys, entry.order, entry.probability, entry.selective) == (("Eldoria",), 100, 100, True)
    assert contents(lorebooks.book(world), "into eldoria") == ["A forest."]


def test_what_sillytavern_writes_into_a_card_means_what_it_meant_there():
    entry = {"keys": ["a.b"], "content": "x", "use_regex": True, "constant": True, "enabled": True,
             "extensions": {"selectiveLogic": 0, "probability": 40, "useProbability": False, "sticky": 2}}  # fmt: skip
    (made,) = lorebooks.book({"entries": [entry]}).entries
    assert (made.use_regex, made.constant, made.probability, made.sticky) == (False, True, 100, 2)


def test_the_entries_of_a_persona_file_are_lore():
    text = "name: A\nidentity: B\nlore:\n  - {keys: harbour, text: It froze once., also: [ice], logic: not_any}\n"
    persona = loading.validate(yaml.surveyed(text, Path("a.yaml")))
    book = lorebooks.of_persona(persona.lore)
    assert contents(book, "the harbour") == ["It froze once."]
    assert contents(book, "ice in the harbour") == []


@pytest.mark.parametrize(
    ("value", "is_one"),
    [
        ({"entries": {}}, True),
        ({"spec": "lorebook_v3", "data": {"entries": []}}, True),
        ({"spec": "chara_card_v2", "data": {}, "entries": []}, False),
        ({"first_mes": "", "entries": []}, False),
        ([], False),
        (None, False),
    ],
)
def test_a_lorebook_is_known_when_it_is_seen(value, is_one):
    assert lorebooks.is_book(value) is is_one


anything = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=True) | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)
FIELDS = """keys key content secondary_keys keysecondary enabled insertion_order order priority constant selective
use_regex position probability sticky scanDepth extensions""".split()


@given(
    st.lists(st.dictionaries(st.sampled_from(FIELDS), anything, max_size=6), max_size=3),
    st.booleans(),
    st.text(max_size=9),
)
def test_any_book_is_read_without_trouble(entries, world, text):
    value = {"entries": {str(n): entry for n, entry in enumerate(entries)} if world else entries}
    made = lorebooks.book(value)
    within(activated(made, Talk((text,))), 10, len)
