"""The page that is made of the rows, whatever shape they have."""

from report import SECTIONS, markdown


def test_rows_of_one_shape_share_a_table():
    page = markdown({"load": {"a": {"clients": 3, "well": True}, "b": {"clients": 5, "well": False}, "c": 7}})
    assert "|  | clients | well |\n| --- | ---: | --- |\n| a | 3 | yes |\n| b | 5 | no |\n" in page
    assert "|  | value |\n| --- | ---: |\n| c | 7 |\n" in page


def test_what_is_nested_becomes_columns_and_rows():
    page = markdown({"faults": {"a": {"answer": {"status": 200}, "seen": []}, "b": [{"x": "1 | 2"}, {"x": None}]}})
    assert "|  | answer, status | seen |\n| --- | ---: | --- |\n| a | 200 | none |\n" in page
    assert "| b | 1 \\| 2 |\n| b | none |\n" in page


def test_an_absent_section_is_said_to_be_absent_and_an_unknown_one_is_shown():
    page = markdown({"machine": {"cores": 2}, "other": {"a": {"x": 1}}})
    assert page.count("Absent") == len(SECTIONS)
    assert "cores 2" in page and "## Other\n\n|  | x |" in page
