"""The doors of files for the bank: what waits, what a file carries, and the file itself, once."""

from typing import Annotated, Any

from flask import Response, g, make_response, redirect, request, url_for
from pydantic import StringConstraints
from sqlmodel import col, select

from app.kit.forms import Day, Form, Line, currency, read
from app.kit.htmx import page
from app.kit.web import find, refusals_on, say
from app.kit.words import _, local_day
from app.payouts import batches
from app.payouts.doors import bp
from app.payouts.shown import ending
from app.people.access import acting, at, only
from app.people.model import Person, Role
from app.rails.bank import accounts, orders
from app.rails.bank.model import BankBatch, BankOrder, BatchKind

READERS = (Role.TREASURER, Role.OFFICER, Role.AUDITOR)
PAGE = 40
SCHEMES = ("CORE", "B2B")


class BatchForm(Form):
    """Which orders, and when the bank should act."""

    chosen: Annotated[str, StringConstraints(max_length=40_000)] = ""
    execute_on: Day


class CallOffForm(Form):
    """Why an order is not carried out."""

    reason: Annotated[Line, StringConstraints(max_length=200)]


@bp.get("/bank/files")
@only(*READERS)
def files() -> Any:
    """What waits for a file, and the files made, newest first."""
    after = request.args.get("after", "")
    query = select(BankBatch).order_by(col(BankBatch.public_id).desc()).limit(PAGE + 1)
    found = list(g.db.exec(query.where(BankBatch.public_id < after) if after else query))
    return page(
        "payouts/files.html",
        transfers=batches.waiting(g.db, BatchKind.TRANSFERS),
        debits={scheme: batches.waiting(g.db, BatchKind.DEBITS, scheme) for scheme in SCHEMES},
        files=found[:PAGE],
        next_url=url_for(".files", after=found[PAGE - 1].public_id) if len(found) > PAGE else None,
        account=accounts.in_use(g.db),
        may_act=acting().has(Role.TREASURER),
        ending=ending,
    )


@bp.get("/bank/files/selection")
@only(Role.TREASURER)
def file_selection() -> Any:
    """What was chosen, added up, before a file is made of it."""
    everything = request.args.get("all", "")
    if everything == BatchKind.TRANSFERS:
        chosen = orders.waiting(g.db, BatchKind.TRANSFERS)
    elif everything in SCHEMES:
        chosen = orders.waiting(g.db, BatchKind.DEBITS, everything)
    else:
        chosen = _chosen(",".join(request.values.getlist("order")) or request.values.get("chosen", ""))
    today = local_day(at())
    return page(
        "payouts/file_selection.html",
        rows=batches.about(g.db, chosen),
        total=sum(order.amount_cents for order in chosen),
        currency=currency.get(),
        chosen=",".join(order.public_id for order in chosen),
        account=accounts.in_use(g.db),
        next_day=batches.next_day(chosen, today),
        today=today,
        ending=ending,
    )


@bp.post("/bank/files/selection")
@only(Role.TREASURER)
@refusals_on("payouts.file_selection")
def make_file() -> Any:
    """Make one file of what was chosen, all or none."""
    form = read(BatchForm)
    batch = batches.make(
        g.db, _chosen(form.chosen), execute_on=form.execute_on, today=local_day(at()), by=acting(), at=at()
    )
    say(_("The file is made. Take it out and hand it to the bank."))
    return redirect(url_for(".file", name=batch.public_id), 303)


@bp.get("/bank/files/<name>")
@only(*READERS)
def file(name: str) -> Any:
    """One file: what it carries, and whether it was taken out."""
    batch = find(BankBatch, name)
    people = [number for number in (batch.made_by_id, batch.handed_over_by_id) if number]
    names = dict(g.db.exec(select(Person.id, Person.name).where(col(Person.id).in_(people))).all())
    return page(
        "payouts/file.html",
        batch=batch,
        rows=batches.about(g.db, orders.orders_of(g.db, batch)),
        names=names,
        may_act=acting().has(Role.TREASURER),
        ending=ending,
    )


@bp.post("/bank/files/<name>/copy")
@only(Role.TREASURER)
@refusals_on("payouts.file")
def take_out(name: str) -> Response:
    """The file itself, once."""
    batch = find(BankBatch, name)
    answer = make_response(batches.take_out(g.db, batch, by=acting(), at=at()))
    answer.headers["Content-Type"] = "application/xml; charset=utf-8"
    kind = "pain.001" if batch.kind == BatchKind.TRANSFERS else "pain.008"
    answer.headers["Content-Disposition"] = f'attachment; filename="{kind}-{batch.message_id}.xml"'
    return answer


@bp.post("/bank/files/<name>/end")
@only(Role.TREASURER)
@refusals_on("payouts.file")
def give_up_file(name: str) -> Any:
    """Its orders wait for another file."""
    batches.give_up(g.db, find(BankBatch, name), by=acting(), at=at())
    say(_("The file is void. Its orders wait for another."))
    return redirect(url_for(".files"), 303)


@bp.get("/bank/orders/<name>")
@only(*READERS)
def order(name: str) -> Any:
    """One order: what it carries out, in which file, what became of it."""
    found = find(BankOrder, name)
    return page(
        "payouts/order.html",
        row=batches.about(g.db, [found])[0],
        batch=g.db.get(BankBatch, found.batch_id) if found.batch_id else None,
        may_act=acting().has(Role.TREASURER),
        ending=ending,
    )


@bp.post("/bank/orders/<name>/end")
@only(Role.TREASURER)
@refusals_on("payouts.order")
def call_off(name: str) -> Any:
    """Do not carry out an order that is in no file."""
    found = find(BankOrder, name)
    batches.call_off(g.db, found, reason=read(CallOffForm).reason, by=acting(), at=at())
    if found.kind == BatchKind.DEBITS:
        say(_("The debit is called off: its call is paid by transfer."))
    else:
        say(_("The order is called off: its money is owed as before."))
    return redirect(url_for(".files"), 303)


def _chosen(names: str) -> list[BankOrder]:
    wanted = list(dict.fromkeys(name for name in names.split(",") if name))[: orders.MOST_IN_A_FILE]
    return [find(BankOrder, name) for name in wanted]
