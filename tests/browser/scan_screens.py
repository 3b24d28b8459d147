"""The resident's screens as a resident sees them: by their labels."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect


@dataclass
class Poster:
    """What a phone opens when it scans a venue's poster."""

    page: Page
    address: str

    def scan(self) -> None:
        self.page.goto(self.address)


@dataclass
class ResidentForm:
    """「全市居民小区健康登记管理系统」."""

    page: Page

    def fill_in(self, *, name: str, document: str, phone: str, room: str = "501") -> None:
        self.page.get_by_label("姓名", exact=True).fill(name)
        self.page.get_by_role("group", name="证件类型").get_by_label("身份证", exact=True).check()
        self.page.get_by_label("证件号", exact=True).fill(document)
        self.page.get_by_label("手机号").fill(phone)
        address = self.page.get_by_label("现住地址")
        if address.count():  # compounds ask where one lives
            address.fill(f"幸福小区3号楼2单元{room}室")

    def answer(self, question: str, answer: str) -> None:
        self.page.get_by_role("group", name=question).get_by_label(answer, exact=True).check()

    def consent(self) -> None:
        self.page.get_by_label("我已阅读并承诺遵守").check()

    def choose_origin(self, *names: str) -> None:
        for label, name in zip(("省", "市", "区县"), names, strict=True):
            self.page.get_by_label(label, exact=True).select_option(label=name)

    def error_of(self, label: str) -> Locator:
        field = self.page.get_by_label(label, exact=True)
        return self.page.locator(f"#{field.get_attribute('id')}-error")

    def submit(self) -> None:
        self.page.get_by_role("button", name="提交").click()


@dataclass
class Confirmation:
    """「登记信息确认」."""

    page: Page

    def people(self) -> Locator:
        return self.page.get_by_role("button", name="此身份登记")

    def register(self, position: int = 0) -> None:
        self.people().nth(position).click()

    def forget(self, position: int = 0) -> None:
        self.page.get_by_role("button", name="删除").nth(position).click()

    def fill_in_anew(self) -> None:
        self.page.get_by_role("button", name="重新填写").click()


@dataclass
class Result:
    """What the guard looks at."""

    page: Page

    def expect_registered(self, word: str) -> None:
        expect(self.page.get_by_role("heading", name=word)).to_be_visible()
        expect(self.page.get_by_text("登记成功")).to_be_visible()

    def expect_refused(self) -> None:
        expect(self.page.get_by_role("heading", name="非本小区人员，禁止入内")).to_be_visible()
        expect(self.page.get_by_text("登记成功")).to_have_count(0)

    def clock(self) -> str:
        return self.page.locator("[data-server-now]").inner_text()
