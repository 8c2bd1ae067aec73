"""Which terms and sentences does a text have? Text -> `Token`s; pure; owns the segmenter."""
