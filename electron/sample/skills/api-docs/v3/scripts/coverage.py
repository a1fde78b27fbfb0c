#!/usr/bin/env python3
"""Compares the endpoints of an OpenAPI file (JSON) with the headings of Markdown pages such as "## GET /v1/notes".

usage: coverage.py openapi.json PAGE.md...
Exit code 1 when an endpoint has no heading, or a heading no endpoint.
"""
import json
import re
import sys

METHODS = {"get", "put", "post", "delete", "patch", "head", "options"}
HEADING = re.compile(r"^#+\s+`?(GET|PUT|POST|DELETE|PATCH|HEAD|OPTIONS)\s+(/[^\s`]*)", re.M)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        paths = json.load(file)["paths"]
    specified = {(m.upper(), path) for path, item in paths.items() for m in item if m in METHODS}
    described = set()
    for page in sys.argv[2:]:
        with open(page, encoding="utf-8") as file:
            described.update(HEADING.findall(file.read()))
    for method, path in sorted(specified - described):
        print(f"not described: {method} {path}")
    for method, path in sorted(described - specified):
        print(f"not in the file: {method} {path}")
    sys.exit(1 if specified != described else 0)


if __name__ == "__main__":
    main()
