"""Every page of Jalon after its story, as somebody with business there sees it: who looks, the address, the thing.

A route that answers GET and is missing fails a test.
"""

from dataclasses import dataclass

TABLE = """
nobody     /
buyer      /
public     /
maker      /
officer    /
treasurer  /
arbitrator /
auditor    /
auditor    /audit
nobody     /source
nobody     /sign-in
buyer      /acting
nobody     /apply
nobody     /apply/thanks
nobody     /invitations/<token>             token:invitation
buyer      /sessions
buyer      /devices/connect
buyer      /devices/connected
buyer      /password
nobody     /password/<token>                token:password
nobody     /password/forgotten
nobody     /password/forgotten/sent
officer    /organizations
officer    /organizations/<name>            organization:applied
buyer      /organizations/<name>            organization:verified
head       /organizations/<name>/details    organization:own
head       /people
head       /people/<name>                   person:active
head       /people/invite
officer    /donations
officer    /interests
auditor    /interests/register
nobody     /software
maker      /software/new
nobody     /software/<name>                 software
nobody     /needs
buyer      /needs/new
buyer      /needs/<name>                    need:published
buyer      /needs/<name>/edit               need:draft
buyer      /needs/backlogs/new
buyer      /needs/backlogs/<name>           backlog
nobody     /roadmap
maker      /roadmap/new                     ?software=software
nobody     /roadmap/<name>                  item:planned
maker      /roadmap/<name>/needs            item:planned
maker      /roadmap/answers/<name>          need:published
maker      /roadmap/answers/<name>/decline  need:published
nobody     /estimates
watcher    /estimates/new                   ?item=item:planned
officer    /estimates/<name>                estimate:submitted
nobody     /estimates/<name>                estimate:approved
watcher    /estimates/<name>                estimate:draft
watcher    /estimates/<name>/edit           estimate:draft
nobody     /estimates/of-item/<name>        item:planned
nobody     /estimates/<name>/differences    estimate:revised
officer    /estimates/comparison/<name>     item:quoted
buyer      /estimates/questions/<name>      question
nobody     /campaigns
officer    /campaigns/new                   ?estimate=estimate:free
officer    /campaigns/what-if/<name>        estimate:free
officer    /campaigns/<name>                campaign:draft
buyer      /campaigns/<name>                campaign:open
nobody     /campaigns/<name>                campaign:secured
buyer      /campaigns/<name>                campaign:completed
nobody     /campaigns/<name>                campaign:stopped
nobody     /campaigns/<name>                campaign:failed
nobody     /campaigns/<name>                campaign:cancelled
officer    /campaigns/<name>/rules          campaign:draft
buyer      /campaigns/<name>/pledging       campaign:open
buyer      /campaigns/<name>/work           campaign:open
officer    /work/<name>                     work
nobody     /matching
head       /matching/new
nobody     /matching/<name>                 grant
nobody     /campaigns/<name>/backers        campaign:secured
nobody     /campaigns/of-item/<name>        item:planned
officer    /campaigns/of-estimate/<name>    estimate:approved
buyer      /pledges
head       /pledges/<name>                  pledge:awaiting_approval
public     /calls
buyer      /calls/<name>                    call:own
officer    /calls/<name>                    call:defaulted
treasurer  /suspense
treasurer  /suspense/<name>                 deposit:received
treasurer  /returns/<name>                  return:prepared
treasurer  /left-over/<name>                left:open
treasurer  /desk
treasurer  /desk/<rail>                     token:rail
treasurer  /movements/<name>                movement
officer    /held/<name>                     call:own
treasurer  /charge-backs
treasurer  /charge-backs/<name>             chargeback
treasurer  /payee-accounts
treasurer  /payee-accounts/<name>           payee:waiting
treasurer  /bank
treasurer  /bank/accounts/<name>            bank:named
treasurer  /statements
treasurer  /statements/<name>               file
buyer      /means-of-payment
buyer      /means-of-payment/<name>         means:asked
treasurer  /mandates
treasurer  /mandates/<name>                 mandate:asked
treasurer  /bank/files
treasurer  /bank/files/selection            ?order=order:waiting
treasurer  /bank/files/<name>               batch
treasurer  /bank/orders/<name>              order:waiting
nobody     /campaigns/<name>/money          campaign:secured
buyer      /campaigns/<name>/money          campaign:completed
nobody     /campaigns/<name>/money/piece    campaign:secured
auditor    /campaigns/<name>/money/entries  campaign:secured
nobody     /campaigns/<name>/trail          campaign:secured
nobody     /campaigns/<name>/consortium     campaign:secured
officer    /campaigns/<name>/calendar       campaign:secured
buyer      /verify                          ?campaign=campaign:completed
nobody     /milestones
nobody     /milestones/<name>               milestone:started
nobody     /milestones/of-campaign/<name>   campaign:secured
watcher    /milestones/<name>/deliveries    milestone:started
buyer      /deliveries/<name>               delivery:handed_in
nobody     /deliveries/<name>               delivery:accepted
nobody     /deliveries/<name>/dispute       delivery:part_accepted
arbitrator /deliveries/<name>/dispute       delivery:disputed
nobody     /deliveries/<name>/reserves      delivery:accepted
watcher    /milestones/<name>/extension     milestone:started
watcher    /milestones/<name>/amendment     milestone:started
nobody     /milestones/<name>/amendments    milestone:started
nobody     /milestones/of-campaign/<name>/amendments campaign:amended
buyer      /motions/<name>/amendment        motion:done
buyer      /motions/<name>                  motion:done
buyer      /motions/<name>                  motion:open
nobody     /motions/of-campaign/<name>      campaign:secured
nobody     /shortfalls/of-campaign/<name>   campaign:secured
buyer      /shortfalls/<name>               shortfall:open
treasurer  /freezes/<name>                  freeze:settled
treasurer  /payouts
treasurer  /payouts/<name>                  payout:paid
treasurer  /payouts/selection
treasurer  /payouts/approvals
nobody     /payouts/of-milestone/<name>     milestone:paid
watched    /payee-account
buyer      /commitment
buyer      /next
officer    /next
officer    /commitment
buyer      /sandbox
buyer      /sandbox/payments/<name>         line
nobody     /nothing/here
"""
# What answers GET without being a page: files, and doors that only lead elsewhere.
NO_PAGES = {
    "/health", "/waiting.json", "/papers.json", "/campaigns/<name>/papers.json",
    "/our-campaigns.csv", "/commitment.csv", "/source/jalon.tar.gz", "/campaigns/<name>/money/chain.csv",
    "/campaigns/<name>/calendar.ics",
    "/campaigns/<name>/money/my-lines.csv", "/verify/verify_chain.py", "/estimates/<name>/quote.pdf",
    "/deliveries/<name>/certificate.pdf", "/payee-account/provider/<rail>", "/reserves/<name>",
    "/calls/<name>/call.pdf", "/charge-backs/<name>/evidence", "/mandates/<name>/mandate.pdf",
    "/means-of-payment/<name>/provider", "/pledges/<name>/means", "/start", "/needs/of-software/<name>",
}  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """One line of the table: who looks at which address, about which thing."""

    who: str
    rule: str
    thing: str = ""

    def __str__(self) -> str:
        return " ".join((self.who, self.rule, self.thing)).strip()


PAGES = [Seen(*line.split()) for line in TABLE.strip().splitlines()]
