//! What the command line asks for.

use hornblende::Error;

use crate::workload::{WORKLOADS, Workload};

/// What the command line asks for.
#[derive(Debug)]
pub(crate) struct Arguments {
    /// `None`: the help.
    pub(crate) workload: Option<&'static Workload>,
    pub(crate) threads: Option<usize>,
}

impl Arguments {
    /// Reads the arguments that follow the program's name.
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Self {
            workload: None,
            threads: None,
        };
        let mut is_help = false;
        while let Some(word) = words.next() {
            match word.as_str() {
                "-h" | "--help" => is_help = true,
                "--threads" => arguments.threads = Some(count(words.next())?),
                _ if word.starts_with('-') => {
                    return Err(
                        Error::unknown("option", &word, &["--threads", "--help"]).to_string()
                    );
                }
                name if arguments.workload.is_none() => arguments.workload = Some(find(name)?),
                _ => return Err(format!("one workload at a time; got \"{word}\" too")),
            }
        }
        if is_help {
            arguments.workload = None;
        } else if arguments.workload.is_none() {
            return Err(format!("name a workload\n{}", help()));
        }
        Ok(arguments)
    }
}

pub(crate) fn help() -> String {
    let names: Vec<&str> = WORKLOADS.iter().map(|workload| workload.name).collect();
    format!(
        "Usage: hornblende-bench [--threads N] WORKLOAD\nWorkloads: {}\n",
        names.join(", ")
    )
}

fn count(word: Option<String>) -> Result<usize, String> {
    word.as_deref()
        .and_then(|word| word.parse().ok())
        .filter(|&count| count > 0)
        .ok_or_else(|| "--threads: expected a number above 0".to_owned())
}

fn find(name: &str) -> Result<&'static Workload, String> {
    let names: Vec<&str> = WORKLOADS.iter().map(|workload| workload.name).collect();
    WORKLOADS
        .iter()
        .find(|workload| workload.name == name)
        .ok_or_else(|| Error::unknown("workload", name, &names).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments, String> {
        Arguments::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn a_workload_and_threads_are_read_in_any_order() {
        for line in ["--threads 2 mlp", "mlp --threads 2"] {
            let arguments = parse(line).unwrap();
            assert_eq!(arguments.workload.map(|w| w.name), Some("mlp"));
            assert_eq!(arguments.threads, Some(2));
        }
        assert!(parse("mlp --help").unwrap().workload.is_none());
    }

    #[test]
    fn mistakes_are_explained() {
        let cases = [
            ("", "name a workload"),
            ("mpl", "Did you mean \"mlp\"?"),
            ("mlp cnn", "one workload at a time"),
            ("mlp --threads", "a number above 0"),
            ("mlp --threads 0", "a number above 0"),
            ("mlp --thread 2", "Did you mean \"--threads\"?"),
        ];
        for (line, message) in cases {
            let error = parse(line).unwrap_err();
            assert!(error.contains(message), "{line}: {error}");
        }
    }
}
