#!/usr/bin/env python3
"""Shows what is in a CSV file before anybody changes it: encoding, separator, rows, and each column's contents.

usage: profile_csv.py FILE.csv
"""
import csv
import io
import sys
from collections import Counter


def decode(data):
    """The text and the encoding it was read with; Windows-1252 reads any bytes, so UTF-8 is tried first."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1"), "latin-1"


def separator(text):
    """The candidate that stands equally often, and at least once, in most of the first twenty lines."""
    lines = [line for line in text.splitlines()[:20] if line.strip()]

    def agreement(mark):
        counts = Counter(line.count(mark) for line in lines)
        counts.pop(0, None)
        return max(counts.values(), default=0)

    return max(",;\t|", key=agreement)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], "rb") as file:
        text, encoding = decode(file.read())
    mark = separator(text)
    # A reader over the text, not over its lines: cells may hold line breaks.
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
    if not rows:
        sys.exit("The file is empty.")
    header, body = rows[0], [row for row in rows[1:] if row]
    uneven = sum(len(row) != len(header) for row in body)
    print(f"{encoding}, separator {mark!r}, {len(body)} rows, {len(header)} columns, {uneven} rows of another length")
    for i, name in enumerate(header):
        values = Counter(row[i] for row in body if i < len(row))
        print(f"{name}: {len(values)} different, {values['']} empty, most often {values.most_common(3)}")


if __name__ == "__main__":
    main()
