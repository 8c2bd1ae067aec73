from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.search.days import days, mentions
from corpus.search.periods import Days

TODAY = date(2024, 5, 15)  # a Wednesday


@pytest.mark.parametrize(
    ("question", "text", "value"),
    [
        # years
        ("疫情 2020", "2020", "2020"),
        ("2017年的颱風".replace("颱風", "台风"), "2017年", "2017"),
        ("二〇一七年的台风", "二〇一七年", "2017"),
        ("一九八四年出生的人", "一九八四年", "1984"),
        ("二零二零疫情", "二零二零", "2020"),
        ("民国109年的选举", "民国109年", "2020"),
        ("民国三十八年的大撤退", "民国三十八年", "1949"),
        ("民国元年", "民国元年", "1912"),
        ("九七年回归前", "九七年", "1997"),
        ("08年奥运", "08年", "2008"),
        ("earthquakes in 2018", "in 2018", "2018"),
        # months and days
        ("2020年6月的洪水", "2020年6月", "2020-06"),
        ("2020年6月份的洪水", "2020年6月份", "2020-06"),
        ("20年3月封城", "20年3月", "2020-03"),
        ("2020-06 洪水", "2020-06", "2020-06"),
        ("二〇一六年十二月的雾霾", "二〇一六年十二月", "2016-12"),
        ("floods of july 2021", "july 2021", "2021-07"),
        ("jan. 2021 riot", "jan. 2021", "2021-01"),
        ("2008年5月12号四川", "2008年5月12号", "2008-05-12"),
        ("2008年5月12四川", "2008年5月12", "2008-05-12"),
        ("二零零八年五月十二", "二零零八年五月十二", "2008-05-12"),
        ("20080512 地震", "20080512", "2008-05-12"),
        ("2008/5/12", "2008/5/12", "2008-05-12"),
        ("may 12, 2008 quake", "may 12, 2008", "2008-05-12"),
        ("on 12th of may 2008", "12th of may 2008", "2008-05-12"),
        # parts and stretches of years
        ("2016年春天的新书", "2016年春天", "2016-03-01/2016-05-31"),
        ("2016年冬天", "2016年冬天", "2016-12-01/2017-02-28"),
        ("summer of 2016", "summer of 2016", "2016-06-01/2016-08-31"),
        ("2016年下半年", "2016年下半年", "2016-07-01/2016-12-31"),
        ("2016年底的停电", "2016年底", "2016-11-01/2016-12-31"),
        ("2016年第三季度营收", "2016年第三季度", "2016-07-01/2016-09-30"),
        ("九十年代的流行曲", "九十年代", "1990-01-01/1999-12-31"),
        ("80年代", "80年代", "1980-01-01/1989-12-31"),
        ("music of the 1990s", "the 1990s", "1990-01-01/1999-12-31"),
        ("2015年到2018年的票房", "2015年到2018年", "2015-01-01/2018-12-31"),
        ("2015-2018 票房", "2015-2018", "2015-01-01/2018-12-31"),
        ("wars between 2015 and 2018", "between 2015 and 2018", "2015-01-01/2018-12-31"),
        ("2019年以来的变化", "2019年以来", "2019-01-01/2024-05-15"),
        ("since 2019", "since 2019", "2019-01-01/2024-05-15"),
        ("2015年以前的房价", "2015年以前", "0001-01-01/2014-12-31"),
        ("2015年前", "2015年前", "0001-01-01/2014-12-31"),
        ("before 2015", "before 2015", "0001-01-01/2014-12-31"),
        ("2021q1 财报", "2021q1", "2021-01-01/2021-03-31"),
        ("2021-q4 财报", "2021-q4", "2021-10-01/2021-12-31"),
        ("sales in q1 2021", "q1 2021", "2021-01-01/2021-03-31"),
        ("2021年第一季", "2021年第一季", "2021-01-01/2021-03-31"),
        ("the third quarter of 2021", "the third quarter of 2021", "2021-07-01/2021-09-30"),
        ("2021 h2", "2021 h2", "2021-07-01/2021-12-31"),
        ("first half of 2021", "first half of 2021", "2021-01-01/2021-06-30"),
        ("early 2021", "early 2021", "2021-01-01/2021-04-30"),
        ("the end of 2021", "the end of 2021", "2021-11-01/2021-12-31"),
        ("2020年年底的停电", "2020年年底", "2020-11-01/2020-12-31"),
        ("2020年中，罢工", "2020年中", "2020-05-01/2020-08-31"),
        ("2021年春的花", "2021年春", "2021-03-01/2021-05-31"),
        ("2021 jan riots", "2021 jan", "2021-01"),
        ("2021 january 6 riots", "2021 january 6", "2021-01-06"),
        ("2021 summer olympics", "2021 summer", "2021-06-01/2021-08-31"),
        ("2021/1 选举", "2021/1", "2021-01"),
        ("民国110年3月", "民国110年3月", "2021-03"),
        ("110年3月的停电", "110年3月", "2021-03"),
        ("上世纪20年代的上海", "上世纪20年代", "1920-01-01/1929-12-31"),
        ("十九世纪六十年代", "十九世纪六十年代", "1860-01-01/1869-12-31"),
        ("16世纪40年代的伦敦", "16世纪40年代", "1540-01-01/1549-12-31"),
        ("二十九世纪六十年代", "二十九世纪六十年代", "2860-01-01/2869-12-31"),
        ("2019到2021年", "2019到2021年", "2019-01-01/2021-12-31"),
        ("from 2019 to 2021", "from 2019 to 2021", "2019-01-01/2021-12-31"),
        ("2019 through 2021", "2019 through 2021", "2019-01-01/2021-12-31"),
        ("2019年和2021年之间的罢工", "2019年和2021年之间", "2019-01-01/2021-12-31"),
        ("2020年3月到5月", "2020年3月到5月", "2020-03-01/2020-05-31"),
        ("2020年3至5月", "2020年3至5月", "2020-03-01/2020-05-31"),
        ("2020年10月到3月", "2020年10月到3月", "2020-10-01/2021-03-31"),
    ],
)
def test_a_date_is_found_in_a_question(question: str, text: str, value: str) -> None:
    (mention,) = mentions(question, TODAY)
    assert question[mention.start : mention.end] == text
    assert (mention.days.value, mention.is_relative) == (value, False)


@pytest.mark.parametrize(
    ("question", "text", "value"),
    [
        ("今年的奥斯卡", "今年", "2024"),
        ("去年谁得奖", "去年", "2023"),
        ("前年的事", "前年", "2022"),
        ("去年夏天的台风", "去年夏天", "2023-06-01/2023-08-31"),
        ("去年6月", "去年6月", "2023-06"),
        ("三年前的新闻", "三年前", "2021"),
        ("3年前", "3年前", "2021"),
        ("两个月前", "两个月前", "2024-03"),
        ("上个月的文章", "上个月", "2024-04"),
        ("这个月", "这个月", "2024-05"),
        ("上周发生什么", "上周", "2024-05-06/2024-05-12"),
        ("上个星期", "上个星期", "2024-05-06/2024-05-12"),
        ("昨晚的球赛", "昨晚", "2024-05-14"),
        ("前天的新闻", "前天", "2024-05-13"),
        ("大前天", "大前天", "2024-05-12"),
        ("近三年的房价", "近三年", "2021-05-15/2024-05-15"),
        ("最近两周", "最近两周", "2024-05-01/2024-05-15"),
        ("what happened last week", "last week", "2024-05-06/2024-05-12"),
        ("last summer", "last summer", "2023-06-01/2023-08-31"),
        ("two years ago", "two years ago", "2022"),
        ("in the past 3 months", "past 3 months", "2024-02-15/2024-05-15"),
        ("the day before yesterday", "the day before yesterday", "2024-05-13"),
        ("the year before last", "the year before last", "2022"),
        ("news of the year\nbefore last", "the year\nbefore last", "2022"),
        ("last\u3000month", "last\u3000month", "2024-04"),
        ("the week before last", "the week before last", "2024-04-29/2024-05-05"),
        ("half a year ago", "half a year ago", "2023-11"),
        ("the past week", "past week", "2024-05-08/2024-05-15"),
        ("past month", "past month", "2024-04-15/2024-05-15"),
        ("last march", "last march", "2024-03"),
        ("last june", "last june", "2023-06"),
        ("last may", "last may", "2023-05"),
        ("last quarter's figures", "last quarter", "2024-01-01/2024-03-31"),
        ("the end of last year", "the end of last year", "2023-11-01/2023-12-31"),
        ("last friday's match", "last friday", "2024-05-10"),
        ("last wednesday", "last wednesday", "2024-05-08"),
        ("上上周", "上上周", "2024-04-29/2024-05-05"),
        ("上上个月", "上上个月", "2024-03"),
        ("上周三的会议", "上周三", "2024-05-08"),
        ("上周三名学生", "上周", "2024-05-06/2024-05-12"),
        ("上星期天", "上星期天", "2024-05-12"),
        ("大大前天", "大大前天", "2024-05-11"),
        ("去年今日", "去年今日", "2023-05-15"),
        ("去年年底", "去年年底", "2023-11-01/2023-12-31"),
        ("今年初", "今年初", "2024-01-01/2024-03-31"),
        ("半年前的新闻", "半年前", "2023-11"),
        ("一年半前", "一年半前", "2022-11"),
        ("过去半年", "过去半年", "2023-11-15/2024-05-15"),
        ("上一季", "上一季", "2024-01-01/2024-03-31"),
        ("本季度的营收", "本季度", "2024-04-01/2024-06-30"),
        ("上半年的营收", "上半年", "2024-01-01/2024-06-30"),
        ("下半年的营收", "下半年", "2023-07-01/2023-12-31"),
    ],
)
def test_a_relative_date_counts_from_today(question: str, text: str, value: str) -> None:
    (mention,) = mentions(question, TODAY)
    assert question[mention.start : mention.end] == text
    assert (mention.days.value, mention.is_relative) == (value, True)


@pytest.mark.parametrize(
    "question",
    [
        "2000个人的调查",
        "2000多人",
        "月薪3000元",
        "$2000",
        "2000 yuan",
        "第2000号文件",
        "iso-2022",
        "gb2312",
        "1024 乘以 1024",
        "may i ask who won",
        "march of the penguins",
        "三十年河东",
        "二十年后",
        "一年有几天",
        "几年前",
        "十几年前",
        "以前年轻人",
        "提前天数",
        "目前天气",
        "春天的故事",
        "六月飞雪",
        "上海周边",
        "明天会更好",
        "192.168.1.1",
        "2021-13",
        "2030 议程",
        "cyberpunk 2077",
        "1984 的小说",
        "奥威尔的1984",
        "2001太空漫游",
        "《1984》讲什么",
        "〈2012〉的结局",
        "2020 vision",
        "约2000",
        "海拔 2000",
        "windows 2000",
        "room 2021",
        "2000 years ago",
        "第一季",
        "年初",
        "三月",
        "march",
        "这一季节",
        "9" * 40,
        "",
    ],
)
def test_what_is_no_date_is_left_alone(question: str) -> None:
    assert mentions(question, TODAY) == []


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("2020年6月一场大雨", "2020-06"),
        ("2020年6月30人受伤", "2020-06"),
        ("2020年春节", "2020"),
        ("2020年初中入学", "2020"),
        ("2021年13月", "2021"),
        ("2021年中美关系", "2021"),
        ("2020台湾大选", "2020"),
        ("2020票房", "2020"),
        ("2020部分地区停电", "2020"),
        ("2020年3月到15月", "2020-03"),
    ],
)
def test_a_date_takes_no_more_than_its_own(question: str, value: str) -> None:
    assert [mention.days.value for mention in mentions(question, TODAY)] == [value]


@given(st.dates(), st.integers(0, 4_000))
def test_days_are_read_back_from_their_value(first: date, length: int) -> None:
    ordinal = min(first.toordinal() + length, date.max.toordinal())
    days = Days(first, date.fromordinal(ordinal))
    assert Days.of_value(days.value) == days


@given(
    st.text(st.sampled_from("年月日周天前去今上个三十廿〇二1209-/. 到以来春初民国"), max_size=20),
    st.dates(),
)
def test_any_text_has_dates_in_order_and_apart(text: str, today: date) -> None:
    found = mentions(text, today)
    assert all(mention.days.first <= mention.days.last for mention in found)
    assert all(a.end <= b.start for a, b in pairwise(found))


FORMS = st.sampled_from(
    (
        ("{y}", "{y}年", "in {y}"),
        ("{y}-{m:02}", "{y}年{m}月", "{y}/{m}", "{name} {y}", "{y} {name}"),
        ("{y}{m:02}{d:02}", "{y}-{m}-{d}", "{y}年{m}月{d}日", "{name} {d}, {y}", "{d} {name} {y}"),
        ("{y}q{q}", "{y} q{q}", "q{q} {y}", "{y}年第{q}季", "{y}年q{q}", "{y}-q{q}"),
        ("{y}年上半年", "{y}上半年", "{y} h1", "h1 {y}", "first half of {y}"),
    )
)


@given(FORMS, st.dates(date(1900, 1, 1), TODAY))
def test_an_option_and_a_question_read_every_form_of_a_date_the_same(
    forms: tuple[str, ...], day: date
) -> None:
    filled = [
        form.format(
            y=day.year, m=day.month, d=day.day, q=(day.month + 2) // 3, name=f"{day:%b}".lower()
        )
        for form in forms
    ]
    (asked,) = {days(text, TODAY) for text in filled}
    for text in filled:
        assert [mention.days for mention in mentions(f"洪水 {text}", TODAY)] == [asked]


UNITS = (
    "人 个人 元 名 次 米 公里 万人 颗 台电脑 票 户 只猫 页 篇 kg km people students pages vision"
).split()


@given(st.integers(1800, 2099), st.sampled_from(UNITS), st.sampled_from(("", " ")))
def test_a_number_that_counts_something_is_no_year(number: int, unit: str, space: str) -> None:
    assert mentions(f"死了{number}{space}{unit}", TODAY) == []


@given(st.integers(1800, 2099), st.sampled_from(("约", "超过 ", "海拔", "about ", "no. ", "room ")))
def test_a_number_that_is_said_to_be_one_is_no_year(number: int, before: str) -> None:
    assert mentions(f"{before}{number}", TODAY) == []


@given(st.integers(TODAY.year + 2, 2099))
def test_a_year_to_come_is_the_name_of_something_unless_it_is_written_as_a_year(year: int) -> None:
    assert mentions(f"agenda {year}", TODAY) == []
    assert [mention.days.value for mention in mentions(f"{year}年的目标", TODAY)] == [str(year)]


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("3月", "2024-03"),
        ("六月", "2023-06"),
        ("March", "2024-03"),
        ("Dec", "2023-12"),
        ("3月5日", "2024-03-05"),
        ("第一季", "2024-01-01/2024-03-31"),
        ("Q4", "2023-10-01/2023-12-31"),
        ("年初", "2024-01-01/2024-03-31"),
        ("年底", "2023-11-01/2023-12-31"),
        ("202101", "2021-01"),
        ("3w", "2024-04-24"),
        ("'90s", "1990-01-01/1999-12-31"),
        ("上個世紀九十年代", "1990-01-01/1999-12-31"),
        ("2019年和2021年之間", "2019-01-01/2021-12-31"),
        ("2030", "2030"),
    ],
)
def test_alone_a_date_may_be_shorter_than_in_a_question(typed: str, value: str) -> None:
    assert days(typed, TODAY).value == value
