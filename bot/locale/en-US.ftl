# English. Discord shows these names and descriptions to readers of every other language, too.

## Commands: names of at most 32 characters, descriptions of at most 100

# What the archive is called where ARCHIVE_NAME does not say it; every text may use $archive.
archive-default = the archive

cmd-ask-name = ask
cmd-ask-description = Ask { $archive }; the answer is its best paragraphs, each with its source
param-question-name = question
param-question-description = What you want to know, in Traditional or Simplified Chinese or in English
param-source-name = source
param-source-description = Only articles of this source
param-author-name = author
param-author-description = Only articles by this author
param-tag-name = tag
param-tag-description = Only articles with this tag
param-after-name = after
param-after-description = Only articles from this day on, like 2021, 2021-01, last year or 30d
param-before-name = before
param-before-description = Only articles up to this day, like 2021, 2021-01 or last year
param-sort-name = sort
param-sort-description = The order of what is found
choice-relevance = Best match first
choice-newest = Newest first
choice-oldest = Oldest first
param-private-name = private
param-private-description = Only you see the answer; False posts it in the channel. Not chosen: as the server has it
param-channel-name = channel
param-channel-description = Where to post; this channel if left out

cmd-archive-name = archive
cmd-archive-description = Look after the archive (only its admins)
cmd-archive-reindex-name = reindex
cmd-archive-reindex-description = Read the archive again; questions go on being answered meanwhile
cmd-archive-reindex-full-name = full
cmd-archive-reindex-full-description = Build the whole index again, even if no file has changed
cmd-archive-status-name = status
cmd-archive-status-description = What { $archive } holds, what was asked, and whether the bot is well
cmd-archive-synonyms-name = synonyms
cmd-archive-synonyms-description = Words that mean the same: see and edit them
cmd-archive-questions-name = questions
cmd-archive-questions-description = What was asked most in 30 days, and what had no sure answer
cmd-archive-hide-name = hide
cmd-archive-hide-description = Leave an article out of every answer, at once and from now on
cmd-archive-hide-path-name = path
cmd-archive-hide-path-description = Its path in the archive, or its source link
cmd-archive-unhide-name = unhide
cmd-archive-unhide-description = Show a hidden article again
cmd-archive-unhide-path-name = path
cmd-archive-unhide-path-description = Its path in the archive, or its source link

cmd-sources-name = sources
cmd-sources-description = What { $archive } holds: each source, how much of it, and from when to when
cmd-help-name = help
cmd-help-description = What this bot does and how to ask it, with examples to try
cmd-settings-name = settings
cmd-settings-description = What this server's moderators choose: language, privacy, channels, sources
cmd-forget-name = forget
cmd-forget-description = Delete your questions, answers, votes and own watches from this bot's records

## An answer

ask-source = Source: { $source }
ask-author = Author: { $author }
ask-tag = Tag: { $tag }
ask-preferred = Preferred: { $conditions }
ask-added = Carried over: { $terms }
condition-address = the article at this address
condition-no-address = an address that { $archive } does not have
period-since = from { $first } on
period-until = up to { $last }
period-range = { $first } to { $last }
ask-without = Without: { $sources }
answer-no-link = no link to the original
answer-copy = Archived copy
answer-file = Source file
answer-duplicates =
    { $count ->
        [one] also in { $count } other article
       *[other] also in { $count } other articles
    }
answer-total =
    { $total ->
        [one] 1 matching paragraph
       *[other] { $total } matching paragraphs
    }
answer-total-many = at least { $total } matching paragraphs
answer-place = showing articles { $place }

## The buttons under an answer

menu-about = Ask { $archive }
button-context = Context
button-all = All results
menu-share = Share: { $title }
placeholder-menu = Context, share, sort, export
button-share = Share
button-shared = Shared
button-follow = Ask a follow-up
menu-thread = Open a thread: { $title }
thread-hint = To go on asking, mention { $bot } here.
follow-asked = You asked: { $question }
follow-article = The best article: { $title }
button-related = Related
button-back = Back
answer-asked-by = { $name } asked:
answer-related = Related to this paragraph of “{ $title }”
context-place = Paragraph { $number } of { $count }
context-also = Also in
context-found = Your words in it: { $words }
context-instead = Other words for yours: { $words }
context-missing = Not in it: { $words }
context-replaced = Searched as: { $words }
vote-noted = Noted, thank you. Press the other one to change your mind.
notice-no-related = No other paragraph like this one was found.
notice-try-sources = Try one of these sources:
notice-try = Try one of these:
error-button = This button cannot be used like that. Ask again with { $command }.
error-expired = This answer is more than 30 days old, and its buttons no longer work. Ask again with { $command }.
error-not-asker = Only the one who asked can press this. To look for yourself, use { $command }.
error-already-shared = This answer has already been shared with the channel.
error-share = The answer cannot be posted here: you or the bot may not send messages in this channel.
error-thread = No thread can be opened here: you or the bot may not send messages or create public threads, or this is a thread already.
error-thread-refused = The article is posted, but Discord does not let me open a thread here.
error-gone = This article is no longer in { $archive }. Ask again with { $command }.
error-channels = In this server, questions are asked in { $channels }.
error-sort = There is no such order. Choose one from the list, like “{ $example }”.
error-date = I cannot read the date “{ $written }”. Write 2021, 2021-01, 2021-01-06, last year, last month or 30d.
error-date-range = The first day ({ $first }) comes after the last ({ $last }). Put the earlier one first, like 2020 to 2021.
error-no-terms = There is no word in this message to look for. Type a question with { $command } instead.
error-too-long = “{ $option }” is too long: { $most } characters at most.

## No results

notice-empty-question = There is no word to look for in your question. Try a name, a place or a short sentence.
notice-no-match = Nothing was found. Try other words, or fewer.
notice-no-address = No article in { $archive } has this address.
notice-closest = No sure answer; this comes closest.
notice-searched = Also searched: { $words }
notice-talk = Hello! I answer from the articles of { $archive }: ask about a name, an event, or in a short sentence. { $command } shows how.
notice-phrase-not-found = No paragraph has exactly what you asked for in quotes, with + or with -.
notice-suggestions = Try: { $questions }
notice-words = These words do occur: { $words }
notice-filtered-out = There are matching paragraphs, but none within your conditions. Press one to leave it out.
notice-unknown-source = No source of { $archive } is called “{ $source }”.
notice-coverage = The articles of { $archive } date from { $first } to { $last }.
notice-sources = Sources: { $sources }
comma = {", "}
date = { DATETIME($day, dateStyle: "long") }
date-year = { $year }
date-month =
    { $month ->
        [1] January
        [2] February
        [3] March
        [4] April
        [5] May
        [6] June
        [7] July
        [8] August
        [9] September
        [10] October
        [11] November
       *[12] December
    } { $year }
date-quarter = { $year } Q{ $quarter }
axis-month =
    { $month ->
        [1] Jan
        [2] Feb
        [3] Mar
        [4] Apr
        [5] May
        [6] Jun
        [7] Jul
        [8] Aug
        [9] Sep
        [10] Oct
        [11] Nov
       *[other] Dec
    }
    { $year }
axis-quarter =
    Q{ $quarter }
    { $year }

## No index yet

building = Reading { $archive } for the first time. Ask again in a moment.
build-failed = Nothing can be read from { $archive } at the moment. The log says why.

## /archive

reindex-begun = Reading the archive
reindex-phase-fetch = Fetching the repository: { $megabytes } MB
reindex-phase-scan = Looking for changes
reindex-phase-read = Reading articles: { $done } of { $total }
reindex-phase-write = Writing the index
reindex-phase-verify = Checking the index
reindex-joined = A reindex was already running; this is how far it is.
reindex-unfollowed = Still running, but this message can no longer be updated: its end will be told here in the channel. Meanwhile see { $command }.
reindex-done = The archive is up to date
reindex-counts = { $articles } articles, { $passages } paragraphs
reindex-changes = { $added } added, { $changed } changed, { $removed } removed
reindex-problem = The repository could not be asked for a newer commit: { $sentence }
reindex-copy = Answers still come from the copy of { $when }.
reindex-seconds = in { $seconds } s
skipped-title =
    { $count ->
        [one] { $count } file was skipped:
       *[other] { $count } files were skipped:
    }
noted-title =
    { $count ->
        [one] { $count } file is in the index, but was not read as it is written:
       *[other] { $count } files are in the index, but were not read as they are written:
    }
skipped-more = and { $count } more
reindex-cancelled = The reindex was cancelled. The index is as it was before.
status-generation = Generation { $name }

status-title = Archive
status-ready = Ready
status-unavailable = Not available: there is no index yet
status-holds = { $articles } articles, { $passages } paragraphs
status-commit = Commit { $commit }
status-built = Index built { $when }, { $size } MB
status-sources = { $count } sources: { $sources }
status-source = { $name } { $articles }
status-questions =
    { $asked ->
        [0] No questions in the last 24 hours
        [one] { $asked } question in the last 24 hours, { $unanswered } without a sure answer
       *[other] { $asked } questions in the last 24 hours, { $unanswered } without a sure answer
    }
status-latency = Time to answer: half within { $p50 } ms, 95% within { $p95 } ms
status-workers =
    { $count ->
        [one] { $count } worker
       *[other] { $count } workers share the servers
    }
status-worker =
    { $name }{ $self ->
        [yes] {" "}(this one)
       *[no] {""}
    }: { $count ->
        [0] no shards
        [one] shard { $shards }
       *[other] shards { $shards }
    }, heartbeat { $seconds } s ago
status-process = Started { $when }
status-memory = { $megabytes } MB of memory

## /watch

cmd-watch-name = watch
cmd-watch-description = New articles on a question, posted to a channel or sent to you
cmd-watch-add-name = add
cmd-watch-add-description = Post new articles that match a question to a channel, or have them sent to you
cmd-watch-add-question-description = Words that an article must hold, all of them; “…”, +word and -word work as in a question
cmd-watch-add-channel-description = Where to post; left out: here, or to you if you may not manage channels
cmd-watch-add-dm-name = dm
cmd-watch-add-dm-description = True: sent to you by direct message, also where you may manage channels
cmd-watch-on-this-day-name = on-this-day
cmd-watch-on-this-day-description = Every day: articles of this day in earlier years, posted to a channel
cmd-watch-weekly-name = weekly
cmd-watch-weekly-description = Every Monday: what the archive gained last week, posted to a channel
cmd-watch-list-name = list
cmd-watch-list-description = What this server and you watch
cmd-watch-remove-name = remove
cmd-watch-remove-description = Stop watching a question, or end a regular list
cmd-watch-remove-watch-name = watch
cmd-watch-remove-watch-description = Choose one from the list

watch-news = New on **{ $question }**
watch-more =
    { $count ->
        [one] and 1 more new article on **{ $question }**: { $command } finds it.
       *[other] and { $count } more new articles on **{ $question }**: { $command } finds them.
    }
watch-saved = New articles on this will be posted to { $channel }:
watch-today =
    { $count ->
        [0] No article matches today.
        [one] 1 article matches today; only new ones will be posted.
       *[other] { $count } articles match today; only new ones will be posted.
    }
watch-today-many = At least { $count } articles match today; only new ones will be posted.
watch-how = An article matches when one of its paragraphs, with its title, holds every word.
watch-title =
    { $count ->
        [one] 1 watch of this server
       *[other] { $count } watches of this server
    }
watch-none = Nothing is watched in this server yet. Begin with { $command }.
watch-posted = last posted { $when }
watch-never = nothing posted yet
watch-unlisted = and { $count } more
watch-removed = **{ $question }** is no longer watched in { $channel }.
watch-saved-own = New articles on this will be sent to you:
watch-title-own = Sent to you: { $count } of { $most }
watch-none-own = You watch nothing yet. Begin with { $command }: new articles come to you by direct message.
watch-removed-own = You no longer watch **{ $question }**.
watch-place-own = to you
watch-is-paused = paused
watch-paused = ⏸ What you watch is **paused**: Discord refused { $most } direct messages to you in a row. Allow direct messages from members of a server that we share, then press the button.
watch-resumed = Your watches go on. What was found before comes now; what came while they were paused does not.
digest-on-this-day = On this day
digest-weekly = New last week
digest-count =
    { $count ->
        [one] 1 article
       *[other] { $count } articles
    }
digest-more = and { $count } more
digest-saved-on-this-day = Every morning, articles that were published on that day in earlier years will be posted to { $channel }.
digest-saved-weekly = Every Monday morning, the articles that came last week will be posted to { $channel }.
digest-how = At nine, Taipei time (UTC+8); on days without any, nothing is posted.
permission-view = View Channel
permission-send = Send Messages
permission-embed = Embed Links
error-watch-guild = Only a server has this. Use the command in one of its channels.
error-watch-permission = Only members who may manage channels can do this. Nothing was changed.
error-watch-permission-there = You may not manage { $channel }. Choose a channel that you may manage.
error-watch-channel = Only a text or an announcement channel can be chosen. For a thread, use the command in it.
error-watch-posting = I may not post in { $channel }. Give me these permissions there, then try again: { $permissions }
error-watch-exists = { $channel } already watches this question. Ask it differently, or choose another channel.
error-watch-full = This server has { $most } watches, which is the most. Remove one with { $command } first.
error-watch-exists-own = You already watch this question.
error-watch-full-own = You have { $most } watches, which is the most. Remove one with { $command } first.
error-watch-both = A watch goes to a channel or to you, not to both. Leave one of the two out.
error-watch-own = Discord opens no direct messages with you right now. Please try again in a while.
error-watch-gone = This watch was cancelled before.
error-watch-unknown = Neither this server nor you have such a watch. Choose one from the list that appears while you type.

## Errors

error-cooldown =
    { $seconds ->
        [one] That was a lot of questions. Please try again in a second.
       *[other] That was a lot of questions. Please try again in { $seconds } seconds.
    }
error-not-admin = This is for admins of { $archive } only. Nothing was changed.
error-outdated = This command has changed. Please wait a minute, or restart Discord, and try again.
error-engine = The archive’s search server does not answer right now: try again in a minute.
error-archive = That did not work: { $sentence }
error-unexpected = Something went wrong; it is not your fault. If it happens again, tell the bot's keeper this number: { $id }

## Full queues

error-busy = Too many people are asking right now. Please try again in a moment.
error-expired-token = Discord did not take the answer to what you asked or pressed in time, so it may still say that I am thinking. Please try again.

## /trend

cmd-trend-name = trend
cmd-trend-description = How often words occur in { $archive } over time, as a picture
cmd-trend-terms-name = terms
cmd-trend-terms-description = Up to four, with commas between
cmd-trend-after-name = from
cmd-trend-before-name = to
cmd-trend-unit-name = unit
cmd-trend-unit-description = How finely time is divided; left out: as fits the number of articles
choice-month = Months
choice-quarter = Quarters
choice-year = Years
trend-title = Over time: { $terms }
trend-range = { $first } to { $last }
trend-axis = Share of articles
trend-total =
    { $articles ->
        [one] { $term }: 1 article
       *[other] { $term }: { $articles } articles
    }
trend-highest = peak { $share }% in { $bucket }
trend-share = Each line is the share of that time’s articles with the word. The numbers are the peaks in the menu.
trend-faded = Faded: fewer than { $articles } articles in that time.
trend-absent = Not in this span: { $terms }
trend-no-picture = The picture could not be drawn; the figures are right.
trend-alt = A line chart of how often { $terms } occur, { $first } to { $last }. The highest point is { $term } in { $bucket }.
trend-alt-plain = A line chart of how often { $terms } occur, { $first } to { $last }.
trend-peak =
    { $articles ->
        [one] { $number } · { $bucket } · { $term } · 1 article, { $share }%
       *[other] { $number } · { $bucket } · { $term } · { $articles } articles, { $share }%
    }
error-trend-nothing = No article of this span has any of these words.
error-trend-unit = There is no such division of time. Choose months, quarters or years.
error-trend-terms = Write one to four words or phrases with commas between, like 花唄, 支付寶.

## /timeline

cmd-timeline-name = timeline
cmd-timeline-description = A story of years: one sentence a day, oldest first, each with its source
cmd-timeline-question-description = What the story is about, in Traditional or Simplified Chinese or in English
cmd-timeline-after-name = from
cmd-timeline-before-name = to
timeline-days =
    { $total ->
        [one] 1 day
       *[other] { $total } days
    }
timeline-chosen = { $shown } days of { $total }
timeline-place = showing { $place }
timeline-none = What was found has no date, so it has no place on a timeline.
button-export = Export
menu-export = Export as Markdown
export-note = Quoted word for word from { $archive }; the footnotes name the sources. Exported on { $day }.
export-done = All of it as a Markdown file, with the sources as footnotes:

## /sources

sources-title = Sources of { $archive }
sources-whole =
    { $articles ->
        [one] { $articles } article
       *[other] { $articles } articles
    } from { $sources ->
        [one] { $sources } source
       *[other] { $sources } sources
    }
sources-count =
    { $articles ->
        [one] { $articles } article
       *[other] { $articles } articles
    }
sources-span = { $first } to { $last }
sources-unnamed = Without a source
sources-part = Sources { $first } to { $last } of { $total }

## /help

help-title = Ask { $archive }
help-what = This bot answers from an archive of articles. It never makes an answer up: it shows the paragraphs that match best, each with its source link and date, the sentence that answers first.
help-ask =
    Write { $command } and your question, in Traditional or Simplified Chinese or in English. Only you see the answer until you share it.
    The arrows turn the pages. The menu shows what stands around a paragraph, shares another article, opens a thread, or sorts.
    To go on, press “Ask a follow-up”, mention me in a thread, or send me a direct message.
help-more = Also here: { $trend } draws how often words occur over time, { $timeline } tells a story of years day by day, { $watch } posts new articles to a channel or sends them to you, { $sources } lists what { $archive } holds.
help-examples = Press one to ask it:
help-operators-title = To be more exact
help-operators =
    • `"…"` or `「…」`: these words exactly, in one piece
    • `+word`: must be there
    • `-word`: must not be there
help-filters-title = To narrow it down
help-filters =
    Choose source, author and tag from what is offered as you type. Dates may be `2021`, `2021-01`, `2021-01-06`, `last month`, `last week` or `30d` (the last 30 days).
help-share-title = To show others
help-share = Press Share under an answer: its first article is posted to the channel with your name. Or set the option “private” to False to post it at once.
help-privacy-title = What is kept, and how long
privacy-questions = **Questions**: text, time, server, language, number of hits, time taken; with a hash of you · 30 days. Questions that two members asked may be examples here.
privacy-answers = **Answers**, for their buttons and follow-ups: question, filters, passages shown, thread or direct message; with a hash of you · 30 days
privacy-votes = **👍 and 👎**: with a hash of you · as long as the answer
privacy-settings = **The settings of a server** · until they are changed
privacy-watches = **Watches** of a server: question or list, filters, channel and its name, last post; with the server · until removed; waiting messages 30 days at most
privacy-watches-own = **Your own watches**: question, filters, your language, the channel of your direct messages, with a hash of you · until removed; waiting messages 30 days at most
privacy-commands = **The commands** that Discord was given · until they change
help-privacy = { $command } deletes your questions, answers, votes and own watches at once. Names, messages and members are never stored; “hash” is a number made from your ID with a secret key. { $file }, which comes with this bot, says it all.

## /settings

settings-title = Settings of this server
settings-language = **Language of public answers**: { $value }
settings-private = **Answers**: { $value }
settings-page = **Articles a page**: { $count }
settings-channels = **Questions may be asked in**: { $value }
settings-sources = **Sources left out**: { $value }
settings-default = Default: { $value }
settings-channels-all = every channel
settings-sources-none = none
settings-saved = Each change is saved at once.
settings-more-sources = Only { $most } of { $count } sources can be chosen here: the largest.

## /forget

forget-ask = Delete your questions, the answers kept for their buttons, your votes and the watches sent to you?
forget-remains = What has been posted in a channel stays there, but its buttons stop working. What a server watches is the server's, and stays.
forget-done = Deleted. Questions: { $questions }. Answers: { $answers }. Votes: { $votes }. Watches: { $watches }.

## /archive synonyms

synonyms-title = Words that mean the same
synonyms-count =
    { $lines ->
        [one] { $lines } line
       *[other] { $lines } lines
    }, { $pairs ->
        [one] { $pairs } pair of words
       *[other] { $pairs } pairs of words
    }
synonyms-saved = Saved, and in force from the next question on.
synonyms-faulty = Line { $line } cannot be understood: “{ $text }”. Write the words that mean the same like this: a = b, c
synonyms-keepers = They come from the file that SYNONYMS names, and are edited there.
synonyms-too-long = The file is longer than the { $most } characters that can be edited here: edit synonyms.txt in the data folder.

## /archive questions

questions-title = Questions of the last 30 days
questions-none = None yet.
questions-asked = **Asked most often**
questions-unanswered = **Without a sure answer**
questions-times = { $times } ×, without a sure answer { $unanswered } ×
questions-unhelpful = **Voted 👎**
questions-votes = { $times } × 👎
trial-question = Tried on: { $question }
trial-before = Today
trial-after = With this line
trial-nothing = Nothing is found.
trial-same = This line changes nothing for this question.
trial-faulty = This line cannot be understood: “{ $text }”. Write the words that mean the same like this: a = b, c
trial-saved = Saved, and in force from the next question on: { $line }
trial-cancelled = Nothing was saved.
placeholder-try-synonyms = Try words that mean the same on a question
input-synonym-line = Words that mean the same: a = b, c
button-save = Save
button-change = Change
questions-attached =
    { $count ->
        [one] { $count } question is in the attached table
       *[other] { $count } questions are in the attached table
    }

## Fields: button at most 80 characters, option 100, placeholder 150, modal 45, input 45, its hint 100

button-help-more = More exact questions
button-help-back = Back to the start
button-help-privacy = What is kept
button-forget = Delete
button-watch-cancel = Stop watching
button-watch-resume = Resume
button-cancel = Cancel
button-edit = Edit
option-zh-TW = 繁體中文（臺灣）
option-zh-CN = 简体中文
option-en-US = English
option-private = seen by the asker alone, unless shared
option-public = posted to the channel
option-page = 
    { $count ->
        [one] { $count } article a page
       *[other] { $count } articles a page
    }
placeholder-channels = Channels where questions may be asked; none: every channel
placeholder-trend = Read the articles of a peak
placeholder-sources = Sources to leave out
placeholder-conditions = Take off a condition
modal-synonyms = Words that mean the same
input-synonyms = A line for each group: a = b, c
input-hint-synonyms = What follows # is a comment
modal-follow = Ask a follow-up
input-follow = What else do you want to know?
input-hint-follow = For example: what happened next?

## Errors of settings and forms

error-guild-only = This only works in a server.
error-not-moderator = Only members who may manage this server can change its settings. Nothing was changed.
error-setting = This choice is no longer offered. Run the command again.
error-no-reindex = No reindex is running.
error-synonyms-elsewhere = These words cannot be edited here. Run the command again to see where.
error-hide-unknown = { $archive } has no article with the path or link “{ $name }”. Choose one of those offered while you type.
error-unhide-unknown = No hidden article has the path or link “{ $name }”. Choose one of those offered while you type.
hide-done =
    { $count ->
        [one] Hidden: no answer, timeline, trend or watch shows this article any more. The index is being updated.
       *[other] Hidden: no answer, timeline, trend or watch shows these { $count } articles any more. The index is being updated.
    }
hide-posted = Messages already posted stay: delete them where they are. A copy of the text in another article is not hidden.
unhide-done =
    { $count ->
        [one] This article is shown again as soon as the index is up to date.
       *[other] These { $count } articles are shown again as soon as the index is up to date.
    }
error-form = This form is no longer open. Run the command again.

## Damaged state and full disks

status-unreadable = ⚠️ The bot’s own records cannot be read right now: its keeper finds the reason in the log.
status-damaged =
    ⚠️ The bot's own records were damaged{ $count ->
        [one] {""}
       *[other] {" "}{ $count } times
    } and have been replaced. Carried over: the settings of { $guilds ->
        [one] one server
       *[other] { $guilds } servers
    } and { $watches ->
        [one] one watch
       *[other] { $watches } watches
    }. { $extent ->
        [all] These are all there were.
        [copy] What could not be read came from the last daily copy.
       *[some] There may have been more, which could not be read.
    } Lost: the list of past questions and the buttons of earlier answers. What was damaged is kept in the data folder as { $name }. This warning ends when it is removed, at the latest after 30 days.
status-failure = ⚠️ The archive could not be brought up to date: { $sentence }
error-unsaved = This could not be saved: the bot's disk is full or cannot be written to. Nothing was changed; its keeper finds the reason in the log.
error-database = This did not work: the bot’s database does not answer right now. Nothing was changed; try again in a few minutes.
