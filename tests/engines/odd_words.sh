#!/bin/sh
case "$1" in
--version) echo "tesseract 5.3.0"; exit 0 ;;
--list-langs) printf "List of available languages (2):\neng\nvie\n"; exit 0 ;;
esac
printf 'level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n5\t1\t3\t1\t1\t1\t0\t0\t9\t9\t95.5\t"m\303\264t\n5\t1\t3\t1\t1\t2\t10\t0\t9\t9\tnan\th\000ai\n5\t1\t3\t1\t1\t3\t20\t0\t9\t9\t-1\tba\n5\t1\t4\t1\t1\t1\t0\t0\t9\t9\t95\t \n5\t1\t5\t1\t1\t1\t30\t0\t999\t9\t120\tbo\314\202\314\201n\n' > "$2.tsv"
