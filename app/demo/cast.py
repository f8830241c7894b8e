"""The invented people of the demonstration, and how they come in: by the same doors as everyone."""

from dataclasses import dataclass, field

from app.people.model import Kind, Role

LIMIT = 5_000_000  # what most buyers sign alone in a year: 50 000,00


@dataclass(frozen=True)
class Invented:
    """One invented person: name, address, roles, and up to what they sign alone in a year (cents)."""

    name: str
    email: str
    roles: frozenset[Role]
    limit_cents: int | None = None


@dataclass(frozen=True)
class Company:
    """One invented organization with its people; the first of them applies for it."""

    name: str
    kind: Kind
    legal_form: str
    city: str
    postcode: str
    street: str
    people: tuple[Invented, ...]
    country: str = "FR"
    is_public_body: bool = False
    about: str = field(default="Organisation inventée pour la démonstration.")


def person(name: str, domain: str, *roles: Role, limit: int | None = None) -> Invented:
    """An invented person at an address that can never receive mail (RFC 2606)."""
    plain = (
        name.lower().translate(str.maketrans("éèêëàâçîïôöùûüñ ’'", "eeeeaaciioouuun...")).replace("..", ".")
    )
    return Invented(
        name, f"{plain}@{domain}.example", frozenset(roles), limit if Role.BUYER in roles else None
    )


BUYER = (Role.BUYER, Role.MEMBER, Role.FINANCE)
HEAD = (Role.ADMIN, Role.APPROVER)


def _company(
    name: str,
    domain: str,
    legal_form: str,
    place: tuple[str, str, str],
    head: str,
    buyer: str,
    *,
    limit: int = LIMIT,
    country: str = "FR",
    public: bool = False,
    more: tuple[Invented, ...] = (),
) -> Company:
    street, postcode, city = place
    people = (person(head, domain, *HEAD), person(buyer, domain, *BUYER, limit=limit), *more)
    return Company(name, Kind.CORPORATE, legal_form, city, postcode, street, people, country, public)


BANK = _company(
    "Banque Lumen",
    "lumen",
    "SA",
    ("12 quai des Changes", "69002", "Lyon"),
    "Claire Nguyen",
    "Ada Laurent",
    more=(
        person("Karim Haddad", "lumen", Role.BUYER, Role.MEMBER, limit=1_000_000),
        person("Marc Petit", "lumen", Role.FINANCE),
    ),
)
INSURER = _company(
    "Assurances du Port",
    "port",
    "SA",
    ("3 rue des Armateurs", "13002", "Marseille"),
    "Denis Roche",
    "Salomé Vidal",
)
GRID = _company(
    "Réseau Nord",
    "reseaunord",
    "SA",
    ("40 boulevard du Réseau", "59000", "Lille"),
    "Hélène Caron",
    "Youssef Amrani",
)
MINISTRY = _company(
    "Ministère de l’Exemple",
    "exemple-ministere",
    "État",
    ("1 place de la République", "75003", "Paris"),
    "Agathe Morel",
    "Bruno Lefort",
    limit=40_000_000,
    public=True,
)
CITY = _company(
    "Métropole d’Arcole",
    "arcole",
    "Collectivité",
    ("2 place de l’Hôtel-de-Ville", "35000", "Rennes"),
    "Soizic Le Goff",
    "Thomas Quéré",
    limit=20_000_000,
    public=True,
)

OTHERS = (
    _company(
        "Mutuelle Cézembre",
        "cezembre",
        "Mutuelle",
        ("8 sillon", "35400", "Saint-Malo"),
        "Alan Kerven",
        "Maud Riou",
    ),
    _company(
        "Transports Rivage",
        "rivage",
        "SAS",
        ("5 quai Nord", "44000", "Nantes"),
        "Luc Ferrand",
        "Nadia Belkacem",
    ),
    _company(
        "Groupe Hélianthe",
        "helianthe",
        "SA",
        ("77 cours Sablon", "63000", "Clermont-Ferrand"),
        "Rose Aubry",
        "Felix Ortega",
    ),
    _company(
        "Télécoms du Levant",
        "levant",
        "SA",
        ("19 rue du Câble", "06000", "Nice"),
        "Jean Orsini",
        "Camille Bado",
    ),
    _company(
        "Aciéries Atlas",
        "atlas",
        "SA",
        ("1 route des Forges", "57100", "Thionville"),
        "Rita Schmitt",
        "Olivier Hans",
    ),
    _company(
        "Clinique des Tilleuls",
        "tilleuls",
        "SAS",
        ("14 allée des Tilleuls", "67000", "Strasbourg"),
        "Eva Muller",
        "Simon Weiss",
    ),
    _company(
        "Énergies du Causse",
        "causse",
        "SA",
        ("6 chemin du Causse", "12000", "Rodez"),
        "Paul Cayla",
        "Inès Fabre",
    ),
    _company(
        "Imprimerie Montcalm",
        "montcalm",
        "SAS",
        ("30 rue Montcalm", "34000", "Montpellier"),
        "Guy Mas",
        "Lina Costa",
    ),
    _company(
        "Nordlicht Energie",
        "nordlicht",
        "AG",
        ("Hafenstraße 9", "20457", "Hamburg"),
        "Jutta Brandt",
        "Timo Vogel",
        country="DE",
    ),
    _company(
        "Banque Scaldis",
        "scaldis",
        "SA",
        ("Quai de l’Escaut 4", "2000", "Anvers"),
        "An Peeters",
        "Wim Claes",
        country="BE",
    ),
)

CORPORATES = (BANK, INSURER, GRID, MINISTRY, CITY, *OTHERS)


def _maintainer(name: str, domain: str, legal_form: str, place: tuple[str, str, str], *names: str) -> Company:
    street, postcode, city = place
    first = person(names[0], domain, Role.ADMIN, Role.MEMBER, Role.FINANCE)
    rest = tuple(person(other, domain, Role.MEMBER) for other in names[1:])
    return Company(name, Kind.MAINTAINER, legal_form, city, postcode, street, (first, *rest))


IDENTITY = _maintainer(
    "Atelier Identité",
    "atelier-identite",
    "SCOP",
    ("21 rue des Clés", "38000", "Grenoble"),
    "Mathilde Roux",
    "Ivan Petrov",
)
OFFICE = _maintainer(
    "Coopérative Feuillet",
    "feuillet",
    "SCOP",
    ("9 passage du Livre", "31000", "Toulouse"),
    "Gaspard Lenoir",
    "Amina Diallo",
)
WATCH = _maintainer(
    "Veille Claire",
    "veilleclaire",
    "SAS",
    ("2 rue de l’Horloge", "54000", "Nancy"),
    "Odile Perrin",
    "Noé Simon",
)
MAINTAINERS = (IDENTITY, OFFICE, WATCH)

NEWCOMER = _company(
    "Crédit Mirabel", "mirabel", "SA", ("11 rue des Prunes", "88000", "Épinal"), "Yann Colin", "Zoé Marchal"
)

SHELL = Company(
    "Société Écran",
    Kind.CORPORATE,
    "SARL",
    "Paris",
    "75001",
    "1 rue sans numéro",
    (person("Max Ombre", "ecran", Role.ADMIN, Role.MEMBER),),
)

FUND_PEOPLE = (
    person("Inès Moreau", "fonds", Role.ADMIN, Role.OFFICER),
    person("Paul Girard", "fonds", Role.TREASURER),
    person("Léa Fontaine", "fonds", Role.TREASURER),
    person("Hugo Blanc", "fonds", Role.ARBITRATOR),
    person("Sara Lindqvist", "fonds", Role.ARBITRATOR),
    person("Étienne Rey", "fonds", Role.OFFICER),
    person("Nora Stein", "fonds", Role.AUDITOR),
)
