// SPDX-License-Identifier: Apache-2.0
pub trait Area { fn area(&self) -> f64; }
#[allow(dead_code)]
pub struct Circle {
    pub r: f64,
    name: String,
}
impl Circle {
    pub fn new(r: f64) -> Circle {
        Circle { r, name: String::new() }
    }
}
impl Area for Circle {
    fn area(&self) -> f64 {
        let k = 3.0;
        k * self.r * self.r
    }
}
#[allow(dead_code)]
pub enum Kind { Empty, Round(Circle), Square { side: u32 } }
