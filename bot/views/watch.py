"""The buttons of watches: one below each post that cancels it, one that lets paused ones go on."""

from bot.client import Interaction
from bot.interactions import responses
from bot.messages import watch as watch_message
from bot.state.watches import Watch
from bot.views.component import Component


class CancelWatchButton(Component, template=r"watch:cancel:(?P<id>[0-9]{1,18})"):
    """Cancels the watch whose post it stands below, for whoever may."""

    async def check(self, interaction: Interaction) -> None:
        """See also that the user may manage the watches of this server.

        Raises:
            UserError: they press too often.
            PermissionDenied: they may not.
        """
        await super().check(interaction)
        if interaction.guild_id is not None:
            check_manages(interaction)

    async def respond(self, interaction: Interaction) -> None:
        """Cancel it, and tell the presser alone: the post stays.

        Raises:
            UserError: it was cancelled before, or is not of this channel.
        """
        watch = await self._watch(interaction)
        if watch is None or not await remove(interaction, watch):
            raise responses.UserError("error-watch-gone")
        t = interaction.client.private_text(interaction)
        await responses.respond_ephemeral(interaction, watch_message.removed(watch, t))

    async def _watch(self, interaction: Interaction) -> Watch | None:
        watches = interaction.client.state.watches
        if interaction.guild_id is None:
            candidates = await watches.of_user(interaction.user.id)
        else:
            candidates = [
                watch
                for watch in await watches.of_guild(interaction.guild_id)
                if watch.target.channel_id == interaction.channel_id
            ]
        id_ = int(self.fields["id"])
        return next((watch for watch in candidates if watch.id == id_), None)


class ResumeWatchesButton(Component, template=r"watch:resume"):
    """Lets the presser's own watches go on, and posts what waits."""

    async def respond(self, interaction: Interaction) -> None:
        """Do so, and show the list."""
        client = interaction.client
        await responses.acknowledge(interaction)
        recipient = await client.state.recipients.resume(interaction.user.id)
        if recipient is None:
            raise responses.UserError("error-watch-gone")
        client.watch_notifier.try_again(recipient.channel_id)
        t = client.private_text(interaction)
        reply = watch_message.listed(
            await server_watches(interaction),
            await client.state.watches.of_user(interaction.user.id),
            t,
            note=t("watch-resumed"),
        )
        await responses.edit_original(interaction, reply)


def may_manage(interaction: Interaction) -> bool:
    """Whether the user may manage the watches of this server, and the bot may be there."""
    if interaction.guild_id is None:
        return False
    # Where only the user has installed the bot, it cannot post by itself.
    is_outside = interaction.is_user_integration() and not interaction.is_guild_integration()
    return interaction.permissions.manage_channels and not is_outside


def check_manages(interaction: Interaction) -> None:
    """See that the user may manage the watches of this server.

    Raises:
        PermissionDenied: they may not.
    """
    if not may_manage(interaction):
        raise responses.PermissionDenied("error-watch-permission")


async def server_watches(interaction: Interaction) -> list[Watch] | None:
    """Return this server's watches; ``None`` if the user may not see them, or it is none."""
    if interaction.guild_id is None or not may_manage(interaction):
        return None
    return await interaction.client.state.watches.of_guild(interaction.guild_id)


async def remove(interaction: Interaction, watch: Watch) -> bool:
    """Remove a watch that the user may remove; return whether it was still there."""
    watches = interaction.client.state.watches
    if watch.target.guild_id is None:
        return await watches.remove_own(interaction.user.id, watch.id)
    return await watches.remove(watch.target.guild_id, watch.id)
