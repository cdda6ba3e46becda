//! Passes never change a result: random graphs, run by the reference interpreter before and after.
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

use hornblende_core::graph::op::{Binary, Comparison, DotDims, Op, Reduction, Unary, Window};
use hornblende_core::graph::{Graph, Node, NodeId};
use hornblende_core::reference::run;
use hornblende_core::{DType, Shape, Spec, Value, passes};

/// Marsaglia's xorshift: a few lines that give the same graphs everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % n
    }

    fn pick<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }

    fn chance(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }
}

/// Numbers at which careless algebra shows.
const NUMBERS: [f64; 16] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    2.0,
    -2.0,
    0.5,
    3.0,
    4.0,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    1e-40,
    7e4,
    -0.3,
    65.0,
];
const TYPES: [DType; 7] = [
    DType::F32,
    DType::F32,
    DType::F64,
    DType::F16,
    DType::I32,
    DType::U8,
    DType::Bool,
];

struct Maker {
    graph: Graph,
    random: Random,
    /// What was done last: doing it again to the result is what many rules wait for.
    kind: usize,
}

impl Maker {
    fn new(seed: u64) -> Self {
        let mut maker = Self {
            graph: Graph::default(),
            random: Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1),
            kind: 0,
        };
        for _ in 0..4 {
            let (shape, dtype) = (maker.shape(), maker.random.pick(&TYPES));
            let parameters = &mut maker.graph.parameters;
            parameters.push(Spec {
                shape: shape.clone(),
                dtype,
            });
            let op = Op::Parameter(parameters.len() - 1);
            maker.graph.push(Node {
                op,
                inputs: Vec::new(),
                shape,
                dtype,
                location: None,
            });
        }
        maker
    }

    fn shape(&mut self) -> Shape {
        let rank = self.random.below(4);
        (0..rank)
            .map(|_| self.random.pick(&[1, 1, 2, 3, 3, 0, 4, 2]))
            .collect::<Vec<_>>()
            .into()
    }

    fn value(&mut self, shape: &Shape, dtype: DType) -> Value {
        let mut value = Value::zeros(shape, dtype);
        let storage = value.make_mut();
        for k in 0..shape.len() {
            storage.set_f64(k, self.random.pick(&NUMBERS));
        }
        value
    }

    fn constant(&mut self, shape: &Shape, dtype: DType) -> Option<NodeId> {
        let splat = self.random.pick(&NUMBERS);
        match self.random.below(3) {
            0 => {
                let value = self.value(shape, dtype);
                self.add(Op::Constant(value), &[])
            }
            1 => self.add(Op::Constant(Value::full(shape, dtype, splat)), &[]),
            _ => {
                let scalar = self.add(Op::Constant(Value::full([], dtype, splat)), &[])?;
                self.broadcast(scalar, shape, &[])
            }
        }
    }

    fn add(&mut self, op: Op, inputs: &[NodeId]) -> Option<NodeId> {
        self.graph.apply(op, inputs).ok()
    }

    fn broadcast(&mut self, x: NodeId, shape: &Shape, axes: &[usize]) -> Option<NodeId> {
        let op = Op::BroadcastInDim {
            shape: shape.clone(),
            axes: axes.to_vec(),
        };
        self.add(op, &[x])
    }

    /// Any node; the latest ones more often, so that chains grow.
    fn any(&mut self) -> NodeId {
        let len = self.graph.nodes.len();
        let back = if self.random.chance(2) { 4 } else { len };
        len - 1 - self.random.below(back.min(len))
    }

    /// Another operand of the shape and type of `x`: an earlier node, `x` itself, or a constant.
    fn partner(&mut self, x: NodeId) -> Option<NodeId> {
        let (shape, dtype) = (self.graph.nodes[x].shape.clone(), self.graph.nodes[x].dtype);
        let fits = |id: &NodeId| {
            let node = &self.graph.nodes[*id];
            node.shape == shape && node.dtype == dtype
        };
        let fitting: Vec<NodeId> = (0..self.graph.nodes.len()).filter(fits).collect();
        if self.random.chance(2) {
            return self.constant(&shape, dtype);
        }
        Some(self.random.pick(&fitting))
    }

    /// One more operation, if the random choice happens to be legal.
    fn grow(&mut self) -> Option<NodeId> {
        let mut x = self.any();
        if self.random.chance(2) {
            x = self.graph.nodes.len() - 1;
        } else {
            self.kind = self.random.below(12);
        }
        let (shape, dtype) = (self.graph.nodes[x].shape.clone(), self.graph.nodes[x].dtype);
        match self.kind {
            0 | 1 => {
                let op = self.random.pick(&Unary::ALL);
                self.add(Op::Unary(op), &[x])
            }
            2..=4 => self.binary(x, dtype),
            5 => self.choice(x),
            6 => {
                let to = self.random.pick(&TYPES);
                self.add(Op::Convert(to), &[x])
            }
            7 => self.stretched(x, &shape),
            8 | 9 => self.moved(x, &shape, dtype),
            10 => self.reduced(x, shape.rank()),
            _ => self.indexed(x, &shape),
        }
    }

    fn binary(&mut self, x: NodeId, dtype: DType) -> Option<NodeId> {
        let op = match dtype {
            DType::Bool => self
                .random
                .pick(&[Binary::Add, Binary::Multiply, Binary::Xor]),
            _ if dtype.is_float() => self.random.pick(&Binary::ALL[..9]),
            _ => self.random.pick(&Binary::ALL),
        };
        let defined = op != Binary::Atan2 || dtype.is_float();
        let y = self.partner(x)?;
        let (a, b) = if self.random.chance(2) {
            (x, y)
        } else {
            (y, x)
        };
        if defined {
            self.add(Op::Binary(op), &[a, b])
        } else {
            None
        }
    }

    fn choice(&mut self, x: NodeId) -> Option<NodeId> {
        let comparison = self.random.pick(&[
            Comparison::Eq,
            Comparison::Ne,
            Comparison::Lt,
            Comparison::Le,
            Comparison::Gt,
            Comparison::Ge,
        ]);
        let y = self.partner(x)?;
        let mut predicate = self.add(Op::Compare(comparison), &[x, y])?;
        if self.random.chance(2) {
            predicate = self.partner(predicate)?;
        }
        let (a, b) = (self.partner(x)?, self.partner(x)?);
        self.add(Op::Select, &[predicate, a, b])
    }

    fn stretched(&mut self, x: NodeId, shape: &Shape) -> Option<NodeId> {
        let mut dims: Vec<usize> = Vec::new();
        let mut axes = Vec::new();
        for d in shape.dims() {
            if self.random.chance(3) {
                dims.push(self.random.pick(&[1, 2, 3]));
            }
            axes.push(dims.len());
            dims.push(if *d == 1 {
                self.random.pick(&[1, 2])
            } else {
                *d
            });
        }
        if dims.len() < 3 {
            dims.push(self.random.pick(&[1, 2]));
        }
        self.broadcast(x, &dims.into(), &axes)
    }

    fn moved(&mut self, x: NodeId, shape: &Shape, dtype: DType) -> Option<NodeId> {
        let rank = shape.rank();
        let op = match self.random.below(8) {
            0 => Op::Reshape([shape.len()].into()),
            1 => {
                let mut dims = shape.dims().to_vec();
                dims.retain(|d| *d != 1);
                dims.insert(self.random.below(dims.len() + 1), 1);
                Op::Reshape(dims.into())
            }
            2 => {
                let mut permutation: Vec<usize> = (0..rank).collect();
                for k in 1..rank {
                    permutation.swap(k, self.random.below(k + 1));
                }
                Op::Transpose(permutation)
            }
            3 => {
                let start: Vec<usize> =
                    (0..rank).map(|k| self.random.below(shape[k] + 1)).collect();
                let start = if self.random.chance(2) {
                    vec![0; rank]
                } else {
                    start
                };
                let strides = (0..rank).map(|_| self.random.pick(&[1, 1, 2])).collect();
                Op::Slice {
                    start,
                    limit: shape.dims().to_vec(),
                    strides,
                }
            }
            4 => {
                let with = self.constant(&Shape::scalar(), dtype)?;
                let mut amounts = || {
                    (0..rank)
                        .map(|_| self.random.pick(&[0, 0, 0, 1, -1]))
                        .collect()
                };
                let (low, high) = (amounts(), amounts());
                let interior = (0..rank).map(|_| self.random.pick(&[0, 0, 1])).collect();
                let op = Op::Pad {
                    low,
                    high,
                    interior,
                };
                return self.add(op, &[x, with]);
            }
            5 => {
                let y = if self.random.chance(3) {
                    None
                } else {
                    self.partner(x)
                };
                let inputs: Vec<NodeId> = [Some(x), y].into_iter().flatten().collect();
                let axis = self.random.below(rank.max(1));
                return self.add(Op::Concatenate(axis), &inputs);
            }
            6 => Op::Reverse((0..rank).filter(|_| self.random.chance(2)).collect()),
            _ => Op::StopGradient,
        };
        self.add(op, &[x])
    }

    fn reduced(&mut self, x: NodeId, rank: usize) -> Option<NodeId> {
        let axis = self.random.below(rank.max(1));
        let op = match self.random.below(6) {
            0 | 1 => Op::Reduce {
                kind: self.random.pick(&[
                    Reduction::Sum,
                    Reduction::Product,
                    Reduction::Max,
                    Reduction::Min,
                ]),
                axes: (0..rank).filter(|_| self.random.chance(2)).collect(),
            },
            2 => Op::ReduceWindow {
                kind: self.random.pick(&[Reduction::Sum, Reduction::Max]),
                window: Window {
                    size: (0..rank).map(|_| self.random.pick(&[1, 1, 2])).collect(),
                    strides: vec![1; rank],
                    padding: vec![self.random.pick(&[(0, 0), (1, 0)]); rank],
                    dilation: vec![1; rank],
                },
            },
            3 => Op::CumSum {
                axis,
                reverse: self.random.chance(2),
            },
            4 => Op::ArgMax(axis),
            _ => Op::ArgSort {
                axis,
                descending: self.random.chance(2),
            },
        };
        // An axis that a scalar does not have is refused by inference.
        self.add(op, &[x])
    }

    fn indexed(&mut self, x: NodeId, shape: &Shape) -> Option<NodeId> {
        match self.random.below(4) {
            0 => {
                let contract = (0..shape.rank()).filter(|_| self.random.chance(2));
                let contract: Vec<usize> = contract.collect();
                let dims = DotDims {
                    lhs_contract: contract.clone(),
                    rhs_contract: contract,
                    ..DotDims::default()
                };
                let y = self.partner(x)?;
                self.add(Op::DotGeneral(dims), &[x, y])
            }
            1 => {
                let mut inputs = vec![x];
                for _ in 0..shape.rank() {
                    let start =
                        Value::full([], DType::I32, self.random.pick(&[-1.0, 0.0, 1.0, 9.0]));
                    inputs.push(self.add(Op::Constant(start), &[])?);
                }
                let size = shape.dims().iter().map(|d| self.random.below(d + 1));
                let size = size.collect();
                self.add(Op::DynamicSlice { size }, &inputs)
            }
            2 => {
                let indices = self.value(&[2].into(), DType::I32);
                let indices = self.add(Op::Constant(indices), &[])?;
                let axis = self.random.below(shape.rank().max(1));
                self.add(Op::Gather { axis, batch: 0 }, &[x, indices])
            }
            _ => {
                let op = Op::Iota {
                    shape: shape.clone(),
                    dtype: self.graph.nodes[x].dtype,
                    axis: self.random.below(shape.rank().max(1)),
                };
                self.add(op, &[])
            }
        }
    }
}

/// Graphs that multiply shapes up are stopped here: the test is about rules, not sizes.
const MOST_ELEMENTS: usize = 500;
const MOST_AXES: usize = 6;

fn random_graph(seed: u64) -> (Graph, Vec<Value>) {
    let mut maker = Maker::new(seed);
    for _ in 0..30 {
        let len = maker.graph.nodes.len();
        maker.grow();
        let is_large =
            |node: &Node| node.shape.len() > MOST_ELEMENTS || node.shape.rank() > MOST_AXES;
        if maker.graph.nodes.iter().any(is_large) {
            maker.graph.nodes.truncate(len);
        }
    }
    let len = maker.graph.nodes.len();
    maker.graph.outputs = (0..3).map(|_| maker.any()).chain([len - 1]).collect();
    let specs = maker.graph.parameters.clone();
    let values = specs
        .iter()
        .map(|spec| maker.value(&spec.shape, spec.dtype))
        .collect();
    (maker.graph, values)
}

type Pass = fn(&Graph) -> Graph;

/// Equal bits; a NaN may have another payload.
fn same(a: &Value, b: &Value) -> bool {
    let same = |(x, y): (f64, f64)| x.to_bits() == y.to_bits() || (x.is_nan() && y.is_nan());
    let pairs = || a.to_f64_vec().into_iter().zip(b.to_f64_vec());
    a.shape() == b.shape() && a.dtype() == b.dtype() && pairs().all(same)
}

#[track_caller]
fn assert_same(name: &str, seed: u64, pass: Pass) -> (usize, usize) {
    let (graph, values) = random_graph(seed);
    let shrunk = pass(&graph);
    let before = run(&graph, &values, &mut []).unwrap();
    let after = run(&shrunk, &values, &mut []).unwrap();
    for (k, (a, b)) in before.iter().zip(&after).enumerate() {
        assert!(
            same(a, b),
            "{name}, seed {seed}, output {k}: {a:?} became {b:?}\n{graph}\n{shrunk}\n{values:?}"
        );
    }
    (graph.nodes.len(), shrunk.nodes.len())
}

#[test]
fn no_pass_changes_a_result() {
    let all: [(&str, Pass); 4] = [
        ("dead_code", passes::dead_code),
        ("common_subexpressions", passes::common_subexpressions),
        ("fold_constants", passes::fold_constants),
        ("simplify", passes::simplify),
    ];
    for seed in 0..2000 {
        for (name, pass) in all {
            assert_same(name, seed, pass);
        }
    }
}

#[test]
fn all_passes_together_change_no_result_and_shrink_most_graphs() {
    let (mut before, mut after) = (0, 0);
    for seed in 2000..10_000 {
        let (full, shrunk) = assert_same("optimize", seed, passes::optimize);
        before += full;
        after += shrunk;
    }
    // Three outputs of thirty nodes leave much dead code; constants and rules take their share.
    assert!(after * 2 < before, "{before} nodes became {after}");
}

#[test]
fn an_optimized_graph_cannot_be_optimized_further() {
    for seed in 10_000..11_000 {
        let once = passes::optimize(&random_graph(seed).0);
        assert_eq!(once, passes::optimize(&once), "seed {seed}\n{once}");
    }
}
