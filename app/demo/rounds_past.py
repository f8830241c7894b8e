"""The rounds of the story that are over, happy and not."""

from app.campaigns.model import Publicity
from app.demo.cast import BANK, GRID, INSURER, OFFICE, OTHERS, WATCH
from app.demo.funding import ARBITRATOR, OTHER_ARBITRATOR, Step
from app.demo.round import Round
from app.demo.stage import Stage

CEZEMBRE, RIVAGE, HELIANTHE, LEVANT, ATLAS, TILLEULS, CAUSSE, MONTCALM, NORDLICHT, SCALDIS = OTHERS


def a_happy_round(stage: Stage) -> None:
    """Everything went well: pledged, called, delivered, accepted, paid, completed."""
    happy = Round(stage, WATCH).quote(
        "Tableaux de bord utilisables au clavier",
        [
            "Keyboard Alternative to Dragging Grafana Panels",
            "A11y : Cannot access variables warnings via keyboard",
        ],
        [
            Step(
                "Déplacer les panneaux au clavier",
                1_850_000,
                75,
                "Toutes les poses au clavier\nAnnonces vocales",
            ),
            Step("Avertissements des variables", 640_000, 110, "Lecture par NVDA et Orca\nContraste AA"),
        ],
        license_="AGPL-3.0-only",
    )
    stage.later(days=6)
    happy.decide(True)
    happy.open(40)
    happy.pledge(BANK, 900_000)
    stage.later(days=4)
    happy.pledge(INSURER, 800_000, publicity=Publicity.NAME_ONLY).pledge(CEZEMBRE, 790_000)
    stage.work()
    happy.call_and_pay()
    stage.later(days=40)
    happy.hand_in(1, "v11.4-keyboard")
    happy.answer((BANK, INSURER))
    happy.pay_out()
    happy.call_and_pay()
    stage.later(days=25)
    happy.hand_in(2, "v11.5-variables")
    stage.later(days=20)
    happy.pay_out()


def a_missed_threshold(stage: Stage) -> None:
    """Too few promised in time: every pledge ended by itself, nobody paid."""
    missed = Round(stage, OFFICE).quote(
        "Formules dans les documents texte",
        ["Support Formulas in CollaboraOnline textdocuments"],
        [
            Step("Moteur de formules", 6_400_000, 120, "Formules de base\nExport ODF"),
            Step("Barre d’édition", 1_800_000, 170, "Saisie assistée"),
        ],
        license_="MPL-2.0",
    )
    missed.decide(True).open(30)
    missed.pledge(INSURER, 1_500_000).pledge(HELIANTHE, 1_000_000, publicity=Publicity.ANONYMOUS)
    stage.later(days=33)


def an_award(stage: Stage) -> None:
    """Refused, disputed, and decided by two arbitrators: 40 % released, the rest went back to the cent."""
    award = Round(stage, OFFICE).quote(
        "Mentions dans les commentaires",
        ["Feature Request: Support @-mentions in comments for Spreadsheets, Presentations, and Drawings"],
        [
            Step(
                "Mentions dans le tableur et la présentation",
                1_990_000,
                60,
                "Autocomplétion des noms\nNotification",
            )
        ],
        license_="MPL-2.0",
    )
    award.decide(True).open(30)
    award.pledge(GRID, 700_000).pledge(LEVANT, 690_000).pledge(SCALDIS, 600_000)
    stage.work()
    award.call_and_pay()
    stage.later(days=30)
    award.hand_in(1, "24.04-mentions")
    award.answer((GRID, SCALDIS), accepts=False, reasons="Les notifications n’arrivent pas dans le tableur.")
    award.dispute("Les notifications dépendent du serveur de courrier du client, hors périmètre du devis.")
    stage.later(days=3)
    award.hear((GRID, SCALDIS))
    award.opinion(ARBITRATOR, 5000, "La moitié des critères est couverte.")
    award.opinion(OTHER_ARBITRATOR, 4000, "Le tableur, premier critère du devis, n’est pas couvert.")
    award.opinion(ARBITRATOR, 4000, "Je me range à cet avis : le tableur manque.")
    stage.later(days=2)
    award.pay_out()


def a_round_that_was_called_off(stage: Stage) -> None:
    """Cancelled while open: the feature arrived upstream by other means."""
    off = Round(stage, WATCH).quote(
        "Rapports enregistrés",
        ["FR: Saved Reports"],
        [Step("Rapports planifiés", 3_200_000, 90, "Planification\nEnvoi PDF")],
        license_="AGPL-3.0-only",
    )
    off.decide(True).open(45)
    off.pledge(TILLEULS, 500_000).pledge(CAUSSE, 450_000)
    off.withdraw(CAUSSE, "Budget reporté à l’an prochain.")
    stage.later(days=10)
    off.end("cancel", "La fonction est annoncée dans la prochaine version amont : payer n’a plus de sens.")


def stopped_after_a_charge_back(stage: Stage) -> None:
    """A bank took money back after a milestone was paid: the fund stopped, the backer paid again."""
    stopped = Round(stage, WATCH).quote(
        "Droits fins sur les alertes",
        ["Extend permissions to alerting", "Add authorization layer to notification channels"],
        [
            Step("Modèle de droits", 1_200_000, 60, "Rôles par dossier"),
            Step("Canaux de notification", 1_500_000, 120, "Droits par canal"),
        ],
        license_="AGPL-3.0-only",
    )
    stopped.decide(True).open(30)
    stopped.pledge(RIVAGE, 900_000).pledge(MONTCALM, 900_000).pledge(ATLAS, 900_000)
    stage.work()
    payments = stopped.call_and_pay()
    stage.later(days=20)
    stopped.hand_in(1, "v11.6-alert-roles")
    stopped.answer((RIVAGE, MONTCALM))
    stopped.call_and_pay()
    stage.take_back(payments[2], "Débit contesté par le titulaire")
    stage.later(days=4)
    stopped.end(
        "stop",
        "Un paiement a été repris par la banque du contributeur et n’est toujours pas réglé de nouveau.",
    )
    stage.later(days=3)
    stopped.pay_calls()
    stopped.pay_out()
