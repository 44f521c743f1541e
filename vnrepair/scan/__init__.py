"""From paper to words: files, page images, preprocessing, Tesseract, reading order."""
