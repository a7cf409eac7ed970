//! How good the models of the course become: each is trained from three seeds, and the middle
//! result counts.
//!
//! `cargo run --release -p course --example accuracy`

use course::prelude::*;

fn main() -> course::Result<()> {
    let ((x, y), _) = mnist::load_data()?;
    let y = to_categorical(&y, 10);
    let ((x_val, x_train), (y_val, y_train)) = (x.view().split_at(Axis(0), 1000), y.view().split_at(Axis(0), 1000));
    let mut results = [1, 2, 3].map(|seed| {
        set_random_seed(seed);
        let mut model = Sequential::new();
        model.add(Input::new([28, 28]));
        model.add(Flatten::new());
        model.add(Dense::new(10).activation("softmax"));
        model.compile(Sgd::new(1e-4), "categorical_crossentropy", ["accuracy"]);
        let options = Fit::new().batch_size(16).epochs(20).validation_data(&x_val, &y_val).verbose(0);
        let logs = model.fit(&x_train, &y_train, options);
        println!(
            "perceptron, seed {seed}: loss {:.4} in epoch 1, {:.4} in epoch 20; validation accuracy {:.4}",
            logs["loss"][0], logs["loss"][19], logs["val_accuracy"][19]
        );
        logs["val_accuracy"][19]
    });
    results.sort_by(f64::total_cmp);
    println!("perceptron: median validation accuracy {:.4}", results[1]);
    Ok(())
}
