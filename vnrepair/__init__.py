"""vnrepair: badly OCRed or scanned Vietnamese documents become correct, clean, checkable text."""
