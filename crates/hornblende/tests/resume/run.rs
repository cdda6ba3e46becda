//! The run that is interrupted: everything in it that has state.

use std::path::{Path, PathBuf};

use hornblende::Value;
use hornblende::callbacks::CallbackState;
use hornblende::config::Config;
use hornblende::prelude::*;

/// A run and how it is interrupted.
pub(crate) struct Training {
    pub(crate) folder: Option<PathBuf>,
    pub(crate) save_freq: usize,
    pub(crate) epochs: usize,
    pub(crate) rows: usize,
    /// Fails in the hook of the batch of this number, counted over the whole run.
    pub(crate) fails_at: Option<usize>,
    pub(crate) steps_per_epoch: Option<usize>,
    /// One number of the data is none.
    pub(crate) with_nan: bool,
}

impl Default for Training {
    fn default() -> Self {
        Self {
            folder: None,
            save_freq: 1,
            epochs: 5,
            rows: 50,
            fails_at: None,
            steps_per_epoch: None,
            with_nan: false,
        }
    }
}

impl Training {
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self {
            folder: Some(folder.to_path_buf()),
            ..Self::default()
        }
    }

    /// Trains, and tells the history and all variables to the last bit.
    pub(crate) fn run(&self) -> Result<String> {
        self.run_with(Vec::new())
    }

    pub(crate) fn run_with<'c>(
        &self,
        mut callbacks: Vec<Box<dyn Callback + 'c>>,
    ) -> Result<String> {
        hornblende::random::set_seed(11);
        let mut model = model()?;
        let (x, y) = self.data();
        if let Some(folder) = &self.folder {
            // In front, so that what the others do at the same hook must be in the checkpoint too.
            let backup = BackupAndRestore::new(folder).save_freq(self.save_freq);
            callbacks.insert(0, Box::new(backup));
        }
        let plateau = ReduceLROnPlateau::new().monitor("loss").factor(0.5);
        callbacks.push(Box::new(plateau.patience(1).min_delta(0.01)));
        let stop = EarlyStopping::new().monitor("loss").patience(6);
        callbacks.push(Box::new(stop.restore_best_weights(true)));
        callbacks.push(Box::new(CountBatches::default()));
        let batch = self.fails_at.unwrap_or(usize::MAX);
        callbacks.push(Box::new(FailAt { batch, seen: 0 }));
        let mut options = Fit::new()
            .batch_size(8)
            .epochs(self.epochs)
            .validation_split(0.2)
            .validation_freq(2)
            .verbose(0);
        if let Some(steps) = self.steps_per_epoch {
            options = options.steps_per_epoch(steps);
        }
        let history = model.fit((&x, &y), options.callbacks(callbacks))?;
        let mut told = format!("{:?} {history:?}\n", history.epoch);
        for value in model.variables().iter().map(Variable::value) {
            told.push_str(&bits(&value));
        }
        Ok(told)
    }

    /// The number of training batches of the run, if nothing stops it.
    pub(crate) fn batches(&self) -> usize {
        let each = (self.rows * 4 / 5).div_ceil(8);
        self.epochs * self.steps_per_epoch.unwrap_or(each)
    }

    fn data(&self) -> (Tensor, Tensor) {
        let mut x: Vec<f32> = (0..self.rows * 4)
            .map(|k| ((k * 37 % 101) as f32) / 50.0 - 1.0)
            .collect();
        if self.with_nan {
            x[9] = f32::NAN;
        }
        let y: Vec<f32> = (0..self.rows)
            .map(|r| f32::from(x[r * 4] + x[r * 4 + 1] > 0.1))
            .collect();
        let x = Value::from_vec([self.rows, 4], x).unwrap();
        let y = Value::from_vec([self.rows, 1], y).unwrap();
        (x.into(), y.into())
    }
}

pub(crate) fn bits(value: &Value) -> String {
    let each = value.to_f64_vec();
    let bits: Vec<String> = each.iter().map(|x| format!("{:x}", x.to_bits())).collect();
    format!("{} {}\n", value.shape(), bits.join(" "))
}

fn model() -> Result<Model> {
    let inputs = Input::new([4]);
    let x = Dense::new(12).activation("relu").call(&inputs)?;
    let x = Dropout::new(0.3).call(&x)?;
    let outputs = Dense::new(1).activation("sigmoid").call(&x)?;
    let mut model = Model::new(&inputs, &outputs)?;
    let optimizer = Adam::new()
        .learning_rate(0.02)
        .use_ema(true)
        .gradient_accumulation_steps(2);
    let compile = Compile::new().optimizer(optimizer);
    let compile = compile.loss("binary_crossentropy");
    model.compile(compile.metrics(["accuracy", "auc"]))?;
    Ok(model)
}

/// A callback of the user's own: logs the number of batches so far.
#[derive(Default)]
struct CountBatches(usize);

impl Callback for CountBatches {
    fn class_name(&self) -> &'static str {
        "CountBatches"
    }

    fn on_train_batch_end(&mut self, _: usize, _: &Logs, _: &mut Run) -> Result<Flow> {
        self.0 += 1;
        Ok(Flow::Continue)
    }

    fn on_epoch_end(&mut self, _: usize, logs: &mut Logs, _: &mut Run) -> Result<Flow> {
        logs.set("batches", self.0 as f64);
        Ok(Flow::Continue)
    }

    fn get_state(&self) -> CallbackState {
        Config::new().with("batches", self.0).into()
    }

    fn set_state(&mut self, state: &CallbackState) -> Result<()> {
        self.0 = state.config.size("batches")?.unwrap_or(0);
        Ok(())
    }
}

/// A callback that returns an error once.
struct FailAt {
    batch: usize,
    seen: usize,
}

impl Callback for FailAt {
    fn on_train_batch_begin(&mut self, _: usize, _: &mut Run) -> Result<Flow> {
        if self.seen == self.batch {
            return Err(Error::data("callback", "no failure", "one", ""));
        }
        self.seen += 1;
        Ok(Flow::Continue)
    }
}

/// An empty folder of this name for a test of its own.
pub(crate) fn fresh_folder(name: &str) -> PathBuf {
    let name = format!("hornblende-resume-{name}-{}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    let _ = std::fs::remove_dir_all(&folder);
    folder
}
