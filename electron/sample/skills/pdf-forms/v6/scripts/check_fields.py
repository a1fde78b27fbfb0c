#!/usr/bin/env python3
"""Lists a form's fields, or checks values against them before anything is filled.

usage: check_fields.py FORM.pdf [VALUES.json]
Prints one line a field (name, type, value, tool tip, allowed values); with values, one line a problem. Exit code 1 means that there are problems.
"""
import json
import sys

from pypdf import PdfReader

REQUIRED = 1 << 1  # flag bit 2


def choices(field):
    """The values a field accepts, or an empty list where any text will do."""
    options = [o[0] if isinstance(o, list) else o for o in field.get("/Opt", [])]
    return [str(c) for c in field.get("/_States_", options)]


def problems(fields, values):
    for name in sorted(set(values) - set(fields)):
        yield f"{name}: not in the form"
    for name, field in fields.items():
        value = values.get(name)
        if value in (None, ""):
            if int(field.get("/Ff", 0)) & REQUIRED:
                yield f"{name}: required, and no value given"
            continue
        if isinstance(value, bool):
            continue
        # pypdf copies only some entries into a Field; /MaxLen is not among them.
        source = field.indirect_reference.get_object() if field.indirect_reference else field
        allowed, longest = choices(field), source.get("/MaxLen")
        if allowed and str(value) not in allowed:
            yield f"{name}: {value!r} is none of {', '.join(allowed)}"
        if longest and len(str(value)) > int(longest):
            yield f"{name}: {len(str(value))} characters, the field holds {longest}"


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    fields = PdfReader(sys.argv[1]).get_fields() or {}
    if len(sys.argv) == 2:
        for name, field in fields.items():
            print(name, field.get("/FT", "?"), field.get("/V", ""), field.get("/TU", ""), *choices(field), sep="\t")
        return
    with open(sys.argv[2], encoding="utf-8") as file:
        found = list(problems(fields, json.load(file)))
    print("\n".join(found) or "no problems")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
