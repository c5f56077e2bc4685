//! Weights.
pub(super) const BLOCKS: [f64; 3] = [0.9, 0.6, 0.4];
pub(super) const SHOWN: f64 = 0.25;
pub(super) static CALIBRATION: [(i32, i32); 2] = [(-6000, 1), (6000, 999)];
pub(super) const BIAS: i32 = 0;
pub(super) static WEIGHTS: [i32; super::COUNT] = [0; super::COUNT];
