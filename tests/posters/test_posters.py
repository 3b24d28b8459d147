"""The poster of Z-R9: what is on it can be read by a phone, by a person and by a PDF reader."""

import io
import subprocess
import sys
from dataclasses import replace
from datetime import date

import pypdf
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from app.posters import COMPOUND_TITLE, INSTRUCTIONS, Poster, render_pdf, render_png
from app.posters.layout import PAGE_HEIGHT, PAGE_WIDTH, Box, QrSquare, TextLine, lay_out

URL = "https://code.example.gov.cn/s/7K3M9QX2VB4T"
POSTER = Poster(
    title=COMPOUND_TITLE,
    venue_name="锦绣花园小区",
    area_name="金水区文化路街道",
    url=URL,
    short_code="7K3M-9QX2-VB4T",
    issuer="市疫情防控指挥部办公室",
    printed_on=date(2020, 3, 8),
    kind_label="小区",
)
LONG_NAME = (
    "龙子湖高校园区博学路与平安大道交叉口东南角省直机关事务管理局"
    "第三干部职工住宅小区（东区）及配套商业街区安置房项目二期工程"
)
LONG = replace(POSTER, venue_name=LONG_NAME)


def codes_in(image: Image.Image) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(image)]


def picture_of(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png))


def printed(pdf: bytes, *, dpi: int) -> Image.Image:
    return pypdfium2.PdfDocument(pdf)[0].render(scale=dpi / 72).to_pil()


def text_of(pdf: bytes) -> str:
    return "".join(pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split())


def test_the_long_name_has_sixty_characters() -> None:
    assert len(LONG_NAME) == 60


@pytest.mark.parametrize("poster", [POSTER, LONG], ids=["short name", "long name"])
def test_a_phone_reads_the_address_from_the_picture(poster: Poster) -> None:
    assert codes_in(picture_of(render_png(poster))) == [URL]


@pytest.mark.parametrize("poster", [POSTER, LONG], ids=["short name", "long name"])
def test_a_phone_reads_the_address_from_the_printed_page(poster: Poster) -> None:
    assert codes_in(printed(render_pdf(poster), dpi=150)) == [URL]


def test_a_picture_shrunk_for_a_chat_group_still_reads() -> None:
    assert codes_in(picture_of(render_png(POSTER)).convert("L").resize((496, 702))) == [URL]


def test_a_code_with_a_tenth_of_its_area_covered_still_reads() -> None:
    page = picture_of(render_png(POSTER)).convert("L")
    square = next(mark for mark in lay_out(POSTER) if isinstance(mark, QrSquare))
    stain = round(square.side * 0.24 * 300 / 25.4)
    middle = (round((square.x + square.side / 2) * 300 / 25.4), round((square.y + square.side / 2) * 300 / 25.4))
    page.paste(255, (middle[0] - stain // 2, middle[1] - stain // 2, middle[0] + stain // 2, middle[1] + stain // 2))
    assert codes_in(page) == [URL]


def test_the_picture_is_an_a4_page_at_300_dpi() -> None:
    picture = picture_of(render_png(POSTER))
    assert picture.size == (2480, 3508)
    assert [round(value) for value in picture.info["dpi"]] == [300, 300]


def test_the_picture_has_true_black_on_true_white_around_the_code() -> None:
    picture = picture_of(render_png(POSTER)).convert("RGB")
    assert picture.getpixel((2, 2)) == (255, 255, 255)
    assert (0, 0, 0) in {color for _, color in picture.getcolors(1024)}


def test_the_pdf_is_one_a4_page() -> None:
    pages = pypdf.PdfReader(io.BytesIO(render_pdf(POSTER))).pages
    assert [(round(page.mediabox.width), round(page.mediabox.height)) for page in pages] == [(595, 842)]


def test_the_pdf_says_what_the_poster_says() -> None:
    text = text_of(render_pdf(POSTER))
    for part in (COMPOUND_TITLE, "锦绣花园小区", "金水区文化路街道", *INSTRUCTIONS, "7K3M-9QX2-VB4T", URL):
        assert part in text
    assert "请每日核对本码，谨防覆盖、涂改" in text
    assert "市疫情防控指挥部办公室" in text
    assert "打印日期：2020年3月8日" in text


def test_a_name_of_sixty_characters_is_on_the_pdf_in_full() -> None:
    assert LONG_NAME in text_of(render_pdf(LONG))


def test_the_pdf_embeds_its_font_as_a_subset_and_no_picture() -> None:
    pdf = render_pdf(POSTER)
    page = pypdf.PdfReader(io.BytesIO(pdf)).pages[0]
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    descriptors = [font["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts]
    assert descriptors and all("/FontFile2" in descriptor for descriptor in descriptors)
    assert len(page.images) == 0
    assert len(pdf) < 60_000


def test_the_same_poster_gives_the_same_pdf() -> None:
    assert render_pdf(POSTER) == render_pdf(POSTER)


@pytest.mark.parametrize(
    "poster",
    [
        POSTER,
        LONG,
        replace(POSTER, venue_name="小" * 300),
        replace(POSTER, venue_name="W" * 90),
        replace(POSTER, area_name="区" * 120, issuer="某" * 90, title="题" * 80),
        replace(POSTER, instructions=[text * 6 for text in INSTRUCTIONS]),
        replace(POSTER, url=URL + "/" + "a" * 150),
        replace(POSTER, venue_name="", area_name="", issuer="", instructions=[]),
    ],
)
def test_nothing_leaves_the_sheet_or_covers_the_code(poster: Poster) -> None:
    marks = lay_out(poster)
    square = next(mark for mark in marks if isinstance(mark, QrSquare))
    assert square.side >= 80
    for mark in marks:
        if isinstance(mark, Box):
            assert mark.x >= 6 and mark.x + mark.width <= PAGE_WIDTH - 6
        if isinstance(mark, TextLine):
            assert 6 <= mark.x <= PAGE_WIDTH - 6
            assert mark.size <= mark.y <= PAGE_HEIGHT - 6
            assert mark.y + 0.2 * mark.size < square.y or mark.y - mark.size > square.y + square.side - 1


def test_a_character_that_the_font_lacks_is_shown_as_a_gap() -> None:
    name = "\U00020bb7家村"
    assert "〓家村" in text_of(render_pdf(replace(POSTER, venue_name=name)))
    assert codes_in(picture_of(render_png(replace(POSTER, venue_name=name)))) == [URL]


def test_nothing_that_draws_is_loaded_before_the_first_poster() -> None:
    asked = "import sys, app.posters; print({'fpdf', 'fontTools', 'PIL', 'qrcode'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"
