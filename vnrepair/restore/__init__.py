"""Garbled words to Vietnamese: tokens, candidates, the likeliest wording, edits with reasons."""
