//! One workload on Hornblende: prints a line of JSON with the time of a step and the peak memory.

mod arguments;
mod measure;
mod memory;
mod workload;

use std::io::Write;
use std::process::ExitCode;

use arguments::Arguments;

/// How many threads Hornblende's engine uses; it is read once, when the engine starts.
const THREADS: &str = "HORNBLENDE_NUM_THREADS";

fn main() -> ExitCode {
    match Arguments::parse(std::env::args().skip(1)).and_then(run) {
        Ok(status) => status,
        Err(message) => {
            // Where even the complaint cannot be written, the status still tells.
            let _ = writeln!(std::io::stderr(), "hornblende-bench: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<ExitCode, String> {
    let Some(workload) = arguments.workload else {
        print(&arguments::help())?;
        return Ok(ExitCode::SUCCESS);
    };
    if let Some(threads) = arguments.threads {
        return again(workload.name, threads);
    }
    let seconds =
        measure::measure(workload).map_err(|error| format!("{}: {error}", workload.name))?;
    let ms_per_step = seconds / workload.steps() as f64 * 1e3;
    let peak = memory::peak_rss_mb().map_or("null".to_owned(), |peak| format!("{peak:.1}"));
    print(&format!(
        "{{\"peer\":\"hornblende\",\"workload\":\"{}\",\"ms_per_step\":{ms_per_step:.4},\"peak_rss_mb\":{peak}}}\n",
        workload.name
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// Runs this program once more with the number of threads in its environment, for a program cannot
/// safely change its own.
fn again(workload: &str, threads: usize) -> Result<ExitCode, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let status = std::process::Command::new(program)
        .arg(workload)
        .env(THREADS, threads.to_string())
        .status()
        .map_err(|error| error.to_string())?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn print(text: &str) -> Result<(), String> {
    std::io::stdout()
        .write_all(text.as_bytes())
        .map_err(|error| error.to_string())
}
