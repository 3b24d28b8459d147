"""What the city types about risk areas: one place, and the district that a published name means (2.1)."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from app.domain.areas import AreaLevel
from app.domain.risk import RiskLevel
from app.forms.typed_areas import district_code
from app.models import RiskArea, RiskAreaList
from app.services import areas, risk_area_entries
from app.services.audit import Actor
from app.services.risk_area_entries import NewRiskArea
from app.views.identity import account

_NAMED = (AreaLevel.PROVINCE, AreaLevel.CITY, AreaLevel.DISTRICT)


class RiskAreaForm(FlaskForm):
    """「新建」: one place by hand."""

    level = SelectField(
        lazy_gettext("风险等级"), choices=[(level.name, lazy_gettext(level.label)) for level in RiskLevel]
    )
    area = StringField(
        lazy_gettext("所在区县"),
        [InputRequired(lazy_gettext("请填写省、市、区县")), Length(max=80)],
        render_kw={"placeholder": lazy_gettext("如：湖北省武汉市武昌区")},
    )
    place = StringField(lazy_gettext("地点"), [Length(max=200)])
    from_day = DateField(lazy_gettext("开始日期"), [InputRequired(lazy_gettext("请填写开始日期"))])
    until_day = DateField(lazy_gettext("结束日期"), [Optional()])
    ground = TextAreaField(
        lazy_gettext("依据"), [InputRequired(lazy_gettext("请写明依据，例如通告名称和文号")), Length(max=200)]
    )


class AssignForm(FlaskForm):
    """「指定地区」: the district that a published name means."""

    area = StringField(
        lazy_gettext("所在区县"),
        [InputRequired(lazy_gettext("请填写省、市、区县")), Length(max=80)],
        render_kw={"placeholder": lazy_gettext("如：湖北省武汉市武昌区")},
        description=lazy_gettext("以后的名单再出现这个名称时，会自动对应到这里。"),
    )


def create(form: RiskAreaForm, _actor: Actor) -> RiskAreaList:
    code = district_code(form.area.data or "", field="area")
    province, city, county = (areas.name_of(code[: level.code_length]) for level in _NAMED)
    new = NewRiskArea(
        level=RiskLevel[form.level.data],
        province=province,
        city=city,
        county=county,
        places=(form.place.data.strip(),) if form.place.data else (),
        from_day=form.from_day.data,
        until_day=form.until_day.data,
        ground=form.ground.data or "",
    )
    return risk_area_entries.enter(code, new, account=account())


def assign(row: RiskArea, form: AssignForm, _actor: Actor) -> None:
    risk_area_entries.assign(row, district_code(form.area.data or "", field="area"), account=account())
