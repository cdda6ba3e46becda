//! The families of the library and their members, read from the library's own lists.

use hornblende::config::Entry;
use hornblende::optimizers::schedules;
use hornblende::{activations, initializers, layers, losses, metrics, optimizers};

/// A family whose members can be named by a string.
#[derive(Debug)]
pub(crate) struct Family {
    pub(crate) name: &'static str,
    members: fn() -> Vec<Member>,
}

/// The class of a member, where it has one, and the names it is found by.
type Member = (Option<&'static str>, &'static [&'static str]);

pub(crate) static FAMILIES: &[Family] = &[
    Family {
        name: "activations",
        members: || {
            let list = activations::ACTIVATIONS.iter();
            list.map(|entry| (None, entry.names)).collect()
        },
    },
    Family {
        name: "initializers",
        members: || classes(initializers::INITIALIZERS),
    },
    Family {
        name: "layers",
        members: || {
            let list = layers::LAYERS.iter();
            list.map(|entry| (Some(entry.class_name), entry.aliases))
                .collect()
        },
    },
    Family {
        name: "losses",
        members: || classes(losses::LOSSES),
    },
    Family {
        name: "metrics",
        members: || classes(metrics::METRICS),
    },
    Family {
        name: "optimizers",
        members: || classes(optimizers::OPTIMIZERS),
    },
    Family {
        name: "schedules",
        members: || classes(schedules::SCHEDULES),
    },
];

fn classes<T: ?Sized>(list: &[&Entry<T>]) -> Vec<Member> {
    list.iter()
        .map(|entry| (Some(entry.class_name), entry.names))
        .collect()
}

/// A line for each family: its name and how many members it has.
pub(crate) fn families() -> String {
    let rows = FAMILIES.iter().map(|family| {
        let count = (family.members)().len();
        [family.name.to_owned(), count.to_string()]
    });
    table(rows.collect())
}

/// A line for each member, in the order of the alphabet: its class, then all other names it is found
/// by.
pub(crate) fn members(family: &Family) -> String {
    let row = |(class, names): Member| {
        let first = class.or(names.first().copied()).unwrap_or_default();
        let others: Vec<&str> = names
            .iter()
            .copied()
            .filter(|name| *name != first)
            .collect();
        [first.to_owned(), others.join(", ")]
    };
    let mut rows: Vec<[String; 2]> = (family.members)().into_iter().map(row).collect();
    rows.sort();
    table(rows)
}

/// Two columns, the first as wide as its widest cell.
fn table(rows: Vec<[String; 2]>) -> String {
    let width = rows.iter().map(|[first, _]| first.len()).max().unwrap_or(0);
    let mut text = String::new();
    for [first, second] in rows {
        text.push_str(format!("{first:width$}  {second}").trim_end());
        text.push('\n');
    }
    text
}
