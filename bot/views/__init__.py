"""What can be pressed? One :class:`discord.ui.DynamicItem` a component, with its message.

A component that belongs to a single small command stands in that command's file.
"""
