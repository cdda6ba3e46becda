//! The Python expressions in which cases write schedules.

use std::iter::Peekable;
use std::str::Chars;

/// An expression of numbers, `epoch` and `lr`: arithmetic, comparisons, `and`, `or`, `not`, `a if b else c`, and
/// a few functions. Truth is 1, and everything but 0 is true.
pub(crate) struct Expression(String);

impl Expression {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The value for an epoch and a learning rate; panics, which fails the case, for what is not understood.
    pub(crate) fn value(&self, epoch: usize, lr: f64) -> f64 {
        let mut parser = Parser {
            tokens: tokens(&self.0).into_iter().peekable(),
            epoch: epoch as f64,
            lr,
        };
        let value = parser.ternary();
        let rest = parser.tokens.next();
        assert!(rest.is_none(), "{rest:?} is left of {}", self.0);
        value
    }
}

fn tokens(text: &str) -> Vec<String> {
    let mut letters = text.chars().peekable();
    let mut out = Vec::new();
    while let Some(&c) = letters.peek() {
        if c.is_whitespace() {
            letters.next();
        } else if c.is_ascii_digit() || c == '.' {
            out.push(number(&mut letters));
        } else if c.is_alphabetic() || c == '_' {
            let mut name = String::new();
            while let Some(c) = letters.next_if(|c| c.is_alphanumeric() || *c == '_' || *c == '.') {
                name.push(c);
            }
            out.push(name);
        } else {
            letters.next();
            let mut sign = c.to_string();
            let doubled =
                |n: &char| (*n == c && "*/".contains(c)) || (*n == '=' && "<>=!".contains(c));
            sign.extend(letters.next_if(doubled));
            out.push(sign);
        }
    }
    out
}

fn number(letters: &mut Peekable<Chars<'_>>) -> String {
    let mut text = String::new();
    while let Some(&c) = letters.peek() {
        let is_exponent_sign = "+-".contains(c) && text.ends_with(['e', 'E']);
        if !(c.is_ascii_digit() || ".eE".contains(c) || is_exponent_sign) {
            break;
        }
        text.push(c);
        letters.next();
    }
    text
}

struct Parser {
    tokens: Peekable<std::vec::IntoIter<String>>,
    epoch: f64,
    lr: f64,
}

fn truth(condition: bool) -> f64 {
    f64::from(u8::from(condition))
}

impl Parser {
    fn takes(&mut self, token: &str) -> bool {
        self.tokens.next_if(|t| t == token).is_some()
    }

    fn ternary(&mut self) -> f64 {
        let value = self.or();
        if !self.takes("if") {
            return value;
        }
        let condition = self.or();
        assert!(self.takes("else"), "an if without else");
        let other = self.ternary();
        if condition == 0.0 { other } else { value }
    }

    fn or(&mut self) -> f64 {
        let mut value = self.and();
        while self.takes("or") {
            let other = self.and();
            value = if value == 0.0 { other } else { value };
        }
        value
    }

    fn and(&mut self) -> f64 {
        let mut value = self.not();
        while self.takes("and") {
            let other = self.not();
            value = if value == 0.0 { value } else { other };
        }
        value
    }

    fn not(&mut self) -> f64 {
        if self.takes("not") {
            return truth(self.not() == 0.0);
        }
        self.comparison()
    }

    fn comparison(&mut self) -> f64 {
        let left = self.sum();
        let signs = ["<", "<=", ">", ">=", "==", "!="];
        let Some(sign) = self.tokens.next_if(|t| signs.contains(&t.as_str())) else {
            return left;
        };
        let right = self.sum();
        truth(match sign.as_str() {
            "<" => left < right,
            "<=" => left <= right,
            ">" => left > right,
            ">=" => left >= right,
            "==" => left == right,
            _ => left != right,
        })
    }

    fn sum(&mut self) -> f64 {
        let mut value = self.product();
        loop {
            if self.takes("+") {
                value += self.product();
            } else if self.takes("-") {
                value -= self.product();
            } else {
                return value;
            }
        }
    }

    fn product(&mut self) -> f64 {
        let mut value = self.signed();
        loop {
            if self.takes("*") {
                value *= self.signed();
            } else if self.takes("/") {
                value /= self.signed();
            } else if self.takes("//") {
                value = (value / self.signed()).floor();
            } else if self.takes("%") {
                let divisor = self.signed();
                value -= (value / divisor).floor() * divisor;
            } else {
                return value;
            }
        }
    }

    fn signed(&mut self) -> f64 {
        if self.takes("-") {
            return -self.signed();
        }
        let base = self.atom();
        // A power binds its left side tighter than a sign and groups to the right.
        if self.takes("**") {
            base.powf(self.signed())
        } else {
            base
        }
    }

    fn atom(&mut self) -> f64 {
        let token = self.tokens.next().expect("an expression that goes on");
        match token.as_str() {
            "(" => {
                let value = self.ternary();
                assert!(self.takes(")"), "a bracket that is not closed");
                value
            }
            "epoch" => self.epoch,
            "lr" => self.lr,
            "True" => 1.0,
            "False" => 0.0,
            "math.pi" | "np.pi" => std::f64::consts::PI,
            name if self.takes("(") => self.call(name),
            number => number
                .parse()
                .unwrap_or_else(|_| panic!("{number} is not understood")),
        }
    }

    fn call(&mut self, name: &str) -> f64 {
        let mut arguments = vec![self.ternary()];
        while self.takes(",") {
            arguments.push(self.ternary());
        }
        assert!(self.takes(")"), "a call that is not closed");
        let first = arguments[0];
        match name.rsplit('.').next() {
            Some("min") => arguments.into_iter().fold(f64::INFINITY, f64::min),
            Some("max") => arguments.into_iter().fold(f64::NEG_INFINITY, f64::max),
            Some("exp") => first.exp(),
            Some("log") => first.ln(),
            Some("sqrt") => first.sqrt(),
            Some("cos") => first.cos(),
            Some("sin") => first.sin(),
            Some("pow") => first.powf(arguments[1]),
            Some("floor") => first.floor(),
            Some("abs") => first.abs(),
            Some("int") => first.trunc(),
            Some("float") => first,
            _ => panic!("the function {name} is not understood"),
        }
    }
}

#[test]
fn expressions_mean_what_they_mean_in_python() {
    for (text, value) in [
        ("0.1 * 0.9 ** epoch", 0.1 * 0.9f64.powi(3)),
        ("lr if epoch < 3 else lr * 0.8", 0.4),
        ("lr if epoch < 2 else lr*0.5 if epoch>5 else 7e-2", 0.07),
        ("-2 ** 2 + 7 // 2 - 7 % 4", -4.0),
        ("max(1e-3, lr / (1 + epoch)) * (not epoch == 3)", 0.0),
        ("lr * math.exp(-0.1 * epoch)", 0.5 * (-0.1f64 * 3.0).exp()),
        ("1.0 if epoch >= 3 and lr > 0.1 or False else 0.0", 1.0),
    ] {
        assert_eq!(Expression::new(text).value(3, 0.5), value, "{text}");
    }
}
