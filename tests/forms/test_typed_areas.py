"""Places as people write them."""

from __future__ import annotations

import pytest
from flask import Flask

from app.domain.errors import DomainError
from app.forms.typed_areas import district_code


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("湖北省武汉市武昌区", "420106"),
        ("湖北 武汉 武昌", "420106"),
        ("武汉市武昌区", "420106"),
        ("武昌区", "420106"),
        ("湖北省 / 武汉市 / 武昌区", "420106"),
        ("北京市东城区", "110101"),
        ("湖北省仙桃市", "429004"),
        ("广东省东莞市", "441900"),
        ("河南省郑州市中原区", "410102"),
    ],
)
def test_a_place_is_known_however_it_is_written(app: Flask, typed: str, code: str) -> None:
    assert district_code(typed) == code


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("桃花源", "origin_unknown"),
        ("武汉市", "origin_unknown"),
        ("朝阳区", "origin_ambiguous"),
        ("省", "origin_unknown"),
    ],
)
def test_a_place_that_nobody_can_be_sure_of_is_refused(app: Flask, typed: str, fault: str) -> None:
    with pytest.raises(DomainError) as refused:
        district_code(typed)
    assert refused.value.code == fault
