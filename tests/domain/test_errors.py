import pickle

from app.domain.errors import DomainError


def test_an_error_reads_as_its_text_with_the_values_filled_in() -> None:
    error = DomainError("还剩 %(days_left)s 天", code="key_area_days", days_left=3)
    assert str(error) == "还剩 3 天"


def test_an_error_without_values_may_contain_a_percent_sign() -> None:
    assert str(DomainError("完成率 100%", code="rate")) == "完成率 100%"


def test_an_error_keeps_what_it_says_on_its_way_between_processes() -> None:
    error = pickle.loads(pickle.dumps(DomainError("还剩 %(days)s 天", code="days", field="since", days=3)))
    assert (error.message, error.code, error.field, error.params) == ("还剩 %(days)s 天", "days", "since", {"days": 3})
