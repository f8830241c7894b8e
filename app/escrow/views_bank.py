"""The doors of the bank rail: the account with its legal basis, and statements brought in."""

from typing import Annotated, Any

from flask import g, redirect, request, url_for
from pydantic import StringConstraints
from sqlmodel import col, select

from app.escrow import bank_rail
from app.escrow.doors import bp
from app.escrow.wording_bank import BASES, basis_words, line_words
from app.kit.forms import Form, Line, LineIfAny, Text, currency, read
from app.kit.htmx import page
from app.kit.rules import require
from app.kit.web import find, refusals_on, say, takes_files_up_to
from app.kit.words import _
from app.people.access import acting, at, only
from app.people.model import Person, Role
from app.rails.bank import accounts
from app.rails.bank.model import BankAccount, BankFile, Basis
from app.rails.bank.safe_xml import LARGEST_FILE

READERS = (Role.TREASURER, Role.OFFICER, Role.AUDITOR)
PAGE = 50


class BankAccountForm(Form):
    """The account money is held on, and by what right."""

    iban: Annotated[Line, StringConstraints(max_length=60)]
    bic: Annotated[LineIfAny, StringConstraints(max_length=20)] = ""
    holder: Annotated[Line, StringConstraints(max_length=70)]
    bank_name: Annotated[LineIfAny, StringConstraints(max_length=100)] = ""
    creditor_id: Annotated[LineIfAny, StringConstraints(max_length=40)] = ""
    basis: Basis
    basis_reason: Annotated[Text, StringConstraints(max_length=1000)]


@bp.get("/bank")
@only(*READERS)
def bank() -> Any:
    """The account backers pay to, by what right, and the ones before."""
    found = accounts.all_of(g.db)
    people = {account.named_by_id for account in found} | {
        account.confirmed_by_id for account in found if account.confirmed_by_id
    }
    names = dict(g.db.exec(select(Person.id, Person.name).where(col(Person.id).in_(people))).all())
    return page(
        "escrow/bank.html",
        accounts=found,
        names=names,
        bases=[(basis.value, _(words), _(meaning)) for basis, (words, meaning) in BASES.items()],
        basis_words=basis_words,
        may_act=acting().has(*bank_rail.STAFF),
        person_id=acting().person.id,
    )


@bp.post("/bank/accounts")
@only(*bank_rail.STAFF)
@refusals_on("escrow.bank")
def name_bank_account() -> Any:
    """Write down an account and its legal basis."""
    form = read(BankAccountForm)
    bank_rail.name_account(g.db, bank_rail.Naming(**form.model_dump()), by=acting(), at=at())
    say(_("The account is written down. Another person of the fund has to confirm it."))
    return redirect(url_for(".bank"), 303)


@bp.post("/bank/accounts/<name>/confirmation")
@only(*bank_rail.STAFF)
@refusals_on("escrow.bank_again")
def confirm_bank_account(name: str) -> Any:
    """Let backers pay to it."""
    bank_rail.confirm_account(g.db, find(BankAccount, name), by=acting(), at=at())
    say(_("The account is in use: calls by bank name it from now on."))
    return redirect(url_for(".bank"), 303)


@bp.post("/bank/accounts/<name>/end")
@only(*bank_rail.STAFF)
@refusals_on("escrow.bank_again")
def end_bank_account(name: str) -> Any:
    """Nobody is told to pay to it any more."""
    bank_rail.end_account(g.db, find(BankAccount, name), by=acting(), at=at())
    say(_("The account has ended. Its statements are still read."))
    return redirect(url_for(".bank"), 303)


@bp.get("/bank/accounts/<name>")
@only(*READERS)
def bank_again(name: str) -> Any:
    """The page of the accounts, reached from one of them."""
    find(BankAccount, name)
    return bank()


@bp.get("/statements")
@only(*READERS)
def statements() -> Any:
    """The files of the bank that were read, and the form to bring one in."""
    found = bank_rail.files(g.db, after=request.args.get("after", ""), most=PAGE)
    return page(
        "escrow/statements.html",
        files=[(file, bank_rail.progress_of(g.db, file)) for file in found[:PAGE]],
        account=accounts.in_use(g.db),
        may_act=acting().has(Role.TREASURER),
        most=LARGEST_FILE // 1024 // 1024,
        next_url=url_for(".statements", after=found[PAGE - 1].public_id) if len(found) > PAGE else None,
    )


@bp.post("/statements")
@only(Role.TREASURER)
@refusals_on("escrow.statements")
@takes_files_up_to(LARGEST_FILE + 1024 * 1024)
def bring_in() -> Any:
    """Read a file of the bank."""
    sent = request.files.get("file")
    require(sent is not None and sent.filename, "Please choose a file.", field="file")
    assert sent is not None
    kept = bank_rail.bring_in(g.db, sent.stream, sent.filename or "", by=acting(), at=at())  # type: ignore[arg-type]
    return redirect(url_for(".statement", name=kept.public_id), 303)


@bp.get("/statements/<name>")
@only(*READERS)
def statement(name: str) -> Any:
    """One file: how far the worker has come with it, and what became of each line."""
    file = find(BankFile, name)
    after = request.args.get("after", "")
    found = bank_rail.lines_of(g.db, file, after=int(after) if after.isdecimal() else 0, most=PAGE)
    return page(
        "escrow/statement.html",
        block="standing",
        file=file,
        progress=bank_rail.progress_of(g.db, file),
        rows=[(line, deposit, call, line_words(line, deposit)) for line, deposit, call in found[:PAGE]],
        reader=g.db.get(Person, file.read_by_id) if file.read_by_id else None,
        currency=currency.get(),
        next_url=url_for(".statement", name=name, after=found[PAGE - 1][0].id) if len(found) > PAGE else None,
    )
