#!/usr/bin/env python3
"""Shows what is in a CSV file before anybody changes it: encoding, separator, rows, and each column's contents.

usage: profile_csv.py FILE.csv
"""
import csv
import sys
from collections import Counter


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    text = open(sys.argv[1], encoding="utf-8").read()
    dialect = csv.Sniffer().sniff(text[:4096])
    rows = list(csv.reader(text.splitlines(), dialect))
    header, body = rows[0], rows[1:]
    print(f"separator {dialect.delimiter!r}, {len(body)} rows, {len(header)} columns")
    for i, name in enumerate(header):
        values = Counter(row[i] for row in body)
        print(f"{name}: {len(values)} different, {values['']} empty, most often {values.most_common(3)}")


if __name__ == "__main__":
    main()
