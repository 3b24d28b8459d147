"""Captchas of the sign-in page (Z-A3)."""

import io

from PIL import Image

from app.gateways.captcha import ALPHABET, LENGTH, new_captcha


def test_a_captcha_has_four_letters_of_its_alphabet() -> None:
    texts = [new_captcha().text for _ in range(50)]
    assert all(len(text) == LENGTH == 4 for text in texts)
    assert set("".join(texts)) <= set(ALPHABET)


def test_the_alphabet_is_upper_case_without_letters_taken_for_others() -> None:
    assert ALPHABET.isalpha() and ALPHABET.isupper() and ALPHABET.isascii()
    assert not set("IOSZ") & set(ALPHABET)


def test_the_picture_is_a_small_png() -> None:
    captcha = new_captcha()
    picture = Image.open(io.BytesIO(captcha.png))
    assert (picture.format, picture.size) == ("PNG", (160, 60))
    assert len(captcha.png) < 20_000


def test_captchas_differ() -> None:
    assert len({new_captcha().text for _ in range(20)}) > 15
