//! What most programs use.

pub use crate::activations::IntoActivation;
pub use crate::constraints::{Constraint, IntoConstraint, MaxNorm, MinMaxNorm, NonNeg, UnitNorm};
pub use crate::datasets;
pub use crate::initializers::{
    Constant, GlorotNormal, GlorotUniform, HeNormal, HeUniform, Identity, Initializer,
    IntoInitializer, LecunNormal, LecunUniform, Ones, Orthogonal, RandomNormal, RandomUniform,
    TruncatedNormal, VarianceScaling, Zeros,
};
pub use crate::layers::{
    Activation, Add, AffineOptions, Bidirectional, Call, CallLayer, CellArguments, Concatenate,
    Conv2D, Dense, Dropout, Embedding, Flatten, GRU, GRUCell, GateArguments, Input, LSTM, LSTMCell,
    Layer, LayerBase, LayerInputs, LayerOptions, Masking, MaxPooling2D, RNN, ReLU,
    RecurrenceArguments, Reshape, SimpleRNN, SimpleRNNCell, Softmax, StackedRNNCells, Subtract,
    TimeDistributed,
};
pub use crate::losses::{
    BinaryCrossentropy, BinaryFocalCrossentropy, CTC, CategoricalCrossentropy,
    CategoricalFocalCrossentropy, CategoricalGeneralizedCrossEntropy, CategoricalHinge, Circle,
    CosineSimilarity, Dice, Hinge, Huber, IntoLoss, KLDivergence, LogCosh, Loss, MeanAbsoluteError,
    MeanAbsolutePercentageError, MeanSquaredError, MeanSquaredLogarithmicError, Poisson, Reduction,
    SparseCategoricalCrossentropy, SquaredHinge, Tversky,
};
pub use crate::metrics::{
    BinaryAccuracy, CategoricalAccuracy, Mean, MeanMetricWrapper, Metric,
    SparseCategoricalAccuracy, Sum,
};
pub use crate::models::{Model, Sequential};
pub use crate::optimizers::schedules::{ExponentialDecay, InverseTimeDecay, LearningRateSchedule};
pub use crate::optimizers::{Adam, IntoOptimizer, Minimize, Optimizer, RMSprop, SGD};
pub use crate::regularizers::{IntoRegularizer, L1, L1L2, L2, OrthogonalRegularizer, Regularizer};
pub use crate::training::{
    Compile, Evaluate, Evaluation, Fit, History, IntoData, Predict, ProgressStyle, Verbose,
};
pub use crate::{DType, Error, Result, Shape, Tensor, Variable};
