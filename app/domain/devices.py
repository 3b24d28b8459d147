"""What a browser says of itself, in plain words: enough for somebody to recognise one's own devices."""

from typing import Self

from app.domain.labels import N_, Labelled


class _Marked(Labelled):
    """Found in a user agent by its marks; the first one counts, for most browsers claim to be others too."""

    marks: tuple[str, ...]

    def __new__(cls, label: str, *marks: str) -> Self:
        member = object.__new__(cls)
        member._value_ = label
        member.marks = marks
        return member

    @classmethod
    def of(cls, user_agent: str) -> Self:
        """The one that this header names; any text will do."""
        return next(each for each in cls if any(mark in user_agent for mark in each.marks))


class Browser(_Marked):
    """A browser by its everyday name."""

    WECHAT = N_("微信"), "MicroMessenger"
    EDGE = "Edge", "Edg/", "EdgA/", "EdgiOS/"
    FIREFOX = "Firefox", "Firefox/", "FxiOS/"
    QQ = N_("QQ浏览器"), "QQBrowser"
    UC = N_("UC浏览器"), "UCBrowser"
    HUAWEI = N_("华为浏览器"), "HuaweiBrowser"
    XIAOMI = N_("小米浏览器"), "MiuiBrowser"
    CHROME = "Chrome", "Chrome/", "CriOS/"
    SAFARI = "Safari", "Safari/"
    OTHER = N_("其他浏览器"), ""


class System(_Marked):
    """What the browser runs on."""

    IPHONE = "iPhone", "iPhone"
    IPAD = "iPad", "iPad"
    HARMONY = N_("鸿蒙设备"), "HarmonyOS", "OpenHarmony"
    ANDROID = N_("安卓设备"), "Android"
    WINDOWS = "Windows", "Windows"
    MAC = "Mac", "Macintosh"
    LINUX = "Linux", "Linux", "X11"
    OTHER = N_("其他设备"), ""
