"""A PDF, as pictures of its pages: no script, form, attachment, hidden layer or text goes on."""

from io import BytesIO
from typing import BinaryIO

import pypdfium2 as pdfium

from reporting.cleaning.images import save_anew
from reporting.cleaning.limits import Limits
from reporting.cleaning.outcomes import Reason, Unusable

DOTS = 150 / 72  # a point is drawn at 150 dots per inch: small print can be read
LONGEST = 14_400  # points; what PDF allows
# A document of PDFium's own making would say to the second when it was made.
ONE_PAGE = b"""%PDF-1.7
1 0 obj
<< /Type /Catalog /Pages 2 0 R >>
endobj
2 0 obj
<< /Type /Pages /Kids [3 0 R] /Count 1 >>
endobj
3 0 obj
<< /Type /Page /Parent 2 0 R /MediaBox [0 0 1 1] >>
endobj
xref
0 4
0000000000 65535 f\x20
0000000009 00000 n\x20
0000000058 00000 n\x20
0000000115 00000 n\x20
trailer
<< /Size 4 /Root 1 0 R >>
startxref
182
%%EOF
"""


def clean_pdf(source: BinaryIO, target: BinaryIO, limits: Limits) -> None:
    """Writes a new PDF that holds a picture of each page and nothing else."""
    try:
        given = pdfium.PdfDocument(source)
    except pdfium.PdfiumError:
        raise Unusable(Reason.DAMAGED) from None
    if len(given) > limits.pages:
        raise Unusable(Reason.TOO_LONG)
    if not len(given):
        raise Unusable(Reason.DAMAGED)
    anew = pdfium.PdfDocument(ONE_PAGE)
    for page in given:
        _draw(page, anew, limits)
        page.close()
    anew.del_page(0)
    anew.save(target)


def _draw(page: pdfium.PdfPage, anew: pdfium.PdfDocument, limits: Limits) -> None:
    width, height = page.get_size()
    if not (0 < width <= LONGEST and 0 < height <= LONGEST):
        raise Unusable(Reason.TOO_LARGE)
    scale = min(DOTS, limits.film_edge / max(width, height))
    picture = page.render(scale=scale, may_draw_forms=False).to_pil()
    jpeg = BytesIO()
    save_anew(picture, jpeg, edge=limits.film_edge)
    jpeg.seek(0)
    image = pdfium.PdfImage.new(anew)
    image.load_jpeg(jpeg, inline=True)
    image.set_matrix(pdfium.PdfMatrix().scale(width, height))
    sheet = anew.new_page(width, height)
    sheet.insert_obj(image)
    sheet.gen_content()
    sheet.close()
