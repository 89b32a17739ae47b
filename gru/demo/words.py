"""What do invented residents and agents write?"""

import random
from dataclasses import dataclass
from importlib.resources import files

from gru.domain.events import DifficultyReason

FIRST_NAMES, LAST_NAMES = (
    line.split() for line in files("gru.demo").joinpath("names.txt").read_text("utf-8").splitlines()
)
MAILS = ("courriel.example", "boite.example", "messagerie.example", "poste-locale.example")

OPENINGS = ("Bonjour,", "Bonjour Madame, Monsieur,", "Madame, Monsieur,", "Bonjour à toute l’équipe,", "")
CLOSINGS = (
    "Merci d’avance.",
    "Merci de votre aide.",
    "Bien cordialement,",
    "Dans l’attente de votre réponse,",
    "Merci",
)

ASKS: dict[str, tuple[tuple[str, str], ...]] = {
    "VOI-CHAUSSEE": (
        (
            "Nid-de-poule devant le {number} {street}",
            "Un trou s’est formé devant le {number} {street}. Un vélo a failli tomber.",
        ),
        (
            "Trottoir affaissé {street}",
            "Le trottoir s’affaisse au {number} {street}, on ne passe plus avec une poussette.",
        ),
        (
            "Plaque d’égout qui claque, {street}",
            "La plaque devant le {number} claque à chaque voiture, surtout la nuit.",
        ),
    ),
    "VOI-ECLAIR": (
        ("Lampadaire éteint {street}", "Le lampadaire devant le {number} {street} est éteint depuis une semaine."),
        (
            "Toute la rue dans le noir, {street}",
            "Depuis hier soir plus aucune lumière {street}. C’est dangereux près de l’école.",
        ),
    ),
    "PRO-DEPOT": (
        (
            "Dépôt sauvage de gravats, {street}",
            "Des sacs de gravats ont été laissés cette nuit devant le {number} {street}.",
        ),
        ("Matelas et meubles sur le trottoir", "Un matelas et une armoire bloquent le trottoir au {number} {street}."),
    ),
    "PRO-COLLECTE": (
        ("Bac jaune non ramassé", "Notre bac jaune, {number} {street}, n’a pas été collecté depuis deux semaines."),
        ("Bac cassé à remplacer", "Le couvercle de notre bac est arraché. Comment en obtenir un autre ?"),
    ),
    "PRO-TAG": (("Tag sur le mur de l’école, {street}", "Un tag est apparu ce week-end {street}."),),
    "ESV-ARBRE": (
        (
            "Arbre penché au-dessus du trottoir, {street}",
            "Depuis le coup de vent un arbre penche au {number} {street}.",
        ),
        ("Branches sur le câble, {street}", "Les branches touchent le câble devant le {number} {street}."),
    ),
    "EDU-CANT": (
        ("Inscription à la cantine", "Je voudrais inscrire ma fille à la cantine deux jours par semaine."),
        ("Changement de jours de cantine", "Mon fils ne mangera plus le jeudi, comment le signaler ?"),
    ),
    "EDU-FACT": (("Facture de cantine en double", "J’ai reçu deux fois la même facture pour le mois dernier."),),
    "EC-ACTE": (
        ("Copie d’acte de naissance", "Je souhaite une copie intégrale de mon acte de naissance pour mon mariage."),
        ("Acte de décès de mon père", "Il me faut l’acte de décès de mon père pour le notaire."),
    ),
    "EC-RDV-TITRE": (("Rendez-vous pour un passeport", "Nous sommes quatre et cherchons un rendez-vous avant l’été."),),
    "ODP-DEMEN": (
        (
            "Deux places pour un déménagement, {street}",
            "Je déménage le mois prochain du {number} {street} et voudrais réserver deux places.",
        ),
    ),
    "ASS-SALLE": (
        ("Réservation de la salle des fêtes", "Notre association voudrait la salle un samedi pour soixante personnes."),
    ),
    "TRP-VOISIN": (("Bruit de chantier avant 7 heures", "Le chantier {street} commence à 6 h 15 tous les jours."),),
    "TRP-EPAVE": (
        ("Voiture ventouse {street}", "Une voiture sans roues est devant le {number} {street} depuis un mois."),
    ),
    "HYG-NUISIBLE": (("Rats près des poubelles, {street}", "On voit des rats le soir devant le {number} {street}."),),
    "PEN-CRECHE": (("Place en crèche", "Notre bébé arrive en mars, nous cherchons une place à mi-temps."),),
    "REL-INFO": (
        ("Horaires pendant les vacances", "La mairie de quartier est-elle ouverte le samedi pendant les vacances ?"),
        ("Où retirer un sac de tri ?", "Où peut-on retirer les sacs de tri, et avec quel papier ?"),
    ),
    "REL-RECLAM": (("Pas de réponse à mon message", "J’ai écrit il y a un mois et je n’ai toujours pas de réponse."),),
    "REL-DOLEANCE": (("Plus de bancs dans le parc", "Les personnes âgées n’ont nulle part où s’asseoir {street}."),),
}
OTHER_ASK = ("{label}", "Je vous écris au sujet de : {label}. Pouvez-vous me dire comment faire ?")

REFUSALS = ("Bonjour,\n\nNous ne pouvons pas donner suite : la demande ne remplit pas les conditions du règlement.",)


@dataclass(frozen=True)
class Talk:
    """What is said on both sides of one manner of request."""

    answers: tuple[str, ...]
    progress: tuple[str, ...]
    complements: tuple[str, ...]
    replies: tuple[str, ...]
    notes: tuple[str, ...]
    again: tuple[str, ...]


ON_SITE = Talk(
    answers=(
        "Bonjour,\n\nVotre demande est traitée : l’équipe est passée ce matin. Merci de nous avoir prévenus.",
        "Bonjour,\n\nL’intervention est programmée. Si le problème continue, répondez simplement à ce message.",
        "Bonjour,\n\nL’entreprise est intervenue hier et le contrôle a été fait aujourd’hui.",
    ),
    progress=(
        "Bonjour,\n\nVotre demande est arrivée dans notre service. Nous passons sur place cette semaine.",
        "Bonjour,\n\nNous sommes passés sur place. Il faut une pièce que nous attendons du fournisseur.",
    ),
    complements=("Bonjour,\n\nPouvez-vous préciser l’endroit exact et joindre une photo si possible ?",),
    replies=(
        "C’est à l’angle de la rue, côté pair, devant le portail vert.",
        "Avez-vous des nouvelles ? Cela devient gênant.",
    ),
    notes=(
        "Vu sur place, photo au dossier. Équipe 2 jeudi matin.",
        "Même problème que l’an dernier, voir le dossier lié.",
        "Attente du devis de l’entreprise.",
    ),
    again=("Le problème n’est pas réglé, c’est revenu au même endroit.", "Toujours pas de passage de l’équipe."),
)
PAPERS = Talk(
    answers=(
        "Bonjour,\n\nNous avons vérifié votre dossier, il est complet. Vous recevrez le document sous trois jours.",
        "Bonjour,\n\nVotre dossier est accepté. La décision vous est envoyée par courrier.",
    ),
    progress=(
        "Bonjour,\n\nNous avons bien lu votre demande et revenons vers vous dès que le dossier est étudié.",
        "Bonjour,\n\nVotre dossier est à l’étude. Il nous faut l’avis d’un autre service.",
    ),
    complements=(
        "Bonjour,\n\nIl nous manque un justificatif de domicile. Vous pouvez l’envoyer en réponse à ce message.",
        "Bonjour,\n\nLa pièce jointe est illisible. Pouvez-vous la renvoyer, bien à plat et en entier ?",
    ),
    replies=("Voici le document demandé. Bonne journée.", "Mon dossier est-il complet maintenant ?"),
    notes=("Appelé l’usagère, elle rappelle demain.", "Pièces vérifiées, en attente de signature."),
    again=("Je n’ai toujours rien reçu.", "Le document reçu comporte une erreur dans le nom."),
)
BOOKINGS = Talk(
    answers=(
        "Bonjour,\n\nVotre réservation est enregistrée aux dates demandées.",
        "Bonjour,\n\nLa date demandée est libre : elle est retenue pour vous. L’arrêté est joint à ce message.",
    ),
    progress=("Bonjour,\n\nNous vérifions que les dates sont libres et revenons vers vous cette semaine.",),
    complements=("Bonjour,\n\nPouvez-vous nous dire à quelles heures, et pour combien de personnes ou de véhicules ?",),
    replies=("Ce serait de 8 heures à 18 heures. Merci.", "Une autre date me conviendrait aussi."),
    notes=("Dates vérifiées, rien d’autre ce jour-là.", "Arrêté à la signature."),
    again=("La date indiquée n’est pas celle que j’avais demandée.",),
)
QUESTIONS = Talk(
    answers=(
        "Bonjour,\n\nOui, sans rendez-vous, aux heures d’ouverture de votre mairie de quartier.",
        "Bonjour,\n\nVoici ce que nous pouvons vous dire : le service concerné vous répond sous deux jours ouvrés.",
        "Bonjour,\n\nMerci de votre message. Il a été lu par le service et par l’élue chargée du quartier.",
    ),
    progress=("Bonjour,\n\nNous avons bien lu votre message et posons la question au service concerné.",),
    complements=("Bonjour,\n\nPouvez-vous nous dire de quelle démarche il s’agit ?",),
    replies=("C’est pour ma mère, qui habite le quartier Nord.", "Avez-vous pu vous renseigner ?"),
    notes=("Question posée au service par téléphone.", "Réponse type à compléter au catalogue."),
    again=("Merci, mais cela ne répond pas à ma question.",),
)
BOOKED = ("ODP-", "ASS-SALLE", "EC-RDV")


def talk(type_code: str, placed: bool) -> Talk:
    """What is said of such a request; `placed`: it is about some place in the town."""
    if type_code.startswith(BOOKED):
        return BOOKINGS
    if type_code.startswith("REL-"):
        return QUESTIONS
    return ON_SITE if placed else PAPERS


HARD: dict[DifficultyReason, tuple[str, str]] = {
    "tool": (
        "Le logiciel se ferme quand on ajoute une photo.",
        "Il faut ressaisir l’adresse dans deux outils.",
    ),
    "unclear_procedure": (
        "La fiche de procédure ne dit pas qui décide.",
        "La procédure date d’avant la nouvelle régie.",
    ),
    "who_does_what": (
        "Trois services m’ont renvoyé la demande.",
        "Personne ne sait qui entretient ce passage.",
    ),
    "overload": (
        "Trop de dossiers depuis la rentrée.",
        "Deux collègues absents, et les mêmes délais.",
    ),
    "other_department": (
        "L’avis de l’autre service met trois semaines à venir.",
        "Deux relances sans réponse.",
    ),
    "illegible_documents": (
        "Les pièces scannées sont illisibles.",
        "La photo du justificatif est coupée.",
    ),
    "unreachable_resident": (
        "Le numéro donné n’est plus attribué.",
        "Trois appels, une lettre revenue.",
    ),
    "language": (
        "Impossible de se comprendre au téléphone, même à deux.",
        "La lettre n’est pas en français, et personne ici ne la lit.",
    ),
    "incivility": (
        "Insultes au téléphone, l’appel a été interrompu.",
        "Menaces dans le message.",
    ),
    "training": (
        "Je n’ai jamais instruit ce type de demande.",
        "La nouvelle règle d’urbanisme n’a été expliquée à personne.",
    ),
}
HARD_ANSWERS: dict[DifficultyReason, str] = {
    "tool": "Le prestataire livre une correction la semaine prochaine.",
    "unclear_procedure": "La fiche sera réécrite avec les services d’ici un mois.",
    "who_does_what": "Une règle d’orientation a été ajoutée au catalogue.",
    "overload": "Un renfort de deux jours par semaine est accordé jusqu’à l’été.",
    "other_department": "Les deux services se voient chaque lundi ; un avis est rendu dans les cinq jours.",
    "illegible_documents": "Le formulaire dit maintenant comment photographier une pièce.",
    "unreachable_resident": "Après deux appels et une lettre, le dossier peut être clos sans suite.",
    "language": "L’association d’interprètes peut être appelée du lundi au vendredi.",
    "incivility": "La direction écrit à la personne ; vous pouvez mettre fin à l’appel.",
    "training": "Une demi-journée de formation est fixée au mois prochain.",
}
OPINIONS = (
    "Un appel pour prévenir aurait été utile.",
    "Très bien, merci.",
    "La réponse était difficile à comprendre.",
    "C’était long, mais le travail est bien fait.",
)
SURVEYS = "Objet : Votre avis en une minute\n\nVotre dossier est terminé. Comment cela s’est-il passé ?"
SCORES = (0, 1, 1, 2, 3, 4, 5, 6, 8, 14, 13, 9)
"""How often each score from 0 to 10 is given; the last two stand for 10."""


@dataclass(frozen=True)
class Resident:
    name: str
    email: str
    phone: str


def resident(chance: random.Random, number: int) -> Resident:
    """Some leave no mail address, some no telephone, nobody neither."""
    first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
    email = f"{_plain(first)}.{_plain(last)}{number}@{chance.choice(MAILS)}"
    phone = f"06399{number % 100000:05d}"
    left = chance.random()
    return Resident(f"{first} {last}", email if left < 0.85 else "", phone if left > 0.3 else "")


def ask(chance: random.Random, type_code: str, label: str, street: str) -> tuple[str, str]:
    """Title and text of a request."""
    title, text = chance.choice(ASKS.get(type_code, (OTHER_ASK,)))
    values = {"street": street, "number": chance.randint(1, 98), "label": label}
    parts = (chance.choice(OPENINGS), text.format(**values), chance.choice(CLOSINGS))
    return title.format(**values), "\n\n".join(part for part in parts if part)


def _plain(name: str) -> str:
    table = str.maketrans("àâäéèêëïîôöùûüçÉ", "aaaeeeeiioouuuce")
    return name.lower().translate(table)
