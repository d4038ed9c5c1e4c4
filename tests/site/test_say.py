# SPDX-License-Identifier: Apache-2.0
"""People add facts about a picture, and the same rules decide again."""

from tests.site.conftest import School, picture


def held_case(school: School, place: str) -> str:
    school.drop(place, picture())
    (line,) = school.process().values()
    assert line["verdict"] == "HOLD"
    return str(line["case"])


def verdict(school: School, case: str) -> str:
    listed = school.run("cases", "--json").lines
    return next(str(line["verdict"]) for line in listed if line["case"] == case)


def test_saying_who_is_in_it_frees_a_picture(a_school: School) -> None:
    case = held_case(a_school, "camera-1/1.JPG")
    done = a_school.run("say", case, "--person", "P01", "--person", "P02", "--json")
    assert done.code == 0, done.err
    assert [line["case"] for line in done.lines] == [case]
    assert verdict(a_school, case) == "KEEP"
    assert a_school.run("verify").code == 0


def test_saying_that_a_refused_child_is_in_it_holds_a_kept_picture(a_school: School) -> None:
    a_school.drop("camera-1/3B/1.JPG", picture())
    (line,) = a_school.process().values()
    assert line["verdict"] == "KEEP"
    assert a_school.run("say", line["case"], "--person", "P06").code == 0
    assert verdict(a_school, line["case"]) == "HOLD"


def test_the_newest_statement_counts(a_school: School) -> None:
    case = held_case(a_school, "camera-1/1.JPG")
    a_school.run("say", case, "--person", "P06")
    assert verdict(a_school, case) == "HOLD"
    a_school.run("say", case, "--person", "P01")
    assert verdict(a_school, case) == "KEEP"


def test_saying_who_was_absent_frees_every_picture_of_the_sitting(a_school: School) -> None:
    a_school.drop("camera-1/5A/1.JPG", picture(scene=1))
    a_school.drop("camera-1/5A/2.JPG", picture(scene=2))
    told = a_school.process()
    assert {line["verdict"] for line in told.values()} == {"HOLD"}
    case = next(iter(told.values()))["case"]
    assert a_school.run("say", case, "--absent", "P06").code == 0
    assert {verdict(a_school, line["case"]) for line in told.values()} == {"KEEP"}


def test_absence_needs_a_class_that_the_person_is_in(a_school: School) -> None:
    case = held_case(a_school, "camera-1/5A/1.JPG")
    done = a_school.run("say", case, "--absent", "P01")
    assert done.code == 2
    assert "say.no_sitting" in done.err


def test_a_reference_that_is_not_on_the_register_says_nothing(a_school: School) -> None:
    case = held_case(a_school, "camera-1/1.JPG")
    done = a_school.run("say", case, "--person", "P99")
    assert done.code == 2
    assert "P99" not in done.err
    assert verdict(a_school, case) == "HOLD"


def test_one_kind_of_statement_at_a_time(a_school: School) -> None:
    assert a_school.run("say", "x", "--nobody", "--person", "P01").code == 2
    assert a_school.run("say", "x").code == 2
