//! The callbacks of a run.

use hornblende_core::{Error, Result};

use super::run::{Request, RunFacts};
use super::session::Session;
use super::{Callback, CallbackState, Flow, ProgressBar, Run};

/// The callbacks of a run, in the order in which they are told of things.
pub(super) struct CallbackList<'c> {
    callbacks: Vec<Box<dyn Callback + 'c>>,
    facts: RunFacts,
    /// What the run shows; callbacks speak through it.
    pub(super) bar: ProgressBar,
    stops_training: bool,
    requests: Vec<Request>,
}

impl<'c> CallbackList<'c> {
    pub(super) fn new(
        callbacks: Vec<Box<dyn Callback + 'c>>,
        facts: RunFacts,
        bar: ProgressBar,
    ) -> Self {
        Self {
            callbacks,
            facts,
            bar,
            stops_training: false,
            requests: Vec::new(),
        }
    }

    /// Whether a callback asked for no more epochs, now or earlier.
    pub(super) fn stops_training(&self) -> bool {
        self.stops_training
    }

    /// Says, in a run that continues another one, whether a callback asked for no more epochs.
    pub(super) fn set_stops_training(&mut self, stops: bool) {
        self.stops_training = stops;
    }

    /// What callbacks asked for since this was called last.
    pub(super) fn take_requests(&mut self) -> Vec<Request> {
        std::mem::take(&mut self.requests)
    }

    /// The class names of the callbacks, in order.
    pub(super) fn class_names(&self) -> Vec<&'static str> {
        self.callbacks.iter().map(|c| c.class_name()).collect()
    }

    /// What the callbacks remember, in order.
    pub(super) fn states(&self) -> Vec<CallbackState> {
        self.callbacks.iter().map(|c| c.get_state()).collect()
    }

    /// Gives the callbacks back what they remembered.
    ///
    /// # Errors
    /// If a callback does not know its state.
    pub(super) fn set_states(&mut self, states: &[CallbackState]) -> Result<()> {
        for (callback, state) in self.callbacks.iter_mut().zip(states) {
            callback.set_state(state)?;
        }
        Ok(())
    }

    /// Calls a hook of every callback with the model put together, and gives the most that one of them asked
    /// for. A callback that asks to stop does not keep the others from being told.
    pub(super) fn tell(
        &mut self,
        session: &mut Session<'_>,
        mut hook: impl FnMut(&mut dyn Callback, &mut Run<'_>) -> Result<Flow>,
    ) -> Result<Flow> {
        if self.callbacks.is_empty() {
            return Ok(Flow::Continue);
        }
        let (callbacks, facts, bar) = (&mut self.callbacks, self.facts, &mut self.bar);
        let requests = &mut self.requests;
        let asked = session.with_model(|model| {
            let mut run = Run::new(model, facts, bar, requests);
            let mut asked = Flow::Continue;
            for callback in callbacks {
                asked = asked.max(hook(&mut **callback, &mut run)?);
            }
            Ok(asked)
        })?;
        self.stops_training |= asked == Flow::StopTraining;
        Ok(asked)
    }
}

/// What can be handed over as callbacks: one, an array or a `Vec` of one type, a tuple of several types, or a
/// `Vec<Box<dyn Callback>>`.
pub trait IntoCallbacks<'c> {
    /// The callbacks, in order.
    fn into_callbacks(self) -> Vec<Box<dyn Callback + 'c>>;
}

impl<'c, C: Callback + 'c> IntoCallbacks<'c> for C {
    fn into_callbacks(self) -> Vec<Box<dyn Callback + 'c>> {
        vec![Box::new(self)]
    }
}

impl<'c, C: Callback + 'c, const N: usize> IntoCallbacks<'c> for [C; N] {
    fn into_callbacks(self) -> Vec<Box<dyn Callback + 'c>> {
        self.into_iter().map(|c| Box::new(c) as _).collect()
    }
}

impl<'c, C: Callback + 'c> IntoCallbacks<'c> for Vec<C> {
    fn into_callbacks(self) -> Vec<Box<dyn Callback + 'c>> {
        self.into_iter().map(|c| Box::new(c) as _).collect()
    }
}

/// Tuples of callbacks of several types.
macro_rules! tuples {
    ($(($($name:ident $place:tt),+)),*) => {$(
        impl<'c, $($name: Callback + 'c),+> IntoCallbacks<'c> for ($($name,)+) {
            fn into_callbacks(self) -> Vec<Box<dyn Callback + 'c>> {
                vec![$(Box::new(self.$place)),+]
            }
        }
    )*};
}
tuples!(
    (A 0),
    (A 0, B 1),
    (A 0, B 1, C 2),
    (A 0, B 1, C 2, D 3),
    (A 0, B 1, C 2, D 3, E 4),
    (A 0, B 1, C 2, D 3, E 4, F 5),
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6),
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
);

/// What is told if a callback compiled the model anew while its steps were being used.
pub(super) fn recompiled(caller: &str) -> Error {
    Error::not_compiled(
        caller,
        "a callback that leaves the compiled model as it is",
        "a call of compile inside the run",
        "Compile before or after it",
    )
}
