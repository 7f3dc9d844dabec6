//! Why waxseal is built the way it is: decisions, and attacks that were considered.
