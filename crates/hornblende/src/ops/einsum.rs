//! Sums of products over named axes.

use hornblende_core::graph::op::DotDims;
use hornblende_core::{Error, Result, Tensor};

use super::invalid;

/// The sum of products that an equation names, of two operands: `"ij,jk->ik"` is a matrix product.
///
/// A letter names an axis. A letter of both operands that the result lacks is summed over, one that it has runs
/// together, and one of a single operand stays or is summed over; a letter twice in an operand takes the
/// diagonal. `...` stands for any number of axes, which broadcast. Without `->` the result has the letters that
/// occur once, in the order of the alphabet, after `...`. Axes of size 1 stretch. Spaces are ignored.
///
/// # Shapes
/// As the equation says: `"...x,xy->...y"` of `[batch, time, x]` and `[x, y]` gives `[batch, time, y]`.
///
/// # Errors
/// The result carries [`Error::InvalidArgument`] for an equation that makes no sense and
/// [`Error::ShapeMismatch`] for operands that do not fit it.
///
/// # Example
/// ```
/// use hornblende::{ops, prelude::*};
/// let (a, b) = (Tensor::from([[1.0f32, 2.0], [3.0, 4.0]]), Tensor::from([[1.0f32, 1.0], [0.0, 2.0]]));
/// assert_eq!(ops::einsum("ij,jk->ik", &a, &b).to_vec::<f32>()?, [1.0, 5.0, 3.0, 11.0]);
/// assert_eq!(ops::einsum("ij,ij->", &a, &b).item::<f32>()?, 11.0);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn einsum(equation: &str, a: &Tensor, b: &Tensor) -> Tensor {
    let equation = equation.to_owned();
    Tensor::lift(&[a, b], move |x| {
        contract(&equation, &x[0], &x[1]).unwrap_or_else(invalid)
    })
}

/// An axis of an equation: a letter, or an axis that `...` stands for, counted from the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Label {
    Elided(usize),
    Letter(char),
}

/// An operand with the names of its axes.
#[derive(Clone)]
struct Named {
    tensor: Tensor,
    labels: Vec<Label>,
}

fn contract(equation: &str, a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let (left, right, wanted) = parse(equation, a, b)?;
    let [mut a, mut b] = [diagonal(left), diagonal(right)];
    check_sizes(equation, &a, &b)?;
    // An axis of size 1 beside a longer one of the same name is the same number for all of it.
    let (a_of_one, b_of_one) = (stretched(&a, &b), stretched(&b, &a));
    a = drop_axes(a, |label| a_of_one.contains(&label));
    b = drop_axes(b, |label| b_of_one.contains(&label));
    let unused = |other: &Named| {
        let (labels, wanted) = (other.labels.clone(), wanted.clone());
        move |label: Label| !labels.contains(&label) && !wanted.contains(&label)
    };
    let (in_a_alone, in_b_alone) = (unused(&b), unused(&a));
    a = sum_axes(a, in_a_alone);
    b = sum_axes(b, in_b_alone);
    // Of the two orders of the operands, the one whose product has its axes where they are wanted.
    let product = product(&b, &a, &wanted);
    let product = match product.labels == wanted {
        true => product,
        false => self::product(&a, &b, &wanted),
    };
    Ok(in_order(&product, &wanted))
}

/// The operands with their names, and the names of the result.
fn parse(equation: &str, a: &Tensor, b: &Tensor) -> Result<(Named, Named, Vec<Label>)> {
    let plain: String = equation.chars().filter(|c| !c.is_whitespace()).collect();
    let (operands, result) = match plain.split_once("->") {
        Some((operands, result)) => (operands, Some(result)),
        None => (plain.as_str(), None),
    };
    let Some((left, right)) = operands.split_once(',') else {
        return Err(refused(equation, "two operands with a comma between them"));
    };
    let elided = [
        elided_axes(equation, left, a)?,
        elided_axes(equation, right, b)?,
    ];
    let left = labels(equation, left, elided[0])?;
    let right = labels(equation, right, elided[1])?;
    let most = elided[0].max(elided[1]);
    let known = |label: &Label| left.contains(label) || right.contains(label);
    let wanted = match result {
        Some(result) => labels(equation, result, most)?,
        None => {
            let all = || left.iter().chain(&right);
            let once = |label: &&Label| all().filter(|other| other == label).count() == 1;
            let letters = all().filter(|label| matches!(label, Label::Letter(_)));
            let mut letters: Vec<Label> = letters.filter(once).copied().collect();
            letters.sort_unstable();
            (0..most).rev().map(Label::Elided).chain(letters).collect()
        }
    };
    let repeated = |(k, label): (usize, &Label)| wanted[..k].contains(label);
    if wanted.iter().enumerate().any(repeated) || !wanted.iter().all(known) {
        return Err(refused(
            equation,
            "a result of letters of the operands, each once",
        ));
    }
    let named = |tensor: &Tensor, labels: Vec<Label>| Named {
        tensor: tensor.clone(),
        labels,
    };
    Ok((named(a, left), named(b, right), wanted))
}

/// How many axes `...` stands for in an operand.
fn elided_axes(equation: &str, text: &str, operand: &Tensor) -> Result<usize> {
    let letters = text.chars().filter(|c| *c != '.').count();
    let has_ellipsis = text.contains("...");
    match operand.rank().checked_sub(letters) {
        Some(0) => Ok(0),
        Some(more) if has_ellipsis => Ok(more),
        _ => Err(Error::shape_mismatch(
            format!("einsum: {equation}"),
            format!("an operand with the axes \"{text}\""),
            format!("shape {}", operand.shape()),
            "",
        )),
    }
}

fn labels(equation: &str, text: &str, elided: usize) -> Result<Vec<Label>> {
    let letters = |text: &str| -> Result<Vec<Label>> {
        match text.chars().find(|c| !c.is_ascii_alphabetic()) {
            Some(_) => Err(refused(
                equation,
                "letters, one ... an operand, a comma and ->",
            )),
            None => Ok(text.chars().map(Label::Letter).collect()),
        }
    };
    let Some((before, after)) = text.split_once("...") else {
        return letters(text);
    };
    let mut labels = letters(before)?;
    labels.extend((0..elided).rev().map(Label::Elided));
    labels.extend(letters(after)?);
    Ok(labels)
}

fn refused(equation: &str, expected: &str) -> Error {
    let got = format!("\"{equation}\"");
    Error::invalid_argument(
        "einsum: equation",
        expected,
        got,
        "Write it as \"ij,jk->ik\"",
    )
}

/// The operand without repeated letters: of their axes the diagonal stays.
fn diagonal(mut named: Named) -> Named {
    let first_repeated = |labels: &[Label]| {
        (0..labels.len()).find_map(|k| Some((labels[..k].iter().position(|l| *l == labels[k])?, k)))
    };
    while let Some((first, second)) = first_repeated(&named.labels) {
        let x = &named.tensor;
        let along = |axis| Tensor::iota(x.shape(), axis, hornblende_core::DType::I32);
        let is_on = along(first).equal(along(second));
        named.tensor = is_on.select(x, 0.0).sum(second as isize);
        named.labels.remove(second);
    }
    named
}

fn size(named: &Named, label: Label) -> Option<usize> {
    let axis = named.labels.iter().position(|l| *l == label)?;
    Some(named.tensor.shape()[axis])
}

fn check_sizes(equation: &str, a: &Named, b: &Named) -> Result<()> {
    let differ = |label: &&Label| match (size(a, **label), size(b, **label)) {
        (Some(one), Some(other)) => one != other && one != 1 && other != 1,
        _ => false,
    };
    if !a.labels.iter().any(|label| differ(&label)) {
        return Ok(());
    }
    Err(Error::shape_mismatch(
        format!("einsum: {equation}"),
        "axes of one letter to have one size",
        format!("{} and {}", a.tensor.shape(), b.tensor.shape()),
        "",
    ))
}

/// The axes of size 1 whose namesakes in the other operand are longer.
fn stretched(named: &Named, other: &Named) -> Vec<Label> {
    let is_one = |label: &Label| {
        size(named, *label) == Some(1) && size(other, *label).is_some_and(|size| size != 1)
    };
    named.labels.iter().copied().filter(is_one).collect()
}

/// The operand without these axes, all of size 1.
fn drop_axes(named: Named, is_dropped: impl Fn(Label) -> bool) -> Named {
    let axes = (0..named.labels.len()).filter(|k| !is_dropped(named.labels[*k]));
    let sizes: Vec<usize> = axes.map(|k| named.tensor.shape()[k]).collect();
    let labels = named.labels.into_iter().filter(|label| !is_dropped(*label));
    Named {
        tensor: named.tensor.reshape_to(sizes),
        labels: labels.collect(),
    }
}

/// The operand summed over these axes.
fn sum_axes(named: Named, is_summed: impl Fn(Label) -> bool) -> Named {
    let axes: Vec<usize> = (0..named.labels.len())
        .filter(|k| is_summed(named.labels[*k]))
        .collect();
    if axes.is_empty() {
        return named;
    }
    let labels = named.labels.into_iter().filter(|label| !is_summed(*label));
    Named {
        tensor: named.tensor.sum(axes),
        labels: labels.collect(),
    }
}

/// The product of two operands; its axes are the shared ones that stay, then those of each alone.
fn product(a: &Named, b: &Named, wanted: &[Label]) -> Named {
    let place = |named: &Named, label: &Label| named.labels.iter().position(|l| l == label);
    let shared = |label: &&Label| b.labels.contains(label);
    let stays = |label: &&Label| wanted.contains(label);
    // In the order of the result, so that it needs not be transposed.
    let batch: Vec<Label> = wanted
        .iter()
        .filter(|l| a.labels.contains(l) && b.labels.contains(l))
        .copied()
        .collect();
    let summed: Vec<Label> = a
        .labels
        .iter()
        .filter(|l| shared(l) && !stays(l))
        .copied()
        .collect();
    let axes = |named: &Named, labels: &[Label]| -> Vec<usize> {
        labels
            .iter()
            .filter_map(|label| place(named, label))
            .collect()
    };
    let dims = DotDims {
        lhs_batch: axes(a, &batch),
        rhs_batch: axes(b, &batch),
        lhs_contract: axes(a, &summed),
        rhs_contract: axes(b, &summed),
    };
    let tensor = a.tensor.dot_general(&b.tensor, dims);
    let free = |named: &Named| -> Vec<Label> {
        let is_free = |label: &&Label| !batch.contains(label) && !summed.contains(label);
        named.labels.iter().filter(is_free).copied().collect()
    };
    Named {
        tensor,
        labels: [batch.clone(), free(a), free(b)].concat(),
    }
}

/// The tensor with its axes in the order of the result.
fn in_order(named: &Named, wanted: &[Label]) -> Tensor {
    let place = |label: &Label| named.labels.iter().position(|l| l == label);
    let permutation: Vec<usize> = wanted.iter().filter_map(place).collect();
    if permutation.is_sorted() {
        return named.tensor.clone();
    }
    named.tensor.transpose(permutation)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counting(shape: &[usize]) -> Tensor {
        let len: usize = shape.iter().product();
        let numbers: Vec<f64> = (0..len).map(|k| ((k * 7) % 11) as f64 - 4.0).collect();
        Tensor::from_vec(shape, numbers)
    }

    /// The sum over all assignments of numbers to letters, term by term.
    fn by_definition(
        letters: [&str; 3],
        sizes: &[(char, usize)],
        a: &Tensor,
        b: &Tensor,
    ) -> Vec<f64> {
        let (a_numbers, b_numbers) = (a.to_vec::<f64>().unwrap(), b.to_vec::<f64>().unwrap());
        let size = |c: char| sizes.iter().find(|(l, _)| *l == c).unwrap().1;
        let place = |text: &str, at: &[usize]| {
            let of = |c: char| at[sizes.iter().position(|(l, _)| *l == c).unwrap()];
            text.chars().fold(0, |place, c| place * size(c) + of(c))
        };
        let len: usize = letters[2].chars().map(size).product();
        let mut result = vec![0.0; len];
        let terms: usize = sizes.iter().map(|(_, n)| n).product();
        for term in 0..terms {
            let mut rest = term;
            let at: Vec<usize> = sizes
                .iter()
                .map(|(_, n)| {
                    let digit = rest % n;
                    rest /= n;
                    digit
                })
                .collect();
            result[place(letters[2], &at)] +=
                a_numbers[place(letters[0], &at)] * b_numbers[place(letters[1], &at)];
        }
        result
    }

    #[test]
    fn every_kind_of_equation_is_the_sum_of_its_terms() {
        let sizes = [('a', 2), ('b', 3), ('c', 4), ('d', 5)];
        for letters in [
            ["ab", "bc", "ac"],
            ["ab", "bc", "ca"],
            ["abc", "cd", "abd"],
            ["abc", "abd", "acd"],
            ["abc", "abd", "dcb"],
            ["acb", "abd", "cad"],
            ["a", "b", "ba"],
            ["abc", "abc", ""],
            ["abc", "d", "d"],
            ["ab", "bc", "c"],
            ["bb", "bc", "c"],
            ["cabc", "cd", "dac"],
        ] {
            let shape = |text: &str| -> Vec<usize> {
                text.chars()
                    .map(|c| sizes.iter().find(|(l, _)| *l == c).unwrap().1)
                    .collect()
            };
            let (a, b) = (counting(&shape(letters[0])), counting(&shape(letters[1])));
            let used: Vec<(char, usize)> = sizes
                .into_iter()
                .filter(|(c, _)| letters[0].contains(*c) || letters[1].contains(*c))
                .collect();
            let equation = format!("{},{}->{}", letters[0], letters[1], letters[2]);
            let y = einsum(&equation, &a, &b);
            assert_eq!(y.shape().dims(), shape(letters[2]), "{equation}");
            let wanted = by_definition(letters, &used, &a, &b);
            assert_eq!(y.to_vec::<f64>().unwrap(), wanted, "{equation}");
        }
    }

    #[test]
    fn an_ellipsis_stands_for_axes_that_broadcast() {
        let (a, b) = (counting(&[2, 1, 3, 4]), counting(&[5, 4, 6]));
        let y = einsum("...ij,...jk->...ik", &a, &b);
        assert_eq!(y.shape().dims(), [2, 5, 3, 6]);
        let wanted = a.matmul(&b);
        assert_eq!(y.to_vec::<f64>().unwrap(), wanted.to_vec::<f64>().unwrap());
        let right = einsum(
            "ab...,bc->ac...",
            &counting(&[2, 3, 4, 5]),
            &counting(&[3, 6]),
        );
        assert_eq!(right.shape().dims(), [2, 6, 4, 5]);
    }

    #[test]
    fn a_result_that_is_left_out_has_the_letters_that_occur_once() {
        let (a, b) = (counting(&[2, 3]), counting(&[3, 4]));
        let (short, long) = (einsum("zb, ba", &a, &b), einsum("zb,ba->az", &a, &b));
        assert_eq!(short.shape().dims(), [4, 2]);
        assert_eq!(
            short.to_vec::<f64>().unwrap(),
            long.to_vec::<f64>().unwrap()
        );
    }

    #[test]
    fn a_wrong_equation_or_shape_is_told() {
        let (a, b) = (counting(&[2, 3]), counting(&[3, 4]));
        for (equation, expected) in [
            ("ab", "two operands"),
            ("ab,bc->ad", "letters of the operands"),
            ("ab,bc->aa", "each once"),
            ("a1,bc->a", "letters, one ..."),
            ("abc,cd->ab", "an operand with the axes \"abc\""),
            ("ab,cb->ac", "axes of one letter to have one size"),
        ] {
            let error = einsum(equation, &a, &b).eval().unwrap_err().to_string();
            assert!(error.contains(expected), "{equation}: {error}");
        }
    }
}
