"""The kinds of subscriptions in the store, and names for them."""

from __future__ import annotations

from dataclasses import replace

from ghl_triage.model import Caps, Confidence, Coverage, LearnedName, Path, Signature
from ghl_triage.store.reader import Reader
from ghl_triage.store.signatures import FoundSignature
from ghl_triage.store.writer import Writer
from tests.store.given import NOW, case, customer, subscription

SHOP = Signature("ca_shop", ("order", "plan"), "Course for", "price_1")
PLAIN = Signature(price="price_1")


def test_kinds_are_counted_with_their_paths_and_their_newest_cases(writer: Writer, reader: Reader) -> None:
    cases = [case(number, signature=SHOP, created=NOW + number) for number in range(1, 6)]
    cases[0] = replace(cases[0], path=Path.UNKNOWN, path_confidence=Confidence.WEAK)
    writer.save_cases([*cases, case(9, signature=PLAIN), case(10)])
    shop, plain = reader.signatures()
    parts = ((Path.API, Confidence.STRONG, 4), (Path.UNKNOWN, Confidence.WEAK, 1))
    assert shop == FoundSignature(SHOP, 5, parts, ("sub_5", "sub_4", "sub_3"))
    assert (plain.signature, plain.count, plain.examples) == (PLAIN, 1, ("sub_9",))
    assert reader.case("sub_5") == cases[4], "a case comes back with its signature"


def test_a_case_of_another_kind_or_path_is_counted_there(writer: Writer, reader: Reader) -> None:
    writer.save_cases([case(1, signature=SHOP)])
    writer.save_cases([case(1, signature=PLAIN, path=Path.CHECKOUT)])
    assert [(each.signature, each.attributed) for each in reader.signatures()] == [
        (PLAIN, ((Path.CHECKOUT, Confidence.STRONG, 1),))
    ]


def test_a_case_that_is_gone_is_not_counted(writer: Writer, reader: Reader) -> None:
    writer.write_objects([customer(), subscription()], fetched_at=NOW)
    writer.rediagnose(["cus_1"], NOW, Caps())
    assert [each.count for each in reader.signatures()] == [1]
    writer.mark_deleted("subscription", ["sub_1"])
    writer.rediagnose(["cus_1"], NOW, Caps())
    assert reader.signatures() == []


def test_a_name_concerns_only_those_whom_it_calls_otherwise(writer: Writer, reader: Reader) -> None:
    writer.save_cases([case(1, signature=SHOP), case(2, signature=PLAIN), case(3, signature=SHOP)])
    name = LearnedName("shop", Path.API, application="ca_shop")
    assert writer.save_learned((name,)) == {"cus_1", "cus_3"}
    assert reader.coverage() == Coverage(learned=(name,))
    assert writer.save_learned((replace(name, note="asked Bob"),)) == set(), "a note changes no verdict"
    wider = LearnedName("all", Path.UNKNOWN, price="price_1")
    assert writer.save_learned((name, wider)) == {"cus_2"}, "of two names that say as much the first one counts"
    assert writer.save_learned((wider, name)) == {"cus_1", "cus_3"}
    assert writer.save_learned(()) == {"cus_1", "cus_2", "cus_3"}


def test_coverage_that_is_saved_again_keeps_the_names(writer: Writer, reader: Reader) -> None:
    writer.save_learned((LearnedName("shop", Path.API, metadata=("plan",)),))
    writer.save_coverage(replace(reader.coverage(), charges_since=NOW))
    writer.save_learned(())
    assert reader.coverage() == Coverage(charges_since=NOW)


def test_verdicts_stand_under_the_names(writer: Writer, reader: Reader) -> None:
    writer.write_objects([customer(), subscription(metadata={"plan": "gold"})], fetched_at=NOW)
    writer.rediagnose(["cus_1"], NOW, Caps())
    customers = writer.save_learned((LearnedName("mine", Path.HIGHLEVEL, metadata=("plan",)),))
    writer.rediagnose(customers, NOW, Caps())
    found = reader.case("sub_1")
    assert found is not None
    assert (found.path, 'learned name "mine"' in found.path_evidence) == (Path.HIGHLEVEL, True)
    assert reader.signatures()[0].attributed[0][0] is Path.HIGHLEVEL
