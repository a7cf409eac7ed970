//! Callbacks act as Keras's do, and leave the model usable whatever happens.

use course::prelude::*;
use course::{Error, Result};
use std::cell::RefCell;
use std::rc::Rc;

/// A model of one weight that does not move: its loss is what the targets make it.
fn still() -> Sequential {
    let mut model = Sequential::new();
    model.add(Input::new([1]));
    model.add(Dense::new(1).use_bias(false).kernel_initializer("ones"));
    model.compile(Sgd::new(0.0), "mae", ());
    model
}

/// Puts given values in the place of the loss.
struct Pretend<'a>(&'a [f64]);

impl Callback for Pretend<'_> {
    fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, _: &mut Model) -> Result<()> {
        logs.insert("loss", self.0[epoch]);
        Ok(())
    }
}

fn train(losses: &[f64], callback: &mut dyn Callback) -> History {
    let options = Fit::new().epochs(losses.len()).verbose(0);
    still().fit(&array![[1.0]], &array![[0.0]], options.callback(&mut Pretend(losses)).callback(callback))
}

#[test]
fn early_stopping_waits_as_long_as_keras() {
    // keras/src/callbacks/early_stopping_test.py, test_early_stopping_patience.
    let losses = [10.0, 9.0, 8.0, 9.0, 8.9, 8.8, 8.7, 8.6, 8.5];
    for patience in 0..5 {
        let mut stopping = EarlyStopping::new("loss").patience(patience);
        let logs = train(&losses, &mut stopping);
        assert_eq!(stopping.stopped_epoch(), Some(patience.max(1) + 2), "{patience}");
        assert_eq!(logs["loss"].len(), patience.max(1) + 3);
        assert_eq!(stopping.best(), Some(8.0));
    }
    let mut patient = EarlyStopping::new("loss").patience(20);
    assert_eq!((train(&losses, &mut patient).epoch().len(), patient.stopped_epoch()), (9, None));
}

#[test]
fn early_stopping_knows_deltas_directions_baselines_and_late_starts() {
    let cases: [(EarlyStopping, &[f64], Option<usize>); 5] = [
        // 0.5 less is not enough to count.
        (EarlyStopping::new("loss").min_delta(1.0), &[5.0, 4.5, 4.4], Some(1)),
        (EarlyStopping::new("loss").mode("max"), &[1.0, 2.0, 1.5], Some(2)),
        // Better than before, but not than the baseline.
        (EarlyStopping::new("loss").baseline(3.0).patience(1), &[5.0, 4.0, 4.5, 4.6], Some(2)),
        (EarlyStopping::new("loss").start_from_epoch(3), &[1.0, 2.0, 3.0, 4.0, 5.0], Some(4)),
        (EarlyStopping::new("loss"), &[f64::NAN, f64::NAN, 1.0], Some(1)),
    ];
    for (mut stopping, losses, stopped) in cases {
        train(losses, &mut stopping);
        assert_eq!(stopping.stopped_epoch(), stopped, "{losses:?}");
    }
}

#[test]
fn the_best_weights_come_back() {
    for (patience, epochs) in [(1, 10), (20, 4)] {
        let mut model = still();
        model.compile(Sgd::new(0.1), "mae", ());
        // w falls by 0.1 an epoch; the pretended loss is best after the second, at w = 0.8.
        let mut stopping = EarlyStopping::new("loss").patience(patience).restore_best_weights(true);
        let losses = [3.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0];
        let options = Fit::new().epochs(epochs).verbose(0);
        let (x, y) = (array![[1.0]], array![[0.0]]);
        model.fit(&x, &y, options.callback(&mut Pretend(&losses)).callback(&mut stopping));
        assert!((model.get_weights()[0][[0, 0]] - 0.8).abs() < 1e-6, "patience {patience}");
    }
}

#[test]
fn a_key_that_is_not_there_is_named() {
    let mut model = still();
    let mut stopping = EarlyStopping::new("val_los");
    let (x, y) = (array![[1.0]], array![[0.0]]);
    let options = Fit::new().verbose(0).validation_data(&x, &y);
    let error = model.try_fit(&x, &y, options.callback(&mut stopping)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`val_los` is not the name of a known key that can be monitored\n  known: loss, val_loss\
         \n  hint: did you mean \"val_loss\"?"
    );
    model.fit(&array![[1.0]], &array![[0.0]], Fit::new().verbose(0));
}

/// Writes down what it is told.
struct Diary {
    lines: Rc<RefCell<Vec<String>>>,
    batches: bool,
    fails_at: usize,
}

impl Diary {
    fn new(batches: bool) -> Self {
        Self { lines: Rc::default(), batches, fails_at: usize::MAX }
    }

    fn note(&self, line: impl Into<String>) -> Result<()> {
        self.lines.borrow_mut().push(line.into());
        Ok(())
    }
}

impl Callback for Diary {
    fn wants_batches(&self) -> bool {
        self.batches
    }
    fn on_train_begin(&mut self, _: &mut Model) -> Result<()> {
        self.note("begin")
    }
    fn on_train_end(&mut self, _: &mut Model) -> Result<()> {
        self.note("end")
    }
    fn on_epoch_begin(&mut self, epoch: usize, _: &mut Model) -> Result<()> {
        self.note(format!("epoch {epoch}"))
    }
    fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, _: &mut Model) -> Result<()> {
        self.note(format!("{:?} {epoch}", logs.keys()))?;
        if epoch == self.fails_at { Err(Error::Interrupted { during: "a test".into() }) } else { Ok(()) }
    }
    fn on_train_batch_end(&mut self, batch: usize, logs: &Logs, _: &mut Model) -> Result<()> {
        self.note(format!("batch {batch} {}", logs.loss()))
    }
}

#[test]
fn everything_is_told_in_its_order() {
    let (x, y) = (array![[1.0], [2.0], [3.0]], array![[0.0], [0.0], [0.0]]);
    let told = |batches: bool| {
        let mut diary = Diary::new(batches);
        let options = Fit::new().batch_size(2).epochs(2).shuffle(false).verbose(0);
        still().fit(&x, &y, options.callback(&mut diary));
        diary.lines.take()
    };
    let ends = [r#"["loss"] 0"#, r#"["loss"] 1"#];
    assert_eq!(told(false), ["begin", "epoch 0", ends[0], "epoch 1", ends[1], "end"]);
    let batches = ["batch 0 1.5", "batch 1 2"];
    let expected =
        ["begin", "epoch 0", batches[0], batches[1], ends[0], "epoch 1", batches[0], batches[1], ends[1], "end"];
    assert_eq!(told(true), expected);
}

#[test]
fn an_error_of_a_callback_ends_the_training_in_order() {
    let mut model = still();
    let (mut failing, other) = (Diary::new(false), Diary::new(false));
    failing.fails_at = 1;
    let lines = other.lines.clone();
    let mut other = other;
    let options = Fit::new().epochs(5).verbose(0).callback(&mut failing).callback(&mut other);
    let error = model.try_fit(&array![[1.0]], &array![[0.0]], options).unwrap_err();
    assert_eq!(error.to_string(), "interrupted: a test");
    assert_eq!(lines.borrow().last().map(String::as_str), Some("end"));
    assert_eq!(model.history().map(|history| history.epoch().len()), Some(1));
    assert_eq!(model.fit(&array![[1.0]], &array![[0.0]], Fit::new().verbose(0)).epoch(), [0]);
}

#[test]
fn stopping_at_a_batch_ends_the_epoch_there() {
    let mut model = still();
    let mut lambda = LambdaCallback::new().on_train_batch_end(|batch, _, model| {
        if batch == 1 {
            model.stop_training();
        }
    });
    let x = Array2::<f32>::from_shape_fn((8, 1), |(sample, _)| sample as f32);
    let options = Fit::new().batch_size(1).epochs(5).shuffle(false).verbose(0).callback(&mut lambda);
    let logs = model.fit(&x, &Array2::<f32>::zeros((8, 1)), options);
    // The mean of |0| and |1|.
    assert_eq!(logs["loss"], [0.5]);
}

#[test]
fn plateaus_cool_down_and_the_history_has_the_rate() {
    let rates = |mut plateau: ReduceLROnPlateau| {
        let mut model = still();
        model.compile(Sgd::new(1.0), "mae", ());
        let options = Fit::new().epochs(9).verbose(0).callback(&mut plateau);
        // The input is 0 and so is the loss, all the time.
        model.fit(&array![[0.0]], &array![[0.0]], options)["learning_rate"].clone()
    };
    // Keras 3.15.1 for the same model.
    let half = || ReduceLROnPlateau::new("loss").factor(0.5).patience(2);
    assert_eq!(rates(half()), [1.0, 1.0, 1.0, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125]);
    assert_eq!(rates(half().cooldown(2)), [1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25]);
}

#[test]
fn rows_of_a_csv_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.csv");
    let (x, y) = (array![[2.0]], array![[0.0]]);
    let fit = |logger: CSVLogger, frequency: usize| {
        let mut logger = logger;
        let options = Fit::new().epochs(2).verbose(0).validation_freq(frequency).validation_data(&x, &y);
        still().fit(&x, &y, options.callback(&mut logger));
        std::fs::read_to_string(&path).unwrap()
    };
    assert_eq!(fit(CSVLogger::new(&path), 1), "epoch,loss,val_loss\n0,2,2\n1,2,2\n");
    let more = fit(CSVLogger::new(&path).append(true), 1);
    assert_eq!(more, "epoch,loss,val_loss\n0,2,2\n1,2,2\n0,2,2\n1,2,2\n");
    assert_eq!(fit(CSVLogger::new(&path).separator(';'), 2), "epoch;loss;val_loss\n0;2;NA\n1;2;2\n");
    let nowhere = folder.path().join("no/such/folder/log.csv");
    let error =
        still().try_fit(&x, &y, Fit::new().verbose(0).callback(&mut CSVLogger::new(&nowhere))).unwrap_err().to_string();
    assert!(error.contains("log.csv: cannot be written ("), "{error}");
}

#[test]
fn checkpoints_keep_the_best() {
    let folder = tempfile::tempdir().unwrap();
    let template = format!("{}/w{{epoch:02d}}-{{loss:.1f}}.safetensors", folder.path().display());
    let names = || {
        let mut names: Vec<String> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    };
    let mut best = ModelCheckpoint::new(&template).monitor("loss").save_best_only(true);
    train(&[3.0, 4.0, 2.0, 2.0], &mut best);
    assert_eq!((names(), best.best()), (vec!["w01-3.0.safetensors".into(), "w03-2.0.safetensors".into()], Some(2.0)));
    // After each second batch, with what the epoch has reached there.
    let mut often = ModelCheckpoint::new(&format!("{}/b{{batch}}.safetensors", folder.path().display())).save_freq(2);
    let x = Array2::<f32>::ones((5, 1));
    still().fit(&x, &x, Fit::new().batch_size(1).verbose(0).callback(&mut often));
    assert_eq!(names()[..2], ["b2.safetensors", "b4.safetensors"]);
}

#[test]
fn weights_in_files_must_fit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.safetensors");
    let model = still();
    model.save_weights(&path);
    let mut wide = Sequential::named("wide");
    wide.add(Input::new([1]));
    wide.add(Dense::new(2).use_bias(false));
    let before = wide.get_weights();
    let error = wide.try_load_weights(&path).unwrap_err().to_string();
    assert!(error.contains("model `wide`: the values for") && error.contains("have another shape"), "{error}");
    assert_eq!(wide.get_weights(), before);
    let error = Sequential::named("empty").try_save_weights(&path).unwrap_err().to_string();
    assert!(error.starts_with("save_weights of model `empty`: the model has no weights yet"), "{error}");
}

#[test]
fn epochs_of_a_few_steps_go_on_in_the_data() {
    let mut model = still();
    let x = Array2::<f32>::from_shape_fn((5, 1), |(sample, _)| sample as f32);
    let options = Fit::new().batch_size(1).steps_per_epoch(2).epochs(4).shuffle(false).verbose(0);
    let logs = model.fit(&x, &Array2::<f32>::zeros((5, 1)), options);
    // Samples 0 1, 2 3, 4 0, 1 2.
    assert_eq!(logs["loss"], [0.5, 2.5, 2.0, 1.5]);
}

#[test]
fn single_batches_match_keras() {
    // keras/src/trainers/trainer_test.py, test_on_batch_methods.
    let mut model = Sequential::new();
    model.add(Input::new([4]));
    model.add(Dense::new(3).use_bias(false).kernel_initializer("ones"));
    model.compile(Sgd::new(0.01), "mse", ());
    let (x, y) = (Array2::<f32>::ones((100, 4)), Array2::<f32>::zeros((100, 3)));
    let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-3, "{found} for {expected}");
    near(model.train_on_batch(&x, &y).loss(), 16.0);
    near(model.train_on_batch(&x, &y).loss(), 15.158);
    near(model.test_on_batch(&x, &y).loss(), 14.360);
    near(model.predict_on_batch(&x.slice(s![..2, ..]))[[0, 0]].into(), 3.789_511);
    let weights = Array1::<f32>::linspace(0.0, 1.0, 100);
    let loss = model.try_train_on_batch(&x, &y, Some(&weights), &[]).unwrap().loss();
    near(loss, 14.360 * 0.5);
    let error = model.try_train_on_batch(&x, &y.slice(s![..3, ..]), None, &[]).unwrap_err().to_string();
    assert!(error.contains("hold different numbers of samples"), "{error}");
}
