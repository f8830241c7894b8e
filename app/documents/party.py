"""Who stands on a paper: the one name and address block that every paper prints the same way."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Party:
    """An organization as a paper names it.

    `identifiers` are (label, value) pairs such as ("SIREN", "552 100 554"); `country` is an ISO 3166 code.
    """

    name: str
    legal_form: str = ""
    identifiers: tuple[tuple[str, str], ...] = ()
    address_lines: tuple[str, ...] = ()
    country: str = ""
    vat_number: str | None = None
    email: str | None = None

    def full_name(self) -> str:
        """The name with its legal form, as the mentions want it."""
        return f"{self.name}, {self.legal_form}" if self.legal_form else self.name

    def identifier_lines(self, vat_label: str) -> tuple[str, ...]:
        """The registrations one per line, the VAT number last, under the label of the paper's language."""
        lines = [f"{label} {value}".strip() for label, value in self.identifiers]
        if self.vat_number:
            lines.append(f"{vat_label} {self.vat_number}")
        return tuple(lines)

    def mentions(self, vat_label: str) -> str:
        """Everything that identifies the party on one line, for the foot of a page."""
        identifiers = [line.replace(" ", "\u00a0") for line in self.identifier_lines(vat_label)]
        parts = [self.full_name(), ", ".join(self.address_lines), *identifiers, self.email or ""]
        return " · ".join(part for part in parts if part)
