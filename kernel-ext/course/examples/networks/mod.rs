//! Networks that several programs train or time.

use course::prelude::*;

/// Two convolutions and a dense layer, compiled with Adam.
pub fn cnn101() -> Sequential {
    let mut model = Sequential::new();
    model.add(Input::new([28, 28, 1]));
    model.add(Conv2D::new(64, 3).activation("relu"));
    model.add(Conv2D::new(32, 3).activation("relu"));
    model.add(Flatten::new());
    model.add(Dense::new(10).activation("softmax"));
    model.compile("adam", "categorical_crossentropy", ["accuracy"]);
    model
}
