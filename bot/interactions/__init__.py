"""Interactions: accepted once, answered in time; what the user sees when one fails."""
