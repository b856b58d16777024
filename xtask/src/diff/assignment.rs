//! The Hungarian method: who goes with whom, so that all pairs together are worth as much as can be.

/// For each row the column that it is paired with, if that is worth anything.
pub(super) fn assignment(weights: &[Vec<i64>]) -> Vec<Option<usize>> {
    let columns = weights.first().map_or(0, Vec::len);
    let mut state = State::new(weights, columns);
    (1..=weights.len()).for_each(|row| state.add(row));
    let mut paired = vec![None; weights.len()];
    for column in 1..=columns {
        let row = state.row_of[column];
        if row > 0 && weights[row - 1][column - 1] > 0 {
            paired[row - 1] = Some(column - 1);
        }
    }
    paired
}

/// Rows and columns count from 1. Column 0 is that of the row to be added, and behind the others is one for each row
/// that stays alone.
struct State<'w> {
    weights: &'w [Vec<i64>],
    of_rows: Vec<i64>,
    of_columns: Vec<i64>,
    /// 0 for none.
    row_of: Vec<usize>,
}

/// The way to a free column.
struct Way {
    is_on_it: Vec<bool>,
    least: Vec<i64>,
    from: Vec<usize>,
}

impl<'w> State<'w> {
    fn new(weights: &'w [Vec<i64>], columns: usize) -> Self {
        let all = columns + weights.len() + 1;
        let of_rows = vec![0; weights.len() + 1];
        Self { weights, of_rows, of_columns: vec![0; all], row_of: vec![0; all] }
    }

    fn cost(&self, row: usize, column: usize) -> i64 {
        let weight = self.weights[row - 1].get(column - 1);
        -weight.copied().unwrap_or(0) - self.of_rows[row] - self.of_columns[column]
    }

    /// Gives a row a column, and others another one if that is better.
    fn add(&mut self, row: usize) {
        let all = self.row_of.len();
        let mut way =
            Way { is_on_it: vec![false; all], least: vec![i64::MAX; all], from: vec![0; all] };
        self.row_of[0] = row;
        let mut column = 0;
        while self.row_of[column] != 0 {
            column = self.step(&mut way, column);
        }
        while column != 0 {
            self.row_of[column] = self.row_of[way.from[column]];
            column = way.from[column];
        }
    }

    /// The next column on the way, which is the cheapest one.
    fn step(&mut self, way: &mut Way, column: usize) -> usize {
        way.is_on_it[column] = true;
        let row = self.row_of[column];
        let (mut next, mut least) = (0, i64::MAX);
        for other in 1..self.row_of.len() {
            if way.is_on_it[other] {
                continue;
            }
            let cost = self.cost(row, other);
            if cost < way.least[other] {
                (way.least[other], way.from[other]) = (cost, column);
            }
            if way.least[other] < least {
                (next, least) = (other, way.least[other]);
            }
        }
        self.shift(way, least);
        next
    }

    fn shift(&mut self, way: &mut Way, by: i64) {
        for column in 0..self.row_of.len() {
            if way.is_on_it[column] {
                self.of_rows[self.row_of[column]] += by;
                self.of_columns[column] -= by;
            } else if column > 0 {
                way.least[column] -= by;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::assignment;

    #[test]
    fn all_together_count_and_not_the_first() {
        let weights = [vec![60, 61], vec![0, 60]];
        assert_eq!(assignment(&weights), [Some(0), Some(1)]);
    }

    #[test]
    fn what_is_worth_nothing_stays_alone() {
        assert_eq!(assignment(&[vec![0], vec![50]]), [None, Some(0)]);
        assert_eq!(assignment(&[vec![0, 0]]), [None]);
        assert_eq!(assignment(&[]), []);
    }

    /// One pair of more worth than two others.
    #[test]
    fn fewer_pairs_may_be_worth_more() {
        assert_eq!(assignment(&[vec![101, 50], vec![50, 0]]), [Some(0), None]);
    }

    /// As good as trying every way.
    #[test]
    fn no_other_way_is_worth_more() {
        let mut seed = 7_u32;
        let mut draw = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            i64::from(seed >> 25)
        };
        for _ in 0..200 {
            let weights: Vec<Vec<i64>> =
                (0..4).map(|_| (0..3).map(|_| (draw() - 60).max(0)).collect()).collect();
            let paired = assignment(&weights);
            let worth = paired.iter().zip(&weights).filter_map(|(it, row)| it.map(|at| row[at]));
            assert_eq!(worth.sum::<i64>(), most(&weights, &mut [false; 3]), "{weights:?}");
        }
    }

    fn most(weights: &[Vec<i64>], is_taken: &mut [bool; 3]) -> i64 {
        let Some((row, rest)) = weights.split_first() else { return 0 };
        let mut best = most(rest, is_taken);
        for column in 0..3 {
            if !is_taken[column] {
                is_taken[column] = true;
                best = best.max(row[column] + most(rest, is_taken));
                is_taken[column] = false;
            }
        }
        best
    }
}
