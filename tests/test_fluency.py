"""Weighing wordings: what a page can say is likelier than what it cannot."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnrepair.restore.fluency import Fluency
from vnrepair.restore.lexicon import find_dictionaries
from vnrepair.restore.models import load_models


@pytest.fixture(scope="module")
def fluency() -> Fluency:
    models = load_models(find_dictionaries())
    return Fluency(models.lexicon, models.language_model)


@pytest.mark.parametrize(
    ("likely", "unlikely"),
    [
        ("Ủy ban nhân dân các xã, thị trấn", "Ủy bạn nhấn dân các xà, thi trần"),
        ("đơn vị thực hiện một số việc sau:", "đơn vị thực hiện một số việc cau:"),
        ("Nơi nhận: KT. GIÁM ĐỐC", "Nơi nhận: — ˆ . ` . _ KT. GIÁM ĐỐC"),
        ("quy định chi tiết", "quy địnhchi tiết"),
        ("chứng khoán", "chứng khOản"),
        ("phương thức đối tác", "ĐP H2HE thức đối tác"),
    ],
)
def test_what_people_write_is_likelier(fluency: Fluency, likely: str, unlikely: str) -> None:
    one, other = fluency.weigh([likely, unlikely])
    assert one > other


def test_figures_are_all_alike(fluency: Fluency) -> None:
    one, other = fluency.weigh(["ngày 12 tháng 5", "ngày 19 tháng 5"])
    assert one == other


def test_nothing_costs_nothing(fluency: Fluency) -> None:
    assert fluency.weigh([]) == []
    assert fluency.weigh([""]) == [0.0]


@given(st.lists(st.text("aạtđ .,-12`", max_size=12), max_size=6))
def test_a_text_weighs_the_same_alone_and_among_others(fluency: Fluency, texts: list[str]) -> None:
    together = fluency.weigh(texts)
    assert together == pytest.approx([fluency.weigh([text])[0] for text in texts], abs=1e-4)
    assert all(nats <= 0 for nats in together)
