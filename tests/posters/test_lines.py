"""Line breaking of names on posters."""

from app.posters.font import text_width
from app.posters.lines import break_lines, fit_text


def test_no_line_starts_with_a_closing_mark() -> None:
    text = "东风路小区（一期）、南阳路小区（二期），以及其他。"
    for width in range(3, 30):
        assert all(line[0] not in "）、，。" for line in break_lines(text, width=width, size=1))


def test_no_line_ends_with_an_opening_mark() -> None:
    text = "东风路小区（一期）南阳路小区「二期」"
    for width in range(4, 20):
        assert all(line[-1] not in "（「" for line in break_lines(text, width=width, size=1))


def test_a_house_number_is_not_torn_apart() -> None:
    for width in range(4, 16):
        assert any("188号院" in line for line in break_lines("航海西路188号院东区", width=width, size=1))


def test_lines_are_no_wider_than_their_place_and_lose_no_character() -> None:
    text = "郑东新区龙子湖高校园区" * 6
    lines = break_lines(text, width=10, size=1)
    assert "".join(lines) == text
    assert all(text_width(line, 1) <= 10 for line in lines)


def test_a_name_of_two_lines_is_split_in_even_halves() -> None:
    fitted = fit_text("一二三四五六七八九十甲", width=10, height=3, largest=1, smallest=1)
    assert [len(line) for line in fitted.lines] == [6, 5]


def test_a_name_shrinks_until_it_fits() -> None:
    fitted = fit_text("小区" * 30, width=184, height=43, largest=19, smallest=9)
    assert 9 <= fitted.size < 19
    assert fitted.height <= 43


def test_what_fits_at_no_size_is_cut_with_an_ellipsis() -> None:
    fitted = fit_text("小区" * 500, width=100, height=20, largest=10, smallest=8)
    assert fitted.height <= 20
    assert fitted.lines[-1].endswith("…")
