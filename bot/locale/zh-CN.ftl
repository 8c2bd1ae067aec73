# 简体中文

## 命令：名称至多 32 字，说明至多 100 字

cmd-ask-name = 提问
cmd-ask-description = 向资料库提问，回复最相关的原文段落，并附上出处
cmd-ask-question-name = 问题
cmd-ask-question-description = 想知道什么？简体、繁体或英文都可以
cmd-ask-source-name = 来源
cmd-ask-source-description = 只找这个来源的文章
cmd-ask-author-name = 作者
cmd-ask-author-description = 只找这位作者的文章
cmd-ask-tag-name = 标签
cmd-ask-tag-description = 只找有这个标签的文章
cmd-ask-after-name = 起始日期
cmd-ask-after-description = 只找这天起的文章，例如 2021、2021-01、去年或 30d
cmd-ask-before-name = 结束日期
cmd-ask-before-description = 只找到这天为止的文章，例如 2021、2021-01 或去年
cmd-ask-sort-name = 排序
cmd-ask-sort-description = 结果的排列顺序
cmd-ask-sort-relevance = 最相关的在前
cmd-ask-sort-newest = 最新的在前
cmd-ask-sort-oldest = 最早的在前
cmd-ask-private-name = 仅自己可见
cmd-ask-private-description = 只有你能看到回复；选 False 则发到频道里。不选则按服务器的设置

cmd-archive-name = 资料库
cmd-archive-description = 管理资料库（仅限资料库管理员）
cmd-archive-reindex-name = 重建索引
cmd-archive-reindex-description = 重新读取资料库；期间照常回答问题
cmd-archive-reindex-full-name = 全部重建
cmd-archive-reindex-full-description = 即使文件都没有变化，也从头重建整个索引
cmd-archive-status-name = 状态
cmd-archive-status-description = 资料库的内容、大家的提问，以及机器人的运行情况

## 回答

ask-source = 来源：{ $source }
ask-author = 作者：{ $author }
ask-tag = 标签：{ $tag }
ask-after = { $date } 起
ask-before = { $date } 止
ask-without = 不含：{ $sources }
answer-no-link = 没有原文链接
answer-duplicates = 另有 { $count } 篇文章刊载同一段
answer-all = 找到 { $total } 段
answer-part = 找到 { $total } 段，这是第 { $first } 到 { $last } 段
answer-part-of-many = 找到 { $total } 段以上，这是第 { $first } 到 { $last } 段

## 回复下方的按钮

menu-ask = 问档案库
button-context = 上下文
button-share = 分享
button-shared = 已分享
button-related = 相关段落
button-back = 返回
answer-shared-by = { $name } 分享的回复
answer-related = 与《{ $title }》这一段相关
context-place = 第 { $number } 段，全文 { $count } 段
context-also = 另见
vote-noted = 记下了，谢谢。想改的话，点另一个就行。
notice-no-related = 没有找到其他相关的段落。
notice-try = 试试下面的问题：
error-button = 这个按钮不能这样用。请用 { $command } 再问一次。
error-expired = 这条回复已经超过 30 天，按钮不能用了。请用 { $command } 再问一次。
error-not-asker = 只有提问的人可以翻页、排序和分享。想自己找的话，请用 { $command }。
error-already-shared = 这条回复已经分享到频道了。
error-share = 没法把回复发到这个频道：你或机器人没有在这里发言的权限。
error-gone = 这篇文章已经不在资料库里了。请用 { $command } 再问一次。
error-channels = 这个服务器只能在 { $channels } 提问。
error-sort = 没有这种排序方式。请从列表里选一个，例如“{ $example }”。
error-date = 看不懂日期“{ $written }”。请写成 2021、2021-01、2021-01-06、去年、上个月或 30d。
error-date-range = 起始日期（{ $first }）比结束日期（{ $last }）还晚。请把较早的写在前面，例如 2020 到 2021。
error-no-terms = 这条消息里没有可以拿来搜索的词语。请改用 { $command } 输入问题。
error-too-long = “{ $option }”太长了，最多 { $most } 个字。

## 没有结果

notice-empty-question = 问题里没有可以搜索的词语。试试人名、地名，或者一句简短的话。
notice-no-match = 资料库里没有相关的内容。换个说法，或者少用几个词试试。
notice-phrase-not-found = 没有任何段落一字不差地符合你指定的词句。
notice-suggestions = 可以试试：{ $questions }
notice-words = 资料库里出现过：{ $words }
notice-filtered-out = 有相关的段落，但都不符合你设置的条件。去掉一些条件试试。
notice-coverage = 资料库收录 { $first }至 { $last }的文章。
notice-sources = 来源：{ $sources }
comma = 、
date = { DATETIME($day, dateStyle: "long") }

## 还没有索引

building = 正在首次读取资料库，请稍后再问一次。
build-failed = 目前无法读取资料库，原因已写入日志，请管理员查看。

## 资料库管理

reindex-begun = 正在读取资料库
reindex-phase-scan = 查找有变化的文件
reindex-phase-read = 读取文章：第 { $done } 篇，共 { $total } 篇
reindex-phase-write = 写入索引
reindex-phase-verify = 检查索引
reindex-joined = 索引已经在重建了，以下是当前进度。
reindex-unfollowed = 还在进行中，但这条消息无法再更新了。请用 { $command } 查看。
reindex-done = 资料库已是最新
reindex-counts = { $articles } 篇文章，{ $passages } 个段落
reindex-changes = 新增 { $added } 篇，更新 { $changed } 篇，移除 { $removed } 篇
reindex-seconds = 用时 { $seconds } 秒
skipped-title = 跳过 { $count } 个文件：
skipped-more = 还有 { $count } 个

status-title = 资料库
status-ready = 运行正常
status-unavailable = 暂时无法使用：还没有索引
status-holds = { $articles } 篇文章，{ $passages } 个段落
status-built = 索引建于{ $when }，{ $size } MB
status-sources = { $count } 个来源：{ $sources }
status-source = { $name } { $articles } 篇
status-questions =
    { $asked ->
        [0] 最近 24 小时没有人提问
       *[other] 最近 24 小时有 { $asked } 个问题，其中 { $unanswered } 个没有结果
    }
status-latency = 回答耗时：半数在 { $p50 } 毫秒内，95% 在 { $p95 } 毫秒内
status-process = { $when }启动
status-memory = 内存 { $megabytes } MB

## 订阅

cmd-watch-name = 订阅
cmd-watch-description = 有符合的新文章就发到频道
cmd-watch-add-name = 添加
cmd-watch-add-description = 有符合这个问题的新文章时，发到频道
cmd-watch-add-question-description = 文章必须包含的词，缺一不可；也可以用“…”、+词、-词
cmd-watch-add-channel-name = 频道
cmd-watch-add-channel-description = 要发到哪里；不填就是这个频道
cmd-watch-list-name = 列表
cmd-watch-list-description = 这个服务器订阅了什么
cmd-watch-remove-name = 移除
cmd-watch-remove-description = 取消一条订阅
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
watch-title = 共有 { $count } 条订阅
watch-none = 这个服务器还没有订阅。用 { $command } 添加一条吧。
watch-posted = 上次发出：{ $when }
watch-never = 还没有发出过
watch-unlisted = 还有 { $count } 条
watch-removed = 已取消 { $channel } 的订阅：**{ $question }**
permission-view = 查看频道
permission-send = 发送消息
permission-embed = 嵌入链接
error-watch-guild = 订阅属于服务器，请在服务器的频道里使用这个命令。
error-watch-permission = 要有“管理频道”权限才能这么做，什么都没有改动。
error-watch-permission-there = 你没有 { $channel } 的“管理频道”权限，请选一个你能管理的频道。
error-watch-channel = 只能选文字频道或公告频道。想发到子区，请直接在子区里使用这个命令。
error-watch-posting = 我无法在 { $channel } 发消息。请先在那里给我这些权限，再试一次：{ $permissions }
error-watch-exists = { $channel } 已经订阅了这个问题。请换个问法，或者选别的频道。
error-watch-full = 这个服务器已有 { $most } 条订阅，达到上限了。请先用 { $command } 移除一条。
error-watch-unknown = 这个服务器没有这条订阅。请从输入时出现的列表里选择。

## 婉拒与错误

error-cooldown = 问得有点快，请过 { $seconds } 秒再问。
error-not-admin = 只有资料库管理员可以这么做，什么都没有改动。
error-outdated = 这个命令更新过了。请等一分钟，或者重启 Discord 再试一次。
error-archive = 没有成功：{ $sentence }
error-unexpected = 出了点问题，不是你的错。如果一再发生，请把这个编号告诉机器人的维护者：{ $id }
