"""Personal data as screens show it: enough to recognise one's own, too little to learn another's (Z-S3, X10)."""

import re
from ipaddress import IPv4Address, ip_address

_MASK = "*"
_SHORTEST_LONG_DOCUMENT = 15
_SHORTEST_DOCUMENT = 7
_SHORTEST_PHONE = 8
_ADDRESS_HEAD = 12
_IPV6_PARTS_SHOWN = 3  # what a provider has; the fourth is one customer
_FIRST_NUMBER = re.compile(r"[0-9〇零一二三四五六七八九十百]+(?=[号栋幢座楼单层室户#-]|$)|[0-9]")


def mask_name(name: str) -> str:
    """The first character and one star, whatever the length: 何* (manual, 「登记信息确认」)."""
    return name[:1] + _MASK if name else ""


def mask_document(number: str) -> str:
    """The first four and last two of a long number; shorter papers show less, so that most stays hidden."""
    if len(number) >= _SHORTEST_LONG_DOCUMENT:
        return _keep(number, 4, 2)
    return _keep(number, 2, 2) if len(number) >= _SHORTEST_DOCUMENT else _keep(number, 1, 1)


def mask_phone(number: str) -> str:
    """The first three and last four: 138****5678."""
    return _keep(number, 3, 4) if len(number) > _SHORTEST_PHONE else _keep(number, 1, 1)


def mask_address(address: str) -> str:
    """Street or compound, without house, building and room: what follows the first number is hidden."""
    if not address:
        return ""
    number = _FIRST_NUMBER.search(address)
    end = number.start() if number else (len(address) + 1) // 2
    return address[: min(end, _ADDRESS_HEAD)] + _MASK * 3


def mask_plate(plate: str) -> str:
    """Where a car is from, and its last character: 豫A****5."""
    return _keep(plate, 2, 1)


def mask_network(address: str) -> str:
    """The network of an IP address without its last part: 203.0.113.*; nothing for what is no address."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, IPv4Address):
        return str(found).rpartition(".")[0] + "." + _MASK
    return ":".join(found.exploded.split(":")[:_IPV6_PARTS_SHOWN]) + ":" + _MASK


def _keep(text: str, head: int, tail: int) -> str:
    hidden = len(text) - head - tail
    if hidden <= 0:
        return _MASK * len(text)
    return text[:head] + _MASK * hidden + text[-tail:]
