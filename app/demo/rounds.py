"""The rounds of the story that go on: each stands where somebody will meet it."""

from datetime import timedelta

from app.campaigns.model import OnDefault, Publicity
from app.campaigns.round_rules import Chosen
from app.demo.backing import RULES, a_grant_and_some_work
from app.demo.cast import BANK, CITY, CORPORATES, GRID, IDENTITY, INSURER, MINISTRY, OFFICE, OTHERS, WATCH
from app.demo.comparing import accept_with_reserves, awarded, cheaper, judged, rival_quote
from app.demo.funding import ARBITRATOR, Step
from app.demo.round import Round
from app.demo.stage import Stage
from app.kit.clock import now

CEZEMBRE, RIVAGE, HELIANTHE, LEVANT, ATLAS, TILLEULS, CAUSSE, MONTCALM, NORDLICHT, SCALDIS = OTHERS


def fifteen_companies(stage: Stage) -> Round:
    """The large one: fifteen organizations, five milestones; secured and the first tranche paid."""
    catch_up(stage, 107)
    large = Round(stage, IDENTITY).quote(
        "Provisionnement SCIM 2.0",
        ["SCIM support", "SCIM API as a supported feature", "SCIM Service Enhancements"],
        [
            Step(
                "Cœur du protocole SCIM",
                6_200_000,
                90,
                "Ressources Users et Groups\nFiltres RFC 7644\nTests croisés",
            ),
            Step(
                "Groupes et rattachements",
                8_800_000,
                150,
                "Groupes imbriqués\nPagination\nJournal\nDroits\nReprise",
            ),
            Step("Connecteur d’annuaire", 5_400_000, 210, "LDAP\nReprise sur erreur\nDocumentation\nMesures"),
            Step("Version amont", 3_600_000, 260, "Fusion en amont\nNotes de version"),
            Step("Console d’administration", 7_000_000, 330, "Écrans\nAccessibilité AA", is_required=False),
        ],
        license_="Apache-2.0",
        valid_days=180,
        summary="Créer, modifier et retirer les comptes depuis l’annuaire de l’entreprise, sans script maison.",
    )
    stage.later(days=7)
    large.decide(True)
    large.open(60, [1, 2, 3, 3, 4])
    amounts = (
        2_400_000,
        3_600_000,
        3_500_000,
        4_800_000,
        1_900_000,
        1_400_000,
        1_250_000,
        1_100_000,
        1_000_000,
        950_000,
        800_000,
        750_000,
        700_000,
        650_000,
        600_000,
    )
    shown = {2: Publicity.NAME_ONLY, 6: Publicity.ANONYMOUS, 8: Publicity.ANONYMOUS, 10: Publicity.ANONYMOUS}
    for place, (company, cents) in enumerate(zip(CORPORATES, amounts, strict=True)):
        large.pledge(company, cents, publicity=shown.get(place, Publicity.FULL))
        stage.later(days=3)
    large.close_early()
    large.call()
    stage.later(days=5)
    large.pay_calls()
    return large


def the_second_milestone(stage: Stage, large: Round) -> None:
    """The fifteen go on: the first milestone is accepted, certified and paid, the second waits for its backers."""
    catch_up(stage, 17)
    large.hand_in(1, "scim-core-1.0")
    stage.later(days=3)
    large.answer((RIVAGE, INSURER, GRID, MINISTRY))
    large.pay_out()
    large.call()
    stage.later(days=6)
    large.pay_calls()
    large.certify(MINISTRY)
    large.pay_calls()
    stage.pay("VIREMENT DSI", 125_000, "Imprimerie Montcalm")
    catch_up(stage, 3)
    large.hand_in(2, "scim-groups-1.1")
    large.answer((GRID, RIVAGE))
    accept_with_reserves(
        large, INSURER, "Les groupes vides ne sont pas supprimés.", "Le journal ignore les rattachements."
    )


def a_round_in_arbitration(stage: Stage) -> None:
    """Refused and disputed: one arbitrator has written, the other has to."""
    catch_up(stage, 40)
    disputed = Round(stage, OFFICE).quote(
        "Export PDF lisible au lecteur d’écran",
        ["PDF export is not understandable with a screenreader"],
        [
            Step("PDF balisé", 2_100_000, 50, "PDF/UA-1\nOrdre de lecture"),
            Step("Tableaux et images", 1_300_000, 90, "Textes de remplacement"),
        ],
        license_="MIT",
    )
    disputed.decide(True).open(30)
    disputed.pledge(CITY, 1_200_000).pledge(TILLEULS, 1_100_000).pledge(CEZEMBRE, 1_100_000)
    stage.work()
    disputed.call_and_pay()
    stage.later(days=20)
    disputed.hand_in(1, "docs-pdf-ua-0.9")
    disputed.answer(
        (TILLEULS, CITY), accepts=False, reasons="L’ordre de lecture saute les listes imbriquées."
    )
    disputed.dispute(
        "Les listes imbriquées sont lues dans l’ordre par deux des trois lecteurs du cahier d’essais."
    )
    stage.later(days=2)
    disputed.hear((TILLEULS, CITY))
    stage.later(days=2)
    disputed.opinion(ARBITRATOR, 7000, "Le critère d’ordre de lecture est couvert pour l’essentiel.")
    disputed.propose_to_settle(
        TILLEULS, 1_500_000, "Les listes imbriquées reviendraient dans un lot ultérieur."
    )


def an_unpaid_call(stage: Stage) -> None:
    """One backer will not pay in time: the fund has to wait on or stop."""
    catch_up(stage, 44)
    unpaid = Round(stage, WATCH).quote(
        "Recherche dans l’inventaire",
        ["Add search Field in inventory", "change asset type"],
        [Step("Champ de recherche", 1_400_000, 80, "Recherche par numéro de série\nMoins d’une seconde")],
        license_="GPL-3.0-or-later",
    )
    unpaid.decide(True).open(20, chosen=Chosen(on_default=OnDefault.TOP_UP, default_days=45))
    unpaid.pledge(HELIANTHE, 500_000).pledge(NORDLICHT, 500_000).pledge(CAUSSE, 400_000)
    stage.work()
    unpaid.call()
    unpaid.pay_calls(unpaid=(CAUSSE,), above={NORDLICHT.name: 12_000})
    unpaid.amend(
        1,
        [
            Step("Champ de recherche", 900_000, 70, "Recherche par numéro de série"),
            Step("Recherche rapide", 500_000, 110, "Moins d’une seconde"),
        ],
        "Le champ est prêt ; l’index qui le rend rapide demande un mois de plus.",
        yes=(HELIANTHE, NORDLICHT),
    )


def an_open_round(stage: Stage) -> None:
    """Open now, a good part of the way, the bank not in yet."""
    catch_up(stage, 5)
    open_now = Round(stage, IDENTITY).quote(
        "Rôles d’administration par organisation",
        [
            "Implement organization-specific admin roles with limited permissions",
            "Document Keycloak Organization",
        ],
        [
            Step("Modèle de droits délégués", 4_800_000, 120, "Rôles par organisation\nJournal\nTests"),
            Step("Console des délégués", 3_900_000, 190, "Écrans\nTraductions\nAccessibilité AA"),
            Step("Documentation et reprise", 1_300_000, 220, "Guide\nScript de reprise"),
            Step("Délégation en cascade", 2_600_000, 280, "Trois niveaux", is_required=False),
        ],
        license_="Apache-2.0",
        valid_days=90,
    )
    stage.later(days=1)
    open_now.decide(True)
    open_now.open(15)
    open_now.pledge(MINISTRY, 2_000_000, order="EJ-2026-118").pledge(INSURER, 1_800_000)
    stage.later(days=1)
    open_now.pledge(GRID, 1_500_000, publicity=Publicity.NAME_ONLY).pledge(LEVANT, 900_000)
    open_now.pledge(NORDLICHT, 700_000, publicity=Publicity.ANONYMOUS)
    open_now.pledge(BANK, 2_400_000, who=BANK.people[2], approve=False)


def another_open_round(stage: Stage) -> None:
    """Open now with its threshold reached: the fund may close it early, the optional step is still missing."""
    reached = Round(stage, OFFICE).quote(
        "Import et export des documents",
        ["Import + Export", "✨Export print"],
        [
            Step("Import DOCX et ODT", 2_200_000, 100, "Styles\nImages\nTableaux"),
            Step("Export fidèle", 1_500_000, 150, "Pagination\nPDF"),
            Step("Impression en lot", 900_000, 190, "File d’attente", is_required=False),
        ],
        license_="MIT",
        valid_days=100,
    )
    reached.decide(True)
    reached.open(24, chosen=RULES)
    reached.pledge(CITY, 1_900_000, order="ENG-77120").pledge(MONTCALM, 600_000).pledge(SCALDIS, 1_300_000)
    a_grant_and_some_work(reached, MINISTRY, GRID)
    stage.later(days=1)
    reached.pledge(HELIANTHE, 200_000)  # matched by half, as three have signed


def quotes_on_the_table(stage: Stage) -> None:
    """Estimates in every other state, and a campaign that waits to be opened."""
    step = [
        Step(
            "Conservation réglable des historiques", 2_750_000, 120, "Durée par salon\nPreuve de suppression"
        )
    ]
    compared = Round(stage, WATCH).quote(
        "Durées de conservation",
        ["Configurable history retention limits for rooms"],
        step,
        license_="AGPL-3.0-only",
    )
    judged(compared, rival_quote(compared, IDENTITY, cheaper(step, 9_400)), compared.estimate_id)
    Round(stage, WATCH).quote(
        "Sous-catégories de tickets",
        ["Subcatégorie to the ticket"],
        [Step("Sous-catégories", 980_000, 70, "Arborescence\nStatistiques")],
        license_="GPL-3.0-or-later",
        submit=False,
    )
    Round(stage, OFFICE).quote(
        "Cases à cocher dans le tableur",
        ["Feature Request: Add Interactive Checkboxes to Calc"],
        [Step("Cases interactives", 5_900_000, 90, "Clavier\nExport")],
        license_="MPL-2.0",
    ).decide(False, "Le prix dépasse de loin celui de travaux comparables ; merci de détailler.")
    ready = Round(stage, OFFICE).quote(
        "Étiquettes de données des graphiques",
        ["Calc : Add Data Labels in Charts for Spreadsheets"],
        [Step("Étiquettes", 1_150_000, 90, "Positions\nFormats")],
        license_="MPL-2.0",
    )
    rival_quote(ready, IDENTITY, [Step("Étiquettes", 1_390_000, 75, "Positions\nFormats")], upkeep=24)
    awarded(ready, "Le moins cher des deux devis, par l’équipe qui maintient déjà les graphiques.")
    ready.open(30, draft_only=True)


def catch_up(stage: Stage, days_ago: int) -> None:
    """Go on to so many days before today, if the story is not that far yet."""
    until = now() - timedelta(days=days_ago)
    if until > stage.at:
        stage.at = until
        stage.work()
