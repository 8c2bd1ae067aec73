"""Which articles does a folder or repository hold? File -> `Article`; all parsers live here."""
