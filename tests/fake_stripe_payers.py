"""What the fake Stripe does for payers: cash put to a demand or given back, a means taken off."""

from typing import Any

from tests.fake_stripe_world import Fields, Refused, World

Params = dict[str, Any]


def apply(world: World, params: Params, name: str) -> Fields:
    """A payer's cash pays its demand, in whole or in part."""
    made, cents = world.objects[name], int(params["amount"])
    payer = world.objects[made["customer"]]
    told = (made["next_action"] or {}).get("display_bank_transfer_instructions")
    if not told or cents > payer["cash"] or cents > told["amount_remaining"]:
        raise Refused("payment_intent_unexpected_state")
    payer["cash"] -= cents
    world.pot("applied_to_payment", payer["id"], -cents)
    told["amount_remaining"] -= cents
    if told["amount_remaining"]:
        world.tell("payment_intent.partially_funded", made)
    else:
        world.charge(made, "customer_balance")
    return made


def cash_refund(world: World, params: Params, cents: int) -> Fields:
    """A payer's cash goes back to it: it was never on the platform's balance."""
    payer = world.objects[params["customer"]]
    if cents > payer["cash"]:
        raise Refused("balance_insufficient")
    payer["cash"] -= cents
    world.pot("return_initiated", payer["id"], -cents)
    made = world.new(
        "pyr", "refund", amount=cents, currency="eur", charge=None, customer=payer["id"], failure_reason=None,
        status="pending", metadata=params["metadata"],
    )  # fmt: skip
    world.tell("refund.created", made)
    return made


def detach(world: World, params: Params, name: str) -> Fields:
    """A means belongs to its payer no more."""
    made = world.objects[name]
    if made.get("detached"):
        raise Refused("payment_method_unexpected_state")
    made["detached"] = True
    return made
