//! Keys that are chosen by name.

use std::{error::Error as StdError, pin::Pin};

use crate::{
    directory::{Kind, Listing},
    query::GroupBy,
    words::error::{Error, Result},
};

/// Keys, or why they weren't found, later.
pub type ResolvedKeys<'a> = Pin<
    Box<
        dyn Future<Output = std::result::Result<Vec<String>, Box<dyn StdError + Send + Sync>>>
            + Send
            + 'a,
    >,
>;

/// Looks up the keys of names, as a directory of the company's extensions does.
///
/// ```
/// use callperf::{Client, GroupBy, KeyResolver, ResolvedKeys};
///
/// /// The company's queues, in a list of its own.
/// struct Queues(Vec<(&'static str, &'static str)>);
///
/// impl KeyResolver for Queues {
///     fn resolve<'a>(&'a self, _: &'a GroupBy, names: &'a [String]) -> ResolvedKeys<'a> {
///         let key = |name: &String| {
///             let known = self.0.iter().find(|(known, _)| known == name);
///             known.map(|(_, key)| key.to_string()).ok_or(format!("no queue is named {name:?}"))
///         };
///         let keys = names.iter().map(key).collect::<Result<_, _>>();
///         Box::pin(async move { keys.map_err(Into::into) })
///     }
/// }
///
/// let queues = Queues(vec![("Support", "1503200033")]);
/// let builder = Client::builder().key_resolver(queues);
/// let group_by = GroupBy::queues().named(["Support"]);
/// # let _ = (builder, group_by);
/// ```
pub trait KeyResolver: Send + Sync {
    /// The keys of these names, for a query that is grouped so: for members they are the keys
    /// of what the members belong to.
    ///
    /// # Errors
    /// A name that isn't found, or has several keys; it becomes the message of an
    /// [`ErrorKind::Query`](crate::ErrorKind::Query).
    fn resolve<'a>(&'a self, group_by: &'a GroupBy, names: &'a [String]) -> ResolvedKeys<'a>;
}

/// Looks names up.
///
/// # Errors
/// [`ErrorKind::Query`](crate::ErrorKind::Query) with what the resolver says.
pub(super) async fn resolved(
    resolver: &dyn KeyResolver,
    group_by: &GroupBy,
) -> Result<Vec<String>> {
    let keys = resolver.resolve(group_by, &group_by.names).await;
    keys.map_err(|error| {
        let message = format!("the keys can't be looked up: {error}");
        Error::of_names("names".to_owned(), message)
    })
}

/// A listing that was kept, or made in a test, in place of the client's directory.
impl KeyResolver for Listing {
    fn resolve<'a>(&'a self, group_by: &'a GroupBy, names: &'a [String]) -> ResolvedKeys<'a> {
        let key = |name: &String| Ok(self.find(Kind::of(group_by), name)?.key.clone());
        let keys = names.iter().map(key).collect();
        Box::pin(async move { keys })
    }
}
