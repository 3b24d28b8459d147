from app.domain.venues import VenueFamily, VenueKind


def test_only_places_of_residence_bind_who_scans_there_first() -> None:
    binding = {kind for kind in VenueKind if kind.binds}
    assert binding == {VenueKind.COMPOUND, VenueKind.VILLAGE, VenueKind.VIRTUAL_COMPOUND}


def test_a_family_lists_its_kinds_as_the_manual_does() -> None:
    # 北京专班 is the sixth: the manual speaks of its code with the returnees (Z-T8).
    kinds = ["小区", "村", "虚拟小区", "隔离点", "核酸检测点", "北京专班"]
    assert [kind.label for kind in VenueFamily.COMPOUND.kinds] == kinds
    assert [kind.label for kind in VenueFamily.CHECKPOINT.kinds] == ["机场", "高铁站", "火车站"]
    assert [kind.label for kind in VenueFamily.SECTOR.kinds] == [
        "公交",
        "地铁",
        "出租车",
        "商超",
        "公共服务",
        "公司班车",
        "医疗机构",
        "农贸市场",
        "专业市场",
        "其他",
        "景区",
    ]


def test_a_kind_is_told_by_two_letters() -> None:
    abbreviations = [kind.abbr for kind in VenueKind]
    assert len(set(abbreviations)) == len(abbreviations)
    assert all(len(abbr) == 2 and abbr.isascii() and abbr.isupper() for abbr in abbreviations)
