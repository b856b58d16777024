//! Names for a company that grows. Lists of our own: those of a crate may change with its version, and these must
//! be the same for ever.

use crate::data::dice::Dice;

pub(super) const CITIES: [&str; 24] = [
    "Chicago",
    "Austin",
    "Portland",
    "Atlanta",
    "Boston",
    "Phoenix",
    "Toronto",
    "Seattle",
    "Dallas",
    "Omaha",
    "Tampa",
    "Raleigh",
    "Detroit",
    "Nashville",
    "Oakland",
    "Tucson",
    "Madison",
    "Buffalo",
    "Boise",
    "Albany",
    "Fresno",
    "Memphis",
    "Spokane",
    "Halifax",
];

pub(super) const COLOURS: [&str; 16] = [
    "Amber", "Azure", "Coral", "Crimson", "Cyan", "Emerald", "Indigo", "Ivory", "Jade", "Lilac",
    "Maroon", "Ochre", "Olive", "Scarlet", "Teal", "Violet",
];

pub(super) const QUEUES: [&str; 24] = [
    "Orders",
    "Repairs",
    "Warranty",
    "Spare Parts",
    "Shipping",
    "Installation",
    "Calibration",
    "Contracts",
    "Renewals",
    "Complaints",
    "Dealers",
    "Export",
    "Onboarding",
    "Training",
    "Rentals",
    "Field Service",
    "Quality",
    "Hospitals",
    "Laboratories",
    "Schools",
    "Refunds",
    "Licences",
    "Appointments",
    "Press",
];

const FIRST: [&str; 80] = [
    "Adam", "Aisha", "Alena", "Amir", "Anders", "Anika", "Arturo", "Astrid", "Beatriz", "Benoit",
    "Bianca", "Boris", "Camille", "Carlos", "Chiara", "Cyrus", "Daniela", "Darius", "Deepa",
    "Diego", "Edith", "Elias", "Elif", "Emeka", "Enzo", "Fatima", "Felix", "Fiona", "Gabriel",
    "Gloria", "Hana", "Harald", "Helena", "Hiro", "Ines", "Ingrid", "Isaac", "Ivana", "Jamal",
    "Jasmin", "Joao", "Julia", "Kamal", "Karin", "Kofi", "Lara", "Leif", "Leila", "Lorenzo",
    "Lucia", "Magnus", "Malik", "Marta", "Mateo", "Mei", "Milan", "Nadia", "Naoko", "Nina", "Omar",
    "Oskar", "Paula", "Petra", "Priya", "Rafael", "Rana", "Renata", "Ruben", "Sanna", "Sergei",
    "Sofia", "Stefan", "Tariq", "Teresa", "Tomas", "Ursula", "Victor", "Yara", "Zain", "Zofia",
];

const LAST: [&str; 128] = [
    "Abbott",
    "Achterberg",
    "Aguilar",
    "Ahmadi",
    "Albrecht",
    "Amato",
    "Amsel",
    "Arslan",
    "Asante",
    "Aziz",
    "Balogh",
    "Banerjee",
    "Barros",
    "Bauer",
    "Becker",
    "Bellini",
    "Bergstrom",
    "Bianchi",
    "Blanchard",
    "Borg",
    "Brandt",
    "Cabrera",
    "Calder",
    "Cardoso",
    "Castro",
    "Chandra",
    "Chevalier",
    "Choi",
    "Claes",
    "Conti",
    "Correa",
    "Dahl",
    "Daniels",
    "Darwish",
    "Delgado",
    "Diallo",
    "Dietrich",
    "Dixon",
    "Dubois",
    "Duarte",
    "Eklund",
    "Engel",
    "Eriksen",
    "Escobar",
    "Fabre",
    "Fairchild",
    "Falk",
    "Farias",
    "Ferrari",
    "Fischer",
    "Fonseca",
    "Forsberg",
    "Fournier",
    "Fuchs",
    "Gallo",
    "Garnier",
    "Ghosh",
    "Gomes",
    "Greco",
    "Gupta",
    "Hagen",
    "Halvorsen",
    "Hansen",
    "Hassan",
    "Hayes",
    "Hedlund",
    "Herrera",
    "Hoffmann",
    "Holm",
    "Horvat",
    "Ibrahim",
    "Ishikawa",
    "Ivanov",
    "Jansen",
    "Jimenez",
    "Kaplan",
    "Kato",
    "Keller",
    "Khalil",
    "Kim",
    "Kovacs",
    "Kruger",
    "Kumar",
    "Lambert",
    "Larsen",
    "Leblanc",
    "Lehmann",
    "Leone",
    "Lopez",
    "Lund",
    "Maier",
    "Marin",
    "Martins",
    "Mensah",
    "Meyer",
    "Mitchell",
    "Mori",
    "Moreau",
    "Nasser",
    "Nguyen",
    "Nilsson",
    "Nowak",
    "Ochoa",
    "Olsen",
    "Ortega",
    "Osei",
    "Park",
    "Patel",
    "Pereira",
    "Petrov",
    "Quiroga",
    "Rahman",
    "Ramos",
    "Richter",
    "Rivera",
    "Roux",
    "Saito",
    "Santos",
    "Schmidt",
    "Silva",
    "Sorensen",
    "Suzuki",
    "Torres",
    "Ueda",
    "Varga",
    "Wagner",
    "Weber",
    "Yilmaz",
];

const PAIRS: u32 = 80 * 128;

/// Names of people, no two alike among ten thousand neighbours.
pub(super) struct People {
    first: u32,
    step: u32,
}

impl People {
    pub(super) fn new(dice: &mut Dice) -> People {
        let first = dice.below(PAIRS);
        // Neither even nor a multiple of five, so that it goes through all of the 10,240 pairs.
        let step = 10 * (17 + dice.below(900)) + dice.one_of(&[1, 3, 7, 9]);
        People { first, step }
    }

    pub(super) fn of(&self, i: u16) -> String {
        let pair = (self.first + self.step * u32::from(i)) % PAIRS;
        let (first, last) = (pair as usize % FIRST.len(), pair as usize / FIRST.len());
        format!("{} {}", FIRST[first], LAST[last])
    }
}

/// A list's names over and over, from the second round on with its number.
pub(super) fn nth(list: &[&str], i: u16) -> String {
    let (round, at) = (usize::from(i) / list.len(), usize::from(i) % list.len());
    if round == 0 { list[at].to_owned() } else { format!("{} {}", list[at], round + 1) }
}
