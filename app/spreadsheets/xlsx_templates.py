"""The fixed parts of an .xlsx of ours: package, styles, the frame of a sheet."""

from collections.abc import Sequence

DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"

# Format 49 is text: an ID number pasted over stays as it is, and a text that begins with = stays text when edited.
STYLES = f"""{DECLARATION}<styleSheet xmlns="{MAIN}">
<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>
<numFmt numFmtId="165" formatCode="yyyy/mm/dd\\ hh:mm"/></numFmts>
<fonts count="4"><font><sz val="11"/><name val="等线"/></font><font><b/><sz val="11"/><name val="等线"/></font>
<font><sz val="10"/><color rgb="FF808080"/><name val="等线"/></font>
<font><sz val="11"/><color rgb="FFB42318"/><name val="等线"/></font></fonts>
<fills count="4"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>
<fill><patternFill patternType="solid"><fgColor rgb="FFE8EEF7"/></patternFill></fill>
<fill><patternFill patternType="solid"><fgColor rgb="FFFFC7CE"/></patternFill></fill></fills>
<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>
<cellXfs count="10"><xf/>
<xf numFmtId="49" applyNumberFormat="1"/>
<xf numFmtId="49" fontId="1" fillId="2" applyNumberFormat="1" applyFont="1" applyFill="1"/>
<xf numFmtId="49" fontId="2" applyNumberFormat="1" applyFont="1"/>
<xf numFmtId="49" fillId="3" applyNumberFormat="1" applyFill="1"/>
<xf numFmtId="164" applyNumberFormat="1"/>
<xf numFmtId="165" applyNumberFormat="1"/>
<xf numFmtId="164" fillId="3" applyNumberFormat="1" applyFill="1"/>
<xf numFmtId="165" fillId="3" applyNumberFormat="1" applyFill="1"/>
<xf numFmtId="49" fontId="3" applyNumberFormat="1" applyFont="1" applyAlignment="1">
<alignment wrapText="1" vertical="top"/></xf>
</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"""


def sheet_start(widths: Sequence[float], *, frozen_rows: int) -> str:
    """A sheet up to its first row: the rows of the head stay in sight, columns have their widths and are text."""
    columns = "".join(
        f'<col min="{at}" max="{at}" width="{width}" style="1" customWidth="1"/>' for at, width in enumerate(widths, 1)
    )
    pane = f'<pane ySplit="{frozen_rows}" topLeftCell="A{frozen_rows + 1}" activePane="bottomLeft" state="frozen"/>'
    return (
        f'{DECLARATION}<worksheet xmlns="{MAIN}">'
        f'<sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'
        f"{f'<cols>{columns}</cols>' if columns else ''}<sheetData>"
    )


def sheet_end(last_column: str, last_row: int) -> str:
    """The rest of a sheet: texts of digits are meant as they are and get no warning sign."""
    area = f"A1:{last_column}{last_row}"
    return (
        f'</sheetData><ignoredErrors><ignoredError sqref="{area}" numberStoredAsText="1"/></ignoredErrors></worksheet>'
    )


def package(quoted_names: Sequence[str]) -> dict[str, str]:
    """All parts besides the sheets themselves; the names come quoted as XML attributes."""
    numbers = range(1, len(quoted_names) + 1)
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{at}.xml" ContentType="{SPREADSHEET}.worksheet+xml"/>'
        for at in numbers
    )
    sheets = "".join(
        f'<sheet name={name} sheetId="{at}" r:id="rId{at}"/>' for at, name in zip(numbers, quoted_names, strict=True)
    )
    relations = "".join(
        f'<Relationship Id="rId{at}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{at}.xml"/>' for at in numbers
    )
    styles = f'<Relationship Id="rId{len(quoted_names) + 1}" Type="{OFFICE}/styles" Target="styles.xml"/>'
    return {
        "[Content_Types].xml": f'{DECLARATION}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{SPREADSHEET}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{SPREADSHEET}.styles+xml"/>{overrides}</Types>',
        "_rels/.rels": f'{DECLARATION}<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{DECLARATION}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">'
        f"<sheets>{sheets}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{DECLARATION}<Relationships xmlns="{PACKAGE}/relationships">'
        f"{relations}{styles}</Relationships>",
        "xl/styles.xml": STYLES,
    }
