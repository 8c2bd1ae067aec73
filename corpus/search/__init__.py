"""Which passages answer a question, and what can be said of them?"""
