//! Histograms.

use hornblende_core::Value;

/// How many buckets a histogram has.
const BUCKETS: usize = 30;

/// Left edge, right edge and count of 30 buckets of equal width from the least number to the largest. If all
/// numbers are equal, the last bucket holds them; if there are none, everything is 0. Numbers that are not
/// finite have no place between others; they are left out.
pub(crate) fn histogram(values: &Value) -> Vec<[f64; 3]> {
    let numbers = || {
        (0..values.len())
            .map(|k| values.get_f64(k))
            .filter(|x| x.is_finite())
    };
    let least = numbers().fold(f64::INFINITY, f64::min);
    let largest = numbers().fold(f64::NEG_INFINITY, f64::max);
    if least > largest {
        return vec![[0.0; 3]; BUCKETS];
    }
    let width = (largest - least) / BUCKETS as f64;
    if width <= 0.0 {
        let mut buckets = vec![[largest, largest, 0.0]; BUCKETS];
        buckets[BUCKETS - 1][2] = numbers().count() as f64;
        return buckets;
    }
    let edge = |k: usize| match k {
        BUCKETS => largest,
        k => least + width * k as f64,
    };
    let bucket = |k: usize| [edge(k), edge(k + 1), 0.0];
    let mut buckets: Vec<[f64; 3]> = (0..BUCKETS).map(bucket).collect();
    for x in numbers() {
        let place = ((x - least) / width) as usize;
        buckets[place.min(BUCKETS - 1)][2] += 1.0;
    }
    buckets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(numbers: &[f64]) -> Vec<[f64; 3]> {
        histogram(&Value::from_vec([numbers.len()], numbers.to_vec()).unwrap())
    }

    #[test]
    fn numbers_are_counted_where_they_lie_and_edges_meet() {
        let buckets = of(&[0.0, 0.05, 1.0, 2.95, 3.0, 3.0]);
        let counts: Vec<f64> = buckets.iter().map(|b| b[2]).collect();
        assert_eq!((counts[0], counts[10], counts[29]), (2.0, 1.0, 3.0));
        assert_eq!(counts.iter().sum::<f64>(), 6.0);
        assert!(buckets.windows(2).all(|pair| pair[0][1] == pair[1][0]));
        assert_eq!((buckets[0][0], buckets[29][1]), (0.0, 3.0));
    }

    #[test]
    fn equal_numbers_are_in_the_last_bucket_of_no_width() {
        let buckets = of(&[0.5; 7]);
        assert_eq!(buckets[29], [0.5, 0.5, 7.0]);
        assert!(
            buckets[..29]
                .iter()
                .all(|bucket| *bucket == [0.5, 0.5, 0.0])
        );
    }

    #[test]
    fn no_number_and_numbers_that_are_not_finite_leave_no_trace() {
        assert_eq!(of(&[]), vec![[0.0; 3]; 30]);
        assert_eq!(of(&[f64::NAN, f64::INFINITY]), vec![[0.0; 3]; 30]);
        assert_eq!(of(&[f64::NAN, 1.0, 2.0]), of(&[1.0, 2.0]));
    }
}
