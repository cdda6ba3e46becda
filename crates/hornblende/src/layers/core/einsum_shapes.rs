// tidy: not an item
//! The shapes of kernel and bias that follow from an equation.

use hornblende_core::{Error, Result, Shape};

/// The shapes of the weights of a layer whose product is an equation.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::layers) struct EinsumShapes {
    /// A size for each letter of the kernel.
    pub(in crate::layers) kernel: Shape,
    /// The shape of the bias, if there is one.
    pub(in crate::layers) bias: Option<Shape>,
    /// Inputs and outputs of a unit.
    pub(in crate::layers) fans: [usize; 2],
}

/// The letters of an equation, and which side `...` is on.
struct Equation<'e> {
    text: &'e str,
    input: &'e str,
    kernel: &'e str,
    output: &'e str,
    elided: Elided,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Elided {
    Nothing,
    Left,
    Right,
}

impl EinsumShapes {
    /// The shapes for an input of this shape and a result that has `output_shape` behind the batch axis, apart
    /// from the axes of `...`.
    ///
    /// # Errors
    /// `InvalidArgument` for an equation that makes no sense, `ShapeMismatch` for shapes that do not fit it.
    pub(in crate::layers) fn new(
        equation: &str,
        bias_axes: Option<&str>,
        input: &Shape,
        output_shape: &[Option<usize>],
    ) -> Result<Self> {
        let equation = Equation::parse(equation)?;
        let more = input.rank().checked_sub(equation.input.len());
        let elided = match (more, equation.elided) {
            (Some(0), _) => 0,
            (Some(more), Elided::Left | Elided::Right) => more,
            _ => return Err(equation.misfit("an input with the axes of the equation", input)),
        };
        let from_left = if equation.elided == Elided::Left {
            elided
        } else {
            0
        };
        let input_size = |letter: char| {
            let place = equation.input.find(letter)?;
            Some(input[place + from_left])
        };
        // Without the batch axis and the axes of `...`, which the output has from the input. With `...` on the
        // left, that includes the batch axis.
        let own = usize::from(from_left == 0);
        let output_size = |letter: char| -> Option<Option<usize>> {
            let place = equation.output.find(letter)?;
            match place.checked_sub(own) {
                None => Some(Some(input[0]).filter(|size| *size != Shape::UNKNOWN)),
                Some(place) => Some(output_shape.get(place).copied().flatten()),
            }
        };
        if output_shape.len() + own != equation.output.len() {
            let sizes = equation.output.len() - own;
            return Err(Error::invalid_argument(
                "EinsumDense: output_shape",
                format!(
                    "{sizes} sizes, one for each letter of \"{}\"",
                    equation.output
                ),
                output_shape.len().to_string(),
                "Leave the batch axis and the axes of ... out",
            ));
        }
        for letter in equation.input.chars() {
            if let (Some(Some(wanted)), Some(size)) = (output_size(letter), input_size(letter))
                && size != Shape::UNKNOWN
                && wanted != size
            {
                let expected = format!("the input's size {size} for \"{letter}\" in output_shape");
                return Err(equation.misfit(&expected, input));
            }
        }
        let size_of = |letter: char| {
            let known = |size: usize| Some(size).filter(|size| *size != Shape::UNKNOWN);
            output_size(letter)
                .flatten()
                .or_else(|| input_size(letter).and_then(known))
        };
        let sized = |letter: char| {
            size_of(letter)
                .ok_or_else(|| equation.misfit(&format!("a known size for \"{letter}\""), input))
        };
        let kernel: Vec<usize> = equation.kernel.chars().map(sized).collect::<Result<_>>()?;
        let mut fans = [1, 1];
        for (letter, size) in equation.kernel.chars().zip(&kernel) {
            fans[usize::from(equation.output.contains(letter))] *= size;
        }
        let bias = match bias_axes {
            None => None,
            Some(axes) => Some(equation.bias(axes, elided, sized)?),
        };
        Ok(Self {
            kernel: kernel.into(),
            bias,
            fans,
        })
    }
}

impl<'e> Equation<'e> {
    fn parse(text: &'e str) -> Result<Self> {
        let refused = || {
            Error::invalid_argument(
                "EinsumDense: equation",
                "the form \"ab,bc->ac\", \"...a,ab->...b\" or \"ab...,bc->ac...\"",
                format!("\"{text}\""),
                "",
            )
        };
        let (operands, output) = text.split_once("->").ok_or_else(refused)?;
        let (input, kernel) = operands.split_once(',').ok_or_else(refused)?;
        let strip = |part: &'e str| match (part.strip_prefix("..."), part.strip_suffix("...")) {
            (Some(rest), _) => (rest, Elided::Left),
            (None, Some(rest)) => (rest, Elided::Right),
            (None, None) => (part, Elided::Nothing),
        };
        let ((input, of_input), (output, of_output)) = (strip(input), strip(output));
        let parts = [input, kernel, output];
        let are_letters =
            |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphabetic());
        let known = |letter: char, parts: &[&str]| parts.iter().any(|part| part.contains(letter));
        let makes_sense = of_input == of_output
            && parts.iter().all(are_letters)
            && output.chars().all(|letter| known(letter, &[input, kernel]))
            && kernel.chars().all(|letter| known(letter, &[input, output]));
        match makes_sense {
            true => Ok(Self {
                text,
                input,
                kernel,
                output,
                elided: of_input,
            }),
            false => Err(refused()),
        }
    }

    /// The shape of the bias: from its first letter on, 1 along the letters that it leaves out.
    fn bias(
        &self,
        axes: &str,
        elided: usize,
        size: impl Fn(char) -> Result<usize>,
    ) -> Result<Shape> {
        let first = axes
            .chars()
            .map(|letter| self.output.find(letter))
            .min()
            .flatten();
        let (Some(first), true) = (first, axes.chars().all(|c| self.output.contains(c))) else {
            return Err(Error::invalid_argument(
                "EinsumDense: bias_axes",
                format!("letters of \"{}\"", self.output),
                format!("\"{axes}\""),
                "",
            ));
        };
        let sizes = self.output[first..].chars().map(|letter| {
            if axes.contains(letter) {
                size(letter)
            } else {
                Ok(1)
            }
        });
        let mut sizes: Vec<usize> = sizes.collect::<Result<_>>()?;
        if self.elided != Elided::Left {
            sizes.extend(std::iter::repeat_n(1, elided));
        }
        Ok(sizes.into())
    }

    fn misfit(&self, expected: &str, input: &Shape) -> Error {
        let subject = format!("EinsumDense: {}", self.text);
        Error::shape_mismatch(subject, expected, format!("an input of shape {input}"), "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shapes(
        equation: &str,
        bias: Option<&str>,
        input: &[usize],
        output: &[Option<usize>],
    ) -> Result<(Vec<usize>, Option<Vec<usize>>)> {
        let shapes = EinsumShapes::new(equation, bias, &Shape::from(input), output)?;
        Ok((
            shapes.kernel.dims().to_vec(),
            shapes.bias.map(|b| b.dims().to_vec()),
        ))
    }

    #[test]
    fn the_weights_have_the_shapes_that_keras_gives_them() {
        let unknown = Shape::UNKNOWN;
        let of = |equation, bias, input: &[usize], output: &[Option<usize>]| {
            shapes(equation, bias, input, output).unwrap()
        };
        let abd = of(
            "abc,cd->abd",
            Some("d"),
            &[unknown, unknown, 5],
            &[None, Some(4)],
        );
        assert_eq!(abd, (vec![5, 4], Some(vec![4])));
        let left = of("...x,xy->...y", Some("y"), &[2, 3, 4, 5], &[Some(7)]);
        assert_eq!(left, (vec![5, 7], Some(vec![7])));
        let right = of("ab...,bc->ac...", Some("c"), &[2, 3, 4, 5], &[Some(7)]);
        assert_eq!(right, (vec![3, 7], Some(vec![7, 1, 1])));
        let time = of("abc,bd->adc", Some("dc"), &[2, 3, 5], &[Some(4), None]);
        assert_eq!(time, (vec![3, 4], Some(vec![4, 5])));
        let diagonal = of("ab,b->ab", None, &[2, 3], &[Some(3)]);
        assert_eq!(diagonal, (vec![3], None));
    }

    #[test]
    fn what_does_not_fit_is_told() {
        for (equation, bias, output, expected) in [
            ("ab,bc", None, vec![Some(4)], "the form"),
            ("ab,bc->ad", None, vec![Some(4)], "the form"),
            ("ab,bce->ac", None, vec![Some(4)], "the form"),
            ("ab,bc->ac", None, vec![Some(4), Some(3)], "1 sizes"),
            ("ab,bc->ac", Some("b"), vec![Some(4)], "letters of \"ac\""),
            ("abc,cd->ad", None, vec![Some(4)], "axes of the equation"),
            ("ab,b->ab", None, vec![Some(4)], "the input's size 3"),
            ("ab,bc->ac", None, vec![None], "a known size for \"c\""),
        ] {
            let error = shapes(equation, bias, &[2, 3], &output)
                .unwrap_err()
                .to_string();
            assert!(error.contains(expected), "{equation}: {error}");
        }
    }
}
