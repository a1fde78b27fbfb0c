#!/usr/bin/env python3
"""Fills the fields of a PDF form from a JSON object of field name to value.

usage: fill_form.py FORM.pdf VALUES.json FILLED.pdf
A value is a string, or true/false for a checkbox.
"""
import json
import sys

from pypdf import PdfReader, PdfWriter


def as_field_value(field, value):
    """The text to store; a checkbox's "on" state has another name in every form, so it is looked up."""
    if value is False:
        return "/Off"
    if value is True:
        on = [state for state in field.get("/_States_", []) if state != "/Off"]
        if len(on) != 1:
            sys.exit(f"{field.get('/T')}: no single 'on' state, choose one of {on}")
        return on[0]
    return str(value)


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    form, values_file, filled = sys.argv[1:]
    with open(values_file, encoding="utf-8") as file:
        values = json.load(file)

    fields = PdfReader(form).get_fields() or {}
    unknown = sorted(set(values) - set(fields))
    if unknown:
        sys.exit("These fields are not in the form: " + ", ".join(unknown))

    writer = PdfWriter(clone_from=form)
    writer.set_need_appearances_writer(True)
    ready = {name: as_field_value(fields[name], value) for name, value in values.items()}
    for page in writer.pages:
        if "/Annots" in page:
            writer.update_page_form_field_values(page, ready, auto_regenerate=False)
    writer.write(filled)
    print(f"{len(ready)} of {len(fields)} fields filled: {filled}")


if __name__ == "__main__":
    main()
