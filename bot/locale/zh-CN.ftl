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
cmd-ask-after-description = 只找从这天起的文章，例如 2021、2021-01 或 2021-01-06
cmd-ask-before-name = 结束日期
cmd-ask-before-description = 只找到这天为止的文章，例如 2021、2021-01 或 2021-01-06
cmd-ask-sort-name = 排序
cmd-ask-sort-description = 结果的排列顺序
cmd-ask-sort-relevance = 最相关的在前
cmd-ask-sort-newest = 最新的在前
cmd-ask-sort-oldest = 最早的在前
cmd-ask-private-name = 仅自己可见
cmd-ask-private-description = 只有你能看到回复（默认）；选 False 则发到频道里

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
answer-no-link = 没有原文链接
answer-duplicates = 另有 { $count } 篇文章刊载同一段
answer-shown =
    { $total ->
        [1] 找到 1 段
       *[other] 找到 { $total } 段，显示 { $shown } 段
    }
answer-shown-many = 找到 { $total } 段以上，显示 { $shown } 段

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
reindex-phase-fetch = 正在下载仓库：{ $megabytes } MB
reindex-phase-scan = 查找有变化的文件
reindex-phase-read = 读取文章：第 { $done } 篇，共 { $total } 篇
reindex-phase-write = 写入索引
reindex-phase-verify = 检查索引
reindex-joined = 索引已经在重建了，以下是当前进度。
reindex-unfollowed = 还在进行中，但这条消息无法再更新了。请用 { $command } 查看。
reindex-done = 资料库已是最新
reindex-counts = { $articles } 篇文章，{ $passages } 个段落
reindex-changes = 新增 { $added } 篇，更新 { $changed } 篇，移除 { $removed } 篇
reindex-problem = 无法向仓库确认有没有新的提交：{ $sentence }
reindex-seconds = 用时 { $seconds } 秒
skipped-title = 跳过 { $count } 个文件：
skipped-more = 还有 { $count } 个

status-title = 资料库
status-ready = 运行正常
status-unavailable = 暂时无法使用：还没有索引
status-holds = { $articles } 篇文章，{ $passages } 个段落
status-commit = 提交版本 { $commit }
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

## 婉拒与错误

error-dates = 看不懂日期。请写成 2021、2021-01 或 2021-01-06，起始日期不能晚于结束日期。
error-cooldown = 问得有点快，请过 { $seconds } 秒再问。
error-not-admin = 只有资料库管理员可以这么做，什么都没有改动。
error-outdated = 这个命令更新过了。请等一分钟，或者重启 Discord 再试一次。
error-archive = 没有成功：{ $sentence }
error-unexpected = 出了点问题，不是你的错。如果一再发生，请把这个编号告诉机器人的维护者：{ $id }
