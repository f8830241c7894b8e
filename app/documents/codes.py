"""Square codes that banking apps read: the facts of a transfer, so that nobody types an account number."""

from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from stdnum import iso11649

SIZE = 34  # millimeters


def transfer_code(*, holder: str, iban: str, bic: str, cents: int, currency: str, reference: str) -> str:
    """What the code says (EPC069-12, version 2). Empty where the standard knows no such transfer: euros only."""
    if currency != "EUR" or not iban or not 1 <= cents <= 99_999_999_999:
        return ""
    amount = f"EUR{cents // 100}.{cents % 100:02d}"
    lines = ["BCD", "002", "1", "SCT", bic, holder[:70], iban.replace(" ", ""), amount, ""]
    # A reference banks can check has a line of its own; a provider's own word for it is text.
    lines += [reference] if iso11649.is_valid(reference) else ["", reference[:140]]
    return "\n".join(lines)


def square(text: str, side: float) -> Drawing:
    """The code as a drawing of this side, with the quiet border it needs."""
    code = QrCodeWidget(text, barLevel="M", barBorder=4)
    left, low, right, high = code.getBounds()
    drawing = Drawing(side, side, transform=[side / (right - left), 0, 0, side / (high - low), 0, 0])
    drawing.add(code)
    return drawing
