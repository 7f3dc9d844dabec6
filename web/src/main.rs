//! The playground: watch envelope encryption happen. The model records real runs and reads their traces; the view draws what it reads.

mod model;

fn main() {}
