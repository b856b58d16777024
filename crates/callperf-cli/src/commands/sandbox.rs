//! The `sandbox` command.

use std::io::{self, Write};

use callperf_sandbox::{Assumptions, Builder, Sandbox};

use super::Done;
use crate::{
    Failure,
    args::{DataArgs, SandboxArgs},
};

pub(super) async fn run(args: SandboxArgs) -> Done {
    let mut assumptions = Assumptions::default();
    for assumption in &args.assume {
        let (name, value) = assumption.split_once('=').unwrap_or((assumption, ""));
        assumptions = assumptions.set(name, value)?;
    }
    let builder = builder(&args.data).port(args.port).assumptions(assumptions);
    let builder = args.revision.into_iter().fold(builder, Builder::revision);
    let sandbox = builder.start().await?;
    {
        let mut out = io::stdout().lock();
        writeln!(out, "RC_SERVER_URL={}", sandbox.url())?;
        writeln!(out, "RC_APP_CLIENT_ID={}", sandbox.client_id())?;
        writeln!(out, "RC_APP_CLIENT_SECRET={}", sandbox.client_secret())?;
        writeln!(out, "RC_USER_JWT={}", sandbox.jwt())?;
        out.flush()?;
    }
    eprintln!("callperf: the sandbox serves until it is interrupted (Ctrl-C)");
    tokio::signal::ctrl_c().await?;
    Ok(())
}

pub(super) async fn start(data: &DataArgs) -> Result<Sandbox, Failure> {
    Ok(builder(data).start().await?)
}

fn builder(data: &DataArgs) -> Builder {
    let builder = Sandbox::builder().seed(data.seed);
    match data.now {
        Some(now) => builder.now(now),
        None => builder,
    }
}
