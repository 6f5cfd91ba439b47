//! Versions as far as rules compare them: the numbers that they begin with.

use std::cmp::Ordering;

/// The numbers that a version begins with: 0, 8 and 24 of `0.8.24.post1`, 22 of `22-slim`, none of `lts`.
pub fn numbers(version: &str) -> Vec<u64> {
    let end = version.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(version.len());
    // What no number holds is later than every floor.
    let number = |digits: &str| digits.parse().unwrap_or(u64::MAX);
    version[..end].split('.').filter(|digits| !digits.is_empty()).map(number).collect()
}

/// Whether an exact version is before `floor`: numbers that it leaves out are zeros.
pub fn is_below(version: &str, floor: &[u64]) -> bool {
    let mut numbers = numbers(version);
    numbers.resize(numbers.len().max(floor.len()), 0);
    numbers.as_slice().cmp(floor) == Ordering::Less
}

/// Whether each version that this one may stand for is before `floor`: `22` is any 22.
pub fn all_below(version: &str, floor: &[u64]) -> bool {
    let numbers = numbers(version);
    let known = numbers.len().min(floor.len());
    numbers[..known] < floor[..known]
}

/// Whether both name one version: `1.0` is `1.0.0`.
pub fn same(one: &str, other: &str) -> bool {
    let parts = |version: &str| {
        let version = version.trim().trim_start_matches('v').to_ascii_lowercase();
        let mut numbers = numbers(&version);
        while numbers.last() == Some(&0) {
            numbers.pop();
        }
        let rest = version.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').to_owned();
        (numbers, rest)
    };
    parts(one) == parts(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        assert_eq!(numbers("0.8.24.post1"), [0, 8, 24]);
        assert_eq!(numbers("22-slim"), [22]);
        assert_eq!(numbers("lts"), [0; 0]);
        assert_eq!(numbers("99999999999999999999"), [u64::MAX]);
        assert!(is_below("0.7.14", &[0, 8]) && is_below("0.8", &[0, 8, 19]));
        assert!(!is_below("0.8.24.post1", &[0, 8]) && !is_below("0.10", &[0, 8, 19]) && !is_below("1", &[0, 8]));
        assert!(all_below("20", &[22, 12, 0]) && all_below("22.11", &[22, 12, 0]));
        assert!(!all_below("22", &[22, 12, 0]) && !all_below("lts", &[22, 12, 0]) && !all_below("24", &[22, 12, 0]));
    }

    #[test]
    fn one_version_has_several_forms() {
        assert!(same("1.0", "1.0.0") && same("0.8.24.POST1", "0.8.24.post1") && same("v1", "1.0"));
        assert!(!same("1.0", "1.0.post1") && !same("1.0", "1.0rc1") && !same("1.0.1", "1.0"));
    }
}
