//! Note 002, callbacks: built-in ones, simple ones of closures, and one's own as a type.
//!
//! `cargo run --release --example seed_002_callbacks`

#![allow(clippy::print_stdout, reason = "an example prints")]

mod shared;

use hornblende::callbacks::{
    CSVLogger, EarlyStopping, LambdaCallback, LearningRateScheduler, ModelCheckpoint,
    ReduceLROnPlateau, TerminateOnNaN,
};
use hornblende::prelude::*;
use shared::check::epochs;
use shared::data::Images;
use shared::models::get_compiled_model;

/// Stops as soon as the loss is low enough.
#[derive(Default)]
struct GoodEnough {
    below: f64,
    epochs: usize,
}

impl Callback for GoodEnough {
    fn on_epoch_end(&mut self, _epoch: usize, logs: &mut Logs, _run: &mut Run<'_>) -> Result<Flow> {
        self.epochs += 1;
        match logs.get("loss") {
            Some(loss) if loss < self.below => Ok(Flow::StopTraining),
            _ => Ok(Flow::Continue),
        }
    }
}

fn main() -> Result<()> {
    let images = Images::load()?;
    let (x_train, y_train) = (Images::rows(&images.x_train)?, &images.y_train);
    let folder = std::env::temp_dir().join(format!("hornblende-seed-002-{}", std::process::id()));
    let log = folder.join("log.csv");
    let best = folder.join("best.keras");

    // 内置回调函数
    let mut model = get_compiled_model()?;
    let built_in: Vec<Box<dyn Callback>> = vec![
        Box::new(
            EarlyStopping::new()
                .monitor("val_loss")
                .patience(2)
                .restore_best_weights(true),
        ),
        Box::new(
            ReduceLROnPlateau::new()
                .monitor("val_loss")
                .factor(0.5)
                .patience(1),
        ),
        Box::new(LearningRateScheduler::new(|epoch, lr| {
            if epoch < 3 { lr } else { lr * 0.9 }
        })),
        Box::new(
            ModelCheckpoint::new(best.display().to_string())
                .monitor("val_loss")
                .save_best_only(true),
        ),
        Box::new(CSVLogger::new(&log)),
        Box::new(TerminateOnNaN::new()),
    ];
    std::fs::create_dir_all(&folder)
        .map_err(|error| Error::io("the folder", "one that can be made", error.to_string(), ""))?;
    let options = Fit::new()
        .epochs(epochs(4))
        .validation_split(0.2)
        .callbacks(built_in);
    let history = model.fit((&x_train, y_train), options.verbose(2))?;
    let lines = std::fs::read_to_string(&log)
        .map_err(|error| Error::io("the log", "a file", error.to_string(), ""))?;
    assert_eq!(lines.lines().count(), history.epoch.len() + 1);
    let again = hornblende::saving::load_model(&best)?;
    assert_eq!(again.count_params(), model.count_params());
    let _ = std::fs::remove_dir_all(&folder);

    // 自定义回调函数: closures, and a type.
    let mut model = get_compiled_model()?;
    let lambda = LambdaCallback::new().on_epoch_end(|epoch, logs, _run| {
        println!("epoch {epoch}: loss {:?}", logs.get("loss"));
        Ok(Flow::Continue)
    });
    let mut own = GoodEnough {
        below: 1e9,
        epochs: 0,
    };
    let options = Fit::new()
        .epochs(5)
        .verbose(0)
        .callbacks((lambda, &mut own));
    model.fit((&x_train, y_train), options)?;
    assert_eq!(own.epochs, 1);
    Ok(())
}
