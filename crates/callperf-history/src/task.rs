//! Work beside the runtime's own.

use tokio::task::{JoinError, JoinHandle};

/// Waits for a task. Its panic goes on here.
///
/// # Errors
/// If the runtime ends before it.
pub(crate) async fn joined<T>(task: JoinHandle<T>) -> Result<T, JoinError> {
    task.await.map_err(|error| match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(error) => error,
    })
}
