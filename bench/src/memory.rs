//! The memory that this process has used.

/// The most memory this process held, in MiB; `None` where the system has no `/proc`.
pub(crate) fn peak_rss_mb() -> Option<f64> {
    parse(&std::fs::read_to_string("/proc/self/status").ok()?)
}

fn parse(status: &str) -> Option<f64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_high_water_mark_is_read_in_mebibytes() {
        assert_eq!(
            parse("VmPeak:\t 999 kB\nVmHWM:\t  5120 kB\nVmRSS:\t 1 kB\n"),
            Some(5.0)
        );
        assert_eq!(parse("VmRSS:\t 1 kB\n"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_this_process_allocates_shows() {
        let before = peak_rss_mb().unwrap();
        let block = vec![1u8; 64 << 20];
        assert_eq!(block.iter().map(|&x| u64::from(x)).sum::<u64>(), 64 << 20);
        assert!(peak_rss_mb().unwrap() >= before.max(64.0));
    }
}
