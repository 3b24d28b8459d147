"""The captcha read aloud (Z-A3)."""

import io
import wave

from app.gateways.captcha import ALPHABET
from app.gateways.spoken_letters import read_aloud


def test_every_letter_of_the_alphabet_is_said_in_its_own_way() -> None:
    assert len({read_aloud(letter, seed="x") for letter in ALPHABET}) == len(ALPHABET)


def test_the_sound_is_short_small_and_playable() -> None:
    sound = read_aloud("ABWX", seed="x")
    with wave.open(io.BytesIO(sound)) as opened:
        assert (opened.getnchannels(), opened.getsampwidth(), opened.getframerate()) == (1, 1, 8000)
        assert 4 < opened.getnframes() / opened.getframerate() < 9
    assert len(sound) < 80_000


def test_a_captcha_always_sounds_the_same_and_two_with_the_same_letters_do_not() -> None:
    assert read_aloud("ABWX", seed="one") == read_aloud("ABWX", seed="one")
    assert read_aloud("ABWX", seed="one") != read_aloud("ABWX", seed="two")


def test_letters_are_loud_and_pauses_are_not_silent() -> None:
    """Between the letters there is noise: cutting at silence would hand a script the letters one by one."""
    with wave.open(io.BytesIO(read_aloud("T", seed="x"))) as opened:
        samples = opened.readframes(-1)
    pause = samples[:2400]
    assert max(samples) - min(samples) > 100
    assert 5 <= max(pause) - min(pause) <= 10
