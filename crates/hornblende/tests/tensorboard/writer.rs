//! What a writer writes by hand.

use hornblende::prelude::*;
use hornblende::summary::{HParam, HParamMetric, HParamValue, SummaryWriter};

use crate::Folder;
use crate::event_log::{EventLog, Field, fields};

#[test]
fn every_kind_of_summary_comes_back() {
    let folder = Folder::new("kinds");
    let mut writer = SummaryWriter::create(folder.path()).unwrap();
    writer.scalar("nan", f64::NAN, 3).unwrap();
    writer.text("notes", "some *words*", 4).unwrap();
    writer
        .histogram("h", &Tensor::from([1.0f32, 2.0, 2.0]), 5)
        .unwrap();
    let images = Tensor::ones([5, 2, 3, 1], DType::F32);
    writer.image("i", &images, 6).unwrap();
    writer.images("j", &images, 5, 7).unwrap();
    drop(writer);
    let log = EventLog::read(folder.path());
    let [nan, notes, h, i, j] = &log.points[..] else {
        panic!("five summaries, not {:?}", log.trace());
    };
    assert!(nan.number().is_nan());
    assert_eq!((nan.step, &*nan.plugin), (3, "scalars"));
    assert_eq!(
        (&*notes.plugin, &notes.texts[0][..]),
        ("text", &b"some *words*"[..])
    );
    assert_eq!((&*h.plugin, &h.shape[..]), ("histograms", &[30, 3][..]));
    assert_eq!(h.doubles()[88..], [2.0, 2.0]);
    assert_eq!(
        (&*i.plugin, &i.texts[..2]),
        ("images", &[b"3".to_vec(), b"2".to_vec()][..])
    );
    assert_eq!((i.texts.len(), j.texts.len()), (2 + 3, 2 + 5));
    assert!(i.texts[2].starts_with(b"\x89PNG"));
}

#[test]
fn hyperparameters_are_in_the_plugin_s_data() {
    let folder = Folder::new("hparams");
    let mut writer = SummaryWriter::create(folder.path()).unwrap();
    let units = HParam::new("units").discrete([16, 32]);
    let metric = HParamMetric::new("epoch_loss").group("validation");
    writer.hparams_config(&[units], &[metric]).unwrap();
    writer
        .hparams([("units", HParamValue::from(16)), ("wide", false.into())])
        .unwrap();
    writer.end_hparams(true).unwrap();
    drop(writer);
    let log = EventLog::read(folder.path());
    let tags = ["experiment", "session_start_info", "session_end_info"];
    let wanted = tags.map(|tag| format!("0 _hparams_/{tag} hparams"));
    assert_eq!(log.trace(), wanted);
    let start = fields(fields(&log.points[1].plugin_content)[0].1.bytes());
    let entries = start.iter().filter(|(number, _)| *number == 1);
    let names: Vec<&[u8]> = entries
        .map(|(_, e)| fields(e.bytes())[0].1.bytes())
        .collect();
    assert_eq!(names, [&b"units"[..], b"wide"]);
    let end = fields(fields(&log.points[2].plugin_content)[0].1.bytes());
    assert!(matches!(end[0], (1, Field::Varint(1))), "success");
}

#[test]
fn a_run_that_fails_is_a_trial_that_failed() {
    /// Fails at the end of the first epoch.
    struct Fails;
    impl Callback for Fails {
        fn on_epoch_end(&mut self, _: usize, _: &mut Logs, _: &mut Run) -> Result<Flow> {
            Err(Error::data("a test", "an error", "this one", ""))
        }
    }
    let (x, y) = crate::data();
    for (fails, status) in [(false, 1), (true, 2)] {
        let folder = Folder::new(&format!("trial-{fails}"));
        let board = TensorBoard::new(folder.path()).hparams([("units", 3)]);
        let mut callbacks: Vec<Box<dyn Callback>> = vec![Box::new(board)];
        if fails {
            callbacks.push(Box::new(Fails));
        }
        let options = Fit::new().verbose(0).callbacks(callbacks);
        assert_eq!(crate::small_model().fit((&x, &y), options).is_err(), fails);
        let log = EventLog::read(folder.path());
        let end = log.of("_hparams_/session_end_info")[0];
        let end = fields(fields(&end.plugin_content)[0].1.bytes());
        assert!(
            matches!(end[0], (1, Field::Varint(n)) if n == status),
            "{end:?}"
        );
    }
}

#[test]
fn points_of_the_projector_need_a_label_each_and_a_name_of_a_file() {
    let folder = Folder::new("points");
    let mut writer = SummaryWriter::create(folder.path()).unwrap();
    let points = Tensor::from([[0.0f32, 1.0], [2.0, 3.0]]);
    writer.embedding("words", &points, &["a", "b"]).unwrap();
    writer.embedding("more", &points, &[]).unwrap();
    writer.embedding("words", &points, &["c", "d"]).unwrap();
    let list = std::fs::read_to_string(folder.path().join("projector_config.pbtxt")).unwrap();
    assert_eq!(list.matches("tensor_name").count(), 2);
    assert_eq!(
        list.matches("metadata_path: \"words-labels.tsv\"").count(),
        1
    );
    let labels = std::fs::read_to_string(folder.path().join("words-labels.tsv")).unwrap();
    assert_eq!(labels, "c\nd\n");
    assert!(writer.embedding("words", &points, &["a"]).is_err());
    assert!(writer.embedding("../out", &points, &[]).is_err());
    assert!(
        writer
            .embedding("words", &Tensor::from([1.0f32]), &[])
            .is_err()
    );
}
