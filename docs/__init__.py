"""What is drawn for the documentation, and how."""
