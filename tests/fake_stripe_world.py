"""What the fake Stripe knows: its objects, its lines, the events it tells; and what payers, banks and payees do."""

import time
from typing import Any

Fields = dict[str, Any]
LOADED_AT = int(time.time())  # a world that is copied and one that is played tell the same hour
FEES = {"card": (150, 25), "sepa_debit": (0, 35), "customer_balance": (50, 0)}


class Refused(Exception):
    """An answer that is an error."""

    def __init__(
        self, code: str, status: int = 400, kind: str = "invalid_request_error", **more: Any
    ) -> None:
        super().__init__(code)
        self.code, self.status, self.kind, self.more = code, status, kind, more


class World:
    """Every object by its name. `events` are told in this order, until somebody delivers them otherwise."""

    def __init__(self) -> None:
        self.objects: dict[str, Fields] = {}
        self.events: list[Fields] = []
        self.lines: list[Fields] = []
        self.settings: Fields = {"interval": "daily"}
        self.declines: dict[str, str] = {}
        # Whether what was paid in lately can be sent on.
        self.is_available = True
        self.now = LOADED_AT

    def new(self, prefix: str, kind: str, **fields: Any) -> Fields:
        """An object with a name of its own."""
        made = {
            "id": f"{prefix}_{len(self.objects) + 1:06d}", "object": kind, "livemode": False, "created": self.now,
            "metadata": {}, **fields,
        }  # fmt: skip
        self.objects[made["id"]] = made
        return made

    def all(self, kind: str, **fields: str) -> list[Fields]:
        """The objects of a kind with these fields, newest first."""
        found = [
            one for one in self.objects.values()
            if one["object"] == kind and all(one.get(name) == text for name, text in fields.items())
        ]  # fmt: skip
        return found[::-1]

    def tell(self, kind: str, about: Fields, account: str = "") -> Fields:
        """An event about an object as it is now."""
        event = self.new(
            "evt", "event", type=kind, data={"object": dict(about)}, api_version="2026-10-28.endive"
        )
        if account:
            event["account"] = account
        self.events.append(event)
        return event

    def line(self, kind: str, source: str, cents: int, fee: int = 0) -> Fields:
        """A balance transaction."""
        made = self.new(
            "txn", "balance_transaction", type=kind, source=source, amount=cents, fee=fee, net=cents - fee,
            currency="eur", available_on=self.now, status="available", description=None,
        )  # fmt: skip
        self.lines.append(made)
        return made

    def standing(self) -> int:
        """What stands on the platform's balance in euros; other currencies have balances of their own."""
        return sum(line["net"] for line in self.lines if line["currency"] == "eur")

    # ---- Money in ----------------------------------------------------------------------------------------------

    def charge(self, intent: Fields, kind: str, *, status: str = "succeeded", code: str = "") -> Fields:
        """A charge of a demand; succeeded, it stands on the balance, less its fee."""
        prefix = "ch" if kind == "card" else "py"
        payer = self.objects[intent["customer"]]
        made = self.new(
            prefix, "charge", amount=intent["amount"], currency="eur", status=status, payment_intent=intent["id"],
            metadata=dict(intent["metadata"]), disputed=False, failure_code=code or None, amount_refunded=0, moved=0,
            transfer_group=intent["transfer_group"],
            payment_method_details={"type": kind, kind: {} if kind == "customer_balance" else {"last4": "4242"}},
            billing_details={"name": None if kind == "customer_balance" else payer["name"]},
        )  # fmt: skip
        intent["latest_charge"] = made["id"]
        if status == "succeeded":
            self.succeed(intent, made)
        else:
            intent["status"] = "processing" if status == "pending" else "requires_payment_method"
            self.tell(f"charge.{status}", made)
            self.tell(
                "payment_intent.processing" if status == "pending" else "payment_intent.payment_failed",
                intent,
            )
        return made

    def succeed(self, intent: Fields, charge: Fields) -> None:
        """The money is there."""
        kind = charge["payment_method_details"]["type"]
        points, fixed = FEES[kind]
        fee = charge["amount"] * points // 10_000 + fixed
        charge["status"], intent["status"], intent["next_action"] = "succeeded", "succeeded", None
        line = self.line("charge" if kind == "card" else "payment", charge["id"], charge["amount"], fee)
        charge["balance_transaction"] = line["id"]
        self.tell("charge.succeeded", charge)
        self.tell("payment_intent.succeeded", intent)

    def settle(self, intent_id: str, code: str = "") -> str:
        """The bank carries out a debit, or refuses it; the charge's name."""
        intent = self.objects[intent_id]
        charge = self.objects[intent["latest_charge"]]
        if not code:
            self.succeed(intent, charge)
            return str(charge["id"])
        charge["status"], charge["failure_code"], intent["status"] = "failed", code, "requires_payment_method"
        self.tell("charge.failed", charge)
        self.tell("payment_intent.payment_failed", intent)
        return str(charge["id"])

    def transfer_in(
        self, customer_id: str, cents: int, account: str = "3000", reference: str | None = None
    ) -> str:
        """Somebody sends money to a payer's virtual account: it pays the demand it names; what is above waits.

        Without a reference it names the oldest one. What names none waits, unless Stripe may put it anywhere.
        """
        payer = self.objects[customer_id]
        payer["cash"] += cents
        told = {"eu_bank_transfer": {"iban_last4": account, "sender_name": f"Owner of {account}"}}
        self.pot("funded", customer_id, cents, funded={"bank_transfer": told})
        charged = ""
        for intent in reversed(self.all("payment_intent", customer=customer_id, status="requires_action")):
            if not payer["cash"] or "display_bank_transfer_instructions" not in (intent["next_action"] or {}):
                continue
            told = intent["next_action"]["display_bank_transfer_instructions"]
            reference = told["reference"] if reference is None else reference
            if payer["mode"] == "manual" and told["reference"] != reference:
                continue
            taken = min(payer["cash"], told["amount_remaining"])
            payer["cash"] -= taken
            self.pot("applied_to_payment", customer_id, -taken)
            told["amount_remaining"] -= taken
            if told["amount_remaining"]:
                self.tell("payment_intent.partially_funded", intent)
            else:
                charged = self.charge(intent, "customer_balance")["id"]
        if payer["cash"]:
            self.tell("cash_balance.funds_available", self.cash(customer_id))
        return charged

    def pot(self, kind: str, customer_id: str, cents: int, **more: Any) -> None:
        """A movement of a payer's cash."""
        told = {"customer": customer_id, "type": kind, "net_amount": cents, "funded": None, **more}
        self.new("ccsbtxn", "customer_cash_balance_transaction", **told)

    def cash(self, customer_id: str) -> Fields:
        """What waits for a payer."""
        return {
            "object": "cash_balance", "customer": customer_id, "livemode": False,
            "available": {"eur": self.objects[customer_id]["cash"]}, "settings": {"reconciliation_mode": "automatic"},
        }  # fmt: skip

    def complete(self, session_id: str, kind: str = "card") -> None:
        """A payer fills Stripe's page in: leaves a means, or pays."""
        session = self.objects[session_id]
        session["status"], session["url"] = "complete", None
        told = (
            {"last4": "4242", "brand": "visa", "exp_month": 12, "exp_year": 2030}
            if kind == "card"
            else {"last4": "3000"}
        )
        method = self.new("pm", "payment_method", type=kind, **{kind: told})
        if session["mode"] == "setup":
            session["setup_intent"] = self.new(
                "seti", "setup_intent", status="succeeded", payment_method=method["id"]
            )["id"]
        else:
            intent = self.new(
                "pi", "payment_intent", amount=session["amount_total"], currency="eur", customer=session["customer"],
                status="processing", next_action=None, **session["intent_data"],
            )  # fmt: skip
            session["payment_intent"] = intent["id"]
            self.charge(intent, kind, status="succeeded" if kind == "card" else "pending")
        self.tell("checkout.session.completed", session)

    # ---- Money back and taken back -----------------------------------------------------------------------------

    def dispute(
        self, charge_id: str, reason: str = "fraudulent", *, is_final: bool = False, cents: int = 0
    ) -> str:
        """The payer's bank takes a charge back, or so much of it, and Stripe its fee."""
        charge = self.objects[charge_id]
        charge["disputed"] = True
        made = self.new(
            "dp", "dispute", charge=charge_id, amount=cents or charge["amount"], currency="eur", reason=reason,
            status="lost" if is_final else "needs_response", evidence={},
            evidence_details={"due_by": self.now + 7 * 86_400, "submission_count": 0},
        )  # fmt: skip
        self.line("adjustment", made["id"], -made["amount"], 2000)
        self.tell("charge.dispute.created", made)
        return str(made["id"])

    def end_dispute(self, dispute_id: str, status: str) -> None:
        """It is won, and the money is there again, or lost."""
        made = self.objects[dispute_id]
        made["status"] = status
        if status == "won":
            self.line("adjustment", dispute_id, made["amount"])
        self.tell("charge.dispute.closed", made)

    def end_refund(self, refund_id: str, status: str = "succeeded", reason: str = "") -> None:
        """A refund arrives, or comes back."""
        made = self.objects[refund_id]
        made["status"], made["failure_reason"] = status, reason or None
        if status == "failed":
            if made["charge"] is None:
                self.objects[made["customer"]]["cash"] += made["amount"]
                self.pot("return_canceled", made["customer"], made["amount"])
            else:
                self.objects[made["charge"]]["amount_refunded"] -= made["amount"]
                self.line("refund_failure", refund_id, made["amount"])
        if status == "canceled":  # no account was named in time: it lies in the payer's cash
            payer = (
                made.get("customer")
                or self.objects[self.objects[made["charge"]]["payment_intent"]]["customer"]
            )
            self.objects[payer]["cash"] += made["amount"]
            self.pot("refunded_from_payment", payer, made["amount"])
        self.tell("refund.updated" if status == "succeeded" else "refund.failed", made)

    def restrict(self, account_id: str, *wanted: str) -> None:
        """Stripe wants to know more about a payee; without a word, it is content again."""
        made = self.objects[account_id]
        made["capabilities"]["transfers"] = "inactive" if wanted else "active"
        made["requirements"] = {"currently_due": list(wanted)}
        self.tell("account.updated", made, account=account_id)
