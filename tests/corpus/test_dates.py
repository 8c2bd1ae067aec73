import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.dates import age, epoch_seconds, iso_date, utc_day


@pytest.mark.parametrize(
    "written",
    [
        "2021-01-06T01:56:34.000Z",
        "2015-02-02T11:54:46+01:00",
        "2021-01-06T01:56:34",
        "2019-08-17",
    ],
)
def test_iso_8601_is_returned_unchanged(written: str) -> None:
    assert iso_date(written) == written


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("2019-08-17 09:30:00 +0800", "2019-08-17T09:30:00+08:00"),
        ("2019-08-17T09:30:00+0800", "2019-08-17T09:30:00+08:00"),
        ("2019-08-17 09:30 UTC", "2019-08-17T09:30:00Z"),
        ("2019/8/17", "2019-08-17"),
        ("2019.8.17", "2019-08-17"),
        ("2019年8月17日", "2019-08-17"),
        ("2019年8月17日 9:30", "2019-08-17T09:30:00"),
        ("20190817", "2019-08-17"),
        ("1609898194", "2021-01-06T01:56:34Z"),
        ("1609898194000", "2021-01-06T01:56:34Z"),
        ("Sat, 17 Aug 2019 09:30:00 +0800", "2019-08-17T09:30:00+08:00"),
        (" 2019-08-17 ", "2019-08-17"),
        ("2019-08-17,", "2019-08-17"),
        ("August 17, 2019", "2019-08-17"),
        ("17 Aug 2019", "2019-08-17"),
        ("Aug 17th, 2019 9:30 PM", "2019-08-17T21:30:00"),
        ("2019-08-17 12:30 AM", "2019-08-17T00:30:00"),
        ("2019/8/17 下午 9:30:00", "2019-08-17T21:30:00"),
        ("2019年8月17日 星期六 上午9:30", "2019-08-17T09:30:00"),
        ("2019/8/17 (六) 09:30", "2019-08-17T09:30:00"),
        ("Sat Aug 17 09:30:00 JST 2019", "2019-08-17T09:30:00+09:00"),
        ("2019-08-17 09:30 HKT", "2019-08-17T09:30:00+08:00"),
        ("2019-08-17 09:30:00 +08:00 CST", "2019-08-17T09:30:00+08:00"),
        ("Sat, 17 Aug 2019 09:30:00 +0800 (CST)", "2019-08-17T09:30:00+08:00"),
    ],
)
def test_other_forms_become_the_nearest_iso_form(written: str, iso: str) -> None:
    assert iso_date(written) == iso


@pytest.mark.parametrize(
    "written",
    [
        "Sat Aug 17 09:30:00 CST 2019",
        "Sat, 17 Aug 2019 09:30:00 CST",
        "2019-08-17 09:30:00 CST",
        "2019年8月17日 星期六 09:30:00 CST",
    ],
)
def test_cst_is_the_time_of_china_in_an_article_in_chinese(written: str) -> None:
    assert iso_date(written, in_chinese=True) == "2019-08-17T09:30:00+08:00"
    assert iso_date(written) == "2019-08-17T09:30:00-06:00"


@pytest.mark.parametrize("zone", ["IST", "BST", "AMST"])
def test_a_zone_that_may_mean_several_gives_no_offset(zone: str) -> None:
    assert iso_date(f"Sat Aug 17 09:30:00 {zone} 2019") == "2019-08-17T09:30:00"
    assert iso_date(f"2019-08-17 09:30:00 {zone}", in_chinese=True) == "2019-08-17T09:30:00"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "soon",
        "2019-13-01",
        "2019-02-30",
        "0000-01-01",
        "99999-01-01",
        "９９",
        "2019-08-17T25:00Z",
        "0001-01-01T00:00:00+14:00",
        "9" * 500,
        "2019-08-17 09:99",
    ],
)
def test_an_impossible_date_is_none(written: str) -> None:
    assert iso_date(written) is None


def test_days_and_seconds_are_in_utc() -> None:
    assert utc_day("2021-01-06T01:56:34+08:00") == "2021-01-05"
    assert utc_day("2021-01-06") == "2021-01-06"
    assert epoch_seconds("2021-01-06T01:56:34.000Z") == 1_609_898_194
    assert epoch_seconds("1970-01-02") == 86_400
    assert epoch_seconds("1970-01-01T08:00:00+08:00") == 0


@pytest.mark.parametrize("date", [None, "", "2021-13-06", "no date", "2021-01-06T01:56:34+99:99"])
def test_text_that_is_not_a_date_has_no_day_and_no_seconds(date: str | None) -> None:
    assert utc_day(date) is None
    assert epoch_seconds(date) is None


@given(st.datetimes(timezones=st.timezones()))
def test_every_iso_timestamp_is_returned_unchanged(moment: datetime) -> None:
    written = moment.isoformat()
    if re.search(r"[+-]\d\d:\d\d:\d\d", written):
        return  # ISO 8601 has no offsets with seconds, which were used before time zones
    iso = iso_date(written)
    if iso is not None:
        assert iso == written
        assert epoch_seconds(iso) == int(moment.timestamp())
    else:
        assert moment.year in {1, 9999}


@given(st.text(alphabet="0123456789-/:.T +Z年月日", max_size=40) | st.text(max_size=40))
def test_any_result_is_a_date(written: str) -> None:
    iso = iso_date(written)
    if iso is not None:
        assert iso_date(iso) == iso
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", utc_day(iso) or "")
        assert epoch_seconds(iso) is not None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(5, "less than a minute"), (60, "1 minute"), (7200, "2 hours"), (172_800, "2 days")],
)
def test_an_age_is_given_in_its_largest_unit(seconds: int, words: str) -> None:
    now = datetime.now(UTC)
    assert age((now - timedelta(seconds=seconds)).isoformat(), now) == words
