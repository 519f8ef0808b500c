"""What the invented job offers are made of: trades, and sentences of our own."""

from typing import Final, NamedTuple


class Trade(NamedTuple):
    """An occupation: how it is called, what it does, what it asks, what it pays."""

    titles: tuple[str, ...]
    english: tuple[str, ...]
    rome: str
    label: str
    sectors: tuple[str, ...]
    skills: tuple[str, ...]
    tasks: tuple[str, ...]
    pay: tuple[int, int]
    """Gross euros a year, from a first job to a long experience."""
    weight: int


_IT = ("Conseil en systèmes et logiciels informatiques", "Programmation informatique",
       "Banque et assurance", "Énergie", "Commerce en ligne")  # fmt: skip
_CARE = ("Activités hospitalières", "Hébergement médicalisé pour personnes âgées")
_BUILD = ("Travaux d'installation électrique", "Construction de bâtiments résidentiels")

_DATA_TASKS = (
    "concevoir et maintenir les flux qui alimentent l'entrepôt de données",
    "fiabiliser les tables de référence avec les équipes métier",
    "documenter les modèles pour que chacun retrouve l'origine d'un chiffre",
    "surveiller la qualité des données et réagir avant les utilisateurs",
    "préparer les jeux de données des tableaux de bord de la direction",
    "accompagner les analystes dans l'écriture de leurs requêtes",
    "automatiser les contrôles qui sont encore faits à la main",
    "participer au choix des outils et à leur mise en production",
)
_CODE_TASKS = (
    "développer de nouvelles fonctions avec deux autres développeurs",
    "relire le code de l'équipe et faire relire le vôtre",
    "écrire les tests qui permettent de livrer chaque semaine",
    "simplifier une partie ancienne de l'application",
    "traiter les incidents de production à tour de rôle",
    "estimer les demandes avec la responsable du produit",
    "rendre les pages plus rapides et plus accessibles",
)

TRADES: Final = (
    Trade(("Data engineer", "Ingénieur data", "Ingénieure données", "Data engineer confirmé",
           "Data engineer GCP", "Data Engineer Spark / Kafka"),
          ("Data Engineer", "Senior Data Engineer", "Data Platform Engineer"),
          "M1811", "Data engineer", _IT,
          ("Python", "SQL", "Spark", "Kafka", "Airflow", "dbt", "BigQuery", "Terraform", "Docker",
           "Snowflake"), _DATA_TASKS, (38000, 68000), 10),
    Trade(("Data analyst", "Analyste de données", "Data analyst marketing",
           "Chargé d'études statistiques", "Data Analyst Power BI"),
          ("Data Analyst", "Product Data Analyst"), "M1419", "Data analyst", _IT,
          ("SQL", "Excel", "Power BI", "Tableau", "Python", "Looker", "Google Analytics"),
          _DATA_TASKS, (33000, 52000), 9),
    Trade(("Data scientist", "Data scientist confirmé", "Scientifique des données",
           "Data scientist NLP"), ("Data Scientist", "Senior Data Scientist"),
          "M1405", "Data scientist", _IT,
          ("Python", "scikit-learn", "PyTorch", "SQL", "MLflow", "Statistiques", "pandas"),
          (*_DATA_TASKS[:3], "construire des modèles et en mesurer l'apport réel",
           "présenter les résultats, limites comprises, à des non-spécialistes",
           "comparer chaque modèle à une règle simple avant de le retenir",
           "mettre les modèles en service avec les ingénieurs"), (40000, 70000), 7),
    Trade(("Data architect", "Architecte data", "Architecte données cloud"),
          ("Data Architect",), "M1811", "Architecte des données", _IT,
          ("Modélisation", "AWS", "Azure", "Kafka", "Gouvernance des données", "SQL"),
          _DATA_TASKS, (55000, 85000), 3),
    Trade(("Ingénieur machine learning", "Machine learning engineer", "ML engineer",
           "Ingénieure MLOps"), ("Machine Learning Engineer", "MLOps Engineer"),
          "M1405", "Ingénieur machine learning", _IT,
          ("Python", "PyTorch", "Kubernetes", "Docker", "MLflow", "CI/CD"),
          (*_CODE_TASKS[:3], "industrialiser les modèles de l'équipe de recherche",
           "réduire le temps et le coût des entraînements",
           "suivre la dérive des modèles en production"), (45000, 75000), 4),
    Trade(("Consultant BI", "Développeur BI", "Développeuse décisionnel", "Business analyst BI"),
          ("BI Developer", "Analytics Engineer"), "M1805", "Développeur décisionnel", _IT,
          ("SQL Server", "Power BI", "SSIS", "Talend", "DAX", "Qlik", "dbt"),
          _DATA_TASKS, (36000, 56000), 6),
    Trade(("Analytics engineer", "Analytics engineer dbt"), ("Analytics Engineer",),
          "M1419", "Analytics engineer", _IT,
          ("dbt", "SQL", "BigQuery", "Snowflake", "Git", "Looker"), _DATA_TASKS, (42000, 62000), 3),
    Trade(("Développeur Python", "Développeuse full stack", "Développeur Java Spring",
           "Développeur web", "Ingénieur logiciel", "Développeur PHP Symfony"),
          ("Backend Developer", "Full Stack Engineer", "Software Engineer"),
          "M1805", "Études et développement informatique", _IT,
          ("Python", "Django", "Java", "Spring", "TypeScript", "React", "PostgreSQL", "Docker",
           "Git"), _CODE_TASKS, (34000, 62000), 12),
    Trade(("Ingénieur DevOps", "Administratrice systèmes Linux", "Ingénieur cloud"),
          ("DevOps Engineer", "Site Reliability Engineer"), "M1801",
          "Administration de systèmes d'information", _IT,
          ("Linux", "Kubernetes", "Terraform", "Ansible", "AWS", "Prometheus", "GitLab CI"),
          ("automatiser la création des environnements", "tenir à jour les machines et leurs accès",
           "préparer et répéter les reprises après incident",
           "aider les équipes à livrer sans attendre", "réduire la facture d'hébergement"),
          (40000, 65000), 6),
    Trade(("Chef de projet informatique", "Cheffe de projet digital", "Product owner"),
          ("Product Owner", "IT Project Manager"), "M1803",
          "Direction des systèmes d'information", _IT,
          ("Gestion de projet", "Scrum", "Jira", "Recueil du besoin", "Budget"),
          ("tenir le calendrier et prévenir quand il bouge",
           "recueillir les besoins et les classer par valeur",
           "animer les points d'équipe, courts et utiles", "suivre le budget et les prestataires",
           "préparer la formation des utilisateurs"), (40000, 62000), 6),
    Trade(("Infirmier de nuit", "Infirmière en EHPAD", "Infirmier DE", "Infirmière coordinatrice"),
          (), "J1506", "Soins infirmiers généralistes", _CARE,
          ("Soins infirmiers", "Transmission ciblée", "Gestion de la douleur", "Écoute"),
          ("assurer les soins et leur traçabilité", "préparer et distribuer les traitements",
           "accueillir les familles", "travailler avec les aides-soignantes et le médecin",
           "participer aux réunions de service"), (28000, 38000), 7),
    Trade(("Aide-soignant", "Aide-soignante à domicile", "Auxiliaire de vie"), (), "J1501",
          "Soins d'hygiène, de confort du patient", _CARE,
          ("Aide à la toilette", "Ergonomie", "Écoute", "Permis B"),
          ("aider aux gestes de la vie quotidienne", "veiller au confort et à la sécurité",
           "signaler tout changement à l'infirmière", "partager un moment, une lecture, un café"),
          (22000, 27000), 7),
    Trade(("Électricien bâtiment", "Électricienne tertiaire", "Monteur électricien"), (), "F1602",
          "Électricité bâtiment", _BUILD,
          ("Lecture de plan", "Habilitation électrique", "Câblage", "Domotique"),
          ("tirer les câbles et raccorder les tableaux", "lire les plans et préparer le chantier",
           "contrôler l'installation et corriger les défauts", "accueillir les apprentis"),
          (24000, 34000), 6),
    Trade(("Maçon", "Cheffe d'équipe gros œuvre", "Conducteur de travaux"), (), "F1703",
          "Maçonnerie", _BUILD, ("Coffrage", "Lecture de plan", "CACES", "Sécurité"),
          ("monter les murs et couler les dalles", "préparer les commandes de matériaux",
           "faire respecter les règles de sécurité", "rendre le chantier propre chaque soir"),
          (24000, 40000), 5),
    Trade(("Cuisinier", "Cuisinière de collectivité", "Second de cuisine", "Pâtissier"), (),
          "G1602", "Personnel de cuisine", ("Restauration collective",),
          ("HACCP", "Gestion des stocks", "Cuisine du marché", "Travail en équipe"),
          ("préparer les plats de la carte et du jour", "tenir son poste et les règles d'hygiène",
           "limiter le gaspillage", "former les apprentis"), (22000, 30000), 6),
    Trade(("Conseiller commercial", "Vendeuse en magasin", "Attaché commercial sédentaire",
           "Responsable de secteur"), ("Sales Representative", "Account Executive"), "D1401",
          "Assistanat commercial", ("Commerce de détail", "Commerce de gros", "Télécommunications"),
          ("Relation client", "Négociation", "CRM", "Prospection"),
          ("accueillir et conseiller les clients", "suivre les devis jusqu'à la signature",
           "faire vivre le fichier des clients", "mettre les produits en valeur",
           "participer à deux salons par an"), (23000, 45000), 9),
    Trade(("Comptable", "Comptable fournisseurs", "Gestionnaire de paie", "Contrôleuse de gestion"),
          ("Accountant", "Financial Controller"), "M1203", "Comptabilité",
          ("Cabinet comptable", "Industrie agroalimentaire", "Association"),
          ("Sage", "Excel", "Déclarations fiscales", "Rapprochements bancaires"),
          ("tenir la comptabilité de dix à quinze dossiers", "préparer les déclarations",
           "répondre aux questions des équipes", "participer à la clôture mensuelle"),
          (27000, 48000), 7),
    Trade(("Assistante de direction", "Secrétaire médicale", "Assistant administratif"), (),
          "M1604", "Assistanat de direction", ("Cabinet médical", "Collectivité locale"),
          ("Bureautique", "Accueil", "Rédaction", "Gestion d'agenda"),
          ("accueillir et orienter", "organiser les agendas et les déplacements",
           "rédiger les comptes rendus", "suivre les dossiers jusqu'à leur archivage"),
          (22000, 32000), 6),
    Trade(("Chauffeur poids lourd", "Conducteur-livreur", "Conductrice de bus"), (), "N4101",
          "Conduite de transport de marchandises", ("Transports routiers de fret", "Messagerie"),
          ("Permis C", "FIMO", "Chronotachygraphe", "Relation client"),
          ("livrer la tournée du secteur", "contrôler le véhicule avant le départ",
           "remettre les documents signés", "signaler les retards au plus tôt"), (23000, 31000), 6),
    Trade(("Préparateur de commandes", "Cariste", "Agente de quai", "Responsable d'entrepôt"), (),
          "N1103", "Magasinage et préparation de commandes", ("Entreposage", "Commerce en ligne"),
          ("CACES 1", "CACES 3", "Inventaire", "Scanner"),
          ("préparer et contrôler les commandes", "ranger les arrivages",
           "participer aux inventaires", "tenir les allées dégagées"), (21600, 30000), 7),
    Trade(("Chargée de recrutement", "Responsable ressources humaines", "Gestionnaire RH"),
          ("Talent Acquisition Specialist",), "M1502", "Développement des ressources humaines",
          ("Conseil", "Industrie", "Services"), ("Entretien", "Droit du travail", "SIRH", "Paie"),
          ("rencontrer les candidats et leur répondre à tous", "suivre les parcours d'intégration",
           "préparer le plan de formation", "conseiller les responsables d'équipe"),
          (30000, 50000), 4),
    Trade(("Technicien de maintenance", "Technicienne frigoriste", "Mécanicien automobile"), (),
          "I1304", "Installation et maintenance d'équipements industriels",
          ("Industrie agroalimentaire", "Réparation automobile", "Énergie"),
          ("Diagnostic", "Électromécanique", "Automatisme", "Habilitation électrique"),
          ("dépanner et entretenir les machines", "préparer les pièces et les interventions",
           "proposer des améliorations durables", "tenir l'historique des pannes"),
          (25000, 36000), 6),
    Trade(("Professeur de mathématiques", "Formatrice bureautique", "Éducateur spécialisé"),
          ("English Teacher",), "K2111", "Formation professionnelle", ("Enseignement",),
          ("Pédagogie", "Animation de groupe", "Évaluation"),
          ("préparer et donner les cours", "suivre chaque élève à son rythme",
           "échanger avec les familles et l'équipe", "adapter les supports"), (24000, 36000), 5),
)  # fmt: skip

COMPANY_HEADS: Final = (
    "Aubépine", "Calanque", "Bruyère", "Hermine", "Lichen", "Marée Haute", "Noroît", "Obsidienne",
    "Pivoine", "Quartz Bleu", "Roselière", "Saxifrage", "Tamaris", "Vireton", "Zéphyrin",
    "Altostrate", "Bergamote", "Cormoran", "Dryade", "Estran", "Farigoule", "Girelle", "Houlque",
    "Isatis", "Jonquille", "Lampyre", "Mélilot", "Nuage Neuf", "Orpiment", "Palombe",
)  # fmt: skip
COMPANY_TAILS: Final = (
    "Conseil", "Numérique", "Groupe", "Services", "Data", "Santé", "Bâtiment", "Logistique",
    "Industries", "& Filles", "Coopérative", "Lab",
)  # fmt: skip

OPENINGS: Final = (
    "{company} recrute à {city} : {title}, pour une équipe de {team} personnes.",
    "Ici, on vous laisse le temps de bien faire. {company}, installée à {city}, vous attend.",
    "Dans le cadre de son développement, {company} crée un poste de {title} à {city}.",
    "Notre équipe de {city} s'agrandit : un poste de {title} s'ouvre.",
    "Depuis {years} ans, {company} travaille pour {sector}. Nous ouvrons un poste de {title}.",
    "Suite à un départ à la retraite, poste de {title} à pourvoir sur notre site de {city}.",
    "Rejoignez {company} : {team} collègues, une cantine correcte et des horaires tenus.",
)
PROFILES: Final = (
    "Vous avez {experience} et vous connaissez {skills}.",
    "Profil : {experience}. La pratique de {skills} est attendue, le reste s'apprend ici.",
    "Nous attendons {experience}, de la rigueur, et une bonne maîtrise de {skills}.",
    "Votre parcours compte moins que votre envie ; {experience}. Des notions de {skills} aideront.",
    "Compétences : {skills}. Expérience : {experience}.",
)
BENEFITS: Final = (
    "Mutuelle prise en charge à 70 %.", "Titres-restaurant de 9 € par jour travaillé.",
    "Treizième mois versé en deux fois.", "Participation aux bénéfices après un an.",
    "Semaine de quatre jours possible après six mois.", "Douze jours de RTT par an.",
    "Abonnement de transport remboursé à 75 %.", "Formation de deux semaines à l'arrivée.",
    "Prime de vacances en juin.", "Vélo de fonction sur demande.", "Chèques-vacances.",
    "Astreintes payées, une semaine sur six au plus.", "Parking et douches sur place.",
)  # fmt: skip
REMOTE: Final = (
    ("hybrid", "Télétravail : deux jours par semaine après la période d'essai."),
    ("hybrid", "Organisation hybride : trois jours au bureau, deux à la maison."),
    ("hybrid", "Télétravail partiel possible."),
    ("remote", "Poste en télétravail complet, avec une rencontre par trimestre."),
    ("remote", "Full remote possible depuis toute la France."),
    ("onsite", "Le poste s'exerce sur site, sans télétravail."),
)
CLOSINGS: Final = (
    "Envoyez simplement un CV ; la lettre n'est pas demandée.",
    "Deux entretiens, une réponse en dix jours, que ce soit oui ou non.",
    "Poste à pourvoir dès que possible.", "Prise de poste le 1er du mois prochain.",
    "Nos postes sont ouverts aux personnes en situation de handicap.",
    "Un échange de vingt minutes au téléphone, puis une rencontre avec l'équipe.",
)  # fmt: skip

EN_OPENINGS: Final = (
    "{company} is hiring: {title}, based in {city}, in a team of {team}.",
    "We are {company}. Our {city} office needs one more {title}.",
    "{company} is {years} years old and likes clear answers. We look for one {title}.",
)
EN_TASKS: Final = (
    "build and run the pipelines our colleagues rely on", "review code and have yours reviewed",
    "keep documentation short and true", "measure before optimising",
    "take part in the on-call rota, one week in six", "talk to the people who use what you build",
    "remove what nobody needs any more", "mentor a junior colleague",
)  # fmt: skip
EN_PROFILES: Final = (
    "You bring {experience} and a working knowledge of {skills}.",
    "We expect {experience}; {skills} are part of the daily work.",
)
EN_BENEFITS: Final = (
    "Two days of remote work a week.", "Health insurance for the whole family.",
    "Fully remote within the EU.", "Thirty days of paid leave.", "A training budget you may spend.",
    "Office only: our machines are here.",
)  # fmt: skip
