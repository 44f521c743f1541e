#!/bin/sh
echo "tesseract 3.04.01"
