//! What a program is called with, where it wants to watch.

use std::{fmt, sync::Arc};

type Function<E> = Arc<dyn Fn(&E) + Send + Sync>;

/// A function of the caller's, if any.
pub(crate) struct Hook<E>(Option<Function<E>>);

impl<E> Hook<E> {
    pub(crate) fn new(hook: impl Fn(&E) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(hook)))
    }

    pub(super) fn call(&self, event: impl FnOnce() -> E) {
        if let Some(hook) = &self.0 {
            hook(&event());
        }
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
