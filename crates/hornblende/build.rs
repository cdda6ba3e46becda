//! Collects the first line of documentation of each file of each family, so that listings show it and nobody
//! writes it twice.

#![allow(clippy::print_stdout, reason = "what is printed is told to Cargo")]

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

/// The folders of families; a file lies in the last one that it is below.
const FAMILIES: &[&str] = &[
    "activations",
    "callbacks",
    "constraints",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "optimizers",
    "optimizers/schedules",
    "regularizers",
];

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=src");
    let mut rows = Vec::new();
    for family in FAMILIES {
        let folder = Path::new("src").join(family);
        if folder.is_dir() {
            let name = family.rsplit('/').next().unwrap_or(family);
            collect(name, &folder, &mut rows)?;
        }
    }
    rows.sort();
    let mut text = "&[\n".to_owned();
    for (family, key, summary) in rows {
        writeln!(text, "    ({family:?}, {key:?}, {summary:?}),").map_err(io::Error::other)?;
    }
    text.push_str("]\n");
    let out = std::env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("no OUT_DIR"))?;
    fs::write(Path::new(&out).join("summaries.rs"), text)
}

/// Adds family, key and first line of documentation of each file below the folder.
fn collect(
    family: &str,
    folder: &Path,
    rows: &mut Vec<(String, String, String)>,
) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            let is_family = FAMILIES.iter().any(|f| Path::new("src").join(f) == path);
            if !is_family {
                collect(family, &path, rows)?;
            }
            continue;
        }
        let Some(stem) = path.file_stem().and_then(|stem| stem.to_str()) else {
            continue;
        };
        let text = fs::read_to_string(&path)?;
        if let Some(summary) = text.lines().find_map(|line| line.strip_prefix("//! ")) {
            rows.push((family.to_owned(), stem.replace('_', ""), summary.to_owned()));
        }
    }
    Ok(())
}
