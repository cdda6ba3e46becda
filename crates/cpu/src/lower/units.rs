//! Units of work: fused kernels, contractions, single operations and copies, in an order that can run.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use hornblende_core::graph::NodeId;
use hornblende_core::graph::op::Op;

use super::analysis::{Analysis, Class};
use super::rows::join_rows;
use super::view::is_dense;

/// Where a value lives that the caller owns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Target {
    /// The output of this number.
    Output(usize),
    /// The state of this number.
    State(usize),
}

/// A piece of the program.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Work {
    /// A fused kernel of these elementwise and reduce nodes.
    Fused(Vec<NodeId>),
    /// Fused kernels over the same rows, one after the other for each block of rows.
    Rows(Vec<Vec<NodeId>>),
    /// The operation, or contraction, that leaves this node's value.
    Single(NodeId),
    /// Copies this node's elements to the caller.
    Copy(NodeId, Target),
}

/// Work with the nodes whose memory it reads and those whose values it leaves.
#[derive(Debug, Clone)]
pub(crate) struct Unit {
    pub(crate) work: Work,
    pub(crate) reads: BTreeSet<NodeId>,
    pub(crate) leaves: Vec<NodeId>,
    /// Units of one readiness run in this order.
    pub(crate) priority: usize,
}

/// The units in running order, and the values that are written straight to where the caller wants them.
pub(crate) struct Schedule {
    pub(crate) units: Vec<Unit>,
    pub(crate) targets: HashMap<NodeId, Target>,
}

/// Nodes of one kernel. More gain nothing, and a kernel keeps its intermediate values in cache.
const MOST_MEMBERS: usize = 128;

/// Cuts the graph into units and orders them.
pub(crate) fn schedule(analysis: &Analysis<'_>) -> Schedule {
    let mut units = join_rows(analysis, collect(analysis));
    let mut targets = HashMap::new();
    let mut after: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); units.len()];
    place_outputs(analysis, &mut units, &mut targets);
    place_updates(analysis, &mut units, &mut targets, &mut after);
    after.resize(units.len(), BTreeSet::new());
    let units = order(units, after);
    Schedule { units, targets }
}

/// The node whose value a node's elements are in.
pub(crate) fn root(analysis: &Analysis<'_>, id: NodeId) -> NodeId {
    analysis.views[id].as_ref().map_or(id, |view| view.value)
}

fn collect(analysis: &Analysis<'_>) -> Vec<Unit> {
    let mut groups: BTreeMap<NodeId, Vec<NodeId>> = BTreeMap::new();
    let mut units = Vec::new();
    for id in 0..analysis.graph.nodes.len() {
        match analysis.class[id] {
            Class::Elementwise | Class::Reduce => {
                groups.entry(analysis.group[id]).or_default().push(id);
            }
            // The results of a loop are left by the loop.
            Class::Heavy if matches!(analysis.graph.nodes[id].op, Op::TupleElement(_)) => {}
            Class::Heavy => {
                let reads = analysis
                    .unit_operands(id)
                    .iter()
                    .map(|i| root(analysis, *i))
                    .collect();
                let leaves = analysis.results(id);
                units.push(Unit {
                    work: Work::Single(id),
                    reads,
                    leaves,
                    priority: id,
                });
            }
            // A cheap node that is wanted in memory all the same: an output, or read through a view.
            Class::Repeated if wanted_in_memory(analysis, id) => {
                units.push(fused(analysis, vec![id]))
            }
            _ => {}
        }
    }
    // Members stand in the order of the graph, so each part needs only what came before it.
    let parts = groups
        .values()
        .flat_map(|members| members.chunks(MOST_MEMBERS));
    units.extend(parts.map(|members| fused(analysis, members.to_vec())));
    units
}

fn wanted_in_memory(analysis: &Analysis<'_>, id: NodeId) -> bool {
    let same = |u: NodeId| {
        analysis.class[u] == Class::Reduce
            || analysis.graph.nodes[u].shape == analysis.graph.nodes[id].shape
    };
    analysis.users[id].iter().any(|u| {
        *u == usize::MAX
            || !matches!(
                analysis.class[*u],
                Class::Elementwise | Class::Repeated | Class::Reduce
            )
            || !same(*u)
    })
}

/// The nodes whose memory a fused kernel of these members reads.
pub(crate) fn reads_of(analysis: &Analysis<'_>, members: &[NodeId]) -> BTreeSet<NodeId> {
    let mut reads = BTreeSet::new();
    let mut stack: Vec<NodeId> = members
        .iter()
        .flat_map(|m| analysis.graph.nodes[*m].inputs.clone())
        .collect();
    while let Some(id) = stack.pop() {
        if analysis.constant_scalar(id).is_some() || members.contains(&id) {
            continue;
        }
        match analysis.class[id] {
            Class::Repeated => stack.extend(&analysis.graph.nodes[id].inputs),
            _ => {
                reads.insert(root(analysis, id));
            }
        }
    }
    reads
}

fn fused(analysis: &Analysis<'_>, members: Vec<NodeId>) -> Unit {
    let reads = reads_of(analysis, &members);
    let inside = |u: &NodeId| members.contains(u);
    let leaves = members
        .iter()
        .copied()
        .filter(|m| analysis.class[*m] == Class::Reduce || !analysis.users[*m].iter().all(inside))
        .collect();
    let priority = members.iter().copied().max().unwrap_or(0);
    Unit {
        work: Work::Fused(members),
        reads,
        leaves,
        priority,
    }
}

/// The unit that leaves a node's value.
fn producer(units: &[Unit], id: NodeId) -> Option<usize> {
    units.iter().position(|u| u.leaves.contains(&id))
}

/// Outputs are written in place by whoever computes them; what is no fresh value is copied.
fn place_outputs(
    analysis: &Analysis<'_>,
    units: &mut Vec<Unit>,
    targets: &mut HashMap<NodeId, Target>,
) {
    for (k, id) in analysis.graph.outputs.iter().enumerate() {
        let target = Target::Output(k);
        if producer(units, *id).is_some() && !targets.contains_key(id) {
            targets.insert(*id, target);
        } else {
            units.push(copy(analysis, *id, target));
        }
    }
}

fn copy(analysis: &Analysis<'_>, id: NodeId, target: Target) -> Unit {
    let reads = [root(analysis, id)].into();
    Unit {
        work: Work::Copy(id, target),
        reads,
        leaves: Vec::new(),
        priority: usize::MAX - 1,
    }
}

/// States are updated in place by whoever computes their next value, after everybody who reads the old
/// one; where that cannot be, the next value is copied over at the end.
fn place_updates(
    analysis: &Analysis<'_>,
    units: &mut Vec<Unit>,
    targets: &mut HashMap<NodeId, Target>,
    after: &mut Vec<BTreeSet<usize>>,
) {
    let graph = analysis.graph;
    let leaf = |state: usize| {
        (0..graph.nodes.len()).filter(move |id| graph.nodes[*id].op == Op::State(state))
    };
    for (state, id) in &graph.updates {
        let leaves: Vec<NodeId> = leaf(*state).collect();
        if leaves.contains(id) {
            continue;
        }
        let readers: Vec<usize> = (0..units.len())
            .filter(|u| leaves.iter().any(|l| units[*u].reads.contains(l)))
            .collect();
        after.resize(units.len(), BTreeSet::new());
        let in_place = producer(units, *id).filter(|writer| {
            !targets.contains_key(id)
                && may_overwrite(analysis, &units[*writer], *id, &leaves)
                && readers
                    .iter()
                    .all(|r| r == writer || !reaches(units, after, *writer, *r))
        });
        let writer = match in_place {
            Some(writer) => {
                targets.insert(*id, Target::State(*state));
                writer
            }
            None => {
                units.push(copy(analysis, *id, Target::State(*state)));
                after.push(BTreeSet::new());
                units.len() - 1
            }
        };
        after[writer].extend(readers.into_iter().filter(|r| *r != writer));
    }
}

/// True if the unit may write the value of `id` where it reads the state from: it does not read it at
/// all, or a fused kernel reads it element by element as it writes.
fn may_overwrite(analysis: &Analysis<'_>, unit: &Unit, id: NodeId, leaves: &[NodeId]) -> bool {
    if !leaves.iter().any(|l| unit.reads.contains(l)) {
        return true;
    }
    let Work::Fused(members) = &unit.work else {
        return false;
    };
    if analysis.class[id] == Class::Reduce {
        return false;
    }
    let dims = analysis.graph.nodes[id].shape.dims();
    // Every way in which the kernel looks at the state must be the plain one.
    let mut stack: Vec<NodeId> = members
        .iter()
        .flat_map(|m| analysis.graph.nodes[*m].inputs.clone())
        .collect();
    while let Some(input) = stack.pop() {
        if analysis.class[input] == Class::Repeated {
            stack.extend(&analysis.graph.nodes[input].inputs);
        }
        let Some(view) = &analysis.views[input] else {
            continue;
        };
        let plain = analysis.graph.nodes[input].shape.dims() == dims
            && view.offset == 0
            && is_dense(&view.strides, dims);
        if leaves.contains(&view.value) && !plain {
            return false;
        }
    }
    true
}

/// True if unit `to` must run after unit `from`.
fn reaches(units: &[Unit], after: &[BTreeSet<usize>], from: usize, to: usize) -> bool {
    let mut seen = vec![false; units.len()];
    let mut stack = vec![to];
    // Walks back from `to` along what it needs.
    while let Some(unit) = stack.pop() {
        if unit == from {
            return true;
        }
        if std::mem::replace(&mut seen[unit], true) {
            continue;
        }
        stack.extend(
            units[unit]
                .reads
                .iter()
                .filter_map(|id| producer(units, *id)),
        );
        stack.extend(&after[unit]);
    }
    false
}

/// Kahn's algorithm; of the units that are ready, the one whose nodes stand first in the graph.
fn order(units: Vec<Unit>, after: Vec<BTreeSet<usize>>) -> Vec<Unit> {
    let mut producers: HashMap<NodeId, usize> = HashMap::new();
    for (k, unit) in units.iter().enumerate() {
        unit.leaves.iter().for_each(|id| {
            producers.insert(*id, k);
        });
    }
    let mut needs: Vec<BTreeSet<usize>> = after;
    for (k, unit) in units.iter().enumerate() {
        needs[k].extend(unit.reads.iter().filter_map(|id| producers.get(id)));
        needs[k].remove(&k);
    }
    let mut needed_by: Vec<Vec<usize>> = vec![Vec::new(); units.len()];
    let mut missing: Vec<usize> = needs.iter().map(BTreeSet::len).collect();
    for (k, need) in needs.iter().enumerate() {
        need.iter().for_each(|other| needed_by[*other].push(k));
    }
    let mut ready: BTreeSet<(usize, usize)> = (0..units.len())
        .filter(|k| missing[*k] == 0)
        .map(|k| (units[k].priority, k))
        .collect();
    let mut places = Vec::with_capacity(units.len());
    while let Some((_, next)) = ready.pop_first() {
        places.push(next);
        for user in &needed_by[next] {
            missing[*user] -= 1;
            if missing[*user] == 0 {
                ready.insert((units[*user].priority, *user));
            }
        }
    }
    debug_assert_eq!(
        places.len(),
        units.len(),
        "the units of a graph cannot wait for each other"
    );
    let mut units: Vec<Option<Unit>> = units.into_iter().map(Some).collect();
    places.into_iter().filter_map(|k| units[k].take()).collect()
}
