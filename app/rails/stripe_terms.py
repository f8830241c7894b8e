"""What Stripe promises, as data. Sources and dates: docs/rails.md."""

from app.rails.capabilities import AtHoldLimit, Capabilities, Custody, Means, MeansName

NAME = "stripe"

# Where a virtual account can be, and which of them is offered to a payer of another country.
ACCOUNT_COUNTRIES = frozenset({"BE", "DE", "ES", "FR", "IE", "NL"})
ACCOUNT_COUNTRY = "FR"

# The platform and whoever it pays are in one region.
REGION = frozenset({
    "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IS", "IT",
    "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
})  # fmt: skip

TRANSFER = Means(
    MeansName.TRANSFER, pulls=False, settle_business_days=1, refund_days=180, cost_basis_points=50
)
# SEPA Core only: eight weeks without a question, thirteen months if it was not authorized.
DEBIT = Means(
    MeansName.DEBIT, pulls=True, settle_business_days=8, smallest_cents=50, largest_cents=1_000_000, dispute_days=56,
    unauthorized_months=13, refund_days=180, refund_from_day=56, cost_fixed_cents=35,
)  # fmt: skip
CARD = Means(
    MeansName.CARD, pulls=True, settle_business_days=2, smallest_cents=50, dispute_days=120, refund_days=180,
    cost_basis_points=150, cost_fixed_cents=25,
)  # fmt: skip

CAPABILITIES = Capabilities(
    name=NAME,
    is_real=True,
    currencies=("EUR",),
    means=(TRANSFER, DEBIT, CARD),
    custody=Custody.PROVIDER,
    hold_days=90,
    at_hold_limit=AtHoldLimit.PAYS_OUT_OR_REFUNDS,
    pays_by_deposit=True,
    onboards_payees=True,
    can_recall=True,
    payee_countries=REGION,
)

# Their names of the means a payer can use with them.
THEIRS = {MeansName.TRANSFER: "customer_balance", MeansName.DEBIT: "sepa_debit", MeansName.CARD: "card"}
OURS = {theirs: ours for ours, theirs in THEIRS.items()}

# Where their pages show an object, by how its name begins.
PAGES = {
    "ch": "payments", "py": "payments", "pi": "payments", "tr": "connect/transfers", "re": "refunds", "pyr": "refunds",
    "po": "payouts", "dp": "disputes", "du": "disputes", "acct": "connect/accounts", "cus": "customers",
}  # fmt: skip


def page_of(outside_id: str, *, is_live: bool) -> str:
    """The page of an object for the people of the platform, in the mode it belongs to."""
    place = PAGES.get(outside_id.partition("_")[0])
    end = f"{place}/{outside_id}" if place else f"search?query={outside_id}"
    return f"https://dashboard.stripe.com/{'' if is_live else 'test/'}{end}"
