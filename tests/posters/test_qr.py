"""QR codes for pages and downloads."""

import io
from xml.etree import ElementTree

import pytest
import zxingcpp
from PIL import Image

from app.posters import render_qr_png, render_qr_svg
from app.posters.qr import QUIET_ZONE, dark_runs, qr_matrix

URL = "https://code.example.gov.cn/s/7K3M9QX2VB4T"


@pytest.mark.parametrize("url", [URL, URL.upper(), "HTTPS://C.CN/1", URL + "?from=" + "x" * 300])
@pytest.mark.parametrize("scale", [2, 10])
def test_a_downloaded_code_reads_back(url: str, scale: int) -> None:
    code = zxingcpp.read_barcode(Image.open(io.BytesIO(render_qr_png(url, scale))))
    assert code is not None
    assert code.text == url
    assert code.ec_level == "Q"


def test_a_downloaded_code_has_scale_pixels_to_a_module() -> None:
    assert Image.open(io.BytesIO(render_qr_png(URL, 7))).width == 7 * len(qr_matrix(URL))


def test_a_code_is_surrounded_by_its_quiet_zone() -> None:
    matrix = qr_matrix(URL)
    rim = [*matrix[:QUIET_ZONE], *matrix[-QUIET_ZONE:]]
    assert not any(any(row) for row in rim)
    assert not any(any(row[:QUIET_ZONE]) or any(row[-QUIET_ZONE:]) for row in matrix)


def test_runs_cover_the_dark_modules_and_nothing_else() -> None:
    matrix = qr_matrix(URL)
    covered = {(x + step, y) for x, y, length in dark_runs(matrix) for step in range(length)}
    assert covered == {(x, y) for y, row in enumerate(matrix) for x, is_dark in enumerate(row) if is_dark}


def test_the_code_on_a_page_is_one_sharp_element_without_styles_of_its_own() -> None:
    svg = ElementTree.fromstring(render_qr_svg(URL, label='码"<'))
    assert svg.tag == "{http://www.w3.org/2000/svg}svg"
    assert svg.attrib["shape-rendering"] == "crispEdges"
    assert svg.attrib["viewBox"] == f"0 0 {len(qr_matrix(URL))} {len(qr_matrix(URL))}"
    assert svg.attrib["aria-label"] == '码"<'
    assert "style" not in svg.attrib
