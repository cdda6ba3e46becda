//! Datasets against tf.data, their positions, and their threads.
//!
//! `golden/data` is written by `scripts/record_datasets.py`.
#![allow(clippy::unwrap_used, reason = "a test may fail by a panic")]

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use hornblende::data::{Batch, Dataset, Element, Interleave, PaddedBatch, Shuffle, Window};
use hornblende::{Error, Result};
use serde_json::{Value as Json, json};

/// The tests that count threads run alone.
static THREADS: Mutex<()> = Mutex::new(());

fn rows(count: i64) -> Dataset {
    Dataset::range(0..count)
}

fn ragged() -> Dataset {
    Dataset::range(1..8).map(|k: i64| Ok(vec![k; (k % 4) as usize]))
}

fn windows(name: &str) -> Dataset {
    let numbers: Vec<usize> = name
        .split(' ')
        .skip(1)
        .map(|n| n.parse().unwrap())
        .collect();
    let [count, size, shift, stride, drop] = numbers[..] else {
        panic!("{name}");
    };
    let options = Window::new(size)
        .shift(shift)
        .stride(stride)
        .drop_remainder(drop == 1);
    rows(count as i64).window(options, move |window| Ok(window.batch(size)))
}

fn turns(name: &str) -> Dataset {
    let numbers: Vec<usize> = name
        .split(' ')
        .skip(1)
        .map(|n| n.parse().unwrap())
        .collect();
    let options = Interleave::new(numbers[0]).block_length(numbers[1]);
    rows(6).interleave(options, |k: i64| {
        Ok(Dataset::from_tensors(k).repeat(k as usize))
    })
}

fn pipeline(name: &str) -> Dataset {
    match name {
        _ if name.starts_with("window") => windows(name),
        _ if name.starts_with("interleave") => turns(name),
        "padded_batch" => ragged().padded_batch(3),
        "padded_batch shape" => ragged().padded_batch(PaddedBatch::new(2).padded_shapes([[5]])),
        "padded_batch value" => {
            let options = PaddedBatch::new(4)
                .padding_values([-1.0])
                .drop_remainder(true);
            ragged().padded_batch(options)
        }
        "batch" => rows(7).batch(3),
        "batch drop" => rows(7).batch(Batch::new(3).drop_remainder(true)),
        "unbatch" => rows(7).batch(3).unbatch(),
        "shard" => rows(11).shard(4, 2),
        "batch of batches" => rows(9).batch(2).batch(Batch::new(2).drop_remainder(true)),
        "repeat across batches" => rows(5).repeat(2).batch(3),
        "batches repeated" => rows(5).batch(3).repeat(2),
        "skip take concatenate" => rows(9).skip(7).concatenate(&rows(9).take(2)),
        "filter batch" => rows(20).filter(|k: i64| Ok(k % 3 == 1)).batch(4),
        "enumerate" => rows(3).map(|k: i64| Ok(k * 10)).enumerate(),
        "zip" => Dataset::zip([&rows(3), &rows(9).batch(2)]),
        "take_while" => rows(9).take_while(|k: i64| Ok(k < 4)),
        "cache repeat" => rows(3).cache().repeat(2),
        other => panic!("no pipeline {other}"),
    }
}

fn recorded() -> BTreeMap<String, Json> {
    serde_json::from_str(include_str!("golden/data/pipelines.json")).unwrap()
}

/// The element as Python's `tolist` gives it.
fn plain(element: &Element) -> Json {
    match element {
        Element::Tuple(parts) => parts.iter().map(plain).collect(),
        Element::Named(parts) => parts.iter().map(|(_, part)| plain(part)).collect(),
        Element::Tensor(value) => {
            let numbers: Vec<i64> = value.to_f64_vec().iter().map(|x| *x as i64).collect();
            nested(&numbers, value.shape().dims())
        }
    }
}

fn nested(numbers: &[i64], dims: &[usize]) -> Json {
    match dims {
        [] => json!(numbers[0]),
        [size, rest @ ..] => {
            let width = numbers.len() / (*size).max(1);
            let part = |k: usize| nested(&numbers[k * width..(k + 1) * width], rest);
            (0..*size).map(part).collect()
        }
    }
}

fn all(dataset: &Dataset) -> Result<Vec<Json>> {
    dataset.iter().map(|element| Ok(plain(&element?))).collect()
}

#[test]
fn pipelines_give_what_tf_data_gives() {
    let recorded = recorded();
    assert!(recorded.len() > 25);
    for (name, expected) in recorded {
        let got = Json::from(all(&pipeline(&name)).unwrap());
        assert_eq!(got, expected, "{name}");
        let known = pipeline(&name).cardinality().known();
        let count = got.as_array().unwrap().len();
        assert!(
            known.is_none_or(|known| known == count),
            "{name}: {known:?}"
        );
    }
}

/// Pipelines with randomness, threads and everything that passes over elements in a way of its own.
fn intricate() -> Vec<(&'static str, Dataset)> {
    let shuffled = || rows(23).shuffle(Shuffle::new(5));
    vec![
        ("shuffle", shuffled()),
        ("shuffle all", rows(23).shuffle(100)),
        ("shuffle batch repeat", shuffled().batch(4).repeat(3)),
        (
            "repeat shuffle",
            rows(7).repeat(3).shuffle(Shuffle::new(4).seed(2)),
        ),
        (
            "filter shuffle",
            rows(40).filter(|k: i64| Ok(k % 2 == 0)).shuffle(6).batch(3),
        ),
        (
            "parallel",
            shuffled()
                .map_parallel(3, |k: i64| Ok(k * 2))
                .batch(2)
                .prefetch(2),
        ),
        ("shard skip take", shuffled().shard(3, 1).skip(2).take(4)),
        ("concatenate", shuffled().concatenate(&rows(4)).batch(5)),
        ("zip", Dataset::zip([&shuffled(), &rows(9)])),
        ("cache", shuffled().cache().shuffle(8).repeat(2)),
        ("flat_map", shuffled().batch(4).unbatch()),
        (
            "interleave",
            rows(5).interleave(2, |k: i64| Ok(rows(k).shuffle(Shuffle::new(3).seed(1)))),
        ),
        ("window", shuffled().window(4, |window| Ok(window.batch(4)))),
        ("padded", ragged().shuffle(4).padded_batch(2).repeat(2)),
    ]
}

#[test]
fn a_restored_iterator_goes_on_as_the_one_whose_state_it_got() {
    let _alone = THREADS.lock();
    let cases = recorded().into_keys().map(|name| {
        let dataset = pipeline(&name);
        (name, dataset)
    });
    let cases = cases.chain(
        intricate()
            .into_iter()
            .map(|(name, d)| (name.to_owned(), d)),
    );
    for (name, dataset) in cases {
        let _first_pass = all(&dataset).unwrap();
        let mut whole = dataset.iter();
        let mut states = vec![whole.state()];
        let mut elements = Vec::new();
        while let Some(element) = whole.next() {
            elements.push(plain(&element.unwrap()));
            states.push(whole.state());
        }
        let next_pass = all(&dataset).unwrap();
        for (count, state) in states.iter().enumerate() {
            // Through text, as in a checkpoint.
            let state: Json = serde_json::from_str(&state.to_string()).unwrap();
            let mut other = dataset.iter();
            other.restore(&state).unwrap();
            let rest: Vec<Json> = other.by_ref().map(|e| plain(&e.unwrap())).collect();
            assert_eq!(rest, elements[count..], "{name} from {count} on");
            assert_eq!(
                all(&dataset).unwrap(),
                next_pass,
                "{name}: the pass after {count}"
            );
        }
    }
}

#[test]
fn a_state_continues_in_a_process_that_drew_other_seeds() {
    let make = || rows(50).shuffle(50).batch(4);
    let (one, other) = (make(), make());
    let mut iterator = one.iter();
    assert_ne!(all(&one).unwrap(), all(&other).unwrap());
    iterator.by_ref().take(3).for_each(drop);
    let state = iterator.state();
    let mut continued = other.iter();
    continued.restore(&state).unwrap();
    let rest =
        |i: hornblende::data::DatasetIterator| i.map(|e| plain(&e.unwrap())).collect::<Vec<_>>();
    assert_eq!(rest(continued), rest(iterator));
    assert_eq!(all(&other).unwrap(), all(&one).unwrap());
}

#[test]
fn a_state_of_another_dataset_is_refused() {
    let mut iterator = rows(50).batch(4).iter();
    let state = iterator.by_ref().map(|_| ()).count();
    assert_eq!(state, 13);
    let state = iterator.state();
    let error = rows(5).iter().restore(&state).unwrap_err().to_string();
    assert!(error.contains("at least 13 elements; got 5"), "{error}");
    let error = rows(50)
        .shuffle(3)
        .iter()
        .restore(&state)
        .unwrap_err()
        .to_string();
    assert!(error.contains("0 shuffles; got 1"), "{error}");
    assert!(rows(50).iter().restore(&json!({"pass": -1})).is_err());
}

#[test]
fn parallel_calls_keep_the_order_whatever_takes_how_long() {
    let _alone = THREADS.lock();
    for calls in [1, 2, 5] {
        let squares = rows(60).map_parallel(calls, |k: i64| {
            std::thread::sleep(Duration::from_micros((k as u64 * 37) % 500));
            Ok(k * k)
        });
        let expected: Vec<Json> = (0..60i64).map(|k| json!(k * k)).collect();
        assert_eq!(all(&squares).unwrap(), expected);
        assert_eq!(all(&squares.prefetch(3).repeat(2)).unwrap().len(), 120);
    }
}

/// How many threads this process has that work for datasets.
fn workers() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let name = |task: std::io::Result<std::fs::DirEntry>| {
        std::fs::read_to_string(task.unwrap().path().join("comm")).unwrap_or_default()
    };
    tasks
        .map(name)
        .filter(|name| name.starts_with("hornblende-data"))
        .count()
}

fn assert_no_workers(what: &str) {
    let began = Instant::now();
    while workers() > 0 {
        assert!(
            began.elapsed() < Duration::from_secs(5),
            "{what} left {} threads",
            workers()
        );
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn no_thread_outlives_its_iterator() {
    let _alone = THREADS.lock();
    let dataset = rows(1000)
        .map_parallel(3, |k: i64| Ok(k))
        .shuffle(10)
        .prefetch(2);
    let mut iterator = dataset.iter();
    assert!(iterator.next().unwrap().is_ok());
    // A thread takes its name when it first runs.
    let began = Instant::now();
    while workers() != 4 {
        assert!(
            began.elapsed() < Duration::from_secs(5),
            "{} threads",
            workers()
        );
    }
    drop(iterator);
    assert_no_workers("a dropped iterator");

    assert_eq!(dataset.iter().count(), 1000);
    assert_no_workers("a whole pass");

    let failing = rows(1000).map_parallel(3, |k: i64| match k {
        7 => Err(Error::data("reader", "a row", "noise", "")),
        k => Ok(k),
    });
    let mut iterator = failing.prefetch(2).iter();
    let error = iterator.by_ref().find_map(Result::err).unwrap().to_string();
    assert!(error.contains("element 7 "), "{error}");
    assert!(iterator.next().is_none());
    assert_no_workers("an error");

    let endless = rows(3)
        .repeat(None)
        .map_parallel(2, |k: i64| Ok(k))
        .prefetch(1);
    assert_eq!(endless.iter().take(100).count(), 100);
    assert_no_workers("an endless dataset");
}

#[test]
fn a_panic_in_a_function_is_an_error_and_ends_the_threads() {
    let _alone = THREADS.lock();
    let panics = |k: i64| -> Result<i64> {
        assert!(k != 4, "no four");
        Ok(k)
    };
    let cases = [
        rows(9).map_parallel(2, panics),
        rows(9).map(panics).prefetch(2),
        rows(9).map(panics).map_parallel(2, |k: i64| Ok(k)),
    ];
    for dataset in cases {
        let results: Vec<Result<Element>> = dataset.iter().collect();
        assert_eq!(results.len(), 5);
        let error = results[4].as_ref().unwrap_err().to_string();
        assert!(error.contains("a panic: no four"), "{error}");
        assert_no_workers("a panic");
    }
}

#[test]
fn dropping_an_iterator_does_not_wait_for_a_slow_function() {
    let _alone = THREADS.lock();
    let slow = rows(9).map_parallel(1, |k: i64| {
        std::thread::sleep(Duration::from_millis(if k == 1 { 1500 } else { 0 }));
        Ok(k)
    });
    let mut iterator = slow.iter();
    assert!(iterator.next().unwrap().is_ok());
    let began = Instant::now();
    drop(iterator);
    assert!(began.elapsed() < Duration::from_secs(1));
    assert_no_workers("a slow function");
}
