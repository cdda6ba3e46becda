//! The logs as the real TensorBoard reads and serves them.

use std::io::Write;
use std::path::Path;
use std::process::Command;

use hornblende::prelude::*;
use serde_json::Value as Json;

use crate::{Folder, data, fit, small_model};

/// The Python that has TensorBoard; `None`, and a line that says so, if there is none and none was named.
fn python() -> Option<String> {
    let named = std::env::var("HORNBLENDE_PYTHON").ok();
    let python = named.clone().unwrap_or_else(|| "python3".to_owned());
    let tried = Command::new(&python)
        .args(["-c", "import tensorboard"])
        .output();
    let has_it = tried.is_ok_and(|output| output.status.success());
    assert!(
        has_it || named.is_none(),
        "{python} of HORNBLENDE_PYTHON has no TensorBoard"
    );
    if !has_it {
        let text = "SKIPPED: the real TensorBoard (set HORNBLENDE_PYTHON to a Python that has it)";
        // Past the capture of the test's output, so that it is seen.
        let mut out = std::io::stderr().lock();
        writeln!(out, "{text}").unwrap();
    }
    has_it.then_some(python)
}

/// What a script of this folder prints about logs.
fn ask(python: &str, script: &str, arguments: &[&str]) -> Json {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tensorboard");
    let done = Command::new(python)
        .arg(scripts.join(script))
        .args(arguments)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{script}: {errors}");
    serde_json::from_slice(&done.stdout).unwrap_or_else(|_| panic!("{script}: {errors}"))
}

/// The points of a curve. They are stored in single precision, and so they are compared.
fn points(curve: &Json) -> Vec<(u64, f32)> {
    let point = |point: &Json| {
        (
            point[0].as_u64().unwrap(),
            point[1].as_f64().unwrap() as f32,
        )
    };
    curve
        .as_array()
        .expect("a curve")
        .iter()
        .map(point)
        .collect()
}

/// What the history has for a name, as the points of a curve.
fn curve(history: &History, name: &str) -> Vec<(u64, f32)> {
    (0..).zip(history[name].iter().map(|x| *x as f32)).collect()
}

#[test]
fn the_real_reader_finds_the_history() {
    let Some(python) = python() else {
        return;
    };
    let folder = Folder::new("reader");
    let board = TensorBoard::new(folder.path())
        .histogram_freq(1)
        .write_images(true);
    let board = board.update_freq("batch").hparams([("units", 3)]);
    let history = fit(&mut small_model(), board).unwrap();
    let found = ask(&python, "read_logs.py", &[folder.path().to_str().unwrap()]);
    for (name, run, tag) in [
        ("loss", "train", "epoch_loss"),
        ("mae", "train", "epoch_mae"),
        ("val_loss", "validation", "epoch_loss"),
        ("val_mae", "validation", "epoch_mae"),
    ] {
        assert_eq!(found[run][tag][0], "scalars");
        let found = points(&found[run][tag][1]);
        assert_eq!(found, curve(&history, name), "{run} {tag}");
    }
    let train = &found["train"];
    assert_eq!(train["batch_loss"][1].as_array().unwrap().len(), 6);
    assert_eq!(
        train["small/first/kernel/histogram"][1][2],
        serde_json::json!([2, [30, 3]])
    );
    assert_eq!(
        train["small/first/kernel/image"][1][0],
        serde_json::json!([0, [3]])
    );
    assert_eq!(train["keras"][0], "graph_keras_model");
    assert!(
        train["<graph>"][1][0][1].as_u64().unwrap() > 5,
        "{}",
        train["<graph>"]
    );
    assert_eq!(found["."]["_hparams_/session_start_info"][0], "hparams");
}

#[test]
fn the_real_server_shows_curves_graphs_projector_and_hyperparameters() {
    let Some(python) = python() else {
        return;
    };
    let folder = Folder::new("server");
    let mut model = Sequential::new()
        .add(Input::new([3]).dtype(DType::I32))
        .add(Embedding::new(10, 2).name("words"))
        .add(Flatten::new().name("flat"))
        .add(Dense::new(1).name("last"))
        .with_name("small");
    model.compile(Compile::new().loss("mse")).unwrap();
    let x = (data().0 * 9.0).cast(DType::I32).slice_axis(1, 0..3);
    let board = TensorBoard::new(folder.path())
        .histogram_freq(1)
        .write_images(true);
    let board = board
        .embeddings_freq(1)
        .hparams([("optimizer", "rmsprop"), ("kind", "small")]);
    let options = Fit::new()
        .epochs(3)
        .batch_size(4)
        .validation_split(0.4)
        .verbose(0);
    let history = model
        .fit((&x, &data().1), options.callbacks(board))
        .unwrap();

    let browser = std::env::var("HORNBLENDE_CHROMIUM").ok();
    let mut arguments = vec![folder.path().to_str().unwrap()];
    arguments.extend(browser.as_deref());
    let found = ask(&python, "serve_logs.py", &arguments);

    let scalars = &found["scalars"];
    let of_training = points(&scalars["train epoch_loss"]);
    assert_eq!(of_training, curve(&history, "loss"));
    let of_validation = points(&scalars["validation epoch_loss"]);
    assert_eq!(of_validation, curve(&history, "val_loss"));
    assert!(found["histograms"]["train"]["small/words/embeddings/histogram"].is_object());
    assert!(found["images"]["train"]["small/last/kernel/image"].is_object());
    let drawn = |graph: &str, words: &str| {
        let text = found[graph].as_str().unwrap();
        assert!(text.contains(words), "{words} in the {graph}: {text}");
    };
    drawn("conceptual graph", "name: \"small/words\"");
    drawn("run graph", "name: \"last/kernel\"");
    let embedding = &found["projector"]["embeddings"][0];
    assert_eq!(embedding["tensorName"], "words/embeddings");
    assert_eq!(embedding["tensorShape"], serde_json::json!([10, 2]));
    assert_eq!(found["projector tensor"], 10 * 2 * 4);
    let group = &found["hparams"]["sessionGroups"][0];
    assert_eq!(group["hparams"]["optimizer"], "rmsprop");
    assert_eq!(group["sessions"][0]["status"], "STATUS_SUCCESS");
    if let Some(page) = found["page"].as_str() {
        for words in ["epoch_loss", "evaluation_loss_vs_iterations", "validation"] {
            assert!(page.contains(words), "{words} on the page");
        }
    }
}
