//! Recurrent layers and their cells.

use super::{Config, activation, regularizer, with_kernel_options};
use course::layers::*;

/// What recurrent layers and cells do not have yet.
fn expect_plain(config: &Config) -> Result<(), String> {
    let dropped = ["dropout", "recurrent_dropout"].iter().any(|option| config.0[option].as_f64().unwrap_or(0.0) > 0.0);
    if dropped || config.flag("stateful") {
        return Err("missing: dropout and `stateful` of recurrent layers".into());
    }
    Ok(())
}

/// A cell as Keras describes it.
pub fn cell<C: Cell>(config: &Config) -> Result<CellLayer<C>, String> {
    expect_plain(config)?;
    let cell = CellLayer::<C>::new(config.size("units"));
    let cell = match config.text("recurrent_activation") {
        "" => cell,
        name => cell.recurrent_activation(name),
    };
    Ok(cell.activation(activation(config)?).use_bias(config.flag("use_bias")))
}

pub fn gru_cell(config: &Config) -> Result<GRUCell, String> {
    Ok(cell::<Gru>(config)?.reset_after(config.flag("reset_after")))
}

/// Adds a cell to those below it.
fn stacked(below: Option<StackedRNNCells>, cell: impl RnnCell) -> StackedRNNCells {
    match below {
        Some(below) => below.then(cell),
        None => StackedRNNCells::new(cell),
    }
}

pub fn rnn(config: &Config) -> Result<AnyLayer, String> {
    expect_plain(config)?;
    let described = &config.0["cell"];
    let (class_name, inner) = (described["class_name"].as_str().unwrap_or_default(), &Config(&described["config"]));
    let rnn = match class_name {
        "SimpleRNNCell" => RNN::new(cell::<Simple>(inner)?),
        "LSTMCell" => RNN::new(cell::<Lstm>(inner)?),
        "GRUCell" => RNN::new(gru_cell(inner)?),
        "StackedRNNCells" => RNN::new(stacked_cells(inner)?),
        _ => return Err(format!("missing: there is no cell {class_name} yet")),
    };
    let (sequences, state) = (config.flag("return_sequences"), config.flag("return_state"));
    Ok(rnn.return_sequences(sequences).return_state(state).go_backwards(config.flag("go_backwards")).handle())
}

pub fn stacked_cells(config: &Config) -> Result<StackedRNNCells, String> {
    let mut cells = None;
    for described in config.0["cells"].as_array().into_iter().flatten() {
        let inner = &Config(&described["config"]);
        cells = Some(match described["class_name"].as_str().unwrap_or_default() {
            "SimpleRNNCell" => stacked(cells, cell::<Simple>(inner)?),
            "LSTMCell" => stacked(cells, cell::<Lstm>(inner)?),
            "GRUCell" => stacked(cells, gru_cell(inner)?),
            other => return Err(format!("missing: there is no cell {other} yet")),
        });
    }
    cells.ok_or("missing: stacked cells without cells".into())
}

pub fn recurrent<C: Cell>(config: &Config) -> Result<Recurrent<C>, String> {
    expect_plain(config)?;
    let layer = Recurrent::<C>::new(config.size("units"))
        .return_sequences(config.flag("return_sequences"))
        .return_state(config.flag("return_state"))
        .go_backwards(config.flag("go_backwards"));
    let layer = match regularizer(config, &["recurrent_regularizer"])? {
        Some(regularizer) => layer.recurrent_regularizer(regularizer),
        None => layer,
    };
    let layer = match config.text("recurrent_activation") {
        "" => layer,
        name => layer.recurrent_activation(name),
    };
    Ok(with_kernel_options!(layer, config))
}

pub fn gru(config: &Config) -> Result<GRU, String> {
    Ok(recurrent::<Gru>(config)?.reset_after(config.flag("reset_after")))
}

pub fn bidirectional(config: &Config) -> Result<AnyLayer, String> {
    let (class_name, inner) =
        (config.0["layer"]["class_name"].as_str().unwrap_or_default(), &config.0["layer"]["config"]);
    let (inner, mode) = (&Config(inner), config.text("merge_mode"));
    Ok(match class_name {
        "SimpleRNN" => Bidirectional::new(recurrent::<Simple>(inner)?).merge_mode(mode).handle(),
        "LSTM" => Bidirectional::new(recurrent::<Lstm>(inner)?).merge_mode(mode).handle(),
        "GRU" => Bidirectional::new(gru(inner)?).merge_mode(mode).handle(),
        _ => return Err(format!("missing: {class_name} in both directions")),
    })
}
