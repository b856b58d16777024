//! The name that a text may have been meant to be.

/// Longer texts are no name with a slip in it, and cost too much to compare.
const LONGEST: usize = 64;

/// The letters that tell names apart: case and separators don't count.
pub(crate) fn folded(text: &str) -> impl Iterator<Item = char> {
    let letters = text.chars().filter(|letter| !matches!(letter, '_' | '-' | ' '));
    letters.map(|letter| letter.to_ascii_lowercase())
}

/// Whether two texts are spellings of one word: case and separators don't count.
pub(crate) fn is_same_word(one: &str, other: &str) -> bool {
    folded(one).eq(folded(other))
}

/// What people write for a name, and the name. It counts where the name is one of those that are
/// looked through.
const SYNONYMS: [(&str, &str); 26] = [
    ("incoming", "inbound"),
    ("outgoing", "outbound"),
    ("avg", "Average"),
    ("mean", "Average"),
    ("maximum", "Max"),
    ("minimum", "Min"),
    ("percentage", "Percent"),
    ("hourly", "Hour"),
    ("daily", "Day"),
    ("weekly", "Week"),
    ("monthly", "Month"),
    ("mon", "Monday"),
    ("tue", "Tuesday"),
    ("tues", "Tuesday"),
    ("wed", "Wednesday"),
    ("thu", "Thursday"),
    ("thur", "Thursday"),
    ("thurs", "Thursday"),
    ("fri", "Friday"),
    ("sat", "Saturday"),
    ("sun", "Sunday"),
    ("per", "interval"),
    ("where", "filters"),
    ("tz", "time_zone"),
    ("min", "min_seconds"),
    ("max", "max_seconds"),
];

/// The name that differs least from a text, or of which a synonym does, where that is by two
/// letters at most and by fewer than half of them.
pub(crate) fn nearest<'a>(text: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<_> = folded(text).take(LONGEST + 1).collect();
    if wanted.len() > LONGEST {
        return None;
    }
    let names: Vec<_> = names.into_iter().collect();
    let own = names.iter().map(|name| (*name, *name));
    let synonyms = SYNONYMS.iter().filter_map(|(synonym, meant)| {
        let name = names.iter().find(|name| *name == meant)?;
        Some((*synonym, *name))
    });
    let distances = own.chain(synonyms).map(|(spelling, name)| {
        let letters: Vec<_> = folded(spelling).collect();
        (distance(&wanted, &letters), name)
    });
    let near = distances.filter(|(distance, _)| *distance <= 2 && distance * 2 < wanted.len());
    near.min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

/// How many letters have to be put in, taken out, replaced or swapped with the next to get from
/// one text to the other; `None` if one of them is too long to compare.
pub(crate) fn letters_between(one: &str, other: &str) -> Option<usize> {
    let letters = |text: &str| {
        let letters: Vec<_> = text.chars().take(LONGEST + 1).collect();
        (letters.len() <= LONGEST).then_some(letters)
    };
    Some(distance(&letters(one)?, &letters(other)?))
}

/// How many letters have to be put in, taken out, replaced or swapped with the next.
fn distance(one: &[char], other: &[char]) -> usize {
    let mut rows = vec![(0..=other.len()).collect::<Vec<_>>()];
    for (at, letter) in one.iter().enumerate() {
        let mut row = vec![at + 1];
        for (other_at, other_letter) in other.iter().enumerate() {
            let above = &rows[at];
            let replaced = above[other_at] + usize::from(letter != other_letter);
            let mut least = replaced.min(above[other_at + 1] + 1).min(row[other_at] + 1);
            let is_swapped = at > 0
                && other_at > 0
                && *letter == other[other_at - 1]
                && one[at - 1] == *other_letter;
            if is_swapped {
                least = least.min(rows[at - 1][other_at - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[one.len()][other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_synonym_has_the_name_if_it_is_among_the_names() {
        let directions = ["inbound", "outbound"];
        assert_eq!(nearest("incoming", directions), Some("inbound"));
        assert_eq!(nearest("Incomming", directions), Some("inbound"));
        assert_eq!(nearest("incoming", ["internal"]), None);
        assert_eq!(nearest("Mon", ["Sunday", "Monday"]), Some("Monday"));
        assert_eq!(nearest("min", ["Min", "Max"]), Some("Min"));
    }

    #[test]
    fn a_slip_has_a_nearest_name_and_another_word_has_none() {
        let names = ["time_zone", "filters", "days", "hours"];
        for (text, near) in [
            ("timezone", Some("time_zone")),
            ("Time-Zome", Some("time_zone")),
            ("filter", Some("filters")),
            ("fitlers", Some("filters")),
            ("hour", Some("hours")),
            ("ways", Some("days")),
            ("period", None),
            ("da", None),
            ("", None),
        ] {
            assert_eq!(nearest(text, names), near, "{text}");
        }
        assert_eq!(nearest(&"days".repeat(1000), names), None);
    }
}
