"""The door to the account an organization is paid on."""

from typing import Any

from flask import current_app, g, redirect, render_template, url_for
from sqlmodel import col, select

from app.kit.forms import read
from app.kit.rules import Missing, require
from app.kit.web import refusals_on, say
from app.kit.words import _
from app.payouts import onboarding, payees
from app.payouts.doors import bp
from app.payouts.forms import AccountForm, ProviderForm
from app.payouts.model import PayeeAccount
from app.payouts.shown import ending
from app.people.access import acting, at, only
from app.people.entrance import refused
from app.people.model import Kind, Person, Role
from app.people.proving import is_proved
from app.rails.abilities import Onboards
from app.rails.here import rail_here
from app.rails.rail import RailRefused, RailSilent
from app.rails.switched_on import CAPABILITIES


@bp.get("/payee-account")
@only(Role.FINANCE, Role.ADMIN, Role.MEMBER)
def account() -> Any:
    """Where one's organization is paid, and where it was paid before."""
    actor = acting()
    if actor.organization.kind != Kind.MAINTAINER:
        raise Missing
    query = (
        select(PayeeAccount, Person)
        .join(Person, col(Person.id) == col(PayeeAccount.named_by_id))
        .where(PayeeAccount.organization_id == actor.organization.id)
        .order_by(col(PayeeAccount.id).desc())
    )
    named = list(g.db.exec(query))
    return render_template(
        "payouts/account.html",
        named=named,
        is_finance=actor.has(Role.FINANCE),
        is_verified=actor.is_verified,
        rails=(by_account := [rail for rail in _rails() if rail not in _asking()]),
        rail_options=[(rail, _("practice bank") if rail == "sandbox" else rail) for rail in by_account],
        providers=[(rail, onboarding.of(g.db, actor.organization.id, rail)) for rail in _asking()],
        ending=ending,
        organization=actor.organization,
        asks_password=not current_app.config["SETTINGS"].demo,
        in_use={
            account.rail: account.id for account, _person in reversed(named) if account.state == "in use"
        },
    )


@bp.post("/payee-account")
@only(Role.FINANCE)
@refusals_on("payouts.account")
def name_account() -> Any:
    """Name the account one's organization is paid on from now on."""
    form = read(AccountForm)
    require(form.rail in _rails(), "Please choose one of the answers.", field="rail")
    if not is_proved(form.current):
        return refused(account())
    named = payees.name_account(
        g.db, rail=form.rail, holder=form.holder, account=form.account, by=acting(), at=at()
    )
    if named.is_change:
        say(
            _(
                "The change waits: all concerned are told, and two persons of the fund confirm it after three days."
            )
        )
    else:
        say(_("The account is named."))
    return redirect(url_for(".account"), 303)


@bp.post("/payee-account/provider")
@only(Role.FINANCE)
@refusals_on("payouts.account")
def start_onboarding() -> Any:
    """Begin to make oneself known to a provider that asks by itself."""
    form = read(ProviderForm)
    require(form.rail in _asking(), "Please choose one of the answers.", field="rail")
    onboarding.start(g.db, rail=form.rail, by=acting(), at=at())
    say(_("Begun. The provider asks the rest on its own pages."))
    return redirect(url_for(".account"), 303)


@bp.get("/payee-account/provider/<rail>")
@only(Role.FINANCE)
def go_on(rail: str) -> Any:
    """To a fresh page of the provider's, good for one visit."""
    begun = onboarding.of(g.db, acting().organization.id, rail)
    provider = rail_here(rail)
    if begun is None or not isinstance(provider, Onboards):
        raise Missing
    key, payee = onboarding.key_of(begun), onboarding.payee_of(acting().organization)
    try:
        known = provider.onboard(key, payee)
        return redirect(provider.onboarding_url(known.outside_id, url_for(".account", _external=True)), 303)
    except (RailSilent, RailRefused):
        say(_("The provider does not answer: please try again in some minutes."), "wait")
        return redirect(url_for(".account"), 303)


def _asking() -> list[str]:
    return [rail for rail in _rails() if rail in CAPABILITIES and CAPABILITIES[rail].onboards_payees]


def _rails() -> tuple[str, ...]:
    rails: tuple[str, ...] = current_app.config["SETTINGS"].rails
    return rails
