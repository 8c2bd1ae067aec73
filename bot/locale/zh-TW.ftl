# 臺灣正體中文

## 指令：名稱至多 32 字，說明至多 100 字

cmd-ask-name = 提問
cmd-ask-description = 向檔案庫提問，回覆最相關的原文段落，並附上出處
cmd-ask-question-name = 問題
cmd-ask-question-description = 想知道什麼？繁體、簡體或英文都可以
cmd-ask-source-name = 來源
cmd-ask-source-description = 只找這個來源的文章
cmd-ask-author-name = 作者
cmd-ask-author-description = 只找這位作者的文章
cmd-ask-tag-name = 標籤
cmd-ask-tag-description = 只找有這個標籤的文章
cmd-ask-after-name = 起始日期
cmd-ask-after-description = 只找這天起的文章，例如 2021、2021-01、去年或 30d
cmd-ask-before-name = 結束日期
cmd-ask-before-description = 只找到這天為止的文章，例如 2021、2021-01 或去年
cmd-ask-sort-name = 排序
cmd-ask-sort-description = 結果的排列順序
cmd-ask-sort-relevance = 最相關的在前
cmd-ask-sort-newest = 最新的在前
cmd-ask-sort-oldest = 最舊的在前
cmd-ask-private-name = 只給我看
cmd-ask-private-description = 只有你看得到回覆；選 False 就會貼到頻道。沒選就照伺服器的設定

cmd-archive-name = 檔案庫
cmd-archive-description = 管理檔案庫（限檔案庫管理員）
cmd-archive-reindex-name = 重建索引
cmd-archive-reindex-description = 重新讀取檔案庫；期間照常回答問題
cmd-archive-reindex-full-name = 全部重建
cmd-archive-reindex-full-description = 就算檔案都沒有變動，也從頭重建整個索引
cmd-archive-status-name = 狀態
cmd-archive-status-description = 檔案庫的內容、大家的提問，以及機器人的狀況

## 回答

ask-source = 來源：{ $source }
ask-author = 作者：{ $author }
ask-tag = 標籤：{ $tag }
ask-after = { $date } 起
ask-before = { $date } 止
ask-without = 不含：{ $sources }
answer-no-link = 沒有原文連結
answer-duplicates = 另有 { $count } 篇文章刊出同一段
answer-all = 找到 { $total } 段
answer-part = 找到 { $total } 段，這是第 { $first } 到 { $last } 段
answer-part-of-many = 找到 { $total } 段以上，這是第 { $first } 到 { $last } 段

## 回覆下方的按鈕

menu-ask = 問檔案庫
button-context = 上下文
button-share = 分享
button-shared = 已分享
button-related = 相關段落
button-back = 返回
answer-shared-by = { $name } 分享的回覆
answer-related = 與〈{ $title }〉這一段相關
context-place = 第 { $number } 段，全文 { $count } 段
context-also = 另見
vote-noted = 記下了，謝謝。想改的話，按另一個就好。
notice-no-related = 沒有找到其他相關的段落。
notice-try = 試試下面的問題：
error-button = 這個按鈕不能這樣用。請用 { $command } 再問一次。
error-expired = 這則回覆已經超過 30 天，按鈕不能用了。請用 { $command } 再問一次。
error-not-asker = 只有提問的人可以翻頁、排序和分享。想自己找的話，請用 { $command }。
error-already-shared = 這則回覆已經分享到頻道了。
error-share = 沒辦法把回覆貼到這個頻道：你或機器人沒有在這裡發言的權限。
error-gone = 這篇文章已經不在檔案庫裡了。請用 { $command } 再問一次。
error-channels = 這個伺服器只能在 { $channels } 提問。
error-sort = 沒有這種排序方式。請從清單裡選一個，例如「{ $example }」。
error-date = 看不懂日期「{ $written }」。請寫成 2021、2021-01、2021-01-06、去年、上個月或 30d。
error-date-range = 起始日期（{ $first }）比結束日期（{ $last }）還晚。請把較早的寫在前面，例如 2020 到 2021。
error-no-terms = 這則訊息裡沒有可以拿來搜尋的字詞。請改用 { $command } 輸入問題。
error-too-long = 「{ $option }」太長了，最多 { $most } 個字。

## 沒有結果

notice-empty-question = 問題裡沒有可以搜尋的字詞。試試人名、地名，或是一句簡短的話。
notice-no-match = 檔案庫裡沒有相關的內容。換個說法，或是少用幾個詞試試看。
notice-phrase-not-found = 沒有任何段落一字不差地符合你指定的字句。
notice-suggestions = 可以試試：{ $questions }
notice-words = 檔案庫裡出現過：{ $words }
notice-filtered-out = 有相關的段落，但都不符合你設定的條件。拿掉一些條件試試看。
notice-coverage = 檔案庫收錄 { $first }至 { $last }的文章。
notice-sources = 來源：{ $sources }
comma = 、
date = { DATETIME($day, dateStyle: "long") }

## 還沒有索引

building = 正在第一次讀取檔案庫，請稍後再問一次。
build-failed = 目前無法讀取檔案庫，原因已寫入紀錄檔，請管理員查看。

## 檔案庫管理

reindex-begun = 正在讀取檔案庫
reindex-phase-scan = 尋找有變動的檔案
reindex-phase-read = 讀取文章：第 { $done } 篇，共 { $total } 篇
reindex-phase-write = 寫入索引
reindex-phase-verify = 檢查索引
reindex-joined = 索引已經在重建了，以下是目前的進度。
reindex-unfollowed = 還在進行中，但這則訊息無法再更新了。請用 { $command } 查看。
reindex-done = 檔案庫已經是最新的了
reindex-counts = { $articles } 篇文章，{ $passages } 個段落
reindex-changes = 新增 { $added } 篇，更新 { $changed } 篇，移除 { $removed } 篇
reindex-seconds = 花了 { $seconds } 秒
skipped-title = 略過 { $count } 個檔案：
skipped-more = 還有 { $count } 個

status-title = 檔案庫
status-ready = 運作正常
status-unavailable = 暫時無法使用：還沒有索引
status-holds = { $articles } 篇文章，{ $passages } 個段落
status-built = 索引建立於{ $when }，{ $size } MB
status-sources = { $count } 個來源：{ $sources }
status-source = { $name } { $articles } 篇
status-questions =
    { $asked ->
        [0] 最近 24 小時沒有人提問
       *[other] 最近 24 小時有 { $asked } 個問題，其中 { $unanswered } 個沒有結果
    }
status-latency = 回答時間：半數在 { $p50 } 毫秒內，95% 在 { $p95 } 毫秒內
status-process = { $when }啟動
status-memory = 記憶體 { $megabytes } MB

## 訂閱

cmd-watch-name = 訂閱
cmd-watch-description = 有符合的新文章就貼到頻道
cmd-watch-add-name = 新增
cmd-watch-add-description = 有符合這個問題的新文章時，貼到頻道
cmd-watch-add-question-description = 文章必須包含的字詞，缺一不可；也能用「…」、+字詞、-字詞
cmd-watch-add-channel-name = 頻道
cmd-watch-add-channel-description = 要貼到哪裡；不填就是這個頻道
cmd-watch-list-name = 清單
cmd-watch-list-description = 這個伺服器訂閱了什麼
cmd-watch-remove-name = 移除
cmd-watch-remove-description = 取消一則訂閱
cmd-watch-remove-watch-name = 訂閱
cmd-watch-remove-watch-description = 從清單裡選一則

watch-news = **{ $question }** 有新文章
watch-more = **{ $question }** 另有 { $count } 篇新文章，可以用 { $command } 查看。
watch-saved = 有符合的新文章時，會貼到 { $channel }：
watch-today =
    { $count ->
        [0] 目前沒有符合的文章。
       *[other] 目前有 { $count } 篇文章符合；只會貼出之後新增的。
    }
watch-today-many = 目前至少有 { $count } 篇文章符合；只會貼出之後新增的。
watch-how = 標題加上同一個段落裡，每個字詞都要出現才算符合。
watch-title = 共有 { $count } 則訂閱
watch-none = 這個伺服器還沒有訂閱。用 { $command } 新增一則吧。
watch-posted = 上次貼出：{ $when }
watch-never = 還沒有貼出過
watch-unlisted = 還有 { $count } 則
watch-removed = 已取消 { $channel } 的訂閱：**{ $question }**
permission-view = 檢視頻道
permission-send = 傳送訊息
permission-embed = 嵌入連結
error-watch-guild = 訂閱屬於伺服器，請在伺服器的頻道裡使用這個指令。
error-watch-permission = 要有「管理頻道」權限才能這麼做，什麼都沒有更動。
error-watch-permission-there = 你沒有 { $channel } 的「管理頻道」權限，請選一個你能管理的頻道。
error-watch-channel = 只能選文字頻道或公告頻道。想貼到討論串，請直接在討論串裡使用這個指令。
error-watch-posting = 我無法在 { $channel } 發文。請先在那裡給我這些權限，再試一次：{ $permissions }
error-watch-exists = { $channel } 已經訂閱了這個問題。請換個問法，或是選別的頻道。
error-watch-full = 這個伺服器已有 { $most } 則訂閱，到達上限了。請先用 { $command } 移除一則。
error-watch-unknown = 這個伺服器沒有這則訂閱。請從輸入時出現的清單裡選擇。

## 婉拒與錯誤

error-cooldown = 問得有點快，請過 { $seconds } 秒再問。
error-not-admin = 只有檔案庫管理員可以這麼做，什麼都沒有更動。
error-outdated = 這個指令更新過了。請等一分鐘，或是重新啟動 Discord 再試一次。
error-archive = 沒有成功：{ $sentence }
error-unexpected = 出了點問題，不是你的錯。如果一再發生，請把這個編號告訴機器人的維護者：{ $id }
