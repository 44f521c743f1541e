"""Corpora, fonts and the real Tesseract in, `dictionaries/` out."""
