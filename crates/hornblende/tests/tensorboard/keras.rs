//! The logs of `fit` against those that Keras 3.15.1 on TensorFlow 2.21 writes for the same model and options.

use hornblende::prelude::*;

use crate::event_log::{EventLog, fields};
use crate::{Folder, data, fit, small_model};

/// What an epoch adds to the curves of training and of validation.
fn epoch_lines(epoch: usize) -> [Vec<String>; 2] {
    let line = |name: &str| format!("{epoch} epoch_{name} scalars");
    let evaluation =
        |name: &str| format!("{} evaluation_{name}_vs_iterations scalars", 2 * epoch + 2);
    [
        ["loss", "mae", "learning_rate"].map(line).to_vec(),
        [["loss", "mae"].map(evaluation), ["loss", "mae"].map(line)].concat(),
    ]
}

#[test]
fn tags_steps_and_plugins_of_each_epoch_are_keras_s() {
    let folder = Folder::new("epoch");
    let board = TensorBoard::new(folder.path())
        .histogram_freq(2)
        .write_images(true);
    fit(&mut small_model(), board).unwrap();
    let (train, validation) = logs(&folder);

    let mut wanted_train = vec!["0 keras graph_keras_model".to_owned()];
    let mut wanted_validation = Vec::new();
    for epoch in 0..3 {
        let [of_training, of_validation] = epoch_lines(epoch);
        wanted_train.extend(of_training);
        wanted_validation.extend(of_validation);
        if epoch % 2 == 0 {
            for (weight, has_image) in [
                ("first/kernel", true),
                ("first/bias", true),
                ("second/kernel", true),
                ("second/bias", false),
            ] {
                wanted_train.push(format!("{epoch} small/{weight}/histogram histograms"));
                if has_image {
                    wanted_train.push(format!("{epoch} small/{weight}/image images"));
                }
            }
        }
    }
    assert_eq!(train.trace(), wanted_train);
    assert_eq!(validation.trace(), wanted_validation);
    for log in [&train, &validation] {
        assert_eq!(log.versions, ["brain.Event:2"]);
        assert_eq!(log.files, 1);
        assert!(
            log.points
                .windows(2)
                .all(|pair| pair[0].wall_time <= pair[1].wall_time)
        );
    }
}

#[test]
fn tags_and_steps_of_each_batch_are_keras_s() {
    let folder = Folder::new("batch");
    let board = TensorBoard::new(folder.path()).update_freq("batch");
    fit(&mut small_model(), board.write_steps_per_second(true)).unwrap();
    let (train, validation) = logs(&folder);
    let mut wanted = vec!["0 keras graph_keras_model".to_owned()];
    let mut wanted_validation = Vec::new();
    for epoch in 0..3 {
        for batch in [2 * epoch + 1, 2 * epoch + 2] {
            let line = |name: &str| format!("{batch} batch_{name} scalars");
            wanted.extend(["steps_per_second", "loss", "mae"].map(line));
        }
        let [of_training, of_validation] = epoch_lines(epoch);
        wanted.extend(of_training);
        wanted.push(format!("{epoch} epoch_steps_per_second scalars"));
        wanted_validation.extend(of_validation);
    }
    assert_eq!(train.trace(), wanted);
    assert_eq!(validation.trace(), wanted_validation);

    let folder = Folder::new("every2");
    fit(
        &mut small_model(),
        TensorBoard::new(folder.path()).update_freq(2),
    )
    .unwrap();
    let steps = logs(&folder)
        .0
        .curve("batch_loss")
        .into_iter()
        .map(|(step, _)| step);
    assert_eq!(steps.collect::<Vec<_>>(), [2, 4, 6]);
}

#[test]
fn curves_are_the_history() {
    let folder = Folder::new("history");
    let history = fit(&mut small_model(), TensorBoard::new(folder.path())).unwrap();
    let (train, validation) = logs(&folder);
    for (name, log, tag) in [
        ("loss", &train, "epoch_loss"),
        ("mae", &train, "epoch_mae"),
        ("val_loss", &validation, "epoch_loss"),
        ("val_mae", &validation, "epoch_mae"),
    ] {
        let wanted: Vec<(i64, f32)> = (0..)
            .zip(&history[name])
            .map(|(epoch, x)| (epoch, *x as f32))
            .collect();
        assert_eq!(log.curve(tag), wanted, "{name}");
    }
    assert_eq!(
        train.curve("epoch_learning_rate"),
        [(0, 0.01), (1, 0.01), (2, 0.01)]
    );
}

#[test]
fn histograms_count_the_weights_and_the_results_of_layers() {
    let folder = Folder::new("histograms");
    let mut model = small_model();
    let samples = data().0;
    let board = TensorBoard::new(folder.path())
        .histogram_freq(1)
        .activations(&samples);
    fit(&mut model, board).unwrap();
    let train = logs(&folder).0;
    let counts = |tag: &str| -> Vec<f64> {
        let count = |rows: Vec<f64>| rows.chunks(3).map(|row| row[2]).sum();
        train
            .of(tag)
            .iter()
            .map(|point| count(point.doubles()))
            .collect()
    };
    assert_eq!(counts("small/first/kernel/histogram"), [12.0; 3]);
    assert_eq!(counts("small/first/output/histogram"), [30.0; 3]);
    assert_eq!(counts("small/second/output/histogram"), [10.0; 3]);

    // The last histogram is of the weights that the model has now.
    let kernel = model.get_weights()[0].to_vec::<f32>().unwrap();
    let last = train.of("small/first/kernel/histogram")[2].doubles();
    let least = kernel.iter().copied().fold(f32::INFINITY, f32::min);
    let largest = kernel.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    assert_eq!((last[0], last[88]), (f64::from(least), f64::from(largest)));
    let results = model.predict(&samples, Predict::new().verbose(0)).unwrap();
    let results = results.to_vec::<f32>().unwrap();
    let last = train.of("small/second/output/histogram")[2].doubles();
    let least = results.iter().copied().fold(f32::INFINITY, f32::min);
    // Another batch size may sum in another order: a few units in the last place.
    assert!((last[0] - f64::from(least)).abs() < 1e-6 * f64::from(least.abs()));
}

#[test]
fn the_model_is_drawn_as_layers_and_as_operations() {
    let folder = Folder::new("graph");
    let mut model = small_model();
    fit(&mut model, TensorBoard::new(folder.path())).unwrap();
    let train = logs(&folder).0;
    let keras = train.of("keras")[0];
    assert_eq!(keras.plugin_content, b"1");
    assert_eq!(keras.texts, [model.to_json().unwrap().into_bytes()]);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let graph = fields(&train.graphs[0]);
    let nodes: Vec<_> = graph
        .iter()
        .filter(|(n, _)| *n == 1)
        .map(|(_, node)| node)
        .collect();
    let name = |node: &crate::event_log::Field| text(fields(node.bytes())[0].1.bytes());
    let names: Vec<String> = nodes.iter().map(|node| name(node)).collect();
    for wanted in ["first/kernel", "second/dot_general"] {
        assert!(
            names.iter().any(|name| name == wanted),
            "{wanted} in {names:?}"
        );
    }
    for node in nodes {
        for (_, input) in fields(node.bytes())
            .iter()
            .filter(|(number, _)| *number == 3)
        {
            assert!(names.contains(&text(input.bytes())));
        }
    }

    let folder = Folder::new("no-graph");
    fit(
        &mut model,
        TensorBoard::new(folder.path()).write_graph(false),
    )
    .unwrap();
    let train = logs(&folder).0;
    assert!(train.of("keras").is_empty() && train.graphs.is_empty());
}

#[test]
fn weights_of_layers_inside_layers_have_keras_s_paths() {
    let folder = Folder::new("paths");
    let inner = Sequential::new()
        .add(Input::new([6]))
        .add(Dense::new(3).name("x"))
        .with_name("inner");
    let inputs = Input::new([5, 2]);
    let sequence = Bidirectional::new(GRU::new(3).name("g")).name("both");
    let h = sequence.call(&inputs).unwrap();
    let outputs = Dense::new(1)
        .name("b")
        .call(inner.call(&h).unwrap())
        .unwrap();
    let mut model = Model::new(&inputs, &outputs).unwrap();
    model.compile(Compile::new().loss("mse")).unwrap();
    let (x, y) = (
        Tensor::ones([2, 5, 2], DType::F32),
        Tensor::ones([2, 1], DType::F32),
    );
    let board = TensorBoard::new(folder.path()).histogram_freq(1);
    model
        .fit((&x, &y), Fit::new().verbose(0).callbacks(board))
        .unwrap();
    let train = EventLog::read(folder.path().join("train"));
    let tags: Vec<&str> = train.points.iter().map(|point| &*point.tag).collect();
    for wanted in [
        "both/forward_g/gru_cell/kernel/histogram",
        "both/backward_g/gru_cell/recurrent_kernel/histogram",
        "inner/x/kernel/histogram",
        "b/bias/histogram",
    ] {
        assert!(tags.contains(&wanted), "{wanted} in {tags:?}");
    }
}

#[test]
fn embeddings_are_files_that_the_projector_reads() {
    let folder = Folder::new("embeddings");
    let embedded = || {
        let mut model = Sequential::new()
            .add(Input::new([3]).dtype(DType::I32))
            .add(Embedding::new(7, 2).name("words"))
            .add(Flatten::new())
            .add(Dense::new(1));
        model.compile(Compile::new().loss("mse")).unwrap();
        model
    };
    let (x, y) = (
        Tensor::from([[0, 1, 2], [3, 4, 5]]),
        Tensor::from([[1.0f32], [0.0]]),
    );
    let options = || Fit::new().verbose(0).epochs(2);
    let board = || TensorBoard::new(folder.path()).embeddings_freq(1);
    let labelled = board().embeddings_metadata([("words", "words.tsv")]);
    let mut model = embedded();
    model.fit((&x, &y), options().callbacks(labelled)).unwrap();
    let list = std::fs::read_to_string(folder.path().join("projector_config.pbtxt")).unwrap();
    assert_eq!(
        list,
        "embeddings {\n  tensor_name: \"words/embeddings\"\n  metadata_path: \"words.tsv\"\n  \
         tensor_path: \"words-embeddings.tsv\"\n}\n"
    );
    let table = std::fs::read_to_string(folder.path().join("words-embeddings.tsv")).unwrap();
    let numbers: Vec<f32> = table
        .split_whitespace()
        .map(|x| x.parse().unwrap())
        .collect();
    assert_eq!(numbers, model.get_weights()[0].to_vec::<f32>().unwrap());

    let unknown = board().embeddings_metadata([("word", "words.tsv")]);
    let error = embedded()
        .fit((&x, &y), options().callbacks(unknown))
        .unwrap_err()
        .to_string();
    assert!(error.contains("Did you mean \"words\"?"), "{error}");
}

#[test]
fn an_evaluation_by_itself_adds_to_the_curves_of_validation() {
    let folder = Folder::new("evaluate");
    let mut model = small_model();
    let mut board = TensorBoard::new(folder.path());
    let (x, y) = data();
    let options = Fit::new().verbose(0).callbacks(&mut board);
    model.fit((&x, &y), options).unwrap();
    assert!(!folder.path().join("validation").exists());
    let options = Evaluate::new().verbose(0).callbacks(&mut board);
    let loss = model.evaluate((&x, &y), options).unwrap().loss();
    let validation = EventLog::read(folder.path().join("validation"));
    let curve = validation.curve("evaluation_loss_vs_iterations");
    assert_eq!(curve, [(1, loss as f32)]);
}

#[test]
fn logs_can_be_read_while_fit_runs() {
    /// Reads the logs after each epoch and each batch.
    struct Reader<'f>(&'f Folder, Vec<usize>);
    impl Callback for Reader<'_> {
        fn on_train_batch_end(&mut self, _: usize, _: &Logs, _: &mut Run) -> Result<Flow> {
            let train = EventLog::read(self.0.path().join("train"));
            self.1.push(train.curve("batch_loss").len());
            Ok(Flow::Continue)
        }
        fn on_epoch_end(&mut self, epoch: usize, _: &mut Logs, _: &mut Run) -> Result<Flow> {
            let train = EventLog::read(self.0.path().join("train"));
            assert_eq!(train.curve("epoch_loss").len(), epoch + 1);
            Ok(Flow::Continue)
        }
    }
    let folder = Folder::new("live");
    let board = TensorBoard::new(folder.path()).update_freq(1);
    let mut reader = Reader(&folder, Vec::new());
    let (x, y) = data();
    let options = Fit::new().epochs(2).batch_size(5).verbose(0);
    small_model()
        .fit((&x, &y), options.callbacks((board, &mut reader)))
        .unwrap();
    assert_eq!(reader.1, [1, 2, 3, 4]);
}

#[test]
fn a_folder_that_cannot_be_written_stops_fit_before_the_first_step() {
    let folder = Folder::new("refused");
    std::fs::write(folder.path(), "a file where the folder should be").unwrap();
    let mut model = small_model();
    let before = model.get_weights();
    let error = fit(&mut model, TensorBoard::new(folder.path())).unwrap_err();
    assert!(matches!(error, Error::Io(_)), "{error}");
    assert!(
        error.to_string().contains("hornblende-tensorboard-refused"),
        "{error}"
    );
    let after = model.get_weights();
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before.eval().unwrap(), after.eval().unwrap());
    }
    std::fs::remove_file(folder.path()).unwrap();
    fit(&mut model, TensorBoard::new(folder.path())).expect("the model is as good as before");
}

#[test]
fn options_that_make_no_sense_are_refused_by_name() {
    let folder = Folder::new("options");
    let board = || TensorBoard::new(folder.path());
    for (board, words) in [
        (
            board().update_freq("never"),
            "update_freq: expected \"epoch\"",
        ),
        (board().update_freq(0), "above 0; got 0"),
        (board().profile_batch(2), "there is no profiler"),
    ] {
        let error = fit(&mut small_model(), board).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    assert!(!folder.path().exists(), "nothing was written");
}

/// The logs of training and of validation.
fn logs(folder: &Folder) -> (EventLog, EventLog) {
    let read = |name: &str| EventLog::read(folder.path().join(name));
    (read("train"), read("validation"))
}
