//! Datasets of the images in a folder.

use std::ffi::OsString;
use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hornblende_core::{Error, Result, Value};

use super::image_file::Pixels;
use super::recipe::{Pass, Seed};
use super::{Dataset, Element, Shuffle};

/// The most numbers in an image of a dataset: 256 MiB of them.
const LARGEST_IMAGE: usize = 1 << 26;

/// The arguments of [`Dataset::image_folder`], with the names and defaults of
/// `keras.utils.image_dataset_from_directory`.
///
/// # Example
/// ```no_run
/// use hornblende::data::{Dataset, ImageFolder};
/// let options = ImageFolder::new().image_size(180, 180).validation_split(0.2).seed(1);
/// let train = Dataset::image_folder("flowers", options.clone().subset("training"));
/// let validation = Dataset::image_folder("flowers", options.subset("validation"));
/// let names = ImageFolder::class_names("flowers")?;
/// # Ok::<(), hornblende::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ImageFolder {
    label_mode: Option<String>,
    color_mode: String,
    batch_size: Option<usize>,
    image_size: [usize; 2],
    shuffle: bool,
    seed: Option<u64>,
    validation_split: Option<f64>,
    subset: Option<String>,
}

impl Default for ImageFolder {
    fn default() -> Self {
        Self::new()
    }
}

impl ImageFolder {
    /// Batches of 32 colour images of 256 by 256 with the numbers of their classes, shuffled.
    #[must_use]
    pub fn new() -> Self {
        Self {
            label_mode: Some("int".to_owned()),
            color_mode: "rgb".to_owned(),
            batch_size: Some(32),
            image_size: [256, 256],
            shuffle: true,
            seed: None,
            validation_split: None,
            subset: None,
        }
    }

    /// The names of the classes, in the order of their numbers: the sub-folders that are not hidden, sorted.
    ///
    /// # Errors
    /// [`Error::Io`] if the folder cannot be read.
    pub fn class_names(path: impl AsRef<Path>) -> Result<Vec<String>> {
        let names = classes(path.as_ref())?;
        Ok(names
            .iter()
            .map(|name| name.to_string_lossy().into_owned())
            .collect())
    }

    /// `"int"` (unless set; `I32`), `"categorical"` (a one in a vector), `"binary"` (two classes, `[0.0]` or
    /// `[1.0]`) or `None`: no labels, all images below the folder.
    #[must_use]
    pub fn label_mode<'m>(mut self, mode: impl Into<Option<&'m str>>) -> Self {
        self.label_mode = mode.into().map(str::to_owned);
        self
    }

    /// `"rgb"` (unless set), `"grayscale"` or `"rgba"`: 3, 1 or 4 channels.
    #[must_use]
    pub fn color_mode(mut self, mode: &str) -> Self {
        self.color_mode = mode.to_owned();
        self
    }

    /// Images in a batch, 32 unless set; with `None` elements are single images.
    #[must_use]
    pub fn batch_size(mut self, batch_size: impl Into<Option<usize>>) -> Self {
        self.batch_size = batch_size.into();
        self
    }

    /// The size that images are brought to, bilinearly and without smoothing. 256 by 256 unless set.
    #[must_use]
    pub fn image_size(mut self, height: usize, width: usize) -> Self {
        self.image_size = [height, width];
        self
    }

    /// Whether each pass has another random order (unless set), or all have that of the names.
    #[must_use]
    pub fn shuffle(mut self, shuffle: bool) -> Self {
        self.shuffle = shuffle;
        self
    }

    /// The seed of the order, and of the split.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// The share of the images, between 0 and 1, that is kept for validation; needs [`ImageFolder::subset`].
    #[must_use]
    pub fn validation_split(mut self, share: f64) -> Self {
        self.validation_split = Some(share);
        self
    }

    /// Which part of the split this is: `"training"` or `"validation"`.
    #[must_use]
    pub fn subset(mut self, subset: &str) -> Self {
        self.subset = Some(subset.to_owned());
        self
    }

    fn channels(&self) -> Result<usize> {
        match self.color_mode.as_str() {
            "grayscale" => Ok(1),
            "rgb" => Ok(3),
            "rgba" => Ok(4),
            other => Err(Error::unknown(
                "color_mode",
                other,
                &["rgb", "grayscale", "rgba"],
            )),
        }
    }

    fn check(&self) -> Result<()> {
        let refused = |argument: &str, expected: &str, got: String| {
            Err(Error::invalid_argument(
                format!("ImageFolder::{argument}"),
                expected,
                got,
                "",
            ))
        };
        let known = ["int", "categorical", "binary"];
        if let Some(mode) = self
            .label_mode
            .as_deref()
            .filter(|mode| !known.contains(mode))
        {
            return Err(Error::unknown("label_mode", mode, &known));
        }
        let [height, width] = self.image_size;
        let numbers = height.checked_mul(width).and_then(|n| n.checked_mul(4));
        if !numbers.is_some_and(|n| (1..=LARGEST_IMAGE).contains(&n)) {
            let got = format!("{height} by {width}");
            return refused("image_size", "1 to 16777216 pixels", got);
        }
        match (self.validation_split, self.subset.as_deref()) {
            (None, None) => Ok(()),
            (Some(share), _) if !(share > 0.0 && share < 1.0) => refused(
                "validation_split",
                "a share between 0 and 1",
                share.to_string(),
            ),
            (Some(_), Some("training" | "validation")) if self.shuffle && self.seed.is_none() => {
                // With two orders the parts would have images in common.
                refused(
                    "seed",
                    "one for both parts of a shuffled split",
                    "none".to_owned(),
                )
            }
            (Some(_), Some("training" | "validation")) => Ok(()),
            (_, Some(other)) if !["training", "validation"].contains(&other) => {
                Err(Error::unknown("subset", other, &["training", "validation"]))
            }
            _ => refused(
                "validation_split",
                "it together with subset",
                "one of them".to_owned(),
            ),
        }
    }

    /// The part of the files that is asked for.
    fn part(&self, mut files: Vec<(PathBuf, usize)>) -> Vec<(PathBuf, usize)> {
        let Some(share) = self.validation_split else {
            return files;
        };
        if self.shuffle {
            // A pass of its own: the datasets shuffle with the same seed.
            let mut stream = Seed::new(self.seed).stream(Pass(u64::MAX));
            for last in (1..files.len()).rev() {
                files.swap(last, stream.below(last + 1));
            }
        }
        // Keras rounds down, and takes the images for validation from the end.
        let training = files.len() - (share * files.len() as f64) as usize;
        let validation = files.split_off(training);
        match self.subset.as_deref() {
            Some("validation") => validation,
            _ => files,
        }
    }
}

impl Dataset {
    /// The images in the sub-folders of a folder, one for each class: x is `F32` with values from 0 to 255,
    /// `[batch, height, width, channels]`, y the classes as [`ImageFolder::label_mode`] says.
    ///
    /// Files are PPM or PGM (binary), and with the feature `image` PNG or JPEG. Their names are read now, their
    /// contents by several threads in each pass. A file that cannot be read is an error that names it.
    ///
    /// ```
    /// use hornblende::data::{Dataset, ImageFolder};
    /// # let folder = std::env::temp_dir().join(format!("hornblende-doc-images-{}", std::process::id()));
    /// for (class, grey) in [("cat", b'\x0a'), ("dog", b'\x64')] {
    ///     std::fs::create_dir_all(folder.join(class)).unwrap();
    ///     std::fs::write(folder.join(class).join("1.pgm"), [b"P5 1 1 255 ", &[grey][..]].concat()).unwrap();
    /// }
    /// let options = ImageFolder::new().image_size(2, 2).shuffle(false);
    /// let batch = Dataset::image_folder(&folder, options).iter().next().unwrap()?;
    /// assert_eq!(batch.to_string(), "(float32 (2, 2, 2, 3), int32 (2,))");
    /// # std::fs::remove_dir_all(folder).unwrap();
    /// # Ok::<(), hornblende::Error>(())
    /// ```
    ///
    /// Source: `keras.utils.image_dataset_from_directory`, which shuffles with a buffer instead of all files.
    #[track_caller]
    #[must_use]
    pub fn image_folder(path: impl AsRef<Path>, options: ImageFolder) -> Self {
        Self::checked(open(path.as_ref(), options))
    }
}

fn open(path: &Path, options: ImageFolder) -> Result<Dataset> {
    options.check()?;
    let channels = options.channels()?;
    let (mut files, mut class_count) = (Vec::new(), 0);
    if options.label_mode.is_some() {
        for (class, name) in classes(path)?.iter().enumerate() {
            add_files(path.join(name), class, &mut files)?;
            class_count = class + 1;
        }
    } else {
        add_files(path.to_path_buf(), 0, &mut files)?;
    }
    let refused = |expected, got| Err(Error::data(path.display().to_string(), expected, got, ""));
    if options.label_mode.as_deref() == Some("binary") && class_count != 2 {
        return refused("two sub-folders for binary labels", class_count.to_string());
    }
    let files = Arc::new(options.part(files));
    if files.is_empty() {
        return refused(
            "images in the folder of each class",
            "none in this part".to_owned(),
        );
    }
    let mut dataset = Dataset::range(0..files.len() as i64);
    if options.shuffle {
        let shuffle = Shuffle::new(files.len());
        dataset = dataset.shuffle(options.seed.map_or(shuffle, |seed| shuffle.seed(seed)));
    }
    // Each thread holds an image in its own size; more than eight of them the training hardly eats.
    let threads = std::thread::available_parallelism()
        .map_or(1, NonZero::get)
        .min(8);
    let ImageFolder {
        label_mode,
        image_size,
        batch_size,
        ..
    } = options;
    let dataset = dataset.map_parallel(threads, move |place: i64| {
        let (path, class) = &files[place as usize];
        let x = Pixels::read(path)?
            .with_channels(channels)
            .resized(image_size)?;
        let Some(mode) = label_mode.as_deref() else {
            return Ok(Element::Tensor(x));
        };
        let y = label(mode, *class, class_count)?;
        Ok(Element::Tuple(vec![Element::Tensor(x), Element::Tensor(y)]))
    });
    Ok(match batch_size {
        Some(batch_size) => dataset.batch(batch_size),
        None => dataset,
    })
}

fn label(mode: &str, class: usize, class_count: usize) -> Result<Value> {
    match mode {
        "int" => Ok(Value::scalar(class as i32)),
        "binary" => Value::from_vec([1], vec![class as f32]),
        _ => {
            let mut one_hot = vec![0.0f32; class_count];
            one_hot[class] = 1.0;
            Value::from_vec([class_count], one_hot)
        }
    }
}

fn entries(folder: &Path) -> Result<Vec<fs::DirEntry>> {
    let read = fs::read_dir(folder).and_then(Iterator::collect);
    let name = folder.display().to_string();
    read.map_err(|error| Error::io(name, "a folder to read", error.to_string(), ""))
}

fn classes(folder: &Path) -> Result<Vec<OsString>> {
    let found = entries(folder)?.into_iter();
    let folders = found
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name());
    let mut names: Vec<_> = folders
        .filter(|name| !name.as_encoded_bytes().starts_with(b"."))
        .collect();
    names.sort();
    Ok(names)
}

/// Adds the images below a folder, folder by folder in the order of the paths. Links to folders are not
/// followed: they may lead in circles.
fn add_files(folder: PathBuf, class: usize, files: &mut Vec<(PathBuf, usize)>) -> Result<()> {
    let (mut folders, mut found) = (vec![folder], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in entries(&folder)? {
            let path = entry.path();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(path);
            } else if Pixels::has_extension(&path) {
                found.push((folder.clone().into_os_string(), entry.file_name(), path));
            }
        }
    }
    found.sort();
    files.extend(found.into_iter().map(|(.., path)| (path, class)));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of its own with these files, deleted at the end.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str, files: &[(&str, &[u8])]) -> Self {
            let name = format!("hornblende-images-{name}-{}", std::process::id());
            let folder = Self(std::env::temp_dir().join(name));
            for (file, bytes) in files {
                let path = folder.0.join(file);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, bytes).unwrap();
            }
            folder
        }

        fn elements(&self, options: ImageFolder) -> Result<Vec<Element>> {
            Dataset::image_folder(&self.0, options).iter().collect()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn single() -> ImageFolder {
        ImageFolder::new()
            .image_size(1, 1)
            .color_mode("grayscale")
            .batch_size(None)
            .shuffle(false)
    }

    fn numbers(elements: &[Element], part: usize) -> Vec<f64> {
        elements
            .iter()
            .flat_map(|element| element[part].value().unwrap().to_f64_vec())
            .collect()
    }

    const FILES: [(&str, &[u8]); 5] = [
        ("b/2.ppm", b"P6 1 1 255 \x04\x04\x04"),
        ("b/1.PGM", b"P5 1 1 255 \x03"),
        ("a/inner/1.pgm", b"P5 1 1 255 \x02"),
        ("a/9.pgm", b"P5 1 1 255 \x01"),
        ("a/notes.txt", b"no image"),
    ];

    #[test]
    fn classes_are_the_sorted_folders_and_labels_have_each_form() {
        let folder = Folder::new("labels", &FILES);
        assert_eq!(ImageFolder::class_names(&folder.0).unwrap(), ["a", "b"]);
        let elements = folder.elements(single()).unwrap();
        assert_eq!(numbers(&elements, 0), [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(elements[0].to_string(), "(float32 (1, 1, 1), int32 ())");
        let labels = |mode| numbers(&folder.elements(single().label_mode(mode)).unwrap(), 1);
        assert_eq!(labels("int"), [0.0, 0.0, 1.0, 1.0]);
        assert_eq!(labels("binary"), labels("int"));
        assert_eq!(
            labels("categorical"),
            [1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0]
        );
        let batches = folder
            .elements(single().label_mode(None).batch_size(3))
            .unwrap();
        assert_eq!(batches[0].to_string(), "float32 (3, 1, 1, 1)");
        assert_eq!(numbers(&batches, 0), [1.0, 2.0, 3.0, 4.0]);
    }

    #[test]
    fn the_parts_of_a_shuffled_split_are_all_images_once() {
        let folder = Folder::new("split", &FILES);
        let options = single().shuffle(true).seed(3).validation_split(0.3);
        let part = |subset| numbers(&folder.elements(options.clone().subset(subset)).unwrap(), 0);
        let (mut all, validation) = (part("training"), part("validation"));
        assert_eq!((all.len(), validation.len()), (3, 1));
        all.extend(validation);
        all.sort_by(f64::total_cmp);
        assert_eq!(all, [1.0, 2.0, 3.0, 4.0]);
    }

    #[test]
    fn files_that_are_no_images_are_errors_with_their_path() {
        let bad: [&[u8]; 6] = [
            b"",
            b"P6",
            b"P5 9 9 255 ",
            b"GIF89a",
            b"\x89PNG\r\n\x1a\n\0",
            b"\xff\xd8\xff",
        ];
        for (k, bytes) in bad.iter().enumerate() {
            let folder = Folder::new(&format!("bad-{k}"), &[("a/broken.png", bytes)]);
            let error = folder.elements(single()).unwrap_err().to_string();
            assert!(error.contains("broken.png"), "{error}");
        }
    }

    #[test]
    fn arguments_that_cannot_be_are_told() {
        let folder = Folder::new("told", &FILES);
        let told = |options, text: &str| {
            let error = folder.elements(options).unwrap_err().to_string();
            assert!(error.contains(text), "{error}");
        };
        told(single().label_mode("integer"), "label_mode");
        told(single().color_mode("grey"), "grayscale");
        told(single().image_size(usize::MAX, 2), "image_size");
        told(single().validation_split(0.5), "subset");
        told(
            single().validation_split(1.5).subset("training"),
            "between 0 and 1",
        );
        told(single().validation_split(0.5).subset("test"), "training");
        told(
            single()
                .shuffle(true)
                .validation_split(0.5)
                .subset("training"),
            "seed",
        );
        told(
            single().validation_split(0.1).subset("validation"),
            "none in this part",
        );
        assert!(
            Dataset::image_folder(folder.0.join("c"), single())
                .iter()
                .next()
                .unwrap()
                .is_err()
        );
    }

    #[test]
    fn png_files_are_read_with_the_feature_and_name_it_without() {
        let png = crate::formats::png::to_bytes(1, 1, 4, &[10, 20, 30, 128]).unwrap();
        let folder = Folder::new("png", &[("a/1.png", &png)]);
        let read = folder.elements(single().color_mode("rgba"));
        if cfg!(feature = "image") {
            assert_eq!(numbers(&read.unwrap(), 0), [10.0, 20.0, 30.0, 128.0]);
        } else {
            let error = read.unwrap_err().to_string();
            assert!(
                error.contains("feature \"image\"") && error.contains("1.png"),
                "{error}"
            );
        }
    }

    #[cfg(feature = "image")]
    #[test]
    fn jpeg_files_are_read_with_the_feature() {
        let mut jpeg = Vec::new();
        let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 100);
        let pixels = [100; 64];
        image::ImageEncoder::write_image(encoder, &pixels, 8, 8, image::ExtendedColorType::L8)
            .unwrap();
        let folder = Folder::new("jpeg", &[("a/1.jpg", &jpeg)]);
        let read = numbers(&folder.elements(single()).unwrap(), 0);
        // The one coefficient of a constant block is rounded to an eighth of a value, the value once more.
        assert!((read[0] - 100.0).abs() <= 1.0, "{read:?}");
    }
}
