//! Models.

use std::any::Any;
use std::panic::Location;
use std::sync::Arc;

use hornblende_core::{Error, Result, Spec, Tensor, Variable};

use super::SummaryTable;
use super::from_config::{network_of, network_of_json};
use super::graph::Graph;
use super::network::Network;
use super::summary::summary_table;
use super::to_config::{model_config, model_object};
use crate::config::Config;
use crate::layers::{Call, CallLayer, Layer, LayerInputs, call_layer};

/// A model: layers that lead from inputs to outputs, and, once compiled, how to train them.
///
/// A model is itself a layer: [`CallLayer::call`] uses it inside another model, or computes on values.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let inputs = Input::new([784]).name("digits");
/// let x = Dense::new(64).activation("relu").name("dense_1").call(&inputs)?;
/// let outputs = Dense::new(10).activation("softmax").name("predictions").call(&x)?;
/// let model = Model::new(&inputs, &outputs)?;
/// assert_eq!(model.get_layer("dense_1")?.count_params(), 784 * 64 + 64);
///
/// let y = model.call(&Tensor::zeros([2, 784], DType::F32))?;
/// assert_eq!(y.shape().dims(), [2, 10]);
/// # Ok::<(), Error>(())
/// ```
pub struct Model {
    network: Network,
    /// What `compile` made; of a type that the training code knows.
    pub(crate) compiled: Option<Box<dyn Any + Send + Sync>>,
    /// The optimizer's variables, for `summary`, once there are any.
    pub(crate) optimizer_variables: Vec<Variable>,
}

impl Model {
    /// The model of everything between symbolic inputs and outputs: one tensor each, or arrays such as
    /// `[&a, &b]`.
    ///
    /// A tensor in the middle of another model may be an input or an output, which cuts a part out; layers
    /// are shared, not copied.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] naming the tensor if an output needs an [`Input`](crate::layers::Input)
    /// that is not named, if an input leads to no output or is named twice, if a tensor is not symbolic, or
    /// if two layers have one name.
    #[track_caller]
    pub fn new(inputs: impl LayerInputs, outputs: impl LayerInputs) -> Result<Self> {
        let location = Location::caller();
        let graph = Graph::new(inputs.tensors(), outputs.tensors());
        Ok(Self::of(Network::functional(
            graph.map_err(|error| error.at(location))?,
        )))
    }

    /// The model that one layer is, such as a type of your own that holds others: Keras's subclassed model.
    ///
    /// It is built when it is first called or trained. Its name is the layer's, its layers are those that
    /// [`Layer::sublayers`] lists.
    #[must_use]
    pub fn from_layer(layer: impl CallLayer) -> Self {
        Self::of(Network::custom(layer.handle()))
    }

    pub(super) fn of(network: Network) -> Self {
        Self {
            network,
            compiled: None,
            optimizer_variables: Vec::new(),
        }
    }

    /// Names the model. Default: `functional`, `functional_1`, ... A name that it has already stays.
    #[must_use]
    pub fn with_name(self, name: &str) -> Self {
        self.network.base().set_name(name);
        self
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> String {
        self.network.base().name(self.network.class_name())
    }

    /// Builds a model whose input shapes are not known yet, as the first call does; otherwise does nothing.
    /// The first axis of each shape counts samples; its size is not kept.
    ///
    /// # Errors
    /// If the model cannot take such inputs, or something went wrong when it was described.
    pub fn build(&self, inputs: &[Spec]) -> Result<()> {
        let name = self.name();
        let built = self.network.build_with(inputs);
        built.map(|_| ()).map_err(|error| error.in_layer(&name))
    }

    /// Whether the shapes are known and the weights exist.
    #[must_use]
    pub fn is_built(&self) -> bool {
        self.network.graph().is_some()
    }

    /// The layers: of a functional model those farthest from the outputs first, input layers among them; of
    /// a sequential one as they were added.
    #[must_use]
    pub fn layers(&self) -> Vec<Arc<dyn Layer>> {
        self.network.layers()
    }

    /// The layer of this name.
    ///
    /// # Errors
    /// [`Error::UnknownName`] listing the layers that there are.
    pub fn get_layer(&self, name: &str) -> Result<Arc<dyn Layer>> {
        let layers = self.layers();
        let found = layers.iter().find(|layer| layer.name() == name);
        found.cloned().ok_or_else(|| {
            let names: Vec<String> = layers.iter().map(|layer| layer.name()).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            Error::unknown("layer", name, &names)
        })
    }

    /// The layer at this place of [`Model::layers`].
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if there are not so many.
    pub fn get_layer_at(&self, index: usize) -> Result<Arc<dyn Layer>> {
        let layers = self.layers();
        layers.get(index).cloned().ok_or_else(|| {
            let expected = format!("an index below {}", layers.len());
            Error::invalid_argument("get_layer_at", expected, index.to_string(), "")
        })
    }

    /// The model in Keras's words: name, layers, and how they are connected.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if the model has calls that are no layers (plain arithmetic on symbolic
    /// tensors), or is one layer of your own.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let model = Sequential::new().add(Dense::new(2).input_shape([3])).with_name("small");
    /// let twin = Model::from_config(&model.get_config()?)?;
    /// assert_eq!(twin.get_config()?, model.get_config()?);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn get_config(&self) -> Result<Config> {
        model_config(&self.network)
    }

    /// The model that [`Model::get_config`] described, ours or Keras's, with new weights.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a class or an argument that there is not, [`Error::Format`] for what is no
    /// description of a model.
    pub fn from_config(config: &Config) -> Result<Self> {
        network_of(config).map(Self::of)
    }

    /// [`Model::get_config`] as text, with the class around it, as Keras's `to_json` writes it.
    ///
    /// # Errors
    /// As [`Model::get_config`].
    pub fn to_json(&self) -> Result<String> {
        Ok(model_object(&self.network)?.to_string())
    }

    /// The model that [`Model::to_json`] described, ours or Keras's, with new weights.
    ///
    /// # Errors
    /// As [`Model::from_config`], and if the text is no JSON.
    pub fn from_json(json: &str) -> Result<Self> {
        network_of_json(json).map(Self::of)
    }

    /// The symbolic inputs; none before the model is built.
    #[must_use]
    pub fn inputs(&self) -> Vec<Tensor> {
        let graph = self.network.graph();
        graph.map_or_else(Vec::new, |graph| graph.inputs().to_vec())
    }

    /// The symbolic outputs; none before the model is built.
    #[must_use]
    pub fn outputs(&self) -> Vec<Tensor> {
        let graph = self.network.graph();
        graph.map_or_else(Vec::new, |graph| graph.outputs().to_vec())
    }

    /// Shape and type of each input; sizes that are not known are [`crate::Shape::UNKNOWN`].
    #[must_use]
    pub fn input_specs(&self) -> Vec<Spec> {
        self.inputs().iter().map(|t| t.spec().clone()).collect()
    }

    /// Shape and type of each output.
    #[must_use]
    pub fn output_specs(&self) -> Vec<Spec> {
        self.outputs().iter().map(|t| t.spec().clone()).collect()
    }

    /// The name of each input.
    #[must_use]
    pub fn input_names(&self) -> Vec<String> {
        let graph = self.network.graph();
        graph.map_or_else(Vec::new, |graph| graph.input_names())
    }

    /// The name of each output: that of the layer it comes from.
    #[must_use]
    pub fn output_names(&self) -> Vec<String> {
        let graph = self.network.graph();
        graph.map_or_else(Vec::new, |graph| graph.output_names())
    }

    /// All variables: weights and the state that is none, such as random keys.
    #[must_use]
    pub fn variables(&self) -> Vec<Variable> {
        self.network.variables()
    }

    /// The weights, in Keras's order.
    #[must_use]
    pub fn weights(&self) -> Vec<Variable> {
        self.network.weights()
    }

    /// The variables that an optimizer may change.
    #[must_use]
    pub fn trainable_variables(&self) -> Vec<Variable> {
        self.network.trainable_variables()
    }

    /// The variables that an optimizer leaves alone: frozen weights, running statistics, random keys.
    #[must_use]
    pub fn non_trainable_variables(&self) -> Vec<Variable> {
        let trainable = self.trainable_variables();
        let mut variables = self.variables();
        variables.retain(|variable| !trainable.contains(variable));
        variables
    }

    /// Freezes (`false`) or thaws all layers; takes effect at the next `compile`.
    pub fn set_trainable(&self, trainable: bool) {
        self.network.base().set_trainable(trainable);
    }

    /// Copies of all weights, in the order of [`Model::weights`].
    #[must_use]
    pub fn get_weights(&self) -> Vec<Tensor> {
        self.network.get_weights()
    }

    /// Sets all weights, in the order of [`Model::weights`]; the types are converted.
    ///
    /// # Errors
    /// If their number or a shape differs; no weight is changed then.
    #[track_caller]
    pub fn set_weights(&self, weights: &[Tensor]) -> Result<()> {
        let location = Location::caller();
        let set = self.network.set_weights(weights);
        set.map_err(|error| error.at(location))
    }

    /// The number of numbers in all weights.
    #[must_use]
    pub fn count_params(&self) -> usize {
        self.network.count_params()
    }

    /// The table that `summary` prints, to be changed or shown elsewhere.
    ///
    /// ```
    /// # use hornblende::prelude::*;
    /// let model = Sequential::new().add(Dense::new(2).input_shape([3])).with_name("small");
    /// let table = model.summary_table().show_trainable(true).to_string();
    /// assert!(table.contains("Total params: 8 (32.00 B)"));
    /// ```
    #[must_use]
    pub fn summary_table(&self) -> SummaryTable {
        summary_table(&self.network, &self.optimizer_variables)
    }

    /// The summary as text without colours.
    #[must_use]
    pub fn summary_text(&self) -> String {
        self.summary_table().to_string()
    }

    /// Prints the summary as Keras does.
    pub fn summary(&self) {
        use std::io::Write;
        let text = self
            .summary_table()
            .render(crate::terminal::Terminal::stdout());
        // Nothing is lost if the output is closed, and there is nobody left to tell.
        let _ = std::io::stdout().write_all(text.as_bytes());
    }

    /// What the regularizers of the trainable weights add to the loss now, a scalar for each.
    ///
    /// ```
    /// # use hornblende::{prelude::*, regularizers::L2};
    /// let dense = Dense::new(1).input_shape([2]).kernel_initializer("ones").kernel_regularizer(L2::new(0.1));
    /// let model = Sequential::new().add(dense);
    /// assert_eq!(model.losses()[0].item::<f32>()?, 0.2);
    /// # Ok::<(), Error>(())
    /// ```
    #[must_use]
    pub fn losses(&self) -> Vec<Tensor> {
        let regularized = |variable: &Variable| Some(variable.regularizer()?(&variable.read()));
        let trainable = self.trainable_variables();
        trainable.iter().filter_map(regularized).collect()
    }

    /// Runs all layers on these tensors: the outputs, and what is added to the loss: by layers in this call,
    /// and by the regularizers of the weights.
    ///
    /// # Errors
    /// If the inputs do not fit; the error names the layer.
    #[track_caller]
    pub fn forward(&self, inputs: &[Tensor], training: bool) -> Result<(Vec<Tensor>, Vec<Tensor>)> {
        let call = Call::new(training);
        let outputs = self.forward_in(inputs, &call)?;
        Ok((outputs, call.losses()))
    }

    /// As [`Model::forward`], as part of `call`, which collects what layers add and log.
    ///
    /// # Errors
    /// As [`Model::forward`].
    #[track_caller]
    pub fn forward_in(&self, inputs: &[Tensor], call: &Call) -> Result<Vec<Tensor>> {
        let outputs = call_layer(&self.handle(), inputs, call)?;
        self.losses()
            .into_iter()
            .for_each(|loss| call.add_loss(loss));
        Ok(outputs)
    }
}

impl CallLayer for Model {
    fn handle(&self) -> Arc<dyn Layer> {
        Arc::new(self.network.clone())
    }
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let layers = self.layers().len();
        write!(f, "Model(\"{}\", {layers} layers)", self.name())
    }
}
