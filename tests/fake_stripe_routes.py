"""The calls the fake Stripe answers: one small function a route, with the shapes of the pinned version."""

from collections.abc import Callable
from typing import Any

from tests.fake_stripe_payers import apply, cash_refund, detach
from tests.fake_stripe_world import Fields, Refused, World

Params = dict[str, Any]


def listed(found: list[Fields], url: str, params: Params) -> Fields:
    """A page of a list."""
    after = params.get("starting_after")
    names = [one["id"] for one in found]
    rest = found[names.index(after) + 1 :] if after else found
    most = int(params.get("limit", 10))
    return {"object": "list", "url": url, "data": rest[:most], "has_more": len(rest) > most}


def retrieve(world: World, params: Params, name: str) -> Fields:
    """Any object by its name, with what was asked to be expanded."""
    found = dict(world.objects[name])
    for path in (params.get("expand") or {}).values():
        _expand(world, found, path.split("."))
    return found


def _expand(world: World, at: Fields, path: list[str]) -> None:
    told = at.get(path[0])
    if isinstance(told, str):
        at[path[0]] = dict(world.objects[told])
    if len(path) > 1 and isinstance(at.get(path[0]), dict):
        _expand(world, at[path[0]], path[1:])


def customer(world: World, params: Params) -> Fields:
    """A payer."""
    return world.new(
        "cus", "customer", name=params["name"], email=params["email"], cash=0, metadata=params["metadata"],
        mode=params.get("cash_balance", {}).get("settings", {}).get("reconciliation_mode", "automatic"),
    )  # fmt: skip


def customers(world: World, params: Params) -> Fields:
    """Payers by mail address."""
    return listed(world.all("customer", email=params["email"]), "/v1/customers", params)


def tax_id(world: World, params: Params, name: str) -> Fields:
    """A payer's VAT number."""
    return world.new("txi", "tax_id", customer=name, type=params["type"], value=params["value"])


def tax_ids(world: World, params: Params, name: str) -> Fields:
    """A payer's VAT numbers."""
    return listed(world.all("tax_id", customer=name), f"/v1/customers/{name}/tax_ids", params)


def intent(world: World, params: Params) -> Fields:
    """A demand: a virtual account, or a pull at once."""
    cents, allowed = int(params["amount"]), params["allowed_payment_method_types"]["0"]
    if allowed == "sepa_debit" and cents > 1_000_000:
        raise Refused("amount_too_large", param="amount")
    made = world.new(
        "pi", "payment_intent", amount=cents, currency=params["currency"], customer=params["customer"],
        metadata=params["metadata"], transfer_group=params["transfer_group"], status="requires_action",
        latest_charge=None, next_action=None,
    )  # fmt: skip
    if allowed == "customer_balance":
        country = params["payment_method_options"]["customer_balance"]["bank_transfer"]["eu_bank_transfer"][
            "country"
        ]
        iban = {
            "iban": "FR1420041010050500013M02606",
            "bic": "STRPFRPP",
            "account_holder_name": "Jalon",
            "country": country,
        }
        made["next_action"] = {"type": "display_bank_transfer_instructions", "display_bank_transfer_instructions": {
            "amount_remaining": cents, "currency": "eur", "reference": f"R{made['id'][-6:]}",
            "type": "eu_bank_transfer",
            "financial_addresses": [{"type": "iban", "iban": iban}],
        }}  # fmt: skip
        return made
    if code := world.declines.get(params["payment_method"]):
        world.charge(made, allowed, status="failed", code=code)
        raise Refused(code, 402, "card_error", payment_intent=made)
    world.charge(made, allowed, status="succeeded" if allowed == "card" else "pending")
    return made


def intents(world: World, params: Params) -> Fields:
    """Demands of a payer."""
    return listed(world.all("payment_intent", customer=params["customer"]), "/v1/payment_intents", params)


def cancel(world: World, params: Params, name: str) -> Fields:
    """Ask no more: what was paid in part waits for its payer again."""
    made = world.objects[name]
    if made["status"] in ("succeeded", "processing", "canceled"):
        raise Refused("payment_intent_unexpected_state")
    told = (made["next_action"] or {}).get("display_bank_transfer_instructions")
    if told:
        world.objects[made["customer"]]["cash"] += made["amount"] - told["amount_remaining"]
    made["status"], made["next_action"] = "canceled", None
    world.tell("payment_intent.canceled", made)
    return made


def session(world: World, params: Params) -> Fields:
    """A page of Stripe's."""
    items = params.get("line_items", {}).get("0", {})
    made = world.new(
        "cs_test", "checkout.session", mode=params["mode"], customer=params["customer"], status="open",
        metadata=params["metadata"], setup_intent=None, payment_intent=None,
        amount_total=int(items["price_data"]["unit_amount"]) if items else None,
        intent_data=params.get("payment_intent_data", {}),
    )  # fmt: skip
    made["url"] = f"https://checkout.stripe.example/{made['id']}"
    return made


def sessions(world: World, params: Params) -> Fields:
    """Pages of a payer."""
    return listed(world.all("checkout.session", customer=params["customer"]), "/v1/checkout/sessions", params)


def expire(world: World, params: Params, name: str) -> Fields:
    """Close a page."""
    made = world.objects[name]
    if made["status"] != "open":
        raise Refused("resource_already_exists")
    made["status"], made["url"] = "expired", None
    world.tell("checkout.session.expired", made)
    return made


def account(world: World, params: Params) -> Fields:
    """A payee."""
    return world.new(
        "acct", "account", country=params["country"], email=params["email"], metadata=params["metadata"],
        capabilities={"transfers": "inactive"}, requirements={"currently_due": ["business_profile.url"]},
    )  # fmt: skip


def link(world: World, params: Params) -> Fields:
    """A fresh page for a payee."""
    world.objects[params["account"]]
    return {
        "object": "account_link",
        "created": world.now,
        "expires_at": world.now + 300,
        "url": "https://connect.stripe.example/x",
    }


def transfer(world: World, params: Params) -> Fields:
    """Money on to a payee, out of the charge it came in by and never more than that."""
    cents, source = int(params["amount"]), world.objects[params["source_transaction"]]
    if world.objects[params["destination"]]["capabilities"]["transfers"] != "active":
        raise Refused("insufficient_capabilities_for_transfer")
    if not world.is_available:
        raise Refused("balance_insufficient")
    if cents > source["amount"] - source["moved"] or source["status"] != "succeeded":
        raise Refused("transfer_source_balance_parameters_mismatch")
    source["moved"] += cents
    made = world.new(
        "tr", "transfer", amount=cents, currency="eur", destination=params["destination"], reversed=False,
        amount_reversed=0, source_transaction=source["id"], transfer_group=params["transfer_group"],
        metadata=params["metadata"], description=params.get("description"),
    )  # fmt: skip
    world.line("transfer", made["id"], -cents)
    world.tell("transfer.created", made)
    return made


def reversal(world: World, params: Params, name: str) -> Fields:
    """Money back from a payee."""
    made, cents = world.objects[name], int(params["amount"])
    if cents > made["amount"] - made["amount_reversed"]:
        raise Refused("balance_insufficient_on_payee")
    made["amount_reversed"] += cents
    made["reversed"] = made["amount_reversed"] == made["amount"]
    back = world.new(
        "trr", "transfer_reversal", amount=cents, currency="eur", transfer=name, metadata=params["metadata"]
    )
    world.line("transfer_refund", back["id"], cents)
    world.tell("transfer.reversed", made)
    return back


def refund(world: World, params: Params) -> Fields:
    """Money back to its payer: on its way, except to a card."""
    cents = int(params["amount"])
    if params.get("origin") == "customer_balance":
        return cash_refund(world, params, cents)
    source = world.objects[params["charge"]]
    if cents > source["amount"] - source["amount_refunded"]:
        raise Refused("charge_already_refunded")
    source["amount_refunded"] += cents
    is_card = source["payment_method_details"]["type"] == "card"
    made = world.new(
        "re" if is_card else "pyr", "refund", amount=cents, currency="eur", charge=source["id"], failure_reason=None,
        status="succeeded" if is_card else "pending", metadata=params["metadata"],
    )  # fmt: skip
    world.line("refund" if is_card else "payment_refund", made["id"], -cents)
    world.tell("refund.created", made)
    return made


def contest(world: World, params: Params, name: str) -> Fields:
    """Evidence, handed in once."""
    made = world.objects[name]
    made["evidence"], made["status"] = params["evidence"], "under_review"
    made["evidence_details"]["submission_count"] += 1
    world.tell("charge.dispute.updated", made)
    return made


def balance(world: World, params: Params) -> Fields:
    """What stands on the platform's balance."""
    return {
        "object": "balance", "livemode": False, "pending": [{"amount": 0, "currency": "eur"}],
        "available": [{"amount": world.standing(), "currency": "eur"}],
    }  # fmt: skip


def lines(world: World, params: Params) -> Fields:
    """Balance transactions, newest first."""
    since = int(params.get("created", {}).get("gte", 0))
    found = []
    for line in reversed([line for line in world.lines if line["created"] >= since]):
        found.append({**line, "source": world.objects[line["source"]] if line["source"] else None})
    return listed(found, "/v1/balance_transactions", params)


def settings(world: World, params: Params) -> Fields:
    """When the platform itself is paid out."""
    if params:
        world.settings["interval"] = params["payments"]["payouts"]["schedule"]["interval"]
    return {
        "object": "balance_settings",
        "payments": {"payouts": {"schedule": dict(world.settings), "status": "enabled"}},
    }


def by(kind: str, field: str) -> Callable[[World, Params], Fields]:
    """A list of one kind, by one field where it is asked for."""

    def found(world: World, params: Params) -> Fields:
        wanted = {field: params[field]} if field in params else {}
        return listed(world.all(kind, **wanted), f"/v1/{kind}s", params)

    return found


ROUTES: list[tuple[str, str, Callable[..., Fields]]] = [
    ("POST", "/v1/customers", customer), ("GET", "/v1/customers", customers),
    ("POST", "/v1/customers/(.+)/tax_ids", tax_id), ("GET", "/v1/customers/(.+)/tax_ids", tax_ids),
    (
        "GET", "/v1/customers/(.+)/cash_balance_transactions",
        lambda world, params, name: listed(
            world.all("customer_cash_balance_transaction", customer=name),
            f"/v1/customers/{name}/cash_balance_transactions", params,
        ),
    ),
    ("GET", "/v1/customers/(.+)/cash_balance", lambda world, params, name: world.cash(name)),
    ("POST", "/v1/payment_intents", intent), ("GET", "/v1/payment_intents", intents),
    ("POST", "/v1/payment_intents/(.+)/cancel", cancel),
    ("POST", "/v1/payment_intents/(.+)/apply_customer_balance", apply),
    ("POST", "/v1/checkout/sessions", session), ("GET", "/v1/checkout/sessions", sessions),
    ("POST", "/v1/checkout/sessions/(.+)/expire", expire),
    ("POST", "/v1/payment_methods/(.+)/detach", detach),
    ("POST", "/v1/accounts", account),
    ("GET", "/v1/accounts", lambda world, params: listed(world.all("account"), "/v1/accounts", params)),
    ("POST", "/v1/account_links", link),
    ("POST", "/v1/transfers", transfer), ("GET", "/v1/transfers", by("transfer", "transfer_group")),
    ("POST", "/v1/transfers/(.+)/reversals", reversal),
    ("POST", "/v1/refunds", refund), ("GET", "/v1/refunds", by("refund", "charge")),
    ("GET", "/v1/disputes", by("dispute", "charge")), ("POST", "/v1/disputes/([^/]+)", contest),
    ("POST", "/v1/files", lambda world, params: world.new("file", "file", purpose="dispute_evidence")),
    ("GET", "/v1/balance", balance), ("GET", "/v1/balance_transactions", lines),
    ("GET", "/v1/balance_settings", settings), ("POST", "/v1/balance_settings", settings),
    ("GET", "/v1/(?:charges|payment_intents|checkout/sessions|accounts|transfers|refunds|disputes)/([^/]+)", retrieve),
]  # fmt: skip
