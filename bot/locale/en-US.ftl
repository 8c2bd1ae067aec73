# English. The names and descriptions here are also what Discord shows where it has no translation.

## Commands: names of at most 32 characters, descriptions of at most 100

cmd-ask-name = ask
cmd-ask-description = Ask the archive; the answer is its best paragraphs, each with its source
cmd-ask-question-name = question
cmd-ask-question-description = What you want to know, in Traditional or Simplified Chinese or in English
cmd-ask-source-name = source
cmd-ask-source-description = Only articles of this source
cmd-ask-author-name = author
cmd-ask-author-description = Only articles by this author
cmd-ask-tag-name = tag
cmd-ask-tag-description = Only articles with this tag
cmd-ask-after-name = after
cmd-ask-after-description = Only articles from this day on, like 2021, 2021-01, last year or 30d
cmd-ask-before-name = before
cmd-ask-before-description = Only articles up to this day, like 2021, 2021-01 or last year
cmd-ask-sort-name = sort
cmd-ask-sort-description = The order of what is found
cmd-ask-sort-relevance = Best match first
cmd-ask-sort-newest = Newest first
cmd-ask-sort-oldest = Oldest first
cmd-ask-private-name = private
cmd-ask-private-description = Only you see the answer; False posts it in the channel. Not chosen: as the server has it

cmd-archive-name = archive
cmd-archive-description = Look after the archive (only its admins)
cmd-archive-reindex-name = reindex
cmd-archive-reindex-description = Read the archive again; questions go on being answered meanwhile
cmd-archive-reindex-full-name = full
cmd-archive-reindex-full-description = Build the whole index anew, even if no file has changed
cmd-archive-status-name = status
cmd-archive-status-description = What the archive holds, what was asked, and how the bot is

## An answer

ask-source = Source: { $source }
ask-author = Author: { $author }
ask-tag = Tag: { $tag }
ask-after = from { $date }
ask-before = to { $date }
ask-without = Without: { $sources }
answer-no-link = no link to the original
answer-duplicates =
    { $count ->
        [one] also in { $count } other article
       *[other] also in { $count } other articles
    }
answer-all =
    { $total ->
        [one] 1 matching paragraph
       *[other] { $total } matching paragraphs
    }
answer-part = { $first } to { $last } of { $total } matching paragraphs
answer-part-of-many = { $first } to { $last } of at least { $total } matching paragraphs

## The buttons under an answer

menu-ask = Ask the archive
button-context = Context
button-share = Share
button-shared = Shared
button-related = Related
button-back = Back
answer-shared-by = Shared by { $name }
answer-related = Related to this paragraph of “{ $title }”
context-place = Paragraph { $number } of { $count }
context-also = Also in
vote-noted = Noted, thank you. Press the other one to change your mind.
notice-no-related = No other paragraph like this one was found.
notice-try = Try one of these:
error-button = This button cannot be used like that. Ask again with { $command }.
error-expired = This answer is more than 30 days old, and its buttons no longer work. Ask again with { $command }.
error-not-asker = Only the one who asked can turn the page, sort or share. To look for yourself, use { $command }.
error-already-shared = This answer has already been shared with the channel.
error-share = The answer cannot be posted here: you or the bot may not send messages in this channel.
error-gone = This article is no longer in the archive. Ask again with { $command }.
error-channels = In this server, questions are asked in { $channels }.
error-sort = There is no such order. Choose one from the list, like “{ $example }”.
error-date = I cannot read the date “{ $written }”. Write 2021, 2021-01, 2021-01-06, last year, last month or 30d.
error-date-range = The first day ({ $first }) comes after the last ({ $last }). Put the earlier one first, like 2020 to 2021.
error-no-terms = There is no word in this message to look for. Type a question with { $command } instead.
error-too-long = “{ $option }” is too long: { $most } characters at most.

## Nothing to show

notice-empty-question = There is no word to look for in your question. Try a name, a place or a short sentence.
notice-no-match = The archive has nothing on this. Try other words, or fewer.
notice-phrase-not-found = No paragraph has exactly what you asked for in quotes, with + or with -.
notice-suggestions = Try: { $questions }
notice-words = These words do occur: { $words }
notice-filtered-out = There are matching paragraphs, but none within your conditions. Try without some of them.
notice-coverage = The archive covers { $first } to { $last }.
notice-sources = Sources: { $sources }
comma = {", "}
date = { DATETIME($day, dateStyle: "long") }

## The index is not there yet

building = The archive is being read for the first time. Ask again in a moment.
build-failed = The archive cannot be read at the moment. Its admins have been told in the log.

## /archive

reindex-begun = Reading the archive
reindex-phase-scan = Looking for changes
reindex-phase-read = Reading articles: { $done } of { $total }
reindex-phase-write = Writing the index
reindex-phase-verify = Checking the index
reindex-joined = A reindex was already running; this is how far it is.
reindex-unfollowed = Still running, but this message can no longer be updated. See { $command }.
reindex-done = The archive is up to date
reindex-counts = { $articles } articles, { $passages } paragraphs
reindex-changes = { $added } added, { $changed } changed, { $removed } removed
reindex-seconds = in { $seconds } s
skipped-title =
    { $count ->
        [one] { $count } file was skipped:
       *[other] { $count } files were skipped:
    }
skipped-more = and { $count } more

status-title = Archive
status-ready = Ready
status-unavailable = Not available: there is no index yet
status-holds = { $articles } articles, { $passages } paragraphs
status-built = Index built { $when }, { $size } MB
status-sources = { $count } sources: { $sources }
status-source = { $name } { $articles }
status-questions =
    { $asked ->
        [0] No questions in the last 24 hours
        [one] { $asked } question in the last 24 hours, { $unanswered } without a hit
       *[other] { $asked } questions in the last 24 hours, { $unanswered } without a hit
    }
status-latency = Time to answer: half within { $p50 } ms, 95 % within { $p95 } ms
status-process = Started { $when }
status-memory = { $megabytes } MB of memory

## /watch

cmd-watch-name = watch
cmd-watch-description = New articles on a question, posted to a channel
cmd-watch-add-name = add
cmd-watch-add-description = Post new articles that match a question to a channel
cmd-watch-add-question-description = Words that an article must hold, all of them; “…”, +word and -word work as in a question
cmd-watch-add-channel-name = channel
cmd-watch-add-channel-description = Where to post; this channel if left out
cmd-watch-list-name = list
cmd-watch-list-description = What this server watches
cmd-watch-remove-name = remove
cmd-watch-remove-description = Stop watching a question
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
        [one] 1 question is watched
       *[other] { $count } questions are watched
    }
watch-none = Nothing is watched in this server yet. Begin with { $command }.
watch-posted = last posted { $when }
watch-never = nothing posted yet
watch-unlisted = and { $count } more
watch-removed = **{ $question }** is no longer watched in { $channel }.
permission-view = View Channel
permission-send = Send Messages
permission-embed = Embed Links
error-watch-guild = Watches belong to a server. Use this command in one of its channels.
error-watch-permission = Only who may manage channels may do this. Nothing was changed.
error-watch-permission-there = You may not manage { $channel }. Choose a channel that you may manage.
error-watch-channel = Only a text or an announcement channel can be chosen. For a thread, use the command in it.
error-watch-posting = I may not post in { $channel }. Give me these permissions there, then try again: { $permissions }
error-watch-exists = { $channel } already watches this question. Ask it differently, or choose another channel.
error-watch-full = This server has { $most } watches, which is the most. Remove one with { $command } first.
error-watch-unknown = This server has no such watch. Choose one from the list that appears while you type.

## Declined, or failed

error-cooldown =
    { $seconds ->
        [one] That was a lot of questions. Please try again in a second.
       *[other] That was a lot of questions. Please try again in { $seconds } seconds.
    }
error-not-admin = Only the archive's admins may do this. Nothing was changed.
error-outdated = This command has changed. Please wait a minute, or restart Discord, and try again.
error-archive = That did not work: { $sentence }
error-unexpected = Something went wrong; it is not your fault. If it happens again, tell the bot's keeper this number: { $id }
