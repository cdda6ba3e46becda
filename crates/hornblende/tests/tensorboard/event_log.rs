//! Reads the event files of a folder without any code of the library but its records.

use std::fs::{self, File};
use std::path::Path;

use hornblende::formats::tfrecord::Records;

/// One summary.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Point {
    pub(crate) step: i64,
    pub(crate) tag: String,
    pub(crate) plugin: String,
    pub(crate) plugin_content: Vec<u8>,
    pub(crate) dtype: u64,
    pub(crate) shape: Vec<u64>,
    pub(crate) content: Vec<u8>,
    pub(crate) texts: Vec<Vec<u8>>,
    pub(crate) wall_time: f64,
}

impl Point {
    /// The number of a curve's point.
    pub(crate) fn number(&self) -> f32 {
        assert_eq!((self.dtype, &self.shape[..]), (1, &[][..]), "{self:?}");
        f32::from_le_bytes(self.content[..].try_into().unwrap())
    }

    /// The numbers of a histogram.
    pub(crate) fn doubles(&self) -> Vec<f64> {
        assert_eq!(self.dtype, 2, "{self:?}");
        let double = |bytes: &[u8]| f64::from_le_bytes(bytes.try_into().unwrap());
        self.content.chunks(8).map(double).collect()
    }
}

/// What the files of a folder hold, in the order of their names.
#[derive(Debug, Default)]
pub(crate) struct EventLog {
    pub(crate) files: usize,
    pub(crate) versions: Vec<String>,
    pub(crate) graphs: Vec<Vec<u8>>,
    pub(crate) points: Vec<Point>,
}

impl EventLog {
    pub(crate) fn read(folder: impl AsRef<Path>) -> Self {
        let mut log = Self::default();
        let entries = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let is_events = |path: &std::path::PathBuf| path.to_string_lossy().contains("tfevents");
        let mut paths: Vec<_> = entries.filter(is_events).collect();
        paths.sort();
        for path in paths {
            log.files += 1;
            for record in Records::new(File::open(path).unwrap()) {
                log.event(&record.unwrap());
            }
        }
        log
    }

    /// The points of a tag.
    pub(crate) fn of<'l>(&'l self, tag: &str) -> Vec<&'l Point> {
        self.points
            .iter()
            .filter(|point| point.tag == tag)
            .collect()
    }

    /// Steps and numbers of a curve.
    pub(crate) fn curve(&self, tag: &str) -> Vec<(i64, f32)> {
        self.of(tag)
            .iter()
            .map(|point| (point.step, point.number()))
            .collect()
    }

    /// Step, tag and plugin of all points, in order.
    pub(crate) fn trace(&self) -> Vec<String> {
        let line = |p: &Point| format!("{} {} {}", p.step, p.tag, p.plugin);
        self.points.iter().map(line).collect()
    }

    fn event(&mut self, event: &[u8]) {
        let (mut step, mut wall_time) = (0, 0.0);
        for (number, field) in fields(event) {
            match (number, field) {
                (1, Field::Fixed(bytes)) => wall_time = f64::from_bits(bytes),
                (2, Field::Varint(n)) => step = n as i64,
                (3, Field::Bytes(text)) => {
                    self.versions
                        .push(String::from_utf8(text.to_vec()).unwrap());
                }
                (4, Field::Bytes(graph)) => self.graphs.push(graph.to_vec()),
                (5, Field::Bytes(summary)) => {
                    for (_, value) in fields(summary) {
                        let mut point = value_of(value.bytes());
                        (point.step, point.wall_time) = (step, wall_time);
                        self.points.push(point);
                    }
                }
                (10, Field::Bytes(_)) => {}
                other => panic!("an event with {other:?}"),
            }
        }
    }
}

fn value_of(value: &[u8]) -> Point {
    let mut point = Point::default();
    for (number, field) in fields(value) {
        match number {
            1 => point.tag = String::from_utf8(field.bytes().to_vec()).unwrap(),
            8 => tensor(&mut point, field.bytes()),
            9 => {
                let plugin_data = fields(field.bytes()).remove(0).1.bytes();
                for (number, field) in fields(plugin_data) {
                    match number {
                        1 => point.plugin = String::from_utf8(field.bytes().to_vec()).unwrap(),
                        _ => point.plugin_content = field.bytes().to_vec(),
                    }
                }
            }
            other => panic!("a summary with the field {other}"),
        }
    }
    point
}

fn tensor(point: &mut Point, tensor: &[u8]) {
    for (number, field) in fields(tensor) {
        match (number, field) {
            (1, Field::Varint(dtype)) => point.dtype = dtype,
            (2, Field::Bytes(shape)) => {
                let size = |dim: Field| match fields(dim.bytes())[..] {
                    [(1, Field::Varint(size))] => size,
                    ref other => panic!("a size with {other:?}"),
                };
                point.shape = fields(shape)
                    .into_iter()
                    .map(|(_, dim)| size(dim))
                    .collect();
            }
            (4, Field::Bytes(content)) => point.content = content.to_vec(),
            (8, Field::Bytes(text)) => point.texts.push(text.to_vec()),
            other => panic!("a tensor with {other:?}"),
        }
    }
}

/// A field of a message of Protocol Buffers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Field<'b> {
    Varint(u64),
    Fixed(u64),
    Bytes(&'b [u8]),
}

impl<'b> Field<'b> {
    pub(crate) fn bytes(self) -> &'b [u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            other => panic!("bytes expected, not {other:?}"),
        }
    }
}

/// The fields of a message.
pub(crate) fn fields(mut message: &[u8]) -> Vec<(u64, Field<'_>)> {
    let mut fields = Vec::new();
    while !message.is_empty() {
        let key = varint(&mut message);
        let field = match key & 7 {
            0 => Field::Varint(varint(&mut message)),
            1 => Field::Fixed(u64::from_le_bytes(
                take(&mut message, 8).try_into().unwrap(),
            )),
            2 => {
                let length = varint(&mut message) as usize;
                Field::Bytes(take(&mut message, length))
            }
            other => panic!("wire type {other}"),
        };
        fields.push((key >> 3, field));
    }
    fields
}

fn take<'b>(message: &mut &'b [u8], length: usize) -> &'b [u8] {
    let (taken, rest) = message.split_at(length);
    *message = rest;
    taken
}

fn varint(message: &mut &[u8]) -> u64 {
    let mut number = 0;
    for place in 0.. {
        let byte = take(message, 1)[0];
        number |= u64::from(byte & 0x7f) << (7 * place);
        if byte < 0x80 {
            break;
        }
    }
    number
}
