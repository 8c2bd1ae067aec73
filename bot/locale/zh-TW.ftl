# 臺灣正體中文

## 指令：名稱至多 32 字，說明至多 100 字

# What the archive is called where ARCHIVE_NAME does not say it; every text may use $archive.
archive-default = 文庫

cmd-ask-name = 提問
cmd-ask-description = 向{ $archive }提問，回覆最相關的原文段落，並附上出處
param-question-name = 問題
param-question-description = 想知道什麼？繁體、簡體或英文都可以
param-source-name = 來源
param-source-description = 只找這個來源的文章
param-author-name = 作者
param-author-description = 只找這位作者的文章
param-tag-name = 標籤
param-tag-description = 只找有這個標籤的文章
param-after-name = 起始日期
param-after-description = 只找這天起的文章，例如 2021、2021-01、去年或 30d
param-before-name = 結束日期
param-before-description = 只找這天以前（含這天）的文章，例如 2021、2021-01 或去年
param-sort-name = 排序
param-sort-description = 結果的排列順序
choice-relevance = 最相關的在前
choice-newest = 最新的在前
choice-oldest = 最舊的在前
param-private-name = 只給我看
param-private-description = 只有你看得到回覆；選 False 就會貼到頻道。沒選就照伺服器的設定
param-channel-name = 頻道
param-channel-description = 要貼到哪裡；不填就是這個頻道

cmd-archive-name = 文庫
cmd-archive-description = 管理{ $archive }（限{ $archive }管理員）
cmd-archive-reindex-name = 重建索引
cmd-archive-reindex-description = 重新讀取{ $archive }；期間照常回答問題
cmd-archive-reindex-full-name = 全部重建
cmd-archive-reindex-full-description = 就算檔案都沒有變動，也從頭重建整個索引
cmd-archive-status-name = 狀態
cmd-archive-status-description = { $archive }的內容、大家的提問，以及機器人的狀況
cmd-archive-synonyms-name = 同義詞
cmd-archive-synonyms-description = 查看並編輯意思相同的詞
cmd-archive-questions-name = 提問統計
cmd-archive-questions-description = 最近 30 天最常問的，以及沒有確定答案的
cmd-archive-hide-name = 隱藏
cmd-archive-hide-description = 讓一篇文章立刻不再出現在任何回覆裡，之後也不會
cmd-archive-hide-path-name = 文章
cmd-archive-hide-path-description = 文章的檔案路徑，或來源連結
cmd-archive-unhide-name = 取消隱藏
cmd-archive-unhide-description = 讓隱藏的文章重新出現
cmd-archive-unhide-path-name = 文章
cmd-archive-unhide-path-description = 文章的檔案路徑，或來源連結

cmd-sources-name = 收錄來源
cmd-sources-description = { $archive }收錄了什麼：各個來源的篇數，以及從何時到何時
cmd-help-name = 說明
cmd-help-description = 這個機器人能做什麼、怎麼發問，還有可以馬上試的例子
cmd-settings-name = 設定
cmd-settings-description = 由伺服器管理員決定：語言、誰看得到回覆、可發問的頻道、不找的來源
cmd-forget-name = 刪除紀錄
cmd-forget-description = 從機器人的紀錄裡刪除你的提問、回覆、評價和私訊訂閱

## 回答

ask-source = 來源：{ $source }
ask-author = 作者：{ $author }
ask-tag = 標籤：{ $tag }
ask-preferred = 優先找：{ $conditions }
ask-added = 承接上一題：{ $terms }
condition-address = 這個網址的文章
condition-no-address = 沒有收錄的網址
period-since = { $first }起
period-until = 到{ $last }為止
period-range = { $first }到{ $last }
ask-without = 不找：{ $sources }
answer-no-link = 沒有原文連結
answer-copy = 存檔
answer-file = 原始檔
answer-duplicates = 另有 { $count } 篇文章刊出同一段
answer-total = 找到 { $total } 段
answer-total-many = 找到 { $total } 段以上
answer-place = 第 { $place } 篇

## 回覆下方的按鈕

menu-about = 問{ $archive }
button-context = 上下文
button-all = 全部結果
menu-share = 分享：{ $title }
placeholder-menu = 上下文、分享、排序、匯出
button-share = 分享
button-shared = 已分享
button-follow = 接著問
menu-thread = 開討論串：{ $title }
thread-hint = 想接著問，在這裡提及 { $bot } 就可以。
follow-asked = 你問過：{ $question }
follow-article = 最相關的文章：{ $title }
button-related = 相關段落
button-back = 返回
answer-asked-by = { $name } 問：
answer-related = 與〈{ $title }〉這一段相關
context-place = 第 { $number } 段，全文 { $count } 段
context-also = 另見
context-found = 有你問的：{ $words }
context-instead = 換個說法：{ $words }
context-missing = 沒有提到：{ $words }
context-replaced = 改用這些字詞找：{ $words }
vote-noted = 記下了，謝謝。想改的話，按另一個就好。
notice-no-related = 沒有找到其他相關的段落。
notice-try-sources = 改找下面的來源：
notice-try = 試試下面的問題：
error-button = 這個按鈕不能這樣用。請用 { $command } 再問一次。
error-expired = 這則回覆已經超過 30 天，按鈕不能用了。請用 { $command } 再問一次。
error-not-asker = 只有提問的人可以按這裡。想自己找的話，請用 { $command }。
error-already-shared = 這則回覆已經分享到頻道了。
error-share = 沒辦法把回覆貼到這個頻道：你或機器人沒有在這裡發言的權限。
error-thread = 在這裡開不了討論串：你或機器人沒有發言或建立公開討論串的權限，或是這裡已經是討論串了。
error-thread-refused = 文章已經貼出來了，但 Discord 不讓我在這裡開討論串。
error-gone = 這篇文章已經不在{ $archive }裡了。請用 { $command } 再問一次。
error-channels = 這個伺服器只能在 { $channels } 提問。
error-sort = 沒有這種排序方式。請從清單裡選一個，例如「{ $example }」。
error-date = 看不懂日期「{ $written }」。請寫成 2021、2021-01、2021-01-06、去年、上個月或 30d。
error-date-range = 起始日期（{ $first }）比結束日期（{ $last }）還晚。請把較早的寫在前面，例如 2020 到 2021。
error-no-terms = 這則訊息裡沒有可以拿來搜尋的字詞。請改用 { $command } 輸入問題。
error-too-long = 「{ $option }」太長了，最多 { $most } 個字。

## 沒有結果

notice-empty-question = 問題裡沒有可以搜尋的字詞。試試人名、地名，或是一句簡短的話。
notice-no-match = 沒有找到相關的內容。換個說法，或少用幾個詞試試。
notice-no-address = { $archive }沒有收錄這個網址的文章。
notice-closest = 沒有確定的答案，以下最接近。
notice-searched = 也找了：{ $words }
notice-talk = 你好！我從{ $archive }的文章裡找答案，問人名、事件或一句簡短的話都可以。怎麼問請看 { $command }。
notice-phrase-not-found = 沒有任何段落符合你用引號、+ 或 - 指定的條件。
notice-suggestions = 可以試試：{ $questions }
notice-words = { $archive }裡出現過：{ $words }
notice-filtered-out = 有相關的段落，但都不符合你設定的條件。按下方的條件就能拿掉它。
notice-unknown-source = { $archive }沒有「{ $source }」這個來源。
notice-coverage = 收錄 { $first }到{ $last }的文章。
notice-sources = 來源：{ $sources }
comma = 、
date = { DATETIME($day, dateStyle: "long") }
date-year = { $year }年
date-month = { $year }年{ $month }月
date-quarter = { $year }年第{ $quarter }季
axis-month =
    { $year }年
    { $month }月
axis-quarter =
    { $year }年
    第{ $quarter }季

## 還沒有索引

building = 正在第一次讀取{ $archive }，請稍後再問一次。
build-failed = 目前無法讀取{ $archive }，原因已寫入紀錄檔，請維護者查看。

## 文庫管理

reindex-begun = 正在讀取{ $archive }
reindex-phase-fetch = 正在下載儲存庫：{ $megabytes } MB
reindex-phase-scan = 尋找有變動的檔案
reindex-phase-read = 讀取文章：第 { $done } 篇，共 { $total } 篇
reindex-phase-write = 寫入索引
reindex-phase-verify = 檢查索引
reindex-joined = 索引已經在重建了，以下是目前的進度。
reindex-unfollowed = 還在進行中，但這則訊息無法再更新了。結束時會在頻道裡通知，目前的進度請用 { $command } 查看。
reindex-done = { $archive }已經是最新的了
reindex-counts = { $articles } 篇文章，{ $passages } 個段落
reindex-changes = 新增 { $added } 篇，更新 { $changed } 篇，移除 { $removed } 篇
reindex-problem =
    無法向儲存庫確認有沒有新的提交。英文訊息：
    > { $sentence }
reindex-copy = 目前用的是先前的內容，取得時間：{ $when }
reindex-seconds = 花了 { $seconds } 秒
skipped-title = 略過 { $count } 個檔案：
noted-title = 收進索引、但沒有照原文讀的檔案，共 { $count } 個：
skipped-more = 還有 { $count } 個
reindex-cancelled = 已取消重建索引，索引和之前一樣。
status-generation = 索引版本 { $name }

status-title = { $archive }
status-ready = 運作正常
status-unavailable = 暫時無法使用：還沒有索引
status-holds = { $articles } 篇文章，{ $passages } 個段落
status-commit = 提交版本 { $commit }
status-built = 索引建立時間：{ $when }，{ $size } MB
status-sources = { $count } 個來源：{ $sources }
status-source = { $name } { $articles } 篇
status-questions =
    { $asked ->
        [0] 最近 24 小時沒有人提問
       *[other] 最近 24 小時有 { $asked } 個問題，其中 { $unanswered } 個沒有確定的答案
    }
status-latency = 回答時間：半數在 { $p50 } 毫秒內，95% 在 { $p95 } 毫秒內
status-workers = { $count } 個執行個體分擔所有伺服器
status-worker =
    { $name }{ $self ->
        [yes] （這一個）
       *[no] {""}
    }：{ $count ->
        [0] 沒有分片
       *[other] 分片 { $shards }
    }，{ $seconds } 秒前有心跳
status-process = 啟動時間：{ $when }
status-memory = 記憶體 { $megabytes } MB

## 訂閱

cmd-watch-name = 訂閱
cmd-watch-description = 有符合的新文章就貼到頻道，或私訊給你
cmd-watch-add-name = 新增
cmd-watch-add-description = 有符合這個問題的新文章時，貼到頻道或私訊給你
cmd-watch-add-question-description = 文章必須包含的字詞，缺一不可；也能用「…」、+字詞、-字詞
cmd-watch-add-channel-description = 要貼到哪裡；不填就是這個頻道，沒有「管理頻道」權限則私訊給你
cmd-watch-add-dm-name = 私訊
cmd-watch-add-dm-description = True：私訊給你，就算你能管理頻道
cmd-watch-on-this-day-name = 那年今日
cmd-watch-on-this-day-description = 每天在頻道貼出往年同一天的文章
cmd-watch-weekly-name = 每週新增
cmd-watch-weekly-description = 每週一在頻道貼出上週新收錄的文章
cmd-watch-list-name = 清單
cmd-watch-list-description = 這個伺服器和你自己訂閱了什麼
cmd-watch-remove-name = 移除
cmd-watch-remove-description = 取消一則訂閱或定期清單
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
watch-title = 這個伺服器的訂閱：{ $count } 則
watch-none = 這個伺服器還沒有訂閱。用 { $command } 新增一則吧。
watch-posted = 上次貼出：{ $when }
watch-never = 還沒有貼出過
watch-unlisted = 還有 { $count } 則
watch-removed = 已取消 { $channel } 的訂閱：**{ $question }**
watch-saved-own = 有符合的新文章時，會私訊給你：
watch-title-own = 私訊給你的訂閱：{ $count }／{ $most }
watch-none-own = 你還沒有訂閱。用 { $command } 新增一則，有新文章時就會私訊給你。
watch-removed-own = 已取消你的訂閱：**{ $question }**
watch-place-own = 私訊給你
watch-is-paused = 已暫停
watch-paused = ⏸ 你的訂閱**暫停**了：Discord 連續 { $most } 次不讓我私訊你。請允許同一伺服器的成員私訊你，再按下面的按鈕。
watch-resumed = 你的訂閱恢復了。先前找到的會馬上送到，暫停期間新增的就不補了。
digest-on-this-day = 那年今日
digest-weekly = 上週新收錄
digest-count = { $count } 篇
digest-more = 還有 { $count } 篇
digest-saved-on-this-day = 每天早上會在 { $channel } 貼出往年同一天發表的文章。
digest-saved-weekly = 每週一早上會在 { $channel } 貼出上週新收錄的文章。
digest-how = 臺北時間（UTC+8）上午 9 點；沒有文章就不貼。
permission-view = 檢視頻道
permission-send = 傳送訊息
permission-embed = 嵌入連結
error-watch-guild = 只有伺服器能這樣訂閱，請在伺服器的頻道裡使用這個指令。
error-watch-permission = 要有「管理頻道」權限才能這麼做，什麼都沒有更動。
error-watch-permission-there = 你沒有 { $channel } 的「管理頻道」權限，請選一個你能管理的頻道。
error-watch-channel = 只能選文字頻道或公告頻道。想貼到討論串，請直接在討論串裡使用這個指令。
error-watch-posting = 我無法在 { $channel } 發文。請先在那裡給我這些權限，再試一次：{ $permissions }
error-watch-exists = { $channel } 已經訂閱了這個問題。請換個問法，或是選別的頻道。
error-watch-full = 這個伺服器已有 { $most } 則訂閱，到達上限了。請先用 { $command } 移除一則。
error-watch-exists-own = 你已經訂閱了這個問題。
error-watch-full-own = 你已有 { $most } 則訂閱，到達上限了。請先用 { $command } 移除一則。
error-watch-both = 一則訂閱只能貼到頻道或私訊給你，請擇一。
error-watch-own = Discord 現在無法開啟我們的私訊，請過一會兒再試一次。
error-watch-gone = 這則訂閱先前已經取消了。
error-watch-unknown = 這個伺服器和你都沒有這則訂閱。請從輸入時出現的清單裡選擇。

## 錯誤

error-cooldown = 問得有點快，請過 { $seconds } 秒再問。
error-not-admin = 只有{ $archive }管理員可以這麼做，什麼都沒有更動。
error-outdated = 這個指令更新過了。請等一分鐘，或是重新啟動 Discord 再試一次。
error-engine = { $archive }的搜尋主機現在沒有回應，請稍後再試。
error-archive =
    沒有成功。機器人的英文訊息：
    > { $sentence }
error-unexpected = 出了點問題，不是你的錯。如果一再發生，請把這個編號告訴機器人的維護者：{ $id }

## 佇列已滿

error-busy = 現在問的人太多，請過一會兒再試一次。
error-expired-token = 你剛才的提問或操作已經處理完，但 Discord 一直沒有收下結果，畫面上可能還停在「正在思考」。請再試一次。

## 趨勢

cmd-trend-name = 趨勢
cmd-trend-description = 看詞語在{ $archive }裡隨時間出現的多寡，畫成一張圖
cmd-trend-terms-name = 詞語
cmd-trend-terms-description = 最多四個，以逗號分開
cmd-trend-after-name = 起始日期
cmd-trend-before-name = 結束日期
cmd-trend-unit-name = 單位
cmd-trend-unit-description = 時間分得多細；不選就依文章多寡決定
choice-month = 月
choice-quarter = 季
choice-year = 年
trend-title = 趨勢：{ $terms }
trend-range = { $first }到{ $last }
trend-axis = 占文章的比例
trend-total = { $term }：{ $articles } 篇
trend-highest = { $bucket }最高，{ $share }%
trend-share = 線條是各時期的文章中提到這個詞的比例；圖上的數字就是選單裡的高峰。
trend-faded = 淡色：那段時間不到 { $articles } 篇文章。
trend-absent = 這段期間沒有出現：{ $terms }
trend-no-picture = 圖畫不出來，但數字是對的。
trend-alt = 折線圖：{ $terms }從{ $first }到{ $last }出現的比例，最高點是{ $bucket }的{ $term }。
trend-alt-plain = 折線圖：{ $terms }從{ $first }到{ $last }出現的比例。
trend-peak = { $number } · { $bucket } · { $term } · { $articles } 篇，{ $share }%
error-trend-nothing = 這段期間沒有任何一篇文章提到這些詞。
error-trend-unit = 沒有這種時間單位，請選月、季或年。
error-trend-terms = 請寫一到四個詞，以逗號分開，例如：花唄，支付寶。

## 時間軸

cmd-timeline-name = 時間軸
cmd-timeline-description = 把一件事從頭排到尾：一天一句，由舊到新，每句都附出處
cmd-timeline-question-description = 想看哪件事的經過，繁體、簡體或英文都可以
cmd-timeline-after-name = 起始日期
cmd-timeline-before-name = 結束日期
timeline-days = 共 { $total } 天
timeline-chosen = 從 { $total } 天選出 { $shown } 天
timeline-place = 第 { $place } 天
timeline-none = 找到的文章都沒有日期，排不成時間軸。
button-export = 匯出
menu-export = 匯出成 Markdown 檔
export-note = 文字照錄自{ $archive }，出處見註腳。{ $day }匯出。
export-done = 全部內容的 Markdown 檔，出處列在註腳：

## 收錄來源

sources-title = { $archive }
sources-whole = 共 { $articles } 篇文章，{ $sources } 個來源
sources-count = { $articles } 篇
sources-span = { $first }到{ $last }
sources-unnamed = 沒有註明來源
sources-part = 第 { $first } 到 { $last } 個來源，共 { $total } 個

## 說明

help-title = 向{ $archive }提問
help-what = 這個機器人從一批文章裡找答案。它不會自己編造，只列出最相符的原文段落，每一段都附上出處連結和日期，回答問題的那一句放在最前面。
help-ask =
    輸入 { $command } 和你的問題，繁體、簡體或英文都可以。分享之前，只有你看得到回覆。
    箭頭可以翻頁；下方的選單可以看上下文、分享其他篇、開討論串、換排序。
    想接著問，就按「接著問」，或在討論串裡提及我；傳私訊給我也可以。
help-more = 還有：{ $trend } 畫出詞語歷來出現的次數，{ $timeline } 把一件事按日期排成時間軸，{ $watch } 在頻道貼出新文章，或私訊給你，{ $sources } 列出收錄的來源。
help-examples = 按一個試試：
help-operators-title = 問得更精確
help-operators =
    • `"…"` 或 `「…」`：一字不差，連在一起
    • `+詞`：一定要有
    • `-詞`：不能有
help-filters-title = 縮小範圍
help-filters =
    來源、作者和標籤，打字時會列出可以選的。日期可以寫 `2021`、`2021-01`、`2021-01-06`、`去年`、`上個月`、`上週`，或是 `30d`（最近 30 天）。
help-share-title = 給大家看
help-share = 按回覆下方的「分享」，就會把最前面那一篇連同你的名字貼到頻道；或是提問時把「只給我看」選成 False，直接貼出來。
help-privacy-title = 留下哪些紀錄、留多久
privacy-questions = **提問**：內容、時間、伺服器、語言、找到幾段、花多少時間，連同你的代碼；30 天。有兩位成員問過的問題，可能成為這裡的例子。
privacy-answers = **回覆**（按鈕和接著問要用）：問題、條件、列出的段落、所在的討論串或私訊，連同你的代碼；30 天
privacy-votes = **👍 和 👎**：連同你的代碼；和回覆一樣久
privacy-settings = **伺服器的設定**；直到更改
privacy-watches = **伺服器的訂閱**：問題或清單、條件、頻道和它的名稱、上次貼出的時間，連同伺服器；直到移除，等待貼出的訊息最多 30 天
privacy-watches-own = **你自己的訂閱**：問題、條件、你的語言、你和機器人的私訊頻道，連同你的代碼；直到移除，等待送出的訊息最多 30 天
privacy-commands = **交給 Discord 的指令**；直到有變動
help-privacy = 用 { $command } 可以馬上刪除你的提問、回覆、評價和私訊訂閱。不儲存名稱、訊息和成員；「代碼」是以密鑰從你的 ID 算出來的。詳情見隨附的 { $file }。

## 設定

settings-title = 這個伺服器的設定
settings-language = **公開回覆的語言**：{ $value }
settings-private = **回覆**：{ $value }
settings-page = **每頁篇數**：{ $count }
settings-channels = **可以發問的頻道**：{ $value }
settings-sources = **不找的來源**：{ $value }
settings-default = 預設：{ $value }
settings-channels-all = 所有頻道
settings-sources-none = 沒有
settings-saved = 每次更改都會馬上儲存。
settings-more-sources = { $archive }有 { $count } 個來源，這裡只能從最大的 { $most } 個裡選。

## 刪除紀錄

forget-ask = 要刪除你的提問、為按鈕保留的回覆、你的評價，以及私訊給你的訂閱嗎？
forget-remains = 已經貼到頻道的訊息會留著，但是上面的按鈕就不能用了。伺服器的訂閱屬於伺服器，不會刪除。
forget-done = 刪除好了。提問：{ $questions } 則，回覆：{ $answers } 則，評價：{ $votes } 則，訂閱：{ $watches } 則。

## 同義詞

synonyms-title = 同義詞
synonyms-count = { $lines } 行，{ $pairs } 組對應
synonyms-saved = 已儲存，下一個問題起生效。
synonyms-faulty = 第 { $line } 行看不懂：「{ $text }」。意思相同的詞請寫成：甲 = 乙, 丙
synonyms-keepers = 這些詞來自 SYNONYMS 指定的檔案，請在那裡編輯。
synonyms-too-long = 檔案超過這裡能編輯的 { $most } 個字，請直接編輯 DATA_DIR 資料夾裡的 synonyms.txt。

## 大家的提問

questions-title = 最近 30 天的提問
questions-none = 還沒有。
questions-asked = **最常問的**
questions-unanswered = **沒有確定答案的**
questions-times = { $times } 次，其中 { $unanswered } 次沒有確定的答案
questions-unhelpful = **按了 👎 的**
questions-votes = 👎 { $times } 次
trial-question = 用這個問題試：{ $question }
trial-before = 現在
trial-after = 加上這一行
trial-nothing = 什麼都找不到。
trial-same = 加上這一行，這個問題的結果不會變。
trial-faulty = 看不懂這一行：「{ $text }」。意思相同的詞請寫成這樣：a = b, c
trial-saved = 已儲存，從下一個問題起生效：{ $line }
trial-cancelled = 沒有儲存任何內容。
placeholder-try-synonyms = 選一個問題，試試加上同義詞
input-synonym-line = 意思相同的詞：a = b, c
button-save = 儲存
button-change = 修改
questions-attached = 附上的表格裡有 { $count } 個問題

## 欄位：按鈕至多 80 字，選項 100，提示 150，視窗標題 45，欄位名稱 45，欄位說明 100

button-help-more = 問得更精確
button-help-back = 回到開頭
button-help-privacy = 留下哪些紀錄
button-forget = 刪除
button-watch-cancel = 取消訂閱
button-watch-resume = 恢復
button-cancel = 取消
button-edit = 編輯
option-zh-TW = 繁體中文（臺灣）
option-zh-CN = 简体中文
option-en-US = English
option-private = 只有提問的人看得到，除非分享
option-public = 貼到頻道
option-page = 每頁 { $count } 篇
placeholder-channels = 可以發問的頻道；都不選就是所有頻道
placeholder-trend = 讀高峰時期的文章
placeholder-sources = 不找的來源
placeholder-conditions = 拿掉條件
modal-synonyms = 同義詞
input-synonyms = 每行一組：甲 = 乙, 丙
input-hint-synonyms = # 後面是註解
modal-follow = 接著問
input-follow = 接著問什麼？
input-hint-follow = 例如：那後來呢？

## 設定與表單的錯誤

error-guild-only = 這個指令只能在伺服器裡用。
error-not-moderator = 只有能管理這個伺服器的人可以更改設定，什麼都沒有更動。
error-setting = 這個選項已經沒有了，請重新執行指令。
error-no-reindex = 目前沒有在重建索引。
error-synonyms-elsewhere = 這些詞不能在這裡編輯。請重新執行指令，看看該在哪裡編輯。
error-hide-unknown = { $archive }裡沒有路徑或連結是「{ $name }」的文章。請從輸入時列出的選項裡挑一個。
error-unhide-unknown = 隱藏的文章裡沒有路徑或連結是「{ $name }」的。請從輸入時列出的選項裡挑一個。
hide-done = 已隱藏 { $count } 篇文章：回答、時間軸、趨勢圖和訂閱都不會再出現。索引正在更新。
hide-posted = 已經貼出的訊息還在，請到原處刪除。其他文章若有相同的文字，不會一併隱藏。
unhide-done = 索引更新後，這 { $count } 篇文章就會重新出現。
error-form = 這張表單已經失效，請重新執行指令。

## 狀態損壞與磁碟已滿

status-unreadable = ⚠️ 機器人自己的紀錄暫時讀不到，原因已寫入紀錄檔，請維護者查看。
status-damaged =
    ⚠️ 機器人自己的紀錄曾經損壞，已經換上新的。保住了 { $guilds } 個伺服器的設定和 { $watches } 則訂閱，{ $extent ->
        [all] 一項不缺。
        [copy] 讀不出的部分取自最近的每日備份。
       *[some] 可能還有一些讀不出來。
    }先前的提問紀錄和舊回答的按鈕都沒有了。損壞的檔案留在 DATA_DIR 資料夾裡，最近一份是 { $name }（共 { $count } 份）。移走這些檔案後這則警告就會消失，最遲 30 天。
status-failure =
    ⚠️ { $archive }未能更新。英文訊息：
    > { $sentence }
error-unsaved = 沒有儲存成功：機器人的磁碟已滿或無法寫入。什麼都沒有更動，原因已寫入紀錄檔，請維護者查看。
error-database = 沒有成功：機器人的資料庫暫時沒有回應。什麼都沒有更動，請過幾分鐘再試。
