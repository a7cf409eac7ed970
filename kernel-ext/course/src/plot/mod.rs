//! Pictures, with matplotlib's habits; they are drawn behind the waist.

mod canvas;
mod curves;
mod diagram;
mod explained;
mod figure;
mod film;
mod images;
mod learning;
mod marks;
mod networks;
mod output;
#[cfg(feature = "linked")]
pub mod programs;

pub use canvas::Canvas;
pub use explained::{
    convolution_steps, max_pooling_steps, show_tensor, tensor_orders, try_convolution_steps, try_max_pooling_steps,
};
pub use figure::Figure;
pub use film::Film;
pub use images::{show_channels, show_images, show_kernels, show_wrong_predictions};
pub use learning::{decision_boundary, loss_surface, try_decision_boundary};
pub use networks::{PlotModel, plot_model, try_plot_model};
