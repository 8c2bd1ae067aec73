"""What does a message look like? Pure; all of Discord's limits and escaping."""
