//! Decompositions of matrices.

use engine_api::{DecomposeSymmetric, Eigen, Error};
use nalgebra::DMatrix;

/// Eigenvalues and eigenvectors, the largest eigenvalue first.
pub fn decompose_symmetric(request: DecomposeSymmetric) -> Result<Eigen, Error> {
    let DecomposeSymmetric { size, values } = request;
    if values.len() != size * size {
        return Err(Error::Internal(format!("{} values are no matrix of {size} rows", values.len())));
    }
    if values.iter().any(|value| !value.is_finite()) {
        return Err(Error::Internal("a matrix with numbers that are not finite has no eigenvalues".into()));
    }
    let eigen = DMatrix::from_row_slice(size, size, &values).symmetric_eigen();
    let mut order: Vec<usize> = (0..size).collect();
    order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
    let vectors =
        order.iter().flat_map(|&column| eigen.eigenvectors.column(column).iter().copied().collect::<Vec<f64>>());
    Ok(Eigen { vectors: vectors.collect(), values: order.iter().map(|&place| eigen.eigenvalues[place]).collect() })
}

#[cfg(test)]
mod tests {
    use super::decompose_symmetric;
    use engine_api::DecomposeSymmetric;

    #[test]
    fn a_matrix_of_two_rows() {
        // 2 1 / 1 2: 3 along (1, 1), 1 along (1, -1).
        let eigen = decompose_symmetric(DecomposeSymmetric { size: 2, values: vec![2.0, 1.0, 1.0, 2.0] }).unwrap();
        assert!((eigen.values[0] - 3.0).abs() < 1e-12 && (eigen.values[1] - 1.0).abs() < 1e-12, "{eigen:?}");
        assert!((eigen.vectors[0] - eigen.vectors[1]).abs() < 1e-12, "{eigen:?}");
        assert!((eigen.vectors[2] + eigen.vectors[3]).abs() < 1e-12, "{eigen:?}");
        assert!(decompose_symmetric(DecomposeSymmetric { size: 2, values: vec![1.0] }).is_err());
    }
}
