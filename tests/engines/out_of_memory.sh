#!/bin/sh
case "$1" in
--version) echo "tesseract 5.3.0"; exit 0 ;;
--list-langs) printf "List of available languages (2):\neng\nvie\n"; exit 0 ;;
esac
kill -KILL $$
