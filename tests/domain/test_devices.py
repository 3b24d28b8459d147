"""Browsers and systems by their everyday names; the headers are real ones."""

import pytest

from app.domain.devices import Browser, System

_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
HEADERS = {
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/126.0.0.0 Safari/537.36": ("CHROME", "WINDOWS"),
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/126.0.0.0 Safari/537.36 Edg/126.0": ("EDGE", "WINDOWS"),
    "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0": ("FIREFOX", "LINUX"),
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_WEBKIT} Version/17.4 Safari/605.1.15": ("SAFARI", "MAC"),
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) {_WEBKIT} CriOS/126.0 Mobile Safari/604.1": (
        "CHROME", "IPHONE",
    ),
    f"Mozilla/5.0 (Linux; Android 13; V2154A) {_WEBKIT} Chrome/116.0 Mobile Safari/537.36 MicroMessenger/8.0.42": (
        "WECHAT", "ANDROID",
    ),
    f"Mozilla/5.0 (Linux; Android 12; HarmonyOS; ANA-AN00) {_WEBKIT} Chrome/114.0 HuaweiBrowser/15.0 Mobile": (
        "HUAWEI", "HARMONY",
    ),
    "curl/8.5.0": ("OTHER", "OTHER"),
    "": ("OTHER", "OTHER"),
}  # fmt: skip


@pytest.mark.parametrize(("header", "names"), HEADERS.items())
def test_a_device_is_called_as_people_call_it(header: str, names: tuple[str, str]) -> None:
    assert (Browser.of(header).name, System.of(header).name) == names
