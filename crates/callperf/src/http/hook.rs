//! What a program is called with, where it wants to watch.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

type Function<E> = Arc<dyn Fn(&E) + Send + Sync>;

/// A function of the caller's, if any.
pub(crate) struct Hook<E>(Option<Function<E>>);

impl<E> Hook<E> {
    pub(crate) fn new(hook: impl Fn(&E) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(hook)))
    }

    /// Calls the function. A panic of it is reported and goes no further: it must not end what it
    /// watches, or what other tasks wait for.
    pub(crate) fn call(&self, event: impl FnOnce() -> E) {
        let Some(hook) = &self.0 else { return };
        let event = event();
        if catch_unwind(AssertUnwindSafe(|| hook(&event))).is_err() {
            let event = std::any::type_name::<E>();
            tracing::error!(event, "a hook panicked; what it watches goes on");
        }
    }

    /// Whether there is a function.
    pub(crate) fn is_some(&self) -> bool {
        self.0.is_some()
    }
}

impl<E> Clone for Hook<E> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<E> Default for Hook<E> {
    fn default() -> Self {
        Self(None)
    }
}

impl<E> fmt::Debug for Hook<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Hook").field(&self.0.is_some()).finish()
    }
}
