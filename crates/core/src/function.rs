//! Tracing: from Rust code on tensors to a program that is compiled once and run many times.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::Result;
use crate::graph::{Graph, Spec};
use crate::lower::{Lowered, lower};
use crate::program::Program;
use crate::tensor::Tensor;
use crate::value::Value;
use crate::variable::Variable;

/// The variables as one trace sees them.
#[derive(Default)]
struct Trace {
    /// What a read of the variable gives now.
    current: HashMap<u64, Tensor>,
    /// The variables that were assigned to, in order, each once.
    assigned: Vec<Variable>,
}

thread_local! {
    static TRACES: RefCell<Vec<Trace>> = const { RefCell::new(Vec::new()) };
}

/// Ends a trace even if the traced code panics.
struct Tracing;

impl Tracing {
    fn begin() -> Self {
        TRACES.with(|t| t.borrow_mut().push(Trace::default()));
        Self
    }

    /// The assigned variables with their new values.
    fn updates() -> Vec<(Variable, Tensor)> {
        TRACES.with(|t| {
            let traces = t.borrow();
            let Some(trace) = traces.last() else {
                return Vec::new();
            };
            let value = |v: &Variable| (v.clone(), trace.current[&v.id()].clone());
            trace.assigned.iter().map(value).collect()
        })
    }
}

impl Drop for Tracing {
    fn drop(&mut self) {
        TRACES.with(|t| t.borrow_mut().pop());
    }
}

/// The variable's traced value, or `None` outside a trace.
pub(crate) fn read(variable: &Variable) -> Option<Tensor> {
    TRACES.with(|t| {
        let mut traces = t.borrow_mut();
        let trace = traces.last_mut()?;
        let current = trace
            .current
            .entry(variable.id())
            .or_insert_with(|| Tensor::read(variable.clone(), None));
        Some(current.clone())
    })
}

/// Notes the assignment in the current trace; false outside a trace.
pub(crate) fn assign(variable: &Variable, tensor: &Tensor) -> bool {
    TRACES.with(|t| {
        let mut traces = t.borrow_mut();
        let Some(trace) = traces.last_mut() else {
            return false;
        };
        trace.current.insert(variable.id(), tensor.clone());
        if !trace.assigned.contains(variable) {
            trace.assigned.push(variable.clone());
        }
        true
    })
}

/// True while this thread traces: tensors have no values then.
#[must_use]
pub fn is_tracing() -> bool {
    TRACES.with(|t| !t.borrow().is_empty())
}

/// Runs code in a trace that is thrown away: what it assigns has no effect.
pub fn without_effects<R>(work: impl FnOnce() -> R) -> R {
    let _tracing = Tracing::begin();
    work()
}

/// Traces `f` with placeholders of these specs: the graph, and the variables that are its states.
///
/// # Errors
/// What `f` returns or its results carry.
pub fn trace(
    inputs: &[Spec],
    f: impl FnOnce(&[Tensor]) -> Result<Vec<Tensor>>,
) -> Result<(Graph, Vec<Variable>)> {
    let Lowered {
        graph, variables, ..
    } = trace_lowered(inputs, f)?;
    Ok((graph, variables))
}

/// Traces and compiles; see [`trace`].
///
/// # Errors
/// What `f` returns or its results carry, and what the engine reports.
pub fn compile(
    inputs: &[Spec],
    f: impl FnOnce(&[Tensor]) -> Result<Vec<Tensor>>,
) -> Result<Program> {
    Program::compile(trace_lowered(inputs, f)?)
}

fn trace_lowered(
    inputs: &[Spec],
    f: impl FnOnce(&[Tensor]) -> Result<Vec<Tensor>>,
) -> Result<Lowered> {
    let _tracing = Tracing::begin();
    let placeholders: Vec<Tensor> = inputs
        .iter()
        .map(|spec| Tensor::placeholder(spec.clone()))
        .collect();
    let outputs = f(&placeholders)?;
    for output in &outputs {
        output.check()?;
    }
    lower(&placeholders, &outputs, &Tracing::updates())
}

/// Compiled programs by what they were compiled for.
type Programs = HashMap<Vec<Spec>, Arc<Mutex<Program>>>;
type Traced = dyn Fn(&[Tensor]) -> Result<Vec<Tensor>> + Send + Sync;

/// A function on tensors that is traced once for each combination of input shapes and types, compiled,
/// and then run: what `tf.function` is for.
///
/// # Example
/// ```
/// use hornblende_core::{Tensor, Variable, function};
/// let total = Variable::new("total", Tensor::from(0.0f32))?;
/// let step = {
///     let total = total.clone();
///     function(move |x| {
///         total.assign_add(&x[0].sum(..))?;
///         Ok(vec![x[0].square()])
///     })
/// };
/// let y = step.call(&[Tensor::from([1.0f32, 2.0])])?;
/// step.call(&[Tensor::from([3.0f32, 4.0])])?;
/// assert_eq!(y[0].to_vec::<f32>()?, [1.0, 4.0]);
/// assert_eq!(total.read().item::<f32>()?, 10.0);
/// # Ok::<(), hornblende_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Function {
    f: Arc<Traced>,
    programs: Arc<Mutex<Programs>>,
}

/// Makes a [`Function`] of a closure.
pub fn function(f: impl Fn(&[Tensor]) -> Result<Vec<Tensor>> + Send + Sync + 'static) -> Function {
    Function {
        f: Arc::new(f),
        programs: Arc::default(),
    }
}

impl Function {
    /// Calls the function. Inside another trace its code becomes part of that trace.
    ///
    /// # Errors
    /// What the closure returns or its results carry, and what the engine reports.
    pub fn call(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        if is_tracing() {
            return (self.f)(inputs);
        }
        let values = crate::eval::eval_all(inputs)?;
        let outputs = self.call_values(&values)?;
        Ok(outputs.into_iter().map(Tensor::from).collect())
    }

    /// Calls the function's code without tracing or compiling it as a whole: its tensors have values, which helps to
    /// find a mistake. What is assigned is assigned at once. Keras's `run_functions_eagerly`.
    ///
    /// # Errors
    /// What the closure returns.
    pub fn run_eagerly(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        (self.f)(inputs)
    }

    /// Calls the function with values.
    ///
    /// # Errors
    /// As [`Function::call`].
    pub fn call_values(&self, inputs: &[Value]) -> Result<Vec<Value>> {
        let program = self.program(inputs)?;
        let mut program = program.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(program.run(inputs)?.to_vec())
    }

    fn program(&self, inputs: &[Value]) -> Result<Arc<Mutex<Program>>> {
        let spec = |v: &Value| Spec {
            shape: v.shape().clone(),
            dtype: v.dtype(),
        };
        let key: Vec<Spec> = inputs.iter().map(spec).collect();
        let lock = || self.programs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(&key) {
            return Ok(Arc::clone(known));
        }
        let compiled = Arc::new(Mutex::new(compile(&key, |x| (self.f)(x))?));
        lock().insert(key, Arc::clone(&compiled));
        Ok(compiled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_read_in_a_trace_sees_the_assignment() {
        let x = Variable::new("x", Tensor::from(2.0f32)).unwrap();
        let f = {
            let x = x.clone();
            function(move |_| {
                x.assign(&(x.read() * 3.0))?;
                x.assign(&(x.read() + 1.0))?;
                Ok(vec![x.read() * 10.0])
            })
        };
        assert_eq!(f.call(&[]).unwrap()[0].item::<f32>().unwrap(), 70.0);
        assert_eq!(x.value().get_f64(0), 7.0);
    }

    #[test]
    fn an_error_in_a_trace_leaves_the_variables_as_they_were() {
        let x = Variable::new("x", Tensor::from(2.0f32)).unwrap();
        let f = {
            let x = x.clone();
            function(move |inputs| {
                x.assign(&(x.read() * 3.0))?;
                Ok(vec![&inputs[0] + Tensor::from([1.0f32; 3])])
            })
        };
        assert!(f.call(&[Tensor::from([1.0f32; 2])]).is_err());
        assert_eq!(x.value().get_f64(0), 2.0);
    }

    #[test]
    fn asking_for_a_value_while_tracing_is_an_error_that_says_so() {
        let f = function(|x| {
            x[0].item::<f32>()?;
            Ok(vec![])
        });
        let line = line!() - 3;
        let error = f.call(&[Tensor::from(1.0f32)]).unwrap_err().to_string();
        assert!(error.contains("being traced"), "{error}");
        assert!(error.ends_with(&format!("function.rs:{line})")), "{error}");
        let w = Variable::new("w", Tensor::from(1.0f32)).unwrap();
        let g = function(move |_| Ok(vec![w.read() * w.read().item::<f32>()? as f64]));
        let error = g.call(&[]).unwrap_err().to_string();
        assert!(
            error.contains("variable \"w\" that is being traced"),
            "{error}"
        );
    }
}
