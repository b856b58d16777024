//! Nothing here: the tests are the one binary in `it/`.
