//! Finding the files of cases.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use hornblende::config::Json;

use super::case::Case;
use super::tally::report;

/// The families that the tests know.
pub(crate) const FAMILIES: &[&str] = &[
    "losses",
    "metrics",
    "optimizers",
    "schedules",
    "layers",
    "regularizers_constraints",
    "initializers",
    "fit",
    "callbacks",
    "seed_examples",
];

/// A file: its family and cases, or why it could not be read.
struct File {
    path: PathBuf,
    content: Result<(String, Vec<Json>), String>,
}

/// The cases of a family.
pub(crate) fn cases(family: &str) -> Vec<Case> {
    let mut cases = Vec::new();
    for file in files() {
        if let Ok((of, list)) = &file.content
            && of == family
        {
            let path = file.path.display().to_string();
            cases.extend(list.iter().map(|json| Case::new(family, &path, json)));
        }
    }
    cases
}

#[test]
fn every_file_of_cases_is_of_a_known_family() {
    let mut wrong = Vec::new();
    for file in files() {
        let path = file.path.display();
        match &file.content {
            Err(why) => wrong.push(("files".to_owned(), 1, format!("{path}: {why}"))),
            Ok((family, cases)) if !FAMILIES.contains(&family.as_str()) => {
                let why = format!("{path}: the family \"{family}\" is not known to this test");
                wrong.push((family.clone(), cases.len(), why));
            }
            Ok(_) => {}
        }
    }
    for (family, count, _) in &wrong {
        report(&format!(
            "parity {family}: 0 passed, {count} failed, 0 skipped"
        ));
    }
    let messages: Vec<String> = wrong.into_iter().map(|(_, _, why)| why).collect();
    assert!(messages.is_empty(), "{}", messages.join("\n"));
}

/// All files, read once. A folder that was named and has no cases fails every test.
fn files() -> &'static [File] {
    static FILES: OnceLock<Result<Vec<File>, String>> = OnceLock::new();
    match FILES.get_or_init(|| Ok(paths()?.into_iter().map(read).collect())) {
        Ok(files) => files,
        Err(why) => panic!("{why}"),
    }
}

fn read(path: PathBuf) -> File {
    let content = || {
        let text = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
        let json: Json = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        let family = json["family"].as_str().ok_or("no family")?;
        let cases = json["cases"].as_array().ok_or("no list of cases")?;
        Ok((family.to_owned(), cases.clone()))
    };
    File {
        content: content(),
        path,
    }
}

fn paths() -> Result<Vec<PathBuf>, String> {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = json_files(&crate_folder.join("tests/parity/cases"))?;
    match shared(crate_folder) {
        Some(folder) => paths.extend(json_files(&folder)?),
        None => report(
            "parity: SHARED CASES ARE ABSENT, only those in the repository run; set HORNBLENDE_SHARED",
        ),
    }
    let named = std::env::var("PARITY_CASES").unwrap_or_default();
    for folder in named.split(':').filter(|folder| !folder.is_empty()) {
        paths.extend(json_files(&found(crate_folder, Path::new(folder)))?);
    }
    Ok(paths)
}

/// A folder that was named; a relative one may be so from the crate, where tests run, or from a folder above
/// it, where cargo was called.
fn found(crate_folder: &Path, folder: &Path) -> PathBuf {
    let mut above = crate_folder.ancestors().map(|above| above.join(folder));
    above
        .find(|folder| folder.is_dir())
        .unwrap_or_else(|| folder.to_owned())
}

fn shared(crate_folder: &Path) -> Option<PathBuf> {
    if let Some(shared) = std::env::var_os("HORNBLENDE_SHARED").filter(|s| !s.is_empty()) {
        let folder = Path::new(&shared).join("keras-parity");
        return Some(found(crate_folder, &folder));
    }
    let mut above = crate_folder
        .ancestors()
        .map(|f| f.join("shared/keras-parity"));
    above.find(|folder| folder.is_dir())
}

/// The `*.json` files of a folder, in the order of the alphabet.
fn json_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(|e| e.to_string())?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            paths.push(path);
        }
    }
    paths.sort();
    match paths.is_empty() {
        true => Err(format!("{}: no *.json in it", folder.display())),
        false => Ok(paths),
    }
}
