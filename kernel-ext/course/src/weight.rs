//! A weight array, shared by every model that uses its layer.

use crate::numbers::{array, shape_text};
use crate::{Constraint, Error, Regularizer, Result, Tensor, error::Report, waist};
use engine_api::{CreateStore, ReadVariable, Store, Variable, WriteVariable};
use ndarray::ArrayD;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// A weight array of a layer: a kernel, a bias, a moving mean.
///
/// Cloning makes a second handle to the same weight.
#[derive(Clone)]
pub struct Weight(Arc<Inner>);

struct Inner {
    name: String,
    shape: Vec<usize>,
    /// Whether training changes it through gradients at all; moving statistics follow the data.
    learned: bool,
    trainable: AtomicBool,
    regularizer: OnceLock<Regularizer>,
    constraint: OnceLock<Constraint>,
    home: Mutex<Home>,
}

/// Where the values are: here until a program needs them, then in a store behind the waist.
enum Home {
    Here(Vec<f32>),
    Store { store: Arc<StoreHandle>, index: usize, trainable: bool },
}

/// A store behind the waist, freed with its last user.
#[derive(Debug)]
pub(crate) struct StoreHandle(Store);

impl StoreHandle {
    pub(crate) fn store(&self) -> Store {
        self.0
    }
}

impl Drop for StoreHandle {
    fn drop(&mut self) {
        // Nobody is left who could be told, and a store that is gone already needs no freeing.
        let _ = waist::call(&engine_api::Drop { handle: self.0.0 });
    }
}

impl fmt::Debug for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<Weight name={}, shape={}>", self.0.name, shape_text(&self.0.shape))
    }
}

impl Weight {
    /// A weight with its first values.
    pub fn new(name: impl Into<String>, shape: &[usize], values: Vec<f32>) -> Self {
        Self::of_kind(name.into(), shape, values, true)
    }

    /// A weight that optimizers never change, such as a moving mean.
    pub fn statistic(name: impl Into<String>, shape: &[usize], values: Vec<f32>) -> Self {
        Self::of_kind(name.into(), shape, values, false)
    }

    fn of_kind(name: String, shape: &[usize], values: Vec<f32>, learned: bool) -> Self {
        assert_eq!(values.len(), shape.iter().product::<usize>(), "as many values as the shape {shape:?} has");
        let (shape, trainable, home) = (shape.to_vec(), AtomicBool::new(learned), Mutex::new(Home::Here(values)));
        let (regularizer, constraint) = (OnceLock::new(), OnceLock::new());
        Self(Arc::new(Inner { name, shape, learned, trainable, regularizer, constraint, home }))
    }

    /// The weight with a penalty in the loss, if there shall be one.
    #[must_use]
    pub fn regularized(self, regularizer: Option<Regularizer>) -> Self {
        if let Some(regularizer) = regularizer {
            self.0.regularizer.get_or_init(|| regularizer);
        }
        self
    }

    pub(crate) fn regularizer(&self) -> Option<Regularizer> {
        self.0.regularizer.get().copied()
    }

    /// The weight, kept in bounds after each step of training, if it shall be.
    #[must_use]
    pub fn constrained(self, constraint: Option<Constraint>) -> Self {
        if let Some(constraint) = constraint {
            self.0.constraint.get_or_init(|| constraint);
        }
        self
    }

    pub(crate) fn constraint(&self) -> Option<&Constraint> {
        self.0.constraint.get()
    }

    /// The weight as a symbolic tensor, for own computations.
    pub fn tensor(&self) -> Tensor {
        Tensor::weight(self)
    }

    /// Its name, such as `dense/kernel`.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Its sizes.
    pub fn shape(&self) -> &[usize] {
        &self.0.shape
    }

    /// How many numbers it has.
    pub fn count(&self) -> usize {
        self.0.shape.iter().product()
    }

    /// Whether optimizers change it.
    pub fn trainable(&self) -> bool {
        self.0.trainable.load(Ordering::Relaxed)
    }

    pub(crate) fn set_trainable(&self, trainable: bool) {
        self.0.trainable.store(trainable && self.0.learned, Ordering::Relaxed);
    }

    /// The present values.
    ///
    /// # Errors
    /// [`Error::Backend`] when the backend cannot be reached.
    pub fn read(&self) -> Result<ArrayD<f32>> {
        Ok(array(&self.0.shape, self.values()?))
    }

    /// Replaces the values.
    ///
    /// # Errors
    /// [`Error::Shape`] when `values` has another shape.
    pub fn write(&self, values: &ArrayD<f32>) -> Result<()> {
        if values.shape() != self.0.shape {
            let report = Report::new(format!("weight `{}`", self.0.name), "the new values have another shape")
                .expected(shape_text(&self.0.shape), shape_text(values.shape()));
            return Err(Error::shape(report));
        }
        let values: Vec<f32> = values.iter().copied().collect();
        match &mut *self.home() {
            Home::Here(old) => *old = values,
            Home::Store { store, index, .. } => {
                waist::call(&WriteVariable { store: store.store(), index: *index, values })?;
            }
        }
        Ok(())
    }

    fn values(&self) -> Result<Vec<f32>> {
        match &*self.home() {
            Home::Here(values) => Ok(values.clone()),
            Home::Store { store, index, .. } => waist::call(&ReadVariable { store: store.store(), index: *index }),
        }
    }

    fn home(&self) -> MutexGuard<'_, Home> {
        self.0.home.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether both are handles to the same weight.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// A number that tells this weight from every other one alive.
    pub(crate) fn key(&self) -> usize {
        Arc::as_ptr(&self.0) as usize
    }

    /// Its place in `store`, if it lives there.
    pub(crate) fn index_in(&self, store: &Arc<StoreHandle>) -> Option<usize> {
        match &*self.home() {
            Home::Store { store: mine, index, .. } if Arc::ptr_eq(mine, store) => Some(*index),
            _ => None,
        }
    }

    fn is_settled_in(&self, store: &Arc<StoreHandle>) -> bool {
        let trainable = self.trainable();
        matches!(&*self.home(), Home::Store { store: mine, trainable: told, .. }
            if Arc::ptr_eq(mine, store) && *told == trainable)
    }

    fn variable(&self) -> Result<Variable> {
        let Inner { name, shape, .. } = &*self.0;
        let (name, shape) = (name.clone(), shape.clone());
        Ok(Variable { name, shape, values: self.values()?, trainable: self.trainable() })
    }
}

/// Gathers weights in one store, which a program needs: the one they share already, or a new one.
///
/// Weights keep their values when they move. They move as well when some were frozen or thawed,
/// since a store keeps to what it was told at the beginning.
pub(crate) fn gather(weights: &[Weight]) -> Result<Arc<StoreHandle>> {
    let shared = weights.first().and_then(|first| match &*first.home() {
        Home::Store { store, .. } => Some(store.clone()),
        Home::Here(_) => None,
    });
    if let Some(store) = shared.filter(|store| weights.iter().all(|weight| weight.is_settled_in(store))) {
        return Ok(store);
    }
    let variables = weights.iter().map(Weight::variable).collect::<Result<_>>()?;
    let store = Arc::new(StoreHandle(waist::call(&CreateStore { variables })?));
    for (index, weight) in weights.iter().enumerate() {
        *weight.home() = Home::Store { store: store.clone(), index, trainable: weight.trainable() };
    }
    Ok(store)
}
