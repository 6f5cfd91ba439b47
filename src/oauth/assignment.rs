//! Which wanted address goes with which registered one, so that the differences are least in all.

/// What it costs to leave a row without a column: more than any pair, so that a pair is made wherever one can be, and
/// less than two bad pairs in the place of one good one.
pub(super) const ALONE: u32 = 100;
const FORBIDDEN: i64 = 1_000_000;

/// For each row the column that goes with it, each column once at most, with the least sum of costs. What costs nothing
/// to say (`None`) is no pair. Kuhn's and Munkres's algorithm with potentials: rows² times columns.
pub(super) fn assign(costs: &[Vec<Option<u32>>]) -> Vec<Option<usize>> {
    let rows = costs.len();
    let real = costs.first().map_or(0, Vec::len);
    // Behind the real columns, each row has one in which it stays alone. Number 0 is a place to begin from.
    let columns = real + rows;
    let cost = |row: usize, column: usize| match column {
        column if column < real => costs[row][column].map_or(FORBIDDEN, i64::from),
        _ => i64::from(ALONE),
    };
    let (mut of_row, mut of_column) = (vec![0; rows + 1], vec![0; columns + 1]);
    let (mut row_at, mut way) = (vec![0; columns + 1], vec![0; columns + 1]);
    for row in 1..=rows {
        row_at[0] = row;
        let (mut least, mut used) = (vec![i64::MAX; columns + 1], vec![false; columns + 1]);
        let mut at = 0;
        while row_at[at] != 0 {
            used[at] = true;
            let (mut delta, mut next) = (i64::MAX, 0);
            for column in 1..=columns {
                if used[column] {
                    continue;
                }
                let reduced = cost(row_at[at] - 1, column - 1) - of_row[row_at[at]] - of_column[column];
                if reduced < least[column] {
                    (least[column], way[column]) = (reduced, at);
                }
                if least[column] < delta {
                    (delta, next) = (least[column], column);
                }
            }
            for column in 0..=columns {
                if used[column] {
                    of_row[row_at[column]] += delta;
                    of_column[column] -= delta;
                } else if least[column] != i64::MAX {
                    least[column] -= delta;
                }
            }
            at = next;
        }
        while at != 0 {
            row_at[at] = row_at[way[at]];
            at = way[at];
        }
    }
    let mut assigned = vec![None; rows];
    for column in 1..=real {
        if row_at[column] != 0 {
            assigned[row_at[column] - 1] = Some(column - 1);
        }
    }
    assigned
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sum(costs: &[Vec<Option<u32>>], assigned: &[Option<usize>]) -> u32 {
        let cost = |(row, column): (usize, &Option<usize>)| match column {
            Some(column) => costs[row][*column].expect("a pair that may be"),
            None => ALONE,
        };
        assigned.iter().enumerate().map(cost).sum()
    }

    /// The least sum, by trying all.
    fn least(costs: &[Vec<Option<u32>>], row: usize, taken: &mut Vec<usize>) -> u32 {
        let Some(of_row) = costs.get(row) else { return 0 };
        let mut best = ALONE + least(costs, row + 1, taken);
        for (column, cost) in of_row.iter().enumerate() {
            if let Some(cost) = cost.filter(|_| !taken.contains(&column)) {
                taken.push(column);
                best = best.min(cost + least(costs, row + 1, taken));
                taken.pop();
            }
        }
        best
    }

    #[test]
    fn a_good_pair_is_not_given_up_for_two_bad_ones() {
        assert_eq!(assign(&[vec![Some(1), Some(60)], vec![Some(60), None]]), [Some(0), None]);
        assert_eq!(assign(&[vec![Some(1), Some(2)], vec![Some(2), None]]), [Some(1), Some(0)]);
        assert_eq!(assign(&[]), []);
        assert_eq!(assign(&[vec![], vec![]]), [None, None]);
    }

    proptest! {
        #[test]
        fn no_other_choice_is_better(
            (columns, costs) in (0usize..5).prop_flat_map(|columns| {
                let row = prop::collection::vec(prop::option::of(1u32..ALONE), columns);
                (Just(columns), prop::collection::vec(row, 0..5))
            })
        ) {
            let assigned = assign(&costs);
            let mut taken: Vec<_> = assigned.iter().flatten().collect();
            taken.sort();
            let all = taken.len();
            taken.dedup();
            prop_assert_eq!(taken.len(), all);
            prop_assert!(taken.iter().all(|column| **column < columns));
            prop_assert_eq!(sum(&costs, &assigned), least(&costs, 0, &mut Vec::new()));
        }
    }
}
