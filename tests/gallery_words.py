"""Realistic, invented content for the gallery of the layout, in both languages."""

from typing import Any

# Each word: English, French.
_WORDS = {
    "title": ("Real-time editing for large pages", "Édition en temps réel des grandes pages"),
    "roadmap": ("Roadmap", "Feuille de route"),
    "quoted_by": ("Quoted by", "Devis de"),
    "seven_needs": ("answers 7 needs of 12 organizations", "répond à 7 besoins de 12 organisations"),
    "users": ("48,200 users", "48 200 utilisateurs"),
    "open": ("Open, 11 days left", "Ouverte, encore 11 jours"),
    "quote": ("Quote (PDF)", "Devis (PDF)"),
    "funding": ("Funding", "Financement"),
    "every_euro": ("Every euro", "Chaque euro"),
    "milestones": ("Milestones", "Jalons"),
    "when_accepted": ("paid only when accepted", "payés seulement une fois acceptés"),
    "milestone": ("Milestone", "Jalon"),
    "due": ("Due", "Échéance"),
    "state": ("State", "État"),
    "price": ("Price", "Prix"),
    "total": ("Total excluding VAT", "Total hors TVA"),
    "where_money": ("Where the money is", "Où est l’argent"),
    "unsigned": ("Not signed", "Non signé"),
    "consequence": (
        "Nothing is paid now. If the minimum is reached by 3 December you receive the first call: €9,920.00 for"
        " milestones 1 and 2. If it is missed, your pledge ends by itself.",
        "Rien n’est payé maintenant. Si le minimum est atteint le 3 décembre, vous recevez le premier appel :"
        " 9 920,00 € pour les jalons 1 et 2. S’il est manqué, votre engagement s’éteint de lui-même.",
    ),
    "amount": ("Amount", "Montant"),
    "by_users": (
        "Key “by users”: your 5,100 users make €24,000.",
        "Clé « par utilisateurs » : vos 5 100 utilisateurs font 24 000 €.",
    ),
    "purchase_order": ("Purchase order", "Numéro de commande"),
    "shown": ("Shown to others", "Ce que les autres voient"),
    "name_and_amount": ("Name and amount", "Le nom et le montant"),
    "name_only": ("Name only", "Le nom seulement"),
    "anonymous": ("Nothing", "Rien"),
    "review": ("Review and sign", "Relire et signer"),
    "backers": ("Backers", "Cofinanceurs"),
    "all_nine": ("All 9", "Les 9"),
    "account_changed": (
        "The payment account of Atelier Wiki changed yesterday. The payout waits 72 hours and two approvals.",
        "Le compte de paiement d’Atelier Wiki a changé hier. Le versement attend 72 h et deux accords.",
    ),
    "waits": ("What waits for me", "Ce qui m’attend"),
    "pledged": ("Pledged", "Engagé"),
    "called": ("Called", "Appelé"),
    "paid": ("Paid", "Payé"),
    "search_needs": ("Search needs", "Chercher un besoin"),
    "software": ("Software", "Logiciel"),
    "all": ("All", "Tous"),
    "campaigns": ("Our campaigns", "Nos campagnes"),
    "campaign": ("Campaign", "Campagne"),
    "confirm_title": ("Pay call 2026-0042", "Payer l’appel de fonds nº 2026-0042"),
    "confirm_from": ("Banque Lumen, account ending 3021", "Banque Lumen, compte finissant par 3021"),
    "confirm_to": (
        "Held for “Real-time editing for large pages”",
        "Détenu pour « Édition en temps réel des grandes pages »",
    ),
    "confirm_ends": (
        "Call 2026-0042 is paid; milestone 1 may start.",
        "L’appel nº 2026-0042 est payé ; le jalon 1 peut commencer.",
    ),
    "confirm_second": (
        "Karim Haddad approves before it is sent.",
        "Karim Haddad donne son accord avant l’envoi.",
    ),
    "pay": ("Pay", "Payer"),
    "stop": ("Stop the campaign", "Arrêter la campagne"),
    "empty_title": ("No need yet", "Aucun besoin pour l’instant"),
    "empty_text": (
        "A need says what is missing in a software you use, for whom, and how you would see that it is done.",
        "Un besoin dit ce qui manque à un logiciel que vous utilisez, à qui, et à quoi l’on verra que c’est fait.",
    ),
    "empty_verb": ("Write a need", "Exprimer un besoin"),
    "empty_example": (
        "“Two persons edit the same page without losing a line.”",
        "« Deux personnes modifient la même page sans perdre une ligne. »",
    ),
    "crowded": ("Steps that stand close", "Des paliers rapprochés"),
    "reading": ("Reading row 318", "Lecture de la ligne 318"),
    "mistakes": ("A form with mistakes", "Un formulaire avec des erreurs"),
    "need_title": ("Title", "Titre"),
    "need_hint": ("One sentence, as you would say it to a colleague.", "Une phrase, comme à une collègue."),
    "missing": ("What is missing", "Ce qui manque"),
    "budget": ("Budget", "Budget"),
    "wanted": ("Wanted by", "Souhaité pour le"),
    "kind": ("Kind", "Nature"),
    "feature": ("Feature", "Fonction"),
    "feature_means": ("Something the software cannot do today.", "Ce que le logiciel ne sait pas faire."),
    "audit": ("Security audit", "Audit de sécurité"),
    "public": ("Anyone may read it", "Tout le monde peut le lire"),
    "file": ("Backlog (CSV)", "Liste de besoins (CSV)"),
    "keep_draft": ("Keep as draft", "Garder en brouillon"),
    "withdraw": ("Withdraw the need", "Retirer le besoin"),
    "paid_sentence": (
        "€9,920.00 arrived; nothing more to do.",
        "9 920,00 € sont arrivés ; il ne reste rien à faire.",
    ),
    "bad_sentence": ("The bank refused the transfer.", "La banque a refusé le virement."),
    "refused": ("Refused", "Refusé"),
}
_TITLE_MISTAKE = (
    "Write a title, so that others find this need.",
    "Écrivez un titre, pour que d’autres trouvent ce besoin.",
)
_BUDGET_MISTAKE = (
    "“1.234” can be read as €1.23 or €1,234.00. Write 1,23 or 1234.",
    "« 1.234 » peut se lire 1,23 € ou 1 234,00 €. Écrivez 1,23 ou 1234.",
)
_FORM_MISTAKE = (
    "Two fields need a look; nothing was kept.",
    "Deux champs sont à revoir ; rien n’a été enregistré.",
)


def gallery(language: str) -> dict[str, Any]:
    """The variables `layout/gallery.html` is rendered with."""

    def say(english: str, french: str) -> str:
        return french if language == "fr" else english

    return {
        "words": {name: say(*both) for name, both in _WORDS.items()},
        "mistakes": {"": say(*_FORM_MISTAKE), "title": say(*_TITLE_MISTAKE), "budget": say(*_BUDGET_MISTAKE)},
        "typed": {"budget": "1.234"},
        "stages": [
            {"caption": say("12 organizations", "12 organisations"), "url": "#needs"},
            {"caption": say("planned 3 Sept", "prévu le 3 sept."), "url": "#roadmap"},
            {"caption": say("approved 12 Oct", "approuvé le 12 oct."), "url": "#estimate"},
            {"caption": say("until 3 Dec", "jusqu’au 3 déc."), "url": None},
            {"caption": None, "url": None},
            {"caption": say("0 of 5", "0 sur 5"), "url": None},
            {"caption": None, "url": None},
        ],
        "three": [
            {
                "value": say("€214,500", "214 500 €"),
                "label": say("promised of €240,000 minimum", "promis sur 240 000 € au minimum"),
            },
            {"value": say("€25,500", "25 500 €"), "label": say("still missing", "manquent encore")},
            {
                "value": "9",
                "label": say(
                    "organizations; 2 more bring the EU top-up",
                    "organisations ; 2 de plus amènent l’aide de l’UE",
                ),
            },
        ],
        "segments": [
            {"kind": "pledged", "cents": 13500000, "label": say("Pledged", "Engagé")},
            {
                "kind": "committed",
                "cents": 4800000,
                "label": say(
                    "Committed by public bodies, paid after acceptance",
                    "Engagé par des organismes publics, payé après acceptation",
                ),
            },
            {
                "kind": "in_kind",
                "cents": 1920000,
                "label": say("Developer-days, valued", "Jours de développement, valorisés"),
            },
            {"kind": "matching", "cents": 1230000, "label": say("Matching grant", "Aide d’abondement")},
        ],
        "thresholds": [
            {"label": "Minimum", "cents": 24000000},
            {"label": say("+ Offline mode", "+ Mode hors ligne"), "cents": 31000000},
        ],
        "crowded": [
            {"kind": "held", "cents": 6200000, "label": say("Held", "Détenu")},
            {"kind": "released", "cents": 1240000, "label": say("Released", "Libéré")},
            {"kind": "refunded", "cents": 450000, "label": say("Refunded", "Remboursé")},
        ],
        "close_steps": [
            {"label": "Minimum", "cents": 6800000},
            {"label": say("+ Import of old pages", "+ Import des anciennes pages"), "cents": 7400000},
            {"label": say("+ Keyboard map", "+ Clavier"), "cents": 7900000},
            {"label": say("+ Offline mode", "+ Mode hors ligne"), "cents": 10000000},
        ],
        "milestones": [
            {
                "title": say("1. Shared cursor protocol", "1. Protocole de curseur partagé"),
                "small": say("3 criteria · tranche 1", "3 critères · tranche 1"),
                "due": say("15 Feb 2027", "15 févr. 2027"),
                "word": say("Paid", "Payé"),
                "kind": "done",
                "cents": 6200000,
            },
            {
                "title": say("2. Pages above 5 MB", "2. Pages de plus de 5 Mo"),
                "small": say("5 criteria · tranche 1", "5 critères · tranche 1"),
                "due": say("30 Apr 2027", "30 avr. 2027"),
                "word": say("In review", "En recette"),
                "kind": "waits",
                "cents": 8800000,
            },
            {
                "title": say("3. Conflict view", "3. Vue des conflits"),
                "small": say("4 criteria · tranche 2", "4 critères · tranche 2"),
                "due": say("15 Jun 2027", "15 juin 2027"),
                "word": say("Refused", "Refusé"),
                "kind": "bad",
                "cents": 5400000,
            },
            {
                "title": say("4. Upstream release", "4. Version publiée"),
                "small": say("2 criteria", "2 critères"),
                "due": say("15 Jul 2027", "15 juil. 2027"),
                "word": say("Waiting", "En attente"),
                "kind": "hollow",
                "cents": 3600000,
            },
            {
                "title": say("5. Offline mode", "5. Mode hors ligne"),
                "small": say("optional", "facultatif"),
                "due": say("30 Sep 2027", "30 sept. 2027"),
                "word": say("If €310,000", "Si 310 000 €"),
                "kind": "hollow",
                "cents": 7000000,
            },
        ],
        "campaigns": [
            {
                "title": say("Real-time editing", "Édition en temps réel"),
                "small": "XWiki",
                "word": say("In review", "En recette"),
                "kind": "waits",
                "pledged": 2400000,
                "called": 992000,
                "paid": 992000,
            },
            {
                "title": say("SAML connector", "Connecteur SAML"),
                "small": "Nextcloud",
                "word": say("Call under way", "Appel en cours"),
                "kind": "open",
                "pledged": 1800000,
                "called": 992000,
                "paid": 0,
            },
            {
                "title": say("Security audit 2026", "Audit de sécurité 2026"),
                "small": "Keycloak",
                "word": say("Completed", "Terminée"),
                "kind": "done",
                "pledged": 1250000,
                "called": 1250000,
                "paid": 1250000,
            },
        ],
        "sources": [
            {"label": say("Calls paid", "Appels payés"), "kind": "received", "cents": 19840000},
            {"label": say("Matching grant", "Aide d’abondement"), "kind": "matching", "cents": 1230000},
        ],
        "uses": [
            {"label": say("Held", "Détenu"), "kind": "held", "cents": 12400000},
            {
                "label": say("Released to the maintainer", "Libéré pour l’éditeur"),
                "kind": "released",
                "cents": 7440000,
                "url": "#released",
            },
            {"label": say("Refunded", "Remboursé"), "kind": "refunded", "cents": 430000},
            {"label": say("Fees", "Frais"), "kind": "fees", "cents": 800000},
        ],
        "backers": [
            {"label": "Ministère de l’Exemple", "value": say("€48,000", "48 000 €")},
            {"label": "Assurances du Port", "value": say("€40,000", "40 000 €")},
            {"label": "Réseau Nord", "value": say("€35,000", "35 000 €")},
            {"label": "Cité Numérique", "value": say("name only", "nom seulement")},
        ],
        "trail": [
            {
                "when": say("yesterday, 14:05", "hier, 14:05"),
                "exact": "2026-11-21T14:05",
                "who": "Ada Laurent",
                "what": say("Signed a pledge of €24,000.00", "A signé un engagement de 24 000,00 €"),
            },
            {
                "when": say("Monday", "lundi"),
                "exact": "2026-11-16T09:12",
                "who": "Karim Haddad",
                "what": say("Prepared the pledge", "A préparé l’engagement"),
            },
            {
                "when": say("12 November", "12 novembre"),
                "exact": "2026-11-12T17:40",
                "who": say("The fund", "Le fonds"),
                "what": say("Opened the campaign", "A ouvert la campagne"),
                "url": "#opened",
            },
        ],
        "todos": [
            {
                "when": "late",
                "text": say("1 day late", "retard : 1 jour"),
                "what": say(
                    "Answer the delivery “Shared cursor protocol”",
                    "Répondre à la livraison « Protocole de curseur partagé »",
                ),
                "consequence": say(
                    "Real-time editing, XWiki · €6,000.00 come back to you if you refuse · else accepted on 24 Nov.",
                    "Édition en temps réel, XWiki · 6 000,00 € vous reviennent si vous refusez · sinon acceptée le 24.",
                ),
                "url": "#1",
                "verb": say("Examine", "Examiner"),
            },
            {
                "when": "soon",
                "text": say("before 30 Nov", "avant le 30 nov."),
                "what": say("Pay call 2026-0042", "Payer l’appel de fonds nº 2026-0042"),
                "consequence": say(
                    "SAML connector, Nextcloud · €9,920.00 · order PO-2026-4711",
                    "Connecteur SAML, Nextcloud · 9 920,00 € · commande PO-2026-4711",
                ),
                "url": "#2",
                "verb": say("Pay", "Payer"),
            },
            {
                "when": "none",
                "text": say("no date", "sans délai"),
                "what": say("Three needs look like yours", "Trois besoins ressemblent aux vôtres"),
                "consequence": say(
                    "GLPI, Keycloak · 9 organizations, 31,000 users",
                    "GLPI, Keycloak · 9 organisations, 31 000 utilisateurs",
                ),
                "url": "#3",
                "verb": say("Compare", "Comparer"),
            },
        ],
        "rail": rail(say),
        "messages": [("ok", say("The need was kept as a draft.", "Le besoin est gardé en brouillon."))],
        "operator": "Chapitre de démonstration",
        "demo_mode": True,
        "links": {"switch_organization": "/people/organization"},
    }


def rail(say: Any) -> dict[str, Any]:
    """The side rail of a buyer."""
    road = [
        ("Software", "Logiciels", 212),
        ("Needs", "Besoins", 1384),
        ("Roadmap", "Feuilles de route", 96),
        ("Estimates", "Devis", 41),
        ("Campaigns", "Campagnes", 17),
        ("Milestones", "Jalons", 9),
    ]
    ours = [
        ("Our pledges", "Nos engagements", 6),
        ("Calls", "Appels de fonds", 2),
        ("People", "Personnes", None),
    ]
    return {
        "waiting": 4,
        "person_name": "Ada Laurent",
        "organization_name": "Banque Lumen",
        "limit_text": say("buyer up to €50,000", "achète jusqu’à 50 000 €"),
        "sections": [
            {
                "title": say(*title),
                "links": [
                    {
                        "label": say(en, fr),
                        "url": f"#{en}",
                        "count": count and f"{count:,}",
                        "current": en == "Campaigns",
                    }
                    for en, fr, count in links
                ],
            }
            for title, links in (
                (("The road", "Le chemin"), road),
                (("Our organization", "Notre organisation"), ours),
            )
        ],
    }
