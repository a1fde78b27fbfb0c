#!/usr/bin/env python3
"""Turns an exported chat (lines like "2026-03-04 14:05 name: text") into timeline rows.

usage: timeline.py CHAT.txt [HOURS]
HOURS is added to every time, to bring the chat's zone to UTC (for example -1).
"""
import re
import sys
from datetime import datetime, timedelta

LINE = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d) ([^:]+): (.*)$")


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    shift = timedelta(hours=float(sys.argv[2])) if len(sys.argv) == 3 else timedelta()
    rows = []
    with open(sys.argv[1], encoding="utf-8") as chat:
        for line in chat:
            match = LINE.match(line.rstrip("\n"))
            if match:
                time = datetime.strptime(match[1], "%Y-%m-%d %H:%M") + shift
                rows.append([f"{time:%d %b %H:%M}", match[3]])
            elif rows:  # a message that goes on over the next line
                rows[-1][1] += " " + line.strip()
    for time, text in rows:
        print(f"| {time} | {text.replace('|', '/')} | | |")


if __name__ == "__main__":
    main()
