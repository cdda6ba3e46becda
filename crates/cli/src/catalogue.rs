//! The families of the library and their members, read from the library's own lists.

use hornblende::config::{Entry, summary};
use hornblende::optimizers::schedules;
use hornblende::{
    activations, callbacks, constraints, initializers, layers, losses, metrics, optimizers,
    regularizers,
};

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
        name: "callbacks",
        members: || {
            let list = callbacks::CALLBACKS.iter();
            list.map(|entry| (Some(entry.class_name), &[] as &[_]))
                .collect()
        },
    },
    Family {
        name: "constraints",
        members: || classes(constraints::CONSTRAINTS),
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
        name: "regularizers",
        members: || classes(regularizers::REGULARIZERS),
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

/// A line for each member, in the order of the alphabet: its class, all other names it is found by, and what
/// it is.
pub(crate) fn members(family: &Family) -> String {
    let row = |(class, names): Member| {
        let first = class.or(names.first().copied()).unwrap_or_default();
        let others = names.iter().copied().filter(|name| *name != first);
        let others: Vec<&str> = others.collect();
        let what = summary(family.name, first).unwrap_or_default();
        [first.to_owned(), others.join(", "), what.to_owned()]
    };
    let mut rows: Vec<[String; 3]> = (family.members)().into_iter().map(row).collect();
    rows.sort();
    table(rows)
}

/// Columns, each but the last as wide as its widest cell.
fn table<const N: usize>(rows: Vec<[String; N]>) -> String {
    let widths: [usize; N] = std::array::from_fn(|column| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    });
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            // A column that is empty in every row takes no room.
            if width > 0 {
                line.push_str(&format!("{cell:width$}  "));
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
