//! Runs that end with an error and are called again.

use std::sync::{Mutex, MutexGuard, PoisonError};

use hornblende::formats::CheckpointFolder;
use hornblende::prelude::*;

use super::run::{Training, fresh_folder};

/// The seed is one for the process, so runs that are compared must not overlap.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Fails the run after `every` batches again and again until it ends by itself.
fn interrupted_every(every: usize, training: &Training) -> String {
    let failing = |fails_at| Training {
        folder: training.folder.clone(),
        fails_at,
        ..*training
    };
    for _ in 0..training.batches() {
        match failing(Some(every)).run() {
            Ok(told) => return told,
            Err(error) => assert!(error.to_string().contains("callback"), "{error}"),
        }
    }
    panic!("the run does not come forward");
}

#[test]
fn a_run_that_fails_again_and_again_ends_as_an_undisturbed_one() {
    let _alone = alone();
    for (name, steps_per_epoch, rows) in [("whole", None, 50), ("cut", Some(3), 50)] {
        let undisturbed = Training {
            steps_per_epoch,
            rows,
            ..Training::default()
        };
        let wanted = undisturbed.run().unwrap();
        for (every, save_freq) in [(1, 1), (2, 1), (4, 3), (7, 2)] {
            let folder = fresh_folder(name);
            let training = Training {
                folder: Some(folder.clone()),
                save_freq,
                ..undisturbed
            };
            let told = interrupted_every(every, &training);
            assert!(told == wanted, "{name}: failing every {every} batches");
            assert!(!folder.exists(), "the checkpoints of a run that ended stay");
        }
    }
}

#[test]
fn a_file_of_logs_has_the_lines_of_the_whole_run() {
    let _alone = alone();
    let lines = |name: &str, fails_at: &[Option<usize>]| {
        let folder = fresh_folder(name);
        let csv = fresh_folder(&format!("{name}-csv"));
        std::fs::write(&csv, "from before\r\n").unwrap();
        for fails_at in fails_at {
            let training = Training {
                fails_at: *fails_at,
                ..Training::in_folder(&folder)
            };
            let result = training.run_with(vec![Box::new(CSVLogger::new(&csv).append(true))]);
            assert_eq!(result.is_err(), fails_at.is_some());
        }
        let text = std::fs::read_to_string(&csv).unwrap();
        std::fs::remove_file(csv).unwrap();
        text
    };
    let wanted = lines("lines", &[None]);
    assert_eq!(wanted.lines().count(), 6, "{wanted}");
    assert_eq!(
        lines("interrupted-lines", &[Some(12), Some(3), Some(6), None]),
        wanted
    );
}

#[test]
fn checkpoints_alone_change_nothing() {
    let _alone = alone();
    let wanted = Training::default().run().unwrap();
    let folder = fresh_folder("nothing");
    assert_eq!(Training::in_folder(&folder).run().unwrap(), wanted);
}

#[test]
fn a_run_that_a_callback_ended_early_ends_there_again() {
    let _alone = alone();
    let long = || Training {
        epochs: 60,
        rows: 20,
        ..Training::default()
    };
    let wanted = long().run().unwrap();
    let epochs = wanted.split(']').next().unwrap().split(',').count();
    assert!(epochs < 60, "nothing stopped the run early");
    let folder = fresh_folder("early");
    let training = Training {
        folder: Some(folder),
        ..long()
    };
    assert!(interrupted_every(7, &training) == wanted);
}

#[test]
fn not_a_number_in_the_data_is_trained_on_and_continued_alike() {
    let _alone = alone();
    let with_nan = || Training {
        with_nan: true,
        epochs: 2,
        ..Training::default()
    };
    let wanted = with_nan().run().unwrap();
    assert!(wanted.contains("NaN"), "{wanted}");
    let training = Training {
        folder: Some(fresh_folder("nan")),
        ..with_nan()
    };
    assert!(interrupted_every(3, &training) == wanted);
}

#[test]
fn a_checkpoint_of_another_model_is_refused_and_the_model_stays_as_it_was() {
    let _alone = alone();
    let folder = fresh_folder("other");
    let mut training = Training::in_folder(&folder);
    training.fails_at = Some(3);
    training.run().unwrap_err();
    let mut model = Sequential::new().add(Dense::new(7).input_shape([4]));
    let compile = Compile::new().optimizer("sgd").loss("mse");
    model.compile(compile).unwrap();
    let before = model.get_weights()[0].to_vec::<f32>().unwrap();
    let (x, y) = (
        Tensor::zeros([40, 4], DType::F32),
        Tensor::zeros([40, 7], DType::F32),
    );
    let backup = BackupAndRestore::new(&folder);
    let options = || Fit::new().batch_size(8).verbose(0);
    let error = model.fit((&x, &y), options().callbacks(backup));
    let message = error.unwrap_err().to_string();
    assert!(
        message.contains("[BackupAndRestore, ReduceLROnPlateau, EarlyStopping,"),
        "{message}"
    );
    let callbacks = (
        BackupAndRestore::new(&folder),
        ReduceLROnPlateau::new(),
        EarlyStopping::new(),
        Named("CountBatches"),
        Named("Callback"),
    );
    let error = model.fit((&x, &y), options().callbacks(callbacks));
    let message = error.unwrap_err().to_string();
    for part in ["mismatched:", "unexpected:", "float32 (4, 12)"] {
        assert!(message.contains(part), "{message}");
    }
    assert_eq!(model.get_weights()[0].to_vec::<f32>().unwrap(), before);
    assert!(CheckpointFolder::new(&folder).load().unwrap().is_some());
    std::fs::remove_dir_all(folder).unwrap();
}

/// Does nothing under a name.
struct Named(&'static str);

impl Callback for Named {
    fn class_name(&self) -> &'static str {
        self.0
    }
}

#[test]
fn a_model_that_is_compiled_otherwise_is_refused_with_the_place() {
    let _alone = alone();
    let folder = fresh_folder("compiled");
    let (x, y) = (
        Tensor::ones([16, 4], DType::F32),
        Tensor::zeros([16, 1], DType::F32),
    );
    let train = |optimizer: SGD, loss: &'static str, fails: bool| {
        let mut model = Sequential::new().add(Dense::new(1).input_shape([4]));
        model.compile(Compile::new().optimizer(optimizer).loss(loss))?;
        let plateau = ReduceLROnPlateau::new()
            .monitor("loss")
            .patience(0)
            .min_delta(9.0);
        let fail = FailAtEpoch(if fails { 2 } else { usize::MAX });
        let callbacks = (BackupAndRestore::new(&folder), plateau, fail);
        let options = Fit::new().epochs(4).verbose(0).callbacks(callbacks);
        model.fit((&x, &y), options)
    };
    let sgd = || SGD::new().learning_rate(0.01).momentum(0.9);
    train(sgd(), "mse", true).unwrap_err();
    let refused = |optimizer, loss| train(optimizer, loss, false).unwrap_err().to_string();
    let message = refused(sgd().momentum(0.8), "mse");
    assert!(
        message.contains("compile: optimizer: config: momentum 0.9"),
        "{message}"
    );
    assert!(message.contains("got 0.8"), "{message}");
    let message = refused(sgd(), "mae");
    assert!(message.contains("compile: loss: class_name"), "{message}");
    // The learning rate has been lowered since, and a name changes no number.
    let history = train(sgd().name("another"), "mse", false).unwrap();
    assert_eq!(history.epoch, [0, 1, 2, 3]);
}

/// Fails when this epoch begins.
struct FailAtEpoch(usize);

impl Callback for FailAtEpoch {
    fn on_epoch_begin(&mut self, epoch: usize, _: &mut Run) -> Result<Flow> {
        match epoch == self.0 {
            true => Err(Error::data("callback", "no failure", "one", "")),
            false => Ok(Flow::Continue),
        }
    }
}

#[test]
fn other_data_than_those_of_the_checkpoint_are_refused() {
    let _alone = alone();
    let folder = fresh_folder("data");
    let mut training = Training::in_folder(&folder);
    training.fails_at = Some(3);
    training.run().unwrap_err();
    training.rows = 60;
    let message = training.run().unwrap_err().to_string();
    assert!(
        message.contains("expected rows 10; got rows 12"),
        "{message}"
    );
    std::fs::remove_dir_all(folder).unwrap();
}
