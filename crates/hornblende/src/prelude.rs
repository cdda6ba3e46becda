//! What most programs use.

pub use crate::activations::IntoActivation;
pub use crate::callbacks::{
    BackupAndRestore, CSVLogger, EarlyStopping, LambdaCallback, LearningRateScheduler,
    ModelCheckpoint, ProgbarLogger, ReduceLROnPlateau, RemoteMonitor, SaveFreq, SwapEMAWeights,
    TensorBoard, TerminateOnNaN,
};
pub use crate::constraints::{Constraint, IntoConstraint, MaxNorm, MinMaxNorm, NonNeg, UnitNorm};
pub use crate::data::{Batch, Dataset, Interleave, Shuffle};
pub use crate::datasets;
pub use crate::gradient_tape::{GradientTape, UnconnectedGradients, zip};
pub use crate::initializers::{
    Constant, GlorotNormal, GlorotUniform, HeNormal, HeUniform, Identity, Initializer,
    IntoInitializer, LecunNormal, LecunUniform, Ones, Orthogonal, RandomNormal, RandomUniform,
    STFT, TruncatedNormal, VarianceScaling, Zeros,
};
pub use crate::layers::{
    Activation, ActivityRegularization, AdaptLayer, AdaptiveAveragePooling1D,
    AdaptiveAveragePooling2D, AdaptiveAveragePooling3D, AdaptiveMaxPooling1D, AdaptiveMaxPooling2D,
    AdaptiveMaxPooling3D, Add, AdditiveAttention, AffineOptions, AlphaDropout, Attention, AugMix,
    AutoContrast, Average, AveragePooling1D, AveragePooling2D, AveragePooling3D,
    BatchNormalization, Bidirectional, Call, CallLayer, CategoryEncoding, CellArguments,
    CenterCrop, Concatenate, ContrastLimitedAdaptiveHistogramEqualization, Conv1D, Conv1DTranspose,
    Conv2D, Conv2DTranspose, Conv3D, Conv3DTranspose, ConvLSTM1D, ConvLSTM2D, ConvLSTM3D,
    Cropping1D, Cropping2D, Cropping3D, CutMix, Dense, DepthwiseConv1D, DepthwiseConv2D,
    Discretization, Dot, Dropout, ELU, EinsumDense, Embedding, Equalization, Flatten, GRU, GRUCell,
    GateArguments, GaussianDropout, GaussianNoise, GlobalAveragePooling1D, GlobalAveragePooling2D,
    GlobalAveragePooling3D, GlobalMaxPooling1D, GlobalMaxPooling2D, GlobalMaxPooling3D,
    GroupNormalization, GroupQueryAttention, HashedCrossing, Hashing, HeadOptions, Input,
    IntegerLookup, LSTM, LSTMCell, Lambda, Layer, LayerBase, LayerInputs, LayerNormalization,
    LayerOptions, LeakyReLU, Masking, MaxNumBoundingBoxes, MaxPooling1D, MaxPooling2D,
    MaxPooling3D, Maximum, MelSpectrogram, Minimum, MixUp, MultiHeadAttention, Multiply,
    Normalization, PReLU, Permute, Pipeline, RMSNormalization, RNN, RandAugment, RandomBrightness,
    RandomColorDegeneration, RandomColorJitter, RandomContrast, RandomCrop, RandomElasticTransform,
    RandomErasing, RandomFlip, RandomGaussianBlur, RandomGrayscale, RandomHue, RandomInvert,
    RandomPerspective, RandomPosterization, RandomRotation, RandomSaturation, RandomSharpness,
    RandomShear, RandomTranslation, RandomZoom, ReLU, RecurrenceArguments, RepeatVector, Rescaling,
    Reshape, Resizing, ReversibleEmbedding, STFTSpectrogram, ScaleAndCenterOptions,
    SeparableConv1D, SeparableConv2D, SimpleRNN, SimpleRNNCell, Softmax, Solarization,
    SpatialDropout1D, SpatialDropout2D, SpatialDropout3D, SpectralNormalization, StackedRNNCells,
    StringLookup, Subtract, TextVectorization, TimeDistributed, UnitNormalization, UpSampling1D,
    UpSampling2D, UpSampling3D, ZeroPadding1D, ZeroPadding2D, ZeroPadding3D,
};
pub use crate::losses::{
    BinaryCrossentropy, BinaryFocalCrossentropy, CTC, CategoricalCrossentropy,
    CategoricalFocalCrossentropy, CategoricalGeneralizedCrossEntropy, CategoricalHinge, Circle,
    CosineSimilarity, Dice, Hinge, Huber, IntoLoss, KLDivergence, LogCosh, Loss, MeanAbsoluteError,
    MeanAbsolutePercentageError, MeanSquaredError, MeanSquaredLogarithmicError, Poisson, Reduction,
    SparseCategoricalCrossentropy, SquaredHinge, Tversky,
};
pub use crate::metrics::{
    AUC, BinaryAccuracy, CategoricalAccuracy, F1Score, FBetaScore, FalseNegatives, FalsePositives,
    KS, Mean, MeanIoU, MeanMetricWrapper, Metric, Precision, PrecisionAtRecall, R2Score, Recall,
    RecallAtPrecision, RootMeanSquaredError, SensitivityAtSpecificity, SparseCategoricalAccuracy,
    SparseTopKCategoricalAccuracy, SpecificityAtSensitivity, Sum, TopKCategoricalAccuracy,
    TrueNegatives, TruePositives,
};
pub use crate::models::{Model, Sequential};
pub use crate::optimizers::schedules::{
    CosineDecay, CosineDecayRestarts, ExponentialDecay, InverseTimeDecay, LearningRateSchedule,
    PiecewiseConstantDecay, PolynomialDecay,
};
pub use crate::optimizers::{
    Adadelta, Adafactor, Adagrad, Adam, AdamW, Adamax, Ftrl, IntoOptimizer, Lamb, LazyAdam, Lion,
    Lookahead, LossScaleOptimizer, Minimize, MultiOptimizer, Muon, Nadam, Optimizer, RMSprop,
    Ranger, RectifiedAdam, SGD, ScheduleFreeAdamW,
};
pub use crate::regularizers::{IntoRegularizer, L1, L1L2, L2, OrthogonalRegularizer, Regularizer};
pub use crate::training::{
    Callback, Compile, Evaluate, Evaluation, Fit, Flow, History, IntoCallbacks, IntoData,
    IntoSource, Logs, Predict, ProgressStyle, Run, StepLogs, StepScene, TrainStep, Verbose,
};
pub use crate::{DType, Error, Function, Result, Shape, Tensor, Variable, function};
