//! Numbers beside those that Keras gives: the ones that stand in an example, and the ones recorded from the real Keras
//! in `keras-parity/seed_examples.json` of the shared folder, where that is at hand.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use hornblende::config::Json;
use hornblende::prelude::*;
use hornblende::{Storage, Value};

/// Which example checks which recorded cases. A case that stands in no row fails every example, and so does a case of
/// an example's own row that it did not check in full.
#[rustfmt::skip]
pub(crate) const EXAMPLES: &[(&str, &[&str])] = &[
    ("seed_000_losses", &[
        "bce_sum_over_batch_size", "bce_sum_over_batch_size_w", "bce_sum", "bce_sum_w", "bce_none", "bce_none_w",
        "bce_mean", "bce_mean_w", "bce_mean_with_sample_weight", "bce_mean_with_sample_weight_w",
        "mse_function", "mse_ones_sum_over_batch_size", "mse_ones_sum", "mse_ones_none",
        "focal_binary_g2.0_a0.75", "focal_binary_g2.0_a0.25",
    ]),
    ("seed_001_custom_losses_and_metrics", &["custom_mse_0.1", "categorical_true_positives"]),
    ("seed_002_losses_and_metrics", &[
        "focal_sum_g2.0_a0.75", "focal_sum_g2.0_a0.25", "ks_function", "ks_class_101_bins",
    ]),
    ("seed_002_optimizers", &[
        "quadratic_apply_gradients_0", "quadratic_minimize_0",
        "quadratic_fakemodel_sgd_0", "quadratic_fakemodel_nesterov_0", "quadratic_fakemodel_decay_0",
    ]),
    ("seed_003_losses", &["cce_3x3", "scce_3x3", "mse_vector_class", "mse_vector_custom", "focal_softmax_g2.0"]),
    ("seed_004_metrics", &["sparse_categorical_accuracy_by_hand", "ks_two_batches"]),
    ("seed_004_optimizers", &["exponential_decay", "sgd_clipnorm", "sgd_clipvalue", "rmsprop_get_weights"]),
];

/// The recorded numbers of one example, if the shared folder is there, and what was compared with them.
pub(crate) struct Keras {
    example: &'static str,
    /// The recorded cases by name; nothing without the shared folder.
    cases: Option<BTreeMap<String, Json>>,
    compared: BTreeSet<(String, String)>,
}

impl Keras {
    /// Reads what was recorded: in `$HORNBLENDE_SHARED`, else in `shared` beside a folder above this one.
    pub(crate) fn recorded(example: &'static str) -> Result<Self> {
        let cases = file().map(|path| read(&path)).transpose()?;
        let named: BTreeSet<&str> = EXAMPLES
            .iter()
            .flat_map(|(_, cases)| *cases)
            .copied()
            .collect();
        for id in cases.iter().flatten().map(|(id, _)| id) {
            if !named.contains(id.as_str()) {
                return Err(wrong(id, "an example that checks the case", "none"));
            }
        }
        let compared = BTreeSet::new();
        Ok(Self {
            example,
            cases,
            compared,
        })
    }

    /// What a case gives as input, which would be too long to be written down: nothing without the shared folder.
    pub(crate) fn input(&self, case: &str, key: &str) -> Option<Tensor> {
        let array = &self.cases.as_ref()?.get(case)?["inputs"][key];
        let shape: Option<Vec<usize>> = array["shape"]
            .as_array()?
            .iter()
            .map(|size| Some(size.as_u64()? as usize))
            .collect();
        let numbers = flat(array).into_iter().map(|number| number as f32);
        Some(
            Value::new(shape?, Storage::F32(numbers.collect()))
                .ok()?
                .into(),
        )
    }

    /// Prints a number, and fails if it is neither the one that stands in the example nor the one of this name that
    /// the case recorded.
    pub(crate) fn check(
        &mut self,
        case: &str,
        key: &str,
        got: &Tensor,
        keras: &[f64],
    ) -> Result<()> {
        let what = format!("{case}: {key}");
        check(&what, got, keras)?;
        self.compare(case, key, got)
    }

    /// As [`check`](Self::check), of numbers that are too many to be written down.
    pub(crate) fn check_recorded(&mut self, case: &str, key: &str, got: &Tensor) -> Result<()> {
        let numbers = got.cast(DType::F64).to_vec::<f64>()?;
        println!("{case}: {key}: {} numbers", numbers.len());
        self.compare(case, key, got)
    }

    /// Says how much was compared; fails if a case of this example was not, or not all that it recorded.
    pub(crate) fn compared(self) -> Result<()> {
        let rows = EXAMPLES.iter().filter(|(name, _)| *name == self.example);
        let own: Vec<&str> = rows.flat_map(|(_, cases)| *cases).copied().collect();
        let Some(cases) = &self.cases else {
            print_loudly(&format!(
                "{}: SKIPPED the comparison with {} recorded cases: no folder `shared`, and HORNBLENDE_SHARED is not \
                 set; the numbers that stand in the example hold",
                self.example,
                own.len()
            ));
            return Ok(());
        };
        for case in &own {
            let recorded = cases
                .get(*case)
                .ok_or_else(|| wrong(case, "a recorded case", "none"))?;
            for (key, _) in recorded["expected"].as_object().into_iter().flatten() {
                if !self.compared.contains(&((*case).to_owned(), key.clone())) {
                    return Err(wrong(case, &format!("`{key}` compared"), "left out"));
                }
            }
        }
        print_loudly(&format!(
            "{}: compared {} cases, {} results, with the real Keras",
            self.example,
            own.len(),
            self.compared.len()
        ));
        Ok(())
    }

    fn compare(&mut self, case: &str, key: &str, got: &Tensor) -> Result<()> {
        let Some(cases) = &self.cases else {
            return Ok(());
        };
        let is_own = |(name, own): &(&str, &[&str])| *name == self.example && own.contains(&case);
        let recorded = cases.get(case).map(|case| &case["expected"][key]);
        let recorded =
            recorded.filter(|recorded| !recorded.is_null() && EXAMPLES.iter().any(is_own));
        let recorded = recorded.ok_or_else(|| {
            wrong(
                case,
                "a recorded case of this example",
                &format!("no such `{key}`"),
            )
        })?;
        let what = format!("{case}: {key}, recorded");
        near(
            &what,
            &got.cast(DType::F64).to_vec::<f64>()?,
            &flat(recorded),
        )?;
        self.compared.insert((case.to_owned(), key.to_owned()));
        Ok(())
    }
}

/// Prints a number and fails if it is not Keras's.
pub(crate) fn check(what: &str, got: &Tensor, keras: &[f64]) -> Result<()> {
    let got = got.cast(DType::F64).to_vec::<f64>()?;
    println!("{what}: {got:?}");
    near(what, &got, keras)
}

/// The number of epochs to train for: as in the notes, or as `HORNBLENDE_EPOCHS` says.
pub(crate) fn epochs(notes: usize) -> usize {
    let wanted = std::env::var("HORNBLENDE_EPOCHS").ok();
    wanted.and_then(|text| text.parse().ok()).unwrap_or(notes)
}

/// Fails if a number is not Keras's. They are F32, so a few roundings are allowed, as much as the parity tests allow.
fn near(what: &str, got: &[f64], keras: &[f64]) -> Result<()> {
    let is_near = |(got, keras): (&f64, &f64)| (got - keras).abs() <= 1e-5 * keras.abs() + 1e-6;
    if got.len() == keras.len() && got.iter().zip(keras).all(is_near) {
        return Ok(());
    }
    Err(wrong(what, &format!("{keras:?}"), &format!("{got:?}")))
}

fn wrong(what: &str, expected: &str, got: &str) -> Error {
    Error::data(what, expected, got, "")
}

/// Past what is thrown away of an example's output.
#[allow(clippy::print_stderr, reason = "an example prints")]
fn print_loudly(line: &str) {
    eprintln!("{line}");
}

/// The file of recorded numbers. A folder that was named must have it; reading says so.
fn file() -> Option<PathBuf> {
    let file = "keras-parity/seed_examples.json";
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    match std::env::var_os("HORNBLENDE_SHARED").filter(|folder| !folder.is_empty()) {
        Some(folder) => Some(Path::new(&folder).join(file)),
        None => above
            .map(|folder| folder.join("shared").join(file))
            .find(|path| path.is_file()),
    }
}

fn read(path: &Path) -> Result<BTreeMap<String, Json>> {
    let name = path.display().to_string();
    let unreadable = |why: String| Error::io(&name, "recorded numbers of Keras", why, "");
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
    let json: Json = serde_json::from_str(&text).map_err(|error| unreadable(error.to_string()))?;
    let cases = json["cases"].as_array().into_iter().flatten();
    let cases = cases.map(|case| Some((case["id"].as_str()?.to_owned(), case.clone())));
    let cases: Option<BTreeMap<String, Json>> = cases.collect();
    cases
        .filter(|cases| !cases.is_empty())
        .ok_or_else(|| unreadable("no cases in it".to_owned()))
}

/// All numbers of a result: a number, an array, or a list of such; of a named one, its value. What is no number is NaN,
/// which is near to nothing.
fn flat(json: &Json) -> Vec<f64> {
    match json {
        Json::Array(entries) => entries.iter().flat_map(flat).collect(),
        Json::Object(map) if map.contains_key("data") => flat(&json["data"]),
        Json::Object(map) if map.contains_key("value") => flat(&json["value"]),
        number => vec![number.as_f64().unwrap_or(f64::NAN)],
    }
}
