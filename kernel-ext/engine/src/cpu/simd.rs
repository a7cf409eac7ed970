//! Vector instructions behind one run-time choice.
//!
//! `COURSE_SIMD` (`avx512`, `avx2` or `portable`) chooses a smaller set than the processor has, for
//! comparisons.

use std::sync::OnceLock;

/// A set of vector instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// What every processor has; the compiler's own vectors.
    Portable,
    /// 128 bits with fused multiply-add, on ARM.
    #[cfg(target_arch = "aarch64")]
    Neon,
    /// 256 bits with fused multiply-add.
    Avx2,
    /// 512 bits with masks.
    Avx512,
}

/// The best set that this processor has, or a smaller one that was asked for.
pub fn level() -> Level {
    static LEVEL: OnceLock<Level> = OnceLock::new();
    *LEVEL.get_or_init(|| {
        let wanted = match std::env::var("COURSE_SIMD").as_deref() {
            Ok("portable") => Level::Portable,
            Ok("avx2") => Level::Avx2,
            _ => Level::Avx512,
        };
        wanted.min(present())
    })
}

#[cfg(target_arch = "x86_64")]
fn present() -> Level {
    let avx512 = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq");
    if avx512 {
        Level::Avx512
    } else if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        Level::Avx2
    } else {
        Level::Portable
    }
}

#[cfg(target_arch = "aarch64")]
fn present() -> Level {
    Level::Neon
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn present() -> Level {
    Level::Portable
}

/// Loops that are compiled once for each set of vector instructions. `run` and everything that it
/// calls must be `#[inline(always)]`: what is not inlined is compiled for the smallest set.
pub trait WideWork {
    type Output;
    fn run(self) -> Self::Output;
}

/// Runs loops as compiled for the widest vectors that the processor has.
#[inline(always)]
pub fn run_wide<W: WideWork>(work: W) -> W::Output {
    #[cfg(target_arch = "x86_64")]
    match level() {
        // SAFETY: `level` never exceeds what the processor has.
        Level::Avx512 => return unsafe { run_avx512(work) },
        // SAFETY: as above.
        Level::Avx2 => return unsafe { run_avx2(work) },
        _ => {}
    }
    work.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512dq,fma")]
fn run_avx512<W: WideWork>(work: W) -> W::Output {
    work.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn run_avx2<W: WideWork>(work: W) -> W::Output {
    work.run()
}

/// The same for a loop so short that the compiler inlines its closure unasked.
#[inline(always)]
pub fn with_wide_vectors<R>(work: impl FnOnce() -> R) -> R {
    struct Closure<F>(F);
    impl<R, F: FnOnce() -> R> WideWork for Closure<F> {
        type Output = R;
        #[inline(always)]
        fn run(self) -> R {
            (self.0)()
        }
    }
    run_wide(Closure(work))
}

/// The few vector operations of which the matrix kernels are made.
///
/// # Safety
/// Every method needs the instructions of its set, and pointers to as many numbers as it moves.
pub unsafe trait Vector: Copy {
    /// How many numbers one vector holds.
    const LANES: usize;
    unsafe fn zero() -> Self;
    unsafe fn splat(from: *const f32) -> Self;
    unsafe fn load(from: *const f32) -> Self;
    /// The first `count` lanes; the others are zero.
    unsafe fn load_first(from: *const f32, count: usize) -> Self;
    unsafe fn store(self, to: *mut f32);
    unsafe fn store_first(self, to: *mut f32, count: usize);
    /// `self * factor + term`.
    unsafe fn multiply_add(self, factor: Self, term: Self) -> Self;
    unsafe fn add(self, other: Self) -> Self;
    unsafe fn max(self, other: Self) -> Self;
    /// The lanes in which `mask` is positive; the others are zero.
    unsafe fn where_positive(self, mask: Self) -> Self;
}

/// Eight plain numbers, which the compiler maps to what there is.
#[derive(Clone, Copy)]
pub struct Plain([f32; 8]);

// SAFETY: plain Rust needs no particular instructions.
unsafe impl Vector for Plain {
    const LANES: usize = 8;
    #[inline(always)]
    unsafe fn zero() -> Self {
        Self([0.0; 8])
    }
    #[inline(always)]
    unsafe fn splat(from: *const f32) -> Self {
        // SAFETY: the caller passes a pointer to one number.
        Self([unsafe { *from }; 8])
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller passes a pointer to eight numbers.
        Self(unsafe { from.cast::<[f32; 8]>().read_unaligned() })
    }
    #[inline(always)]
    unsafe fn load_first(from: *const f32, count: usize) -> Self {
        let mut lanes = [0.0; 8];
        // SAFETY: the caller passes a pointer to `count` numbers, at most eight.
        unsafe { std::ptr::copy_nonoverlapping(from, lanes.as_mut_ptr(), count) };
        Self(lanes)
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller passes a pointer to room for eight numbers.
        unsafe { to.cast::<[f32; 8]>().write_unaligned(self.0) }
    }
    #[inline(always)]
    unsafe fn store_first(self, to: *mut f32, count: usize) {
        // SAFETY: the caller passes a pointer to room for `count` numbers, at most eight.
        unsafe { std::ptr::copy_nonoverlapping(self.0.as_ptr(), to, count) }
    }
    #[inline(always)]
    unsafe fn multiply_add(self, factor: Self, term: Self) -> Self {
        Self(std::array::from_fn(|lane| self.0[lane] * factor.0[lane] + term.0[lane]))
    }
    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        Self(std::array::from_fn(|lane| self.0[lane] + other.0[lane]))
    }
    #[inline(always)]
    unsafe fn max(self, other: Self) -> Self {
        Self(std::array::from_fn(|lane| self.0[lane].max(other.0[lane])))
    }
    #[inline(always)]
    unsafe fn where_positive(self, mask: Self) -> Self {
        Self(std::array::from_fn(|lane| if mask.0[lane] > 0.0 { self.0[lane] } else { 0.0 }))
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::Vector;
    use std::arch::x86_64::*;

    /// 256 bits.
    #[derive(Clone, Copy)]
    pub struct Ymm(__m256);

    /// 512 bits.
    #[derive(Clone, Copy)]
    pub struct Zmm(__m512);

    #[inline(always)]
    unsafe fn first_lanes(count: usize) -> __m256i {
        static LANES: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];
        // SAFETY: the window of eight numbers lies inside the table for counts up to eight.
        unsafe { _mm256_loadu_si256(LANES.as_ptr().add(8 - count).cast()) }
    }

    // SAFETY: the caller of each method has AVX2 and FMA and passes pointers to enough numbers; masked
    // moves touch the first `count` only.
    #[allow(clippy::undocumented_unsafe_blocks)]
    unsafe impl Vector for Ymm {
        const LANES: usize = 8;
        #[inline(always)]
        unsafe fn zero() -> Self {
            Self(unsafe { _mm256_setzero_ps() })
        }
        #[inline(always)]
        unsafe fn splat(from: *const f32) -> Self {
            Self(unsafe { _mm256_set1_ps(*from) })
        }
        #[inline(always)]
        unsafe fn load(from: *const f32) -> Self {
            Self(unsafe { _mm256_loadu_ps(from) })
        }
        #[inline(always)]
        unsafe fn load_first(from: *const f32, count: usize) -> Self {
            Self(unsafe { _mm256_maskload_ps(from, first_lanes(count)) })
        }
        #[inline(always)]
        unsafe fn store(self, to: *mut f32) {
            unsafe { _mm256_storeu_ps(to, self.0) }
        }
        #[inline(always)]
        unsafe fn store_first(self, to: *mut f32, count: usize) {
            unsafe { _mm256_maskstore_ps(to, first_lanes(count), self.0) }
        }
        #[inline(always)]
        unsafe fn multiply_add(self, factor: Self, term: Self) -> Self {
            Self(unsafe { _mm256_fmadd_ps(self.0, factor.0, term.0) })
        }
        #[inline(always)]
        unsafe fn add(self, other: Self) -> Self {
            Self(unsafe { _mm256_add_ps(self.0, other.0) })
        }
        #[inline(always)]
        unsafe fn max(self, other: Self) -> Self {
            Self(unsafe { _mm256_max_ps(self.0, other.0) })
        }
        #[inline(always)]
        unsafe fn where_positive(self, mask: Self) -> Self {
            Self(unsafe { _mm256_and_ps(self.0, _mm256_cmp_ps::<_CMP_GT_OQ>(mask.0, _mm256_setzero_ps())) })
        }
    }

    #[inline(always)]
    fn mask(count: usize) -> __mmask16 {
        ((1_u32 << count) - 1) as __mmask16
    }

    // SAFETY: the caller of each method has AVX-512F and passes pointers to enough numbers; masked
    // moves touch the first `count` only.
    #[allow(clippy::undocumented_unsafe_blocks)]
    unsafe impl Vector for Zmm {
        const LANES: usize = 16;
        #[inline(always)]
        unsafe fn zero() -> Self {
            Self(unsafe { _mm512_setzero_ps() })
        }
        #[inline(always)]
        unsafe fn splat(from: *const f32) -> Self {
            Self(unsafe { _mm512_set1_ps(*from) })
        }
        #[inline(always)]
        unsafe fn load(from: *const f32) -> Self {
            Self(unsafe { _mm512_loadu_ps(from) })
        }
        #[inline(always)]
        unsafe fn load_first(from: *const f32, count: usize) -> Self {
            Self(unsafe { _mm512_maskz_loadu_ps(mask(count), from) })
        }
        #[inline(always)]
        unsafe fn store(self, to: *mut f32) {
            unsafe { _mm512_storeu_ps(to, self.0) }
        }
        #[inline(always)]
        unsafe fn store_first(self, to: *mut f32, count: usize) {
            unsafe { _mm512_mask_storeu_ps(to, mask(count), self.0) }
        }
        #[inline(always)]
        unsafe fn multiply_add(self, factor: Self, term: Self) -> Self {
            Self(unsafe { _mm512_fmadd_ps(self.0, factor.0, term.0) })
        }
        #[inline(always)]
        unsafe fn add(self, other: Self) -> Self {
            Self(unsafe { _mm512_add_ps(self.0, other.0) })
        }
        #[inline(always)]
        unsafe fn max(self, other: Self) -> Self {
            Self(unsafe { _mm512_max_ps(self.0, other.0) })
        }
        #[inline(always)]
        unsafe fn where_positive(self, mask: Self) -> Self {
            Self(unsafe { _mm512_maskz_mov_ps(_mm512_cmp_ps_mask::<_CMP_GT_OQ>(mask.0, _mm512_setzero_ps()), self.0) })
        }
    }
}

#[cfg(target_arch = "x86_64")]
pub use x86::{Ymm, Zmm};

#[cfg(target_arch = "aarch64")]
mod arm {
    use super::Vector;
    use std::arch::aarch64::*;

    /// 128 bits.
    #[derive(Clone, Copy)]
    pub struct Quad(float32x4_t);

    // SAFETY: every such processor has NEON; the caller of each method passes pointers to enough numbers,
    // and the methods for the first lanes go through an array of their own.
    #[allow(clippy::undocumented_unsafe_blocks)]
    unsafe impl Vector for Quad {
        const LANES: usize = 4;
        #[inline(always)]
        unsafe fn zero() -> Self {
            Self(unsafe { vdupq_n_f32(0.0) })
        }
        #[inline(always)]
        unsafe fn splat(from: *const f32) -> Self {
            Self(unsafe { vld1q_dup_f32(from) })
        }
        #[inline(always)]
        unsafe fn load(from: *const f32) -> Self {
            Self(unsafe { vld1q_f32(from) })
        }
        #[inline(always)]
        unsafe fn load_first(from: *const f32, count: usize) -> Self {
            let mut lanes = [0.0; 4];
            unsafe {
                std::ptr::copy_nonoverlapping(from, lanes.as_mut_ptr(), count);
                Self(vld1q_f32(lanes.as_ptr()))
            }
        }
        #[inline(always)]
        unsafe fn store(self, to: *mut f32) {
            unsafe { vst1q_f32(to, self.0) }
        }
        #[inline(always)]
        unsafe fn store_first(self, to: *mut f32, count: usize) {
            let mut lanes = [0.0; 4];
            unsafe {
                vst1q_f32(lanes.as_mut_ptr(), self.0);
                std::ptr::copy_nonoverlapping(lanes.as_ptr(), to, count);
            }
        }
        #[inline(always)]
        unsafe fn multiply_add(self, factor: Self, term: Self) -> Self {
            Self(unsafe { vfmaq_f32(term.0, self.0, factor.0) })
        }
        #[inline(always)]
        unsafe fn add(self, other: Self) -> Self {
            Self(unsafe { vaddq_f32(self.0, other.0) })
        }
        #[inline(always)]
        unsafe fn max(self, other: Self) -> Self {
            Self(unsafe { vmaxnmq_f32(self.0, other.0) })
        }
        #[inline(always)]
        unsafe fn where_positive(self, mask: Self) -> Self {
            Self(unsafe { vreinterpretq_f32_u32(vandq_u32(vreinterpretq_u32_f32(self.0), vcgtzq_f32(mask.0))) })
        }
    }
}

#[cfg(target_arch = "aarch64")]
pub use arm::Quad;
