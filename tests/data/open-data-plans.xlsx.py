# Writes open-data-plans.xlsx, which says what open-data-plans.csv says, with cells as people make them.
import csv, datetime, sys
import openpyxl
book = openpyxl.Workbook()
sheet = book.active
sheet.title = "Plans"
for row in csv.reader(open("open-data-plans.csv", newline="", encoding="utf-8")):
    sheet.append([cell or None for cell in row])
sheet["E2"] = datetime.date(2022, 6, 1); sheet["E2"].number_format = "mmm-yy"
sheet["F2"] = datetime.date(2022, 6, 30); sheet["F2"].number_format = "dd/mm/yyyy"
sheet["E5"] = 2022
sheet["E6"] = datetime.date(2023, 12, 31); sheet["E6"].number_format = "yyyy-mm-dd"
notes = book.create_sheet("Notes", 0)
notes["A1"] = "These are notes."
notes.sheet_state = "hidden"
book.properties.creator = "Almanac"
book.save("open-data-plans.xlsx")
