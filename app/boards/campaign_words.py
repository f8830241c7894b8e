"""The state of a campaign in a word, with the shape of its mark."""

from datetime import datetime

from app.boards.saying import last_day
from app.campaigns.model import Campaign, CampaignState
from app.kit.words import N_, _, local_day, ngettext

WORDS = {
    CampaignState.DRAFT: (N_("Draft"), "hollow"),
    CampaignState.OPEN: (N_("Open"), "open"),
    CampaignState.SECURED: (N_("Secured"), "open"),
    CampaignState.COMPLETED: (N_("Completed"), "done"),
    CampaignState.STOPPED: (N_("Stopped"), "bad"),
    CampaignState.FAILED: (N_("Minimum missed"), "hollow"),
    CampaignState.CANCELLED: (N_("Cancelled"), "hollow"),
}


def campaign_state(
    campaign: Campaign, at: datetime, *, is_in_review: bool = False, has_open_call: bool = False
) -> tuple[str, str]:
    """The word and the shape; for a backer also that its answer or its money is waited for."""
    if campaign.state == CampaignState.SECURED and is_in_review:
        return _("In review"), "waits"
    if campaign.state == CampaignState.SECURED and has_open_call:
        return _("Call to pay"), "waits"
    if campaign.state == CampaignState.OPEN:
        left = (last_day(campaign.deadline_at) - local_day(at)).days
        if left > 0:
            return ngettext("Open, %(num)s day left", "Open, %(num)s days left", left), "open"
        if left == 0:
            return _("Open until tonight"), "waits"
    word, shape = WORDS[CampaignState(campaign.state)]
    return _(word), shape
