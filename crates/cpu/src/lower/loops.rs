//! Loops: their bodies are lowered by themselves, and run on buffers of the program around them.

use hornblende_core::Result;
use hornblende_core::graph::NodeId;
use hornblende_core::graph::op::{Op, Scan, While};

use super::assembly::Assembly;
use crate::program::Addresses;
use crate::steps::{Carried, Place, ScanStep, WhileStep};

impl Assembly<'_> {
    /// The place of each result of the loop that is used, by its number.
    fn loop_results(&mut self, id: NodeId) -> Result<Vec<(usize, Place)>> {
        let mut places = Vec::new();
        for result in self.analysis.results(id) {
            if let Op::TupleElement(number) = self.analysis.graph.nodes[result].op {
                places.push((
                    number,
                    Place {
                        value: self.value(result)?,
                        bytes: 0,
                    },
                ));
            }
        }
        Ok(places)
    }

    /// Buffers for an operand that changes from turn to turn.
    fn carried(
        &mut self,
        operand: NodeId,
        last: Option<Place>,
        stacked: Option<Place>,
    ) -> Result<Carried> {
        let node = &self.analysis.graph.nodes[operand];
        let bytes = node.shape.len() * node.dtype.size();
        let initial = self.dense(operand)?;
        let buffers = [0, 1].map(|_| Place {
            value: self.temporary(bytes),
            bytes: 0,
        });
        Ok(Carried {
            initial,
            buffers,
            bytes,
            last,
            stacked,
        })
    }

    pub(crate) fn scan(&mut self, id: NodeId, scan: &Scan) -> Result<()> {
        let results = self.loop_results(id)?;
        let wanted = |number: usize| {
            results
                .iter()
                .find(|(n, _)| *n == number)
                .map(|(_, place)| *place)
        };
        let operands = self.analysis.graph.nodes[id].inputs.clone();
        let body = &scan.body;
        let outputs = body.outputs.len() - scan.carries;
        let mut touches: Vec<Place> = results.iter().map(|(_, place)| *place).collect();
        let mut carried = Vec::new();
        for (k, operand) in operands[..scan.carries].iter().enumerate() {
            let stacked = wanted(scan.carries + outputs + k);
            let made = self.carried(*operand, wanted(k), stacked)?;
            touches.extend([made.initial, made.buffers[0], made.buffers[1]]);
            carried.push(made);
        }
        let bytes_of = |node: NodeId| {
            let node = &body.nodes[node];
            node.shape.len() * node.dtype.size()
        };
        let mut slices = Vec::new();
        let sliced = scan.carries..scan.carries + scan.slices;
        for (operand, spec) in operands[sliced.clone()]
            .iter()
            .zip(&body.parameters[sliced])
        {
            slices.push((self.dense(*operand)?, spec.shape.len() * spec.dtype.size()));
        }
        let mut constants = Vec::new();
        for operand in &operands[scan.carries + scan.slices..] {
            constants.push(self.dense(*operand)?);
        }
        let mut stacks = Vec::new();
        for k in scan.carries..body.outputs.len() {
            let bytes = bytes_of(body.outputs[k]);
            stacks.push(match wanted(k) {
                Some(place) => (place, bytes),
                None => (
                    Place {
                        value: self.temporary(bytes),
                        bytes: 0,
                    },
                    0,
                ),
            });
        }
        touches.extend(slices.iter().chain(&stacks).map(|(place, _)| *place));
        touches.extend(&constants);
        let step = ScanStep {
            body: super::code(body, self.pool)?,
            parameters: Addresses::room(body.parameters.len()),
            results: Addresses::room(body.outputs.len()),
            carried,
            slices,
            constants,
            outputs: stacks,
            length: scan.length,
            reverse: scan.reverse,
        };
        self.step(step, &touches);
        Ok(())
    }

    pub(crate) fn while_loop(&mut self, id: NodeId, op: &While) -> Result<()> {
        let results = self.loop_results(id)?;
        let operands = self.analysis.graph.nodes[id].inputs.clone();
        let mut touches: Vec<Place> = results.iter().map(|(_, place)| *place).collect();
        let mut state = Vec::new();
        for (k, operand) in operands.iter().enumerate() {
            let last = results
                .iter()
                .find(|(n, _)| *n == k)
                .map(|(_, place)| *place);
            let made = self.carried(*operand, last, None)?;
            touches.extend([made.initial, made.buffers[0], made.buffers[1]]);
            state.push(made);
        }
        let goes_on = Place {
            value: self.temporary(1),
            bytes: 0,
        };
        touches.push(goes_on);
        let step = WhileStep {
            condition: super::code(&op.condition, self.pool)?,
            body: super::code(&op.body, self.pool)?,
            parameters: Addresses::room(state.len()),
            results: Addresses::room(state.len()),
            state,
            goes_on,
        };
        self.step(step, &touches);
        Ok(())
    }
}
