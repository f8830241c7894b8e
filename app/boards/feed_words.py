"""The acts that are told, and how. What is not here stays in the audit trail."""

from app.kit.words import N_

# Told to everybody who has to do with a campaign: nothing of one backer is in these.
ABOUT_A_CAMPAIGN = {
    ("Campaign", "open"): N_("“%(campaign)s” is open for pledges"),
    ("Campaign", "secure"): N_("“%(campaign)s” is secured: its minimum is reached"),
    ("Campaign", "failed"): N_("“%(campaign)s” has missed its minimum: nobody pays"),
    ("Campaign", "cancelled"): N_("“%(campaign)s” was cancelled: nobody pays"),
    ("Campaign", "stopped"): N_("“%(campaign)s” was stopped: what is still held goes back"),
    ("Campaign", "completed"): N_("“%(campaign)s” is completed"),
    ("Tranche", "call funds"): N_("Funds were called for “%(campaign)s”"),
    ("Delivery", "hand in"): N_("“%(title)s” was handed in"),
    ("Delivery", "accepted"): N_("“%(title)s” was accepted"),
    ("Delivery", "part accepted"): N_("“%(title)s” was accepted in part, by an award"),
    ("Delivery", "rejected"): N_("“%(title)s” was rejected, by an award"),
    ("Delivery", "refused"): N_("“%(title)s” was refused by its backers"),
    ("Delivery", "dispute"): N_("The refusal of “%(title)s” is disputed"),
    ("Delivery", "take back"): N_("“%(title)s” was taken back"),
    ("Milestone", "long stop"): N_("“%(title)s” was not delivered in time: its money goes back"),
}

# Told to the organization that did it.
OWN_ACTS = {
    ("Need", "publish"): N_("Your need “%(title)s” was published"),
    ("Endorsement", "endorse"): N_("You endorsed the need “%(title)s”"),
    ("RoadmapItem", "propose"): N_("“%(title)s” is on the roadmap"),
    ("Pledge", "sign"): N_("A pledge of %(amount)s was signed for “%(campaign)s”"),
    ("Pledge", "withdraw"): N_("A pledge for “%(campaign)s” was withdrawn"),
    ("Pledge", "refuse"): N_("A pledge for “%(campaign)s” was not signed"),
}

# Told to the organization it happened to.
TO_US = {
    ("Organization", "verify"): N_("The fund verified your organization"),
    ("Estimate", "submit"): N_("Estimate %(number)s was submitted"),
    ("Estimate", "approve"): N_("Estimate %(number)s was approved"),
    ("Estimate", "reject"): N_("Estimate %(number)s was rejected"),
    ("Estimate", "expire"): N_("Estimate %(number)s has expired"),
    ("Call", "issue"): N_("Call no. %(number)s was issued"),
    ("Call", "collect"): N_("Call no. %(number)s is paid"),
    ("Call", "unpay"): N_("The bank took back what was paid for call no. %(number)s"),
    ("Call", "default"): N_("Call no. %(number)s was not paid in time"),
    ("Call", "wait on"): N_("There is more time to pay call no. %(number)s"),
    ("Payout", "send"): N_("%(amount)s is on its way for “%(campaign)s”"),
    ("Payout", "paid"): N_("%(amount)s was paid out for “%(campaign)s”"),
    ("Payout", "bounce"): N_("A payout of %(amount)s came back"),
}

WORDS = ABOUT_A_CAMPAIGN | OWN_ACTS | TO_US

# What the fund reads instead, where the words above speak to the organization itself.
TO_THE_FUND = {
    ("Organization", "verify"): N_("An organization was verified"),
    ("Need", "publish"): N_("The need “%(title)s” was published"),
    ("Endorsement", "endorse"): N_("The need “%(title)s” was endorsed"),
}
