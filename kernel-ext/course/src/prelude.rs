//! What every cell begins with: `use course::prelude::*;`.

pub use crate::callbacks::{
    CSVLogger, Callback, EarlyStopping, LambdaCallback, LearningRateScheduler, ModelCheckpoint, ReduceLROnPlateau,
    TerminateOnNaN,
};
pub use crate::classification::{
    ClassificationReport, ConfusionMatrix, KNeighborsClassifier, accuracy_score, classification_report,
    confusion_matrix,
};
pub use crate::datasets::{
    DataFrame, banknote_authentication, banknotes, blood_pressure, cifar10, fashion_mnist, mnist, read_csv, toy,
};
pub use crate::display::{
    Comm, EvcxrDisplay, Show, clear_output, display, input, input_password, register_comm_target,
};
pub use crate::graph::{GraphDef, placeholder, variable};
pub use crate::images::{image_grid, load_img, resize, save_img};
pub use crate::layers::{
    Add, AnyLayer, Average, AveragePooling1D, AveragePooling2D, BatchNormalization, Bidirectional, Concatenate, Conv1D,
    Conv2D, Conv2DTranspose, Cropping2D, Dense, DepthwiseConv2D, Dot, Dropout, ELU, Embedding, Flatten, GRU, GRUCell,
    GaussianNoise, GlobalAveragePooling1D, GlobalAveragePooling2D, GlobalMaxPooling1D, GlobalMaxPooling2D, Input, LSTM,
    LSTMCell, Lambda, Layer, LayerNormalization, LeakyReLU, MaxPooling1D, MaxPooling2D, Maximum, Minimum,
    MultiHeadAttention, Multiply, Normalization, PReLU, Padding, Permute, RMSNormalization, RNN, RandomFlip,
    RandomRotation, RandomTranslation, ReLU, RepeatVector, Rescaling, Reshape, RnnCell, SeparableConv2D, SimpleRNN,
    SimpleRNNCell, Softmax, SpatialDropout1D, SpatialDropout2D, StackedRNNCells, Subtract, TimeDistributed,
    UpSampling2D, ZeroPadding2D,
};
pub use crate::models::{Fit, Function, GradientSteps, History, Logs, Model, Sequential, Subclass, Summary, gradients};
pub use crate::names::clear_session;
pub use crate::optimizers::{
    Adadelta, Adagrad, Adam, AdamW, Adamax, Ftrl, Lion, Nadam, Optimizer, RMSprop, Schedule, Sgd,
};
pub use crate::plot::{
    Canvas, Figure, Film, PlotModel, convolution_steps, decision_boundary, loss_surface, max_pooling_steps, plot_model,
    show_channels, show_images, show_kernels, show_tensor, show_wrong_predictions, tensor_orders,
};
pub use crate::preprocessing::{Pca, StandardScaler, normalize, train_test_split};
pub use crate::seed::set_random_seed;
pub use crate::utils::{argmax, to_categorical};
pub use crate::{
    Activation, Config, Constraint, CustomObjects, Initializer, Loss, LossKind, Losses, Metric, Metrics, Regularizer,
    Tensor, Tensors, Weight,
};
pub use engine_api::{Colormap, Json, Shape};
pub use ndarray::{
    self, Array, Array0, Array1, Array2, Array3, Array4, ArrayD, ArrayView1, ArrayView2, ArrayView3, ArrayView4,
    ArrayViewD, Axis, Ix1, Ix2, Ix3, Ix4, IxDyn, array, concatenate, s, stack,
};
