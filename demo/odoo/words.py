"""The words that the practice records are made of."""

# ruff: noqa: SIM905 — a text of words is easier to read and to change than a list

FIRST_NAMES = (
    "Ada Alan Amara Anna Anton Beatriz Ben Bruno Camille Carlos Chloé Claire Daniel David Diana Elena Elias Emma Eva"
    " Felix Fiona Florian Gabriel Grace Hannah Hugo Ines Isaac Ivan Jana Jonas Julia Karim Kate Lars Laura Léa Leo Lucia"
    " Maja Marco Marie Marta Max Mia Miguel Mila Nadia Nils Nina Noah Nora Olivia Omar Oscar Paula Peter Priya Rafael"
    " Robin Rosa Ruth Sam Sara Simon Sofia Stefan Tariq Theo Tim Tomás Vera Victor Yara Yuki Zoë"
).split()
LAST_NAMES = (
    "Adler Almeida Andersen Baker Becker Bernard Bianchi Brandt Carter Castro Clarke Cohen Costa Dubois Eriksen Evans"
    " Ferrari Fischer Fontaine Garcia Hansen Harris Hoffmann Hughes Ibrahim Ivanov Jansen Jensen Johnson Kaya Keller"
    " Khan Kowalski Lambert Larsen Lefèvre Lindqvist Lopez Martin Meyer Moreau Müller Murphy Nakamura Navarro Nguyen"
    " Novak Okafor Olsen Patel Pereira Petrov Quinn Ricci Rossi Sanders Santos Schmidt Silva Singh Smith Suzuki Tanaka"
    " Taylor Torres Vermeulen Visser Wagner Walker Weber White Wright Yilmaz Young Zhang"
).split()
COMPANY_FIRST = (
    "Alpine Amber Atlas Azure Blue Bright Cedar Central Copper Coral Crown Delta Eastern Evergreen Falcon Garden Global"
    " Golden Grand Green Harbour Highland Iron Ivory Lakeside Liberty Lunar Maple Meridian Metro Nordic Northern Ocean"
    " Olive Orchid Pacific Pine Prime Quartz Rapid Red River Royal Sierra Silver Solar Southern Star Stone Summit Sunny"
    " Swift Terra Union Urban Valley Vertex Violet Western White Willow Zenith"
).split()
COMPANY_SECOND = (
    "Arts Bakery Books Builders Ceramics Clinic Coffee Consulting Design Electronics Energy Farms Foods Freight Garments"
    " Glass Group Hotels Imports Instruments Interiors Joinery Kitchens Labs Lighting Logistics Machines Marine Media"
    " Motors Networks Optics Paper Pharma Plastics Printing Robotics Schools Seeds Services Software Sports Steel Studio"
    " Supplies Systems Textiles Tools Toys Trading Travel Water Works"
).split()
COMPANY_FORMS = ("Ltd", "GmbH", "SA", "BV", "Inc", "AB", "SRL", "Group")
STREETS = (
    "Station Road, High Street, Mill Lane, Church Street, Market Square, Park Avenue, Garden Road, Harbour Street,"
    " School Lane, Oak Street, River Road, King Street, Bridge Street, Main Street, Forest Way, Hill Road"
).split(", ")
# Cities with their country and, where Odoo has states for it, the state.
CITIES = (
    ("Brussels", "BE", ""), ("Antwerp", "BE", ""), ("Ghent", "BE", ""), ("Amsterdam", "NL", ""), ("Utrecht", "NL", ""),
    ("Berlin", "DE", ""), ("Hamburg", "DE", ""), ("Munich", "DE", ""), ("Paris", "FR", ""), ("Lyon", "FR", ""),
    ("Madrid", "ES", ""), ("Valencia", "ES", ""), ("Lisbon", "PT", ""), ("Milan", "IT", ""), ("Rome", "IT", ""),
    ("Vienna", "AT", ""), ("Zürich", "CH", ""), ("Copenhagen", "DK", ""), ("Stockholm", "SE", ""), ("Oslo", "NO", ""),
    ("Helsinki", "FI", ""), ("Warsaw", "PL", ""), ("Prague", "CZ", ""), ("London", "GB", ""), ("Manchester", "GB", ""),
    ("Dublin", "IE", ""), ("New York", "US", "NY"), ("San Francisco", "US", "CA"), ("Austin", "US", "TX"),
    ("Chicago", "US", "IL"), ("Seattle", "US", "WA"), ("Toronto", "CA", "ON"), ("Montréal", "CA", "QC"),
    ("Sydney", "AU", "NSW"), ("Tokyo", "JP", ""), ("Singapore", "SG", ""), ("Mumbai", "IN", "MH"),
    ("São Paulo", "BR", "SP"), ("Dubai", "AE", ""), ("Cape Town", "ZA", ""),
)  # fmt: skip
JOBS = (
    "Owner",
    "Buyer",
    "Accountant",
    "Office Manager",
    "Director",
    "Engineer",
    "Consultant",
    "Store Manager",
)
TITLES = (("Doctor", "Dr."), ("Madam", "Mrs."), ("Mister", "Mr."), ("Professor", "Prof."))
PARTNER_TAGS = (
    "Prospects",
    "Vendor",
    "Services",
    "Retailer",
    "Wholesale",
    "Newsletter",
    "Priority",
    "Export",
)
PRODUCT_TAGS = ("New", "Sale", "Recycled", "Bestseller", "Made to order", "Outlet")
FURNITURE = {
    "Desks": ["Desk", "Standing Desk", "Corner Desk", "Desk Combination"],
    "Chairs": ["Office Chair", "Conference Chair", "Stool", "Armchair"],
    "Storage": ["Cabinet", "Drawer Unit", "Bookcase", "Wardrobe", "Storage Box"],
    "Lamps": ["Desk Lamp", "Floor Lamp", "Pendant Lamp"],
    "Tables": ["Meeting Table", "Side Table", "Coffee Table"],
}
ADJECTIVES = (
    "Classic",
    "Modern",
    "Compact",
    "Large",
    "Small",
    "Folding",
    "Ergonomic",
    "Nordic",
    "Robust",
    "Slim",
    "Mobile",
)
COLOURS = ("oak", "beech", "walnut", "white", "black", "grey", "birch", "anthracite")
# The same in French; the adjectives are those that fit any noun.
FRENCH = {
    "Desk": "Bureau", "Standing Desk": "Bureau assis-debout", "Corner Desk": "Bureau d'angle",
    "Desk Combination": "Ensemble de bureaux", "Office Chair": "Chaise de bureau", "Conference Chair": "Chaise de réunion",
    "Stool": "Tabouret", "Armchair": "Fauteuil", "Cabinet": "Armoire", "Drawer Unit": "Caisson à tiroirs",
    "Bookcase": "Bibliothèque", "Wardrobe": "Garde-robe", "Storage Box": "Boîte de rangement", "Desk Lamp": "Lampe de bureau",
    "Floor Lamp": "Lampadaire", "Pendant Lamp": "Suspension", "Meeting Table": "Table de réunion",
    "Side Table": "Table d'appoint", "Coffee Table": "Table basse",
    "Classic": "classique", "Modern": "moderne", "Compact": "gain de place", "Large": "grand modèle",
    "Small": "petit modèle", "Folding": "pliable", "Ergonomic": "ergonomique", "Nordic": "nordique", "Robust": "robuste",
    "Slim": "mince", "Mobile": "mobile",
    "oak": "chêne", "beech": "hêtre", "walnut": "noyer", "white": "blanc", "black": "noir", "grey": "gris",
    "birch": "bouleau", "anthracite": "anthracite",
}  # fmt: skip
FRENCH_COUNTRIES = {
    "BE": "Belgique", "NL": "Pays-Bas", "DE": "Allemagne", "ES": "Espagne", "IT": "Italie", "AT": "Autriche",
    "CH": "Suisse", "DK": "Danemark", "SE": "Suède", "NO": "Norvège", "FI": "Finlande", "PL": "Pologne",
    "CZ": "République tchèque", "GB": "Royaume-Uni", "IE": "Irlande", "US": "États-Unis", "JP": "Japon", "IN": "Inde",
    "BR": "Brésil", "AE": "Émirats arabes unis", "ZA": "Afrique du Sud",
}  # fmt: skip
