"""What durable work is called, and what follows when a run of it ends early."""

import pytest

from app.domain.retry import MOST_LATERS, may_put_off, wait_after_error
from app.domain.work import Order, after_error, after_later, number_of


def test_the_runs_of_one_work_share_their_ids_but_for_the_number() -> None:
    order = Order(name="repair", key="inc_a:b")
    assert [order.run_id(1), order.run_id(12)] == ["repair/inc_a:b:1", "repair/inc_a:b:12"]
    assert number_of(order.run_id(12)) == 12


@pytest.mark.parametrize(
    ("errors", "transient", "seconds"),
    [(0, True, 1.0), (1, True, 5.0), (2, True, 30.0), (3, True, None), (0, False, 5.0), (1, False, None), (2, False, None)],
)
def test_errors_that_usually_pass_get_three_more_runs_and_others_one(errors: int, transient: bool, seconds: float | None) -> None:  # noqa: FBT001 - a table's column
    assert wait_after_error(errors, transient=transient) == seconds


def test_work_may_put_itself_off_so_often_and_no_more() -> None:
    assert may_put_off(MOST_LATERS - 1)
    assert not may_put_off(MOST_LATERS)
    assert after_later(Order(name="a", key="b", laters=2), "a/b:1", {}, most=2) is None


def test_the_order_that_follows_knows_its_cause_and_what_was_kept() -> None:
    order = Order(name="a", key="b", args=[1], partition="p", laters=1, errors=1)
    later = after_later(order, "a/b:2", {"read": 5})
    assert later == Order(name="a", key="b", args=[1], partition="p", laters=2, errors=1, cause="a/b:2", kept={"read": 5})
    error = after_error(order, "a/b:2", {}, transient=True)
    assert error == (5.0, Order(name="a", key="b", args=[1], partition="p", laters=1, errors=2, cause="a/b:2"))
    assert after_error(order, "a/b:2", {}, transient=False) is None


@pytest.mark.parametrize(("laters", "errors", "waits"), [(0, 0, False), (1, 0, True), (0, 1, True)])
def test_work_that_waits_for_a_reason_of_its_own_is_told_apart(laters: int, errors: int, waits: bool) -> None:  # noqa: FBT001 - a table's column
    assert Order(name="a", key="b", laters=laters, errors=errors).put_off is waits
