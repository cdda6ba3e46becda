//! The summaries of the hyperparameter dashboard.

use super::event_file::seconds_since_1970;
use super::summary_value::{TensorProto, summary};
use super::{HParam, HParamMetric, HParamValue};
use crate::formats::protobuf::Message;

/// What an experiment tries and what it looks at.
pub(super) fn experiment(hparams: &[HParam], metrics: &[HParamMetric]) -> Message {
    let experiment = Message::new().double(3, seconds_since_1970());
    let experiment = hparams
        .iter()
        .fold(experiment, |m, hparam| m.message(4, &hparam.message()));
    let experiment = metrics
        .iter()
        .fold(experiment, |m, metric| m.message(5, &metric.message()));
    of_plugin("_hparams_/experiment", 2, &experiment)
}

/// The values of one trial. Trials of equal values are one group.
pub(super) fn session_start(hparams: &[(String, HParamValue)]) -> Message {
    let add =
        |m: Message, (name, value): &(String, HParamValue)| m.entry(1, name, &value.message());
    let start = hparams.iter().fold(Message::new(), add);
    let start = start
        .text(4, group_name(hparams))
        .double(5, seconds_since_1970());
    of_plugin("_hparams_/session_start_info", 3, &start)
}

/// The end of a trial.
pub(super) fn session_end(is_success: bool) -> Message {
    let status = if is_success { 1 } else { 2 };
    let end = Message::new()
        .whole(1, status)
        .double(2, seconds_since_1970());
    of_plugin("_hparams_/session_end_info", 4, &end)
}

/// All of it is in the plugin's data, the tensor is empty.
fn of_plugin(tag: &str, field: u32, data: &Message) -> Message {
    let content = Message::new().message(field, data);
    summary(tag, "hparams", content.bytes(), &TensorProto::empty())
}

/// A name that equal values share and others do not: their FNV-1a sum, whatever their order.
fn group_name(hparams: &[(String, HParamValue)]) -> String {
    let mut entries: Vec<String> = hparams.iter().map(|entry| format!("{entry:?}")).collect();
    entries.sort();
    let sum = entries
        .join(",")
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
            (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    format!("{sum:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_have_one_group_whatever_their_order() {
        let entry = |name: &str, value: HParamValue| (name.to_owned(), value);
        let (units, rate) = (entry("units", 16.into()), entry("rate", 0.1.into()));
        let name = group_name(&[units.clone(), rate.clone()]);
        assert_eq!(name, group_name(&[rate.clone(), units.clone()]));
        assert_ne!(name, group_name(&[entry("units", 17.into()), rate]));
        assert_ne!(name, group_name(&[units]));
    }
}
