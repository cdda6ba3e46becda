//! HDF5, as far as Keras's files of weights use it: named arrays in groups, and names of groups.
//!
//! The crates behind it are seen nowhere else.

use std::collections::BTreeMap;

use hdf5_reader::group::Group;
use hdf5_reader::{Dataset, Hdf5File, OpenOptions};
use hdf5_writer::{
    AttributeBuilder, ByteOrder, DatasetBuilder, Datatype, EnumMember, Hdf5Builder, WriteOptions,
};
use hornblende_core::{DType, Error, Result, Shape, Spec, Value};

use super::element_bytes;

/// How deep groups may lie in one another, and how many objects a file may have: a file can link a group into
/// itself.
const DEEPEST: usize = 64;
const MOST_OBJECTS: usize = 200_000;

/// The arrays of an HDF5 file. Shapes and types are known when it is open; elements are read when they are
/// asked for.
pub(crate) struct Hdf5 {
    arrays: BTreeMap<String, Array>,
}

struct Array {
    /// `None` for types that no value has.
    spec: Option<Spec>,
    dataset: Dataset,
}

impl Hdf5 {
    /// Looks through the groups of a file. No array may take more than `limit` bytes.
    ///
    /// # Errors
    /// [`Error::Format`] if the bytes are no such file or its groups do not end.
    pub(crate) fn open(bytes: Vec<u8>, limit: usize) -> Result<Self> {
        let options = OpenOptions::default()
            .with_max_read_bytes(limit)
            .with_max_chunk_bytes(limit);
        let file = Hdf5File::from_vec_with_options(bytes, options).map_err(damaged)?;
        let mut arrays = BTreeMap::new();
        let mut left = MOST_OBJECTS;
        let root = file.root_group().map_err(damaged)?;
        collect(&root, "", DEEPEST, &mut left, &mut arrays)?;
        Ok(Self { arrays })
    }

    /// The paths of all arrays, sorted.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.arrays.keys().map(String::as_str)
    }

    /// Shape and type of an array; `None` if there is none, or one whose type no value has.
    pub(crate) fn spec(&self, path: &str) -> Option<&Spec> {
        self.arrays.get(path)?.spec.as_ref()
    }

    /// The array of this path. Its [`Hdf5::spec`] says how much memory that takes.
    ///
    /// # Errors
    /// [`Error::Format`] if there is none, or if it is damaged.
    pub(crate) fn read(&self, path: &str) -> Result<Value> {
        let found = self.arrays.get(path);
        let found = found.and_then(|array| Some((array.spec.as_ref()?, &array.dataset)));
        let Some((spec, dataset)) = found else {
            return Err(wrong(&format!("an array of numbers \"{path}\""), "none"));
        };
        let bytes = dataset.read_native_bytes().map_err(damaged)?;
        element_bytes::value(spec.shape.dims(), spec.dtype, &bytes)
    }
}

/// The bytes of a file with these arrays by path, and with an attribute `name` at the groups of these paths.
/// `F16` is stored as `F32`.
///
/// # Errors
/// [`Error::Format`] if two arrays have one path.
pub(crate) fn to_bytes(
    arrays: &[(String, Value)],
    group_names: &[(String, String)],
) -> Result<Vec<u8>> {
    let mut builder = Hdf5Builder::new();
    for (path, value) in arrays {
        // The crate that writes has no 16-bit floating point; 32 bits hold the same numbers.
        let value = match value.dtype() {
            DType::F16 => &value.convert(DType::F32),
            _ => value,
        };
        let shape: Vec<u64> = value.shape().dims().iter().map(|n| *n as u64).collect();
        let mut bytes = Vec::with_capacity(value.len() * value.dtype().size());
        element_bytes::append(&mut bytes, value);
        let mut dataset = DatasetBuilder::new(path, stored_type(value.dtype()), shape);
        if value.dtype() == DType::BF16 {
            let name = AttributeBuilder::vlen_strings("dtype", &[value.dtype().name()]);
            dataset = dataset.attribute(name.map_err(unwritable)?);
        }
        builder = builder.dataset(dataset.raw_data(bytes));
    }
    for (path, name) in group_names {
        builder = builder.group_attribute(path, AttributeBuilder::fixed_string("name", name));
    }
    let plan = builder.into_plan().map_err(unwritable)?;
    plan.encode(WriteOptions::default()).map_err(unwritable)
}

fn collect(
    group: &Group,
    path: &str,
    depth: usize,
    left: &mut usize,
    arrays: &mut BTreeMap<String, Array>,
) -> Result<()> {
    let (groups, datasets) = group.members().map_err(damaged)?;
    let members = groups.len() + datasets.len();
    let enough = left.checked_sub(members).filter(|_| depth > 0);
    *left = enough.ok_or_else(|| {
        let expected =
            format!("groups at most {DEEPEST} deep with at most {MOST_OBJECTS} members in all");
        wrong(&expected, "more")
    })?;
    for dataset in datasets {
        let spec = spec_of(&dataset);
        let path = joined(path, dataset.name());
        arrays.insert(path, Array { spec, dataset });
    }
    for inner in groups {
        let path = joined(path, inner.name());
        collect(&inner, &path, depth - 1, left, arrays)?;
    }
    Ok(())
}

fn joined(path: &str, name: &str) -> String {
    let name = name.rsplit('/').next().unwrap_or(name);
    match path {
        "" => name.to_owned(),
        _ => format!("{path}/{name}"),
    }
}

fn spec_of(dataset: &Dataset) -> Option<Spec> {
    let size = |size: &u64| usize::try_from(*size).ok();
    let dims: Vec<usize> = dataset.shape().iter().map(size).collect::<Option<_>>()?;
    let dtype = dtype_of(dataset)?;
    element_bytes::byte_len(&dims, dtype)?;
    Some(Spec {
        shape: Shape::from(&*dims),
        dtype,
    })
}

fn dtype_of(dataset: &Dataset) -> Option<DType> {
    Some(match dataset.dtype() {
        Datatype::FloatingPoint { size: 2, .. } => DType::F16,
        Datatype::FloatingPoint { size: 4, .. } => DType::F32,
        Datatype::FloatingPoint { size: 8, .. } => DType::F64,
        Datatype::FixedPoint { size, signed, .. } => match (size, signed) {
            (4, true) => DType::I32,
            (8, true) => DType::I64,
            (1, false) => DType::U8,
            _ => return None,
        },
        // Truth values, as h5py writes them.
        Datatype::Enum { base, .. } if matches!(**base, Datatype::FixedPoint { size: 1, .. }) => {
            DType::Bool
        }
        Datatype::Opaque { size: 2, .. } if is_brain_float(dataset) => DType::BF16,
        _ => return None,
    })
}

/// Whether the array says of itself that its elements are brain floating point, for which HDF5 has no type.
fn is_brain_float(dataset: &Dataset) -> bool {
    let text = |attribute: hdf5_reader::Attribute| {
        let several = attribute.read_strings().ok()?;
        several.into_iter().next()
    };
    dataset.attribute("dtype").ok().and_then(text).as_deref() == Some(DType::BF16.name())
}

fn stored_type(dtype: DType) -> Datatype {
    let byte_order = ByteOrder::LittleEndian;
    let whole = |size: u8, signed: bool| Datatype::FixedPoint {
        size,
        signed,
        byte_order,
    };
    let truth = |name: &str, value: u8| EnumMember {
        name: name.to_owned(),
        value: vec![value],
    };
    match dtype {
        DType::I32 | DType::I64 => whole(dtype.size() as u8, true),
        DType::U8 => whole(1, false),
        DType::Bool => Datatype::Enum {
            base: Box::new(whole(1, true)),
            members: vec![truth("FALSE", 0), truth("TRUE", 1)],
        },
        DType::BF16 => Datatype::Opaque {
            size: 2,
            tag: String::new(),
        },
        _ => Datatype::FloatingPoint {
            size: dtype.size() as u8,
            byte_order,
        },
    }
}

fn damaged(error: hdf5_reader::error::Error) -> Error {
    wrong(
        "a file of weights in HDF5, as Keras writes it",
        &error.to_string(),
    )
}

fn unwritable(error: hdf5_writer::Error) -> Error {
    Error::format("HDF5", "arrays that can be written", error.to_string(), "")
}

fn wrong(expected: &str, got: &str) -> Error {
    let fix = "The file may be damaged, cut short or of another kind";
    Error::format("HDF5", expected, got, fix)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = 1 << 20;

    fn arrays() -> Vec<(String, Value)> {
        let dtypes = DType::ALL.into_iter().map(|dtype| {
            let mut value = Value::full([2, 3], dtype, 1.0);
            value.make_mut().set_f64(4, 0.0);
            (format!("layers/{dtype}/vars/0"), value)
        });
        let scalar = ("optimizer/vars/0".to_owned(), Value::scalar(7i64));
        dtypes.chain([scalar]).collect()
    }

    fn names() -> Vec<(String, String)> {
        vec![(
            "layers/empty/vars".to_owned(),
            "one without weights".to_owned(),
        )]
    }

    #[test]
    fn arrays_of_every_type_come_back_by_path() {
        let file = Hdf5::open(to_bytes(&arrays(), &names()).unwrap(), LIMIT).unwrap();
        assert_eq!(file.paths().count(), arrays().len());
        for (path, value) in arrays() {
            let stored = match value.dtype() {
                DType::F16 => value.convert(DType::F32),
                _ => value,
            };
            assert_eq!(file.spec(&path).unwrap().dtype, stored.dtype(), "{path}");
            assert_eq!(file.read(&path).unwrap(), stored, "{path}");
        }
        assert!(file.read("layers/empty/vars").is_err());
    }

    #[test]
    fn a_file_that_is_cut_short_or_changed_is_an_error_or_other_numbers_but_no_panic() {
        let bytes = to_bytes(&arrays(), &names()).unwrap();
        let look = |bytes: Vec<u8>| {
            let file = Hdf5::open(bytes, LIMIT)?;
            file.paths().try_for_each(|path| file.read(path).map(drop))
        };
        look(bytes.clone()).unwrap();
        for len in (0..bytes.len()).step_by(61) {
            assert!(look(bytes[..len].to_vec()).is_err(), "{len} bytes");
        }
        for at in (0..bytes.len()).step_by(5) {
            for change in [0xff, 0x01] {
                let mut changed = bytes.clone();
                changed[at] ^= change;
                // HDF5 of this version has no checksum over elements; any outcome but a panic will do.
                let _ = look(changed);
            }
        }
    }

    #[test]
    fn arrays_beyond_the_limit_are_refused() {
        let value = Value::zeros([1000], DType::F32);
        let bytes = to_bytes(&[("x".to_owned(), value)], &[]).unwrap();
        let file = Hdf5::open(bytes, 100).unwrap();
        assert!(file.read("x").is_err());
    }
}
