# 简体中文

## 命令：名称至多 32 字，说明至多 100 字

# What the archive is called where ARCHIVE_NAME does not say it; every text may use $archive.
archive-default = 文库

cmd-ask-name = 提问
cmd-ask-description = 向{ $archive }提问，回复最相关的原文段落，并附上出处
param-question-name = 问题
param-question-description = 想知道什么？简体、繁体或英文都可以
param-source-name = 来源
param-source-description = 只找这个来源的文章
param-author-name = 作者
param-author-description = 只找这位作者的文章
param-tag-name = 标签
param-tag-description = 只找有这个标签的文章
param-after-name = 起始日期
param-after-description = 只找这天起的文章，例如 2021、2021-01、去年或 30d
param-before-name = 结束日期
param-before-description = 只找这天以前（含这天）的文章，例如 2021、2021-01 或去年
param-sort-name = 排序
param-sort-description = 结果的排列顺序
choice-relevance = 最相关的在前
choice-newest = 最新的在前
choice-oldest = 最早的在前
param-private-name = 仅自己可见
param-private-description = 只有你能看到回复；选 False 则发到频道里。不选则按服务器的设置
param-channel-name = 频道
param-channel-description = 要发到哪里；不填就是这个频道

cmd-archive-name = 文库
cmd-archive-description = 管理{ $archive }（仅限{ $archive }管理员）
cmd-archive-reindex-name = 重建索引
cmd-archive-reindex-description = 重新读取{ $archive }；期间照常回答问题
cmd-archive-reindex-full-name = 全部重建
cmd-archive-reindex-full-description = 即使文件都没有变化，也从头重建整个索引
cmd-archive-status-name = 状态
cmd-archive-status-description = { $archive }的内容、大家的提问，以及机器人的运行情况
cmd-archive-synonyms-name = 同义词
cmd-archive-synonyms-description = 查看并编辑意思相同的词
cmd-archive-questions-name = 提问统计
cmd-archive-questions-description = 最近 30 天最常问的，以及没有确定答案的
cmd-archive-hide-name = 隐藏
cmd-archive-hide-description = 让一篇文章立即不再出现在任何回复里，以后也不会
cmd-archive-hide-path-name = 文章
cmd-archive-hide-path-description = 文章的文件路径，或来源链接
cmd-archive-unhide-name = 取消隐藏
cmd-archive-unhide-description = 让隐藏的文章重新出现
cmd-archive-unhide-path-name = 文章
cmd-archive-unhide-path-description = 文章的文件路径，或来源链接

cmd-sources-name = 收录来源
cmd-sources-description = { $archive }收录了什么：各个来源的篇数，以及从何时到何时
cmd-help-name = 帮助
cmd-help-description = 这个机器人能做什么、怎么提问，还有可以马上试的例子
cmd-settings-name = 设置
cmd-settings-description = 由服务器管理员决定：语言、谁能看到回复、可提问的频道、不找的来源
cmd-forget-name = 删除记录
cmd-forget-description = 从机器人的记录里删除你的提问、回复、评价和私信订阅

## 回答

ask-source = 来源：{ $source }
ask-author = 作者：{ $author }
ask-tag = 标签：{ $tag }
ask-preferred = 优先找：{ $conditions }
ask-added = 承接上一个问题：{ $terms }
condition-address = 这个网址的文章
condition-no-address = 没有收录的网址
period-since = { $first }起
period-until = 到{ $last }为止
period-range = { $first }到{ $last }
ask-without = 不找：{ $sources }
answer-no-link = 没有原文链接
answer-copy = 存档
answer-file = 源文件
answer-duplicates = 另有 { $count } 篇文章刊载同一段
answer-total = 找到 { $total } 段
answer-total-many = 找到 { $total } 段以上
answer-place = 第 { $place } 篇

## 回复下方的按钮

menu-about = 问{ $archive }
button-context = 上下文
button-all = 全部结果
menu-share = 分享：{ $title }
placeholder-menu = 上下文、分享、排序、导出
button-share = 分享
button-shared = 已分享
button-follow = 接着问
menu-thread = 开子区：{ $title }
thread-hint = 想接着问，在这里提及 { $bot } 就可以。
follow-asked = 你问过：{ $question }
follow-article = 最相关的文章：{ $title }
button-related = 相关段落
button-back = 返回
answer-asked-by = { $name } 问：
answer-related = 与《{ $title }》这一段相关
context-place = 第 { $number } 段，全文 { $count } 段
context-also = 另见
context-found = 有你问的：{ $words }
context-instead = 换个说法：{ $words }
context-missing = 没有提到：{ $words }
context-replaced = 改用这些字词找：{ $words }
vote-noted = 记下了，谢谢。想改的话，点另一个就行。
notice-no-related = 没有找到其他相关的段落。
notice-try-sources = 改找下面的来源：
notice-try = 试试下面的问题：
error-button = 这个按钮不能这样用。请用 { $command } 再问一次。
error-expired = 这条回复已经超过 30 天，按钮不能用了。请用 { $command } 再问一次。
error-not-asker = 只有提问的人可以点这里。想自己找的话，请用 { $command }。
error-already-shared = 这条回复已经分享到频道了。
error-share = 没法把回复发到这个频道：你或机器人没有在这里发言的权限。
error-thread = 在这里开不了子区：你或机器人没有发言或创建公开子区的权限，或者这里已经是子区了。
error-thread-refused = 文章已经发出来了，但 Discord 不让我在这里开子区。
error-gone = 这篇文章已经不在{ $archive }里了。请用 { $command } 再问一次。
error-channels = 这个服务器只能在 { $channels } 提问。
error-sort = 没有这种排序方式。请从列表里选一个，例如“{ $example }”。
error-date = 看不懂日期“{ $written }”。请写成 2021、2021-01、2021-01-06、去年、上个月或 30d。
error-date-range = 起始日期（{ $first }）比结束日期（{ $last }）还晚。请把较早的写在前面，例如 2020 到 2021。
error-no-terms = 这条消息里没有可以拿来搜索的词语。请改用 { $command } 输入问题。
error-too-long = “{ $option }”太长了，最多 { $most } 个字。

## 没有结果

notice-empty-question = 问题里没有可以搜索的词语。试试人名、地名，或者一句简短的话。
notice-no-match = 没有找到相关的内容。换个说法，或少用几个词试试。
notice-no-address = { $archive }没有收录这个网址的文章。
notice-closest = 没有确定的答案，以下最接近。
notice-searched = 也找了：{ $words }
notice-talk = 你好！我从{ $archive }的文章里找答案，问人名、事件或一句简短的话都可以。怎么问请看 { $command }。
notice-phrase-not-found = 没有任何段落符合你用引号、+ 或 - 指定的条件。
notice-suggestions = 可以试试：{ $questions }
notice-words = { $archive }里出现过：{ $words }
notice-filtered-out = 有相关的段落，但都不符合你设置的条件。点下方的条件就能去掉它。
notice-unknown-source = { $archive }没有“{ $source }”这个来源。
notice-coverage = 收录 { $first }到{ $last }的文章。
notice-sources = 来源：{ $sources }
comma = 、
date = { DATETIME($day, dateStyle: "long") }
date-year = { $year }年
date-month = { $year }年{ $month }月
date-quarter = { $year }年第{ $quarter }季度
axis-month =
    { $year }年
    { $month }月
axis-quarter =
    { $year }年
    第{ $quarter }季度

## 还没有索引

building = 正在首次读取{ $archive }，请稍后再问一次。
build-failed = 目前无法读取{ $archive }，原因已写入日志，请维护者查看。

## 文库管理

reindex-begun = 正在读取{ $archive }
reindex-phase-fetch = 正在下载仓库：{ $megabytes } MB
reindex-phase-scan = 查找有变化的文件
reindex-phase-read = 读取文章：第 { $done } 篇，共 { $total } 篇
reindex-phase-write = 写入索引
reindex-phase-verify = 检查索引
reindex-joined = 索引已经在重建了，以下是当前进度。
reindex-unfollowed = 还在进行中，但这条消息无法再更新了。结束时会在频道里通知，目前的进度请用 { $command } 查看。
reindex-done = { $archive }已是最新
reindex-counts = { $articles } 篇文章，{ $passages } 个段落
reindex-changes = 新增 { $added } 篇，更新 { $changed } 篇，移除 { $removed } 篇
reindex-problem =
    无法向仓库确认有没有新的提交。英文信息：
    > { $sentence }
reindex-copy = 目前使用的是先前的内容，取得时间：{ $when }
reindex-seconds = 用时 { $seconds } 秒
skipped-title = 跳过 { $count } 个文件：
noted-title = 收进索引、但没有照原文读的文件，共 { $count } 个：
skipped-more = 还有 { $count } 个
reindex-cancelled = 已取消重建索引，索引和之前一样。
status-generation = 索引版本 { $name }

status-title = { $archive }
status-ready = 运行正常
status-unavailable = 暂时无法使用：还没有索引
status-holds = { $articles } 篇文章，{ $passages } 个段落
status-commit = 提交版本 { $commit }
status-built = 索引建立时间：{ $when }，{ $size } MB
status-sources = { $count } 个来源：{ $sources }
status-source = { $name } { $articles } 篇
status-questions =
    { $asked ->
        [0] 最近 24 小时没有人提问
       *[other] 最近 24 小时有 { $asked } 个问题，其中 { $unanswered } 个没有确定的答案
    }
status-latency = 回答耗时：半数在 { $p50 } 毫秒内，95% 在 { $p95 } 毫秒内
status-workers = { $count } 个实例分担所有服务器
status-worker =
    { $name }{ $self ->
        [yes] （这一个）
       *[no] {""}
    }：{ $count ->
        [0] 没有分片
       *[other] 分片 { $shards }
    }，{ $seconds } 秒前有心跳
status-process = 启动时间：{ $when }
status-memory = 内存 { $megabytes } MB

## 订阅

cmd-watch-name = 订阅
cmd-watch-description = 有符合的新文章就发到频道，或私信给你
cmd-watch-add-name = 添加
cmd-watch-add-description = 有符合这个问题的新文章时，发到频道或私信给你
cmd-watch-add-question-description = 文章必须包含的词，缺一不可；也可以用“…”、+词、-词
cmd-watch-add-channel-description = 要发到哪里；不填就是这个频道，没有“管理频道”权限则私信给你
cmd-watch-add-dm-name = 私信
cmd-watch-add-dm-description = True：私信给你，即使你能管理频道
cmd-watch-on-this-day-name = 那年今日
cmd-watch-on-this-day-description = 每天在频道发出往年同一天的文章
cmd-watch-weekly-name = 每周新增
cmd-watch-weekly-description = 每周一在频道发出上周新收录的文章
cmd-watch-list-name = 列表
cmd-watch-list-description = 这个服务器和你自己订阅了什么
cmd-watch-remove-name = 移除
cmd-watch-remove-description = 取消一条订阅或定期列表
cmd-watch-remove-watch-name = 订阅
cmd-watch-remove-watch-description = 从列表里选一条

watch-news = **{ $question }** 有新文章
watch-more = **{ $question }** 另有 { $count } 篇新文章，可以用 { $command } 查看。
watch-saved = 有符合的新文章时，会发到 { $channel }：
watch-today =
    { $count ->
        [0] 目前没有符合的文章。
       *[other] 目前有 { $count } 篇文章符合；只会发出以后新增的。
    }
watch-today-many = 目前至少有 { $count } 篇文章符合；只会发出以后新增的。
watch-how = 标题加上同一个段落里，每个词都要出现才算符合。
watch-title = 这个服务器的订阅：{ $count } 条
watch-none = 这个服务器还没有订阅。用 { $command } 添加一条吧。
watch-posted = 上次发出：{ $when }
watch-never = 还没有发出过
watch-unlisted = 还有 { $count } 条
watch-removed = 已取消 { $channel } 的订阅：**{ $question }**
watch-saved-own = 有符合的新文章时，会私信给你：
watch-title-own = 私信给你的订阅：{ $count }/{ $most }
watch-none-own = 你还没有订阅。用 { $command } 添加一条，有新文章时就会私信给你。
watch-removed-own = 已取消你的订阅：**{ $question }**
watch-place-own = 私信给你
watch-is-paused = 已暂停
watch-paused = ⏸ 你的订阅**暂停**了：Discord 连续 { $most } 次不让我私信你。请允许同一服务器的成员私信你，再按下面的按钮。
watch-resumed = 你的订阅恢复了。之前找到的会马上送到，暂停期间新增的就不补了。
digest-on-this-day = 那年今日
digest-weekly = 上周新收录
digest-count = { $count } 篇
digest-more = 还有 { $count } 篇
digest-saved-on-this-day = 每天早上会在 { $channel } 发出往年同一天发表的文章。
digest-saved-weekly = 每周一早上会在 { $channel } 发出上周新收录的文章。
digest-how = 北京时间（UTC+8）上午 9 点；没有文章就不发。
permission-view = 查看频道
permission-send = 发送消息
permission-embed = 嵌入链接
error-watch-guild = 只有服务器能这样订阅，请在服务器的频道里使用这个命令。
error-watch-permission = 要有“管理频道”权限才能这么做，什么都没有改动。
error-watch-permission-there = 你没有 { $channel } 的“管理频道”权限，请选一个你能管理的频道。
error-watch-channel = 只能选文字频道或公告频道。想发到子区，请直接在子区里使用这个命令。
error-watch-posting = 我无法在 { $channel } 发消息。请先在那里给我这些权限，再试一次：{ $permissions }
error-watch-exists = { $channel } 已经订阅了这个问题。请换个问法，或者选别的频道。
error-watch-full = 这个服务器已有 { $most } 条订阅，达到上限了。请先用 { $command } 移除一条。
error-watch-exists-own = 你已经订阅了这个问题。
error-watch-full-own = 你已有 { $most } 条订阅，达到上限了。请先用 { $command } 移除一条。
error-watch-both = 一条订阅只能发到频道或私信给你，请选一个。
error-watch-own = Discord 现在无法打开我们的私信，请过一会儿再试。
error-watch-gone = 这条订阅之前已经取消了。
error-watch-unknown = 这个服务器和你都没有这条订阅。请从输入时出现的列表里选择。

## 错误

error-cooldown = 问得有点快，请过 { $seconds } 秒再问。
error-not-admin = 只有{ $archive }管理员可以这么做，什么都没有改动。
error-outdated = 这个命令更新过了。请等一分钟，或者重启 Discord 再试一次。
error-engine = { $archive }的搜索服务器现在没有响应，请稍后再试。
error-archive =
    没有成功。机器人的英文信息：
    > { $sentence }
error-unexpected = 出了点问题，不是你的错。如果一再发生，请把这个编号告诉机器人的维护者：{ $id }

## 队列已满

error-busy = 现在问的人太多，请过一会儿再试一次。
error-expired-token = 你刚才的提问或操作已经处理完，但 Discord 一直没有收下结果，界面上可能还停在“正在思考”。请再试一次。

## 趋势

cmd-trend-name = 趋势
cmd-trend-description = 看词语在{ $archive }里随时间出现的多少，画成一张图
cmd-trend-terms-name = 词语
cmd-trend-terms-description = 最多四个，用逗号隔开
cmd-trend-after-name = 起始日期
cmd-trend-before-name = 结束日期
cmd-trend-unit-name = 单位
cmd-trend-unit-description = 时间分得多细；不选就按文章多少决定
choice-month = 月
choice-quarter = 季度
choice-year = 年
trend-title = 趋势：{ $terms }
trend-range = { $first }到{ $last }
trend-axis = 占文章的比例
trend-total = { $term }：{ $articles } 篇
trend-highest = { $bucket }最高，{ $share }%
trend-share = 线条是各时期的文章中提到这个词的比例；图上的数字就是菜单里的高峰。
trend-faded = 淡色：那段时间不到 { $articles } 篇文章。
trend-absent = 这段期间没有出现：{ $terms }
trend-no-picture = 图画不出来，但数字是对的。
trend-alt = 折线图：{ $terms }从{ $first }到{ $last }出现的比例，最高点是{ $bucket }的{ $term }。
trend-alt-plain = 折线图：{ $terms }从{ $first }到{ $last }出现的比例。
trend-peak = { $number } · { $bucket } · { $term } · { $articles } 篇，{ $share }%
error-trend-nothing = 这段期间没有任何一篇文章提到这些词。
error-trend-unit = 没有这种时间单位，请选月、季度或年。
error-trend-terms = 请写一到四个词，用逗号隔开，例如：花呗，支付宝。

## 时间线

cmd-timeline-name = 时间线
cmd-timeline-description = 把一件事从头排到尾：一天一句，从旧到新，每句都附出处
cmd-timeline-question-description = 想看哪件事的经过，简体、繁体或英文都可以
cmd-timeline-after-name = 起始日期
cmd-timeline-before-name = 结束日期
timeline-days = 共 { $total } 天
timeline-chosen = 从 { $total } 天里选出 { $shown } 天
timeline-place = 第 { $place } 天
timeline-none = 找到的文章都没有日期，排不成时间线。
button-export = 导出
menu-export = 导出为 Markdown 文件
export-note = 文字照录自{ $archive }，出处见脚注。{ $day }导出。
export-done = 全部内容的 Markdown 文件，出处列在脚注：

## 收录来源

sources-title = { $archive }
sources-whole = 共 { $articles } 篇文章，{ $sources } 个来源
sources-count = { $articles } 篇
sources-span = { $first }到{ $last }
sources-unnamed = 没有注明来源
sources-part = 第 { $first } 到 { $last } 个来源，共 { $total } 个

## 帮助

help-title = 向{ $archive }提问
help-what = 这个机器人从一批文章里找答案。它不会自己编造，只列出最相符的原文段落，每一段都附上出处链接和日期，回答问题的那一句放在最前面。
help-ask =
    输入 { $command } 和你的问题，简体、繁体或英文都可以。分享之前，只有你能看到回复。
    箭头可以翻页；下方的菜单可以看上下文、分享其他篇、开子区、换排序。
    想接着问，就按“接着问”，或在子区里提及我；发私信给我也可以。
help-more = 还有：{ $trend } 画出词语历来出现的次数，{ $timeline } 把一件事按日期排成时间线，{ $watch } 在频道发出新文章，或私信给你，{ $sources } 列出收录的来源。
help-examples = 点一个试试：
help-operators-title = 问得更精确
help-operators =
    • `"…"` 或 `“…”`：一字不差，连在一起
    • `+词`：一定要有
    • `-词`：不能有
help-filters-title = 缩小范围
help-filters =
    来源、作者和标签，输入时会列出可以选的。日期可以写 `2021`、`2021-01`、`2021-01-06`、`去年`、`上个月`、`上周`，或者 `30d`（最近 30 天）。
help-share-title = 给大家看
help-share = 点回复下方的“分享”，就会把最前面那一篇连同你的名字发到频道；或者提问时把“仅自己可见”选成 False，直接发出来。
help-privacy-title = 留下哪些记录、留多久
privacy-questions = **提问**：内容、时间、服务器、语言、找到几段、花多少时间，连同你的代号；30 天。有两位成员问过的问题，可能成为这里的例子。
privacy-answers = **回复**（按钮和接着问要用）：问题、条件、列出的段落、所在的子区或私信，连同你的代号；30 天
privacy-votes = **👍 和 👎**：连同你的代号；和回复一样久
privacy-settings = **服务器的设置**；直到更改
privacy-watches = **服务器的订阅**：问题或列表、条件、频道和它的名称、上次发出的时间，连同服务器；直到移除，等待发出的消息最多 30 天
privacy-watches-own = **你自己的订阅**：问题、条件、你的语言、你和机器人的私信频道，连同你的代号；直到移除，等待送出的消息最多 30 天
privacy-commands = **交给 Discord 的命令**；直到有变动
help-privacy = 用 { $command } 可以马上删除你的提问、回复、评价和私信订阅。不保存名称、消息和成员；“代号”是用密钥从你的 ID 算出来的。详情见随附的 { $file }。

## 设置

settings-title = 这个服务器的设置
settings-language = **公开回复的语言**：{ $value }
settings-private = **回复**：{ $value }
settings-page = **每页篇数**：{ $count }
settings-channels = **可以提问的频道**：{ $value }
settings-sources = **不找的来源**：{ $value }
settings-default = 默认：{ $value }
settings-channels-all = 所有频道
settings-sources-none = 没有
settings-saved = 每次更改都会马上保存。
settings-more-sources = { $archive }有 { $count } 个来源，这里只能从最大的 { $most } 个里选。

## 删除记录

forget-ask = 要删除你的提问、为按钮保留的回复、你的评价，以及私信给你的订阅吗？
forget-remains = 已经发到频道的消息会留着，但是上面的按钮就不能用了。服务器的订阅属于服务器，不会删除。
forget-done = 删除好了。提问：{ $questions } 条，回复：{ $answers } 条，评价：{ $votes } 条，订阅：{ $watches } 条。

## 同义词

synonyms-title = 同义词
synonyms-count = { $lines } 行，{ $pairs } 组对应
synonyms-saved = 已保存，下一个问题起生效。
synonyms-faulty = 第 { $line } 行看不懂：“{ $text }”。意思相同的词请写成：甲 = 乙, 丙
synonyms-keepers = 这些词来自 SYNONYMS 指定的文件，请在那里编辑。
synonyms-too-long = 文件超过这里能编辑的 { $most } 个字，请直接编辑 DATA_DIR 文件夹里的 synonyms.txt。

## 大家的提问

questions-title = 最近 30 天的提问
questions-none = 还没有。
questions-asked = **最常问的**
questions-unanswered = **没有确定答案的**
questions-times = { $times } 次，其中 { $unanswered } 次没有确定的答案
questions-unhelpful = **点了 👎 的**
questions-votes = 👎 { $times } 次
trial-question = 用这个问题试：{ $question }
trial-before = 现在
trial-after = 加上这一行
trial-nothing = 什么都找不到。
trial-same = 加上这一行，这个问题的结果不会变。
trial-faulty = 看不懂这一行：“{ $text }”。意思相同的词请写成这样：a = b, c
trial-saved = 已保存，从下一个问题起生效：{ $line }
trial-cancelled = 没有保存任何内容。
placeholder-try-synonyms = 选一个问题，试试加上同义词
input-synonym-line = 意思相同的词：a = b, c
button-save = 保存
button-change = 修改
questions-attached = 附上的表格里有 { $count } 个问题

## 字段：按钮至多 80 字，选项 100，提示 150，窗口标题 45，输入框名称 45，输入框说明 100

button-help-more = 问得更精确
button-help-back = 回到开头
button-help-privacy = 留下哪些记录
button-forget = 删除
button-watch-cancel = 取消订阅
button-watch-resume = 恢复
button-cancel = 取消
button-edit = 编辑
option-zh-TW = 繁體中文（臺灣）
option-zh-CN = 简体中文
option-en-US = English
option-private = 只有提问的人能看到，除非分享
option-public = 发到频道
option-page = 每页 { $count } 篇
placeholder-channels = 可以提问的频道；都不选就是所有频道
placeholder-trend = 读高峰时期的文章
placeholder-sources = 不找的来源
placeholder-conditions = 去掉条件
modal-synonyms = 同义词
input-synonyms = 每行一组：甲 = 乙, 丙
input-hint-synonyms = # 后面是注释
modal-follow = 接着问
input-follow = 接着问什么？
input-hint-follow = 例如：那后来呢？

## 设置与表单的错误

error-guild-only = 这个命令只能在服务器里用。
error-not-moderator = 只有能管理这个服务器的人可以更改设置，什么都没有改动。
error-setting = 这个选项已经没有了，请重新运行命令。
error-no-reindex = 目前没有在重建索引。
error-synonyms-elsewhere = 这些词不能在这里编辑。请重新运行命令，看看该在哪里编辑。
error-hide-unknown = { $archive }里没有路径或链接为“{ $name }”的文章。请从输入时列出的选项里选一个。
error-unhide-unknown = 隐藏的文章里没有路径或链接为“{ $name }”的。请从输入时列出的选项里选一个。
hide-done = 已隐藏 { $count } 篇文章：回答、时间线、趋势图和订阅都不会再出现。索引正在更新。
hide-posted = 已经发出的消息还在，请到原处删除。其他文章如有相同的文字，不会一并隐藏。
unhide-done = 索引更新后，这 { $count } 篇文章就会重新出现。
error-form = 这张表单已经失效，请重新运行命令。

## 状态损坏与磁盘已满

status-unreadable = ⚠️ 机器人自己的记录暂时读不到，原因已写入日志，请维护者查看。
status-damaged =
    ⚠️ 机器人自己的记录曾经损坏，已经换上新的。保住了 { $guilds } 个服务器的设置和 { $watches } 条订阅，{ $extent ->
        [all] 一项不缺。
        [copy] 读不出的部分取自最近的每日备份。
       *[some] 可能还有一些读不出来。
    }先前的提问记录和旧回答的按钮都没有了。损坏的文件留在 DATA_DIR 文件夹里，最近一份是 { $name }（共 { $count } 份）。移走这些文件后这条警告就会消失，最迟 30 天。
status-failure =
    ⚠️ { $archive }未能更新。英文信息：
    > { $sentence }
error-unsaved = 没有保存成功：机器人的磁盘已满或无法写入。什么都没有改动，原因已写入日志，请维护者查看。
error-database = 没有成功：机器人的数据库暂时没有响应。什么都没有改动，请过几分钟再试。
