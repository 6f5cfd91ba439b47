//! Words that follow from numbers.

use std::fmt::Display;

/// `1 file`, `2 files`.
pub fn plural<N: Display + PartialEq + From<u8>>(count: N, word: &str) -> String {
    if count == N::from(1) { format!("1 {word}") } else { format!("{count} {word}s") }
}
