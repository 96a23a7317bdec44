#!/usr/bin/env python3
"""Prints a plan's text as a PDF with tables, by headless Chromium: see README.md.

  make_pdf.py TEXT PDF [CSS]
"""

import html
import pathlib
import subprocess
import sys
import tempfile

CSS = """
@page { size: A4; margin: 18mm 15mm; @bottom-center { content: counter(page); font: 9pt "WenQuanYi Zen Hei" } }
body { font: 11pt/1.35 "WenQuanYi Zen Hei" }
table { border-collapse: collapse; width: 100%; table-layout: fixed }
td, th { border: 0.5pt solid black; padding: 2pt 5pt; vertical-align: top; text-align: left; font-weight: normal }
th:nth-child(1) { width: 6mm }
th:nth-child(3) { width: 24mm }
th:nth-child(4) { width: 22mm }
th:nth-child(5) { width: 60mm }
"""


def row(cells, tag):
    return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"


def page(text, css):
    body = []
    in_table = False
    for line in filter(str.strip, text.split("\n")):
        cells = line.split("\t")
        is_heading = cells[0] == "#"
        if in_table and (len(cells) == 1 or is_heading):
            body.append("</tbody></table>")
        in_table = len(cells) > 1
        if is_heading:
            body.append("<table><thead>" + row(cells, "th") + "</thead><tbody>")
        elif in_table:
            body.append(row(cells, "td"))
        else:
            body.append(f"<p>{html.escape(line)}</p>")
    return f"<!doctype html><meta charset=utf-8><title>Plan</title><style>{CSS}{css}</style>" + "\n".join(body)


def main():
    text, pdf, css = sys.argv[1], sys.argv[2], "".join(sys.argv[3:])
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder, "plan.html")
        source.write_text(page(pathlib.Path(text).read_text(encoding="utf-8"), css), encoding="utf-8")
        command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
        command += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
        command += [f"--user-data-dir={folder}/profile", "--no-pdf-header-footer", f"--print-to-pdf={pdf}", str(source)]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)


main()
