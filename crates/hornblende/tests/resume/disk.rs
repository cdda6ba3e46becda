//! Disks that are full and folders that are none.

use std::path::Path;
use std::process::Command;

use hornblende::formats::CheckpointFolder;
use hornblende::prelude::*;

use super::interrupted::alone;
use super::run::{Training, fresh_folder};

/// A file system of 64 KiB; `None` where this process may not mount one.
fn small_disk(folder: &Path) -> Option<SmallDisk<'_>> {
    std::fs::create_dir_all(folder).unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"])
        .arg(folder)
        .stderr(std::process::Stdio::null())
        .status();
    mounted
        .is_ok_and(|status| status.success())
        .then_some(SmallDisk(folder))
}

struct SmallDisk<'a>(&'a Path);

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
        let _ = std::fs::remove_dir(self.0);
    }
}

/// Fills the disk at an epoch.
struct FillDisk<'a>(&'a Path);

impl Callback for FillDisk<'_> {
    fn on_epoch_begin(&mut self, epoch: usize, _: &mut Run) -> Result<Flow> {
        let filler = self.0.join("filler");
        if epoch == 2 {
            // The file takes what is left of the disk; that the rest of the bytes does not fit is the point.
            let _ = std::fs::write(filler, vec![1; 64 << 10]);
        }
        Ok(Flow::Continue)
    }
}

/// Does nothing, in the place of a callback of the interrupted run.
struct Nothing;
impl Callback for Nothing {}

#[test]
fn a_full_disk_ends_the_run_with_an_error_and_the_last_checkpoint_serves() {
    let _alone = alone();
    let folder = fresh_folder("disk");
    let Some(disk) = small_disk(&folder) else {
        eprintln!("NOT RUN: a full disk, because no file system can be mounted here");
        return;
    };
    let backup = folder.join("backup");
    let training = Training::in_folder(&backup);
    let wanted = Training::default().run_with(vec![Box::new(Nothing)]);
    let filled = training.run_with(vec![Box::new(FillDisk(&folder))]);
    let error = filled.unwrap_err();
    assert!(matches!(error, Error::Io(_)), "{error}");
    assert!(error.to_string().contains("space"), "{error}");
    let checkpoint = CheckpointFolder::new(&backup).load().unwrap().unwrap();
    // That of the last batch before the disk was full: the fifth of epoch 1.
    assert_eq!(checkpoint.metadata["epoch"], 1);
    assert_eq!(checkpoint.metadata["done"], 5);
    std::fs::remove_file(folder.join("filler")).unwrap();
    let told = training.run_with(vec![Box::new(Nothing)]).unwrap();
    assert!(told == wanted.unwrap());
    drop(disk);
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error_of_fit() {
    let _alone = alone();
    let error = Training::in_folder(Path::new("/dev/null/backup")).run();
    assert!(matches!(error, Err(Error::Io(_))), "{error:?}");
}

#[test]
fn damaged_checkpoints_are_an_error_that_says_how_to_begin_anew() {
    let _alone = alone();
    let folder = fresh_folder("damaged");
    let mut training = Training::in_folder(&folder);
    training.fails_at = Some(5);
    training.run().unwrap_err();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(path, bytes).unwrap();
    }
    let message = training.run().unwrap_err().to_string();
    assert!(
        message.contains("SHA-256") && message.contains("Remove the folder"),
        "{message}"
    );
    std::fs::remove_dir_all(folder).unwrap();
}
