use super::{filters::is_hour, table::RULES};

#[test]
fn hours_of_the_day() {
    assert!(["00:00", "09:30", "23:59"].into_iter().all(is_hour));
    assert!(!["24:00", "9:00", "12:60", "12", "1a:00", ""].into_iter().any(is_hour));
}

#[test]
fn every_rule_has_a_name_of_its_own() {
    let mut names: Vec<_> = RULES.iter().map(|rule| rule.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), RULES.len());
}
