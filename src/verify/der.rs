//! The little that is told of a certificate, read from its DER: until when it is valid, and whether it signs itself.

/// What a certificate says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Certificate {
    /// The end of its validity, in seconds since 1970.
    pub(super) not_after: i64,
    /// Whether its issuer is its subject.
    pub(super) self_signed: bool,
}

impl Certificate {
    /// Reads a certificate (RFC 5280); nothing where the bytes are none.
    pub(super) fn read(der: &[u8]) -> Option<Self> {
        let (_, certificate, _) = element(der)?;
        let (_, mut rest, _) = element(certificate)?;
        // The version may be left out; then come serial number, algorithm, issuer, validity and subject.
        if rest.first() == Some(&0xa0) {
            rest = element(rest)?.2;
        }
        let mut next = || {
            let (tag, contents, after) = element(rest)?;
            rest = after;
            Some((tag, contents))
        };
        let (_, _, issuer, validity, subject) = (next()?, next()?, next()?.1, next()?.1, next()?.1);
        let (_, _, after_begin) = element(validity)?;
        let (tag, end, _) = element(after_begin)?;
        Some(Self { not_after: time(tag, end)?, self_signed: issuer == subject })
    }
}

/// The first element: its tag, its contents and what follows.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, length, rest) = match bytes {
        [tag, length @ 0..=0x7f, rest @ ..] => (*tag, usize::from(*length), rest),
        [tag, count @ 0x81..=0x84, rest @ ..] => {
            let (digits, rest) = rest.split_at_checked(usize::from(count & 0x7f))?;
            (*tag, digits.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (contents, after) = rest.split_at_checked(length)?;
    Some((tag, contents, after))
}

/// `YYMMDDhhmmssZ` (tag 23) or `YYYYMMDDhhmmssZ` (tag 24).
fn time(tag: u8, text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (year, rest) = text.split_at_checked(if tag == 24 { 4 } else { 2 })?;
    let number = |digits: &str| digits.parse::<i64>().ok().filter(|number| *number >= 0);
    let year = match (tag, number(year)?) {
        (24, year) => year,
        (_, year @ 0..50) => 2000 + year,
        (_, year) => 1900 + year,
    };
    let mut fields = (0..5).map(|i| number(rest.get(2 * i..2 * i + 2)?));
    let mut field = || fields.next().flatten();
    let (month, day, hour, minute, second) = (field()?, field()?, field()?, field()?, field()?);
    Some(((days_from_civil(year, month, day) * 24 + hour) * 60 + minute) * 60 + second)
}

/// Days since 1970-01-01 of a date, after <https://howardhinnant.github.io/date_algorithms.html>.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_time_are_read() {
        assert_eq!(time(23, b"700101000000Z"), Some(0));
        assert_eq!(time(23, b"261123093000Z"), Some(1_795_426_200));
        assert_eq!(time(24, b"20261123093000Z"), Some(1_795_426_200));
        assert_eq!(time(24, b"20240229000000Z"), Some(1_709_164_800));
        assert_eq!(time(23, b"nonsense"), None);
    }

    #[test]
    fn bytes_that_are_no_certificate_are_none() {
        for bytes in [&b""[..], &[0x30], &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], &[0x30, 0x02, 0x30, 0x00]] {
            assert_eq!(Certificate::read(bytes), None);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes: Vec<u8>) {
            _ = Certificate::read(&bytes);
        }

        #[test]
        fn any_time_is_read_without_a_panic(tag: u8, text in "[0-9+Zé-]{0,20}", any: Vec<u8>) {
            for tag in [tag, 23, 24] {
                _ = time(tag, text.as_bytes());
                _ = time(tag, &any);
            }
        }

        /// One byte of a certificate is another one, or it breaks off there: so what lies deeper is reached too.
        #[test]
        fn a_damaged_certificate_is_read_without_a_panic(at: proptest::sample::Index, byte: u8) {
            let whole = certificate();
            let at = at.index(whole.len());
            let mut damaged = whole.clone();
            damaged[at] = byte;
            _ = Certificate::read(&damaged);
            _ = Certificate::read(&whole[..at]);
        }
    }

    fn certificate() -> Vec<u8> {
        static MADE: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
        let make = || rcgen::generate_simple_self_signed(["pp.example.com".to_owned()]).unwrap().cert.der().to_vec();
        MADE.get_or_init(make).clone()
    }

    #[test]
    fn a_certificate_is_read() {
        let read = Certificate::read(&certificate()).unwrap();
        assert!(read.self_signed);
        // 4096-01-01, which rcgen writes where nothing else is said.
        assert_eq!(read.not_after, 67_090_118_400);
    }
}
