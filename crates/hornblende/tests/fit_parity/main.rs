//! Training runs of the real Keras, repeated: same initial weights, same batches, same numbers.

mod build;
mod compare;
mod custom;
mod golden;
mod run;

use run::Outcome;

/// The cases that ran when this was written; whatever comes later may only add to them.
const RUNNABLE: &[&str] = &[
    "workflow_objects",
    "workflow_strings",
    "acc_and_accuracy",
    "acc_onehot",
    "seed_softmax_from_logits_true",
    "seed_softmax_string_loss",
    "logits_model",
    "custom_loss_function",
    "custom_loss_class",
    "custom_metric_class",
    "custom_metric_function",
    "custom_ks_metric",
    "conv_focal",
    "multi_output_dicts",
    "multi_output_lists",
    "multi_output_one_loss",
    "multi_output_sample_weight",
    "class_weight",
    "class_weight_onehot",
    "sample_weight",
    "validation_split",
    "initial_epoch",
    "seed_add_loss_layer",
    "clipnorm",
    "clipvalue",
    "global_clipnorm",
    "exponential_decay",
    "use_ema",
    "gradient_accumulation",
    "frozen_layer",
    "on_batch",
    "custom_loop",
    "gradients_workflow_objects",
    "gradients_multi_output_dicts",
    "gradients_seed_add_loss_layer",
];

#[test]
fn training_gives_the_numbers_of_keras() {
    let Some(cases) = golden::cases() else {
        report("parity fit: SKIPPED, no golden vectors; set HORNBLENDE_SHARED or PARITY_CASES");
        return;
    };
    let (mut passed, mut failed, mut not_yet) = (Vec::new(), Vec::new(), Vec::new());
    for case in &cases {
        let id = golden::text(&case["id"]);
        match run::run(case) {
            Outcome::Passed => passed.push(id),
            Outcome::NotYet(why) => not_yet.push(format!("{id}: {why}")),
            Outcome::Failed(why) => failed.push(format!("{id}: {why}")),
        }
    }
    for line in &not_yet {
        eprintln!("not yet: {line}");
    }
    report(&format!(
        "parity fit: {} passed, {} failed, {} skipped",
        passed.len(),
        failed.len(),
        not_yet.len()
    ));
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    // Other files of cases have other names; these are those of the shared one.
    if std::env::var_os("PARITY_CASES").is_none() {
        let missing: Vec<_> = RUNNABLE.iter().filter(|id| !passed.contains(id)).collect();
        assert!(missing.is_empty(), "these cases ran before: {missing:?}");
    }
}

/// Written past the capture of the test harness, so that a run shows what it checked.
fn report(line: &str) {
    let mut out = std::io::stdout().lock();
    // A closed pipe on the other side is no failure of the test.
    let _ = std::io::Write::write_all(&mut out, format!("{line}\n").as_bytes());
}
