"""How does the connection to Discord live?"""
